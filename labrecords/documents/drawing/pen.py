"""What goes into one document once: each character, in the subset of its typeface that is embedded; each picture."""

from __future__ import annotations

from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfbase.pdfutils import readJPEGInfo

from labrecords.documents.drawing.pictures import NotAPicture
from labrecords.documents.drawing.typefaces import font, runs


class _Codes(dict[int, str]):
    """For one typeface in one document: character to escaped code, asked of reportlab once a character.

    A typeface is embedded in subsets of some 220 characters. Nearly every text needs only the first; characters of
    further subsets stand apart in `beyond`.
    """

    def __init__(self, name: str, canvas: Any) -> None:
        super().__init__()
        self.typeface, self.canvas = font(name), canvas
        self.beyond: dict[int, tuple[str, str]] = {}
        self.first = self.typeface.getSubsetInternalName(0, canvas._doc)

    def __missing__(self, code: int) -> str:
        document = self.canvas._doc
        ((subset, shown),) = self.typeface.splitString(chr(code), document)
        self[code] = self.canvas._escape(shown)
        if subset:
            self.beyond[code] = (self.typeface.getSubsetInternalName(subset, document), self[code])
        return self[code]

    def parts(self, piece: str) -> list[tuple[str, str]]:
        """Internal font names and escaped strings that show a piece of text in this typeface."""
        shown = piece.translate(self)
        if not self.beyond or not self.beyond.keys() & set(map(ord, piece)):
            return [(self.first, shown)]
        codes = [self.beyond.get(ord(character)) or (self.first, self[ord(character)]) for character in piece]
        return [(name, "".join(code for _, code in same)) for name, same in groupby(codes, key=itemgetter(0))]


class Pen:
    """Encodes text for one document: the characters used decide which part of a typeface is embedded.

    It reaches into reportlab's canvas, whose own way of showing text asks for every character anew.
    """

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self._codes: dict[str, _Codes] = {}
        self._pictures: dict[str, tuple[str, int, int]] = {}
        self._encoded: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def encoded(self, name: str, text: str) -> list[tuple[str, str]]:
        """Internal font names and escaped strings that show the text. Raises MissingGlyph."""
        key = (name, text)
        parts = self._encoded.get(key)
        if parts is None:
            parts = self._encoded[key] = []
            for found, piece in runs(name, text):
                if found not in self._codes:
                    self._codes[found] = _Codes(found, self.canvas)
                parts += self._codes[found].parts(piece)
        return parts

    def picture(self, name: str, jpeg: bytes) -> tuple[str, int, int]:
        """Put a JPEG into the document, once, as the bytes that it is: only its head is read, nothing is unpacked.

        Returns its internal name, its width and its height in pixels. Raises NotAPicture.
        """
        if name not in self._pictures:
            wide, high, colours = _size(jpeg)
            image = PDFImageXObject(name)
            image.width, image.height, image.bitsPerComponent = wide, high, 8
            image.colorSpace = "DeviceGray" if colours == 1 else "DeviceRGB"
            image.streamContent, image._filters = jpeg, ("DCTDecode",)
            document = self.canvas._doc
            document.Reference(image, document.getXObjectName(name))
            self._pictures[name] = (document.getXObjectName(name), wide, high)
        return self._pictures[name]


def _size(jpeg: bytes) -> tuple[int, int, int]:
    try:
        wide, high, colours = readJPEGInfo(BytesIO(jpeg))[:3]
    except Exception as error:
        # The library raises whatever a damaged head leads it to.
        raise NotAPicture("An attached picture is damaged and cannot be printed.") from error
    if colours not in (1, 3) or not wide or not high:
        raise NotAPicture("An attached picture has colours that are not printed.")
    return wide, high, colours
