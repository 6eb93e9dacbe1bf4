"""Encoding text for one document: each character once, into the subset of its typeface that is embedded."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

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
