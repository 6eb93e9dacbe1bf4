"""What is in a file whose seal is good: nothing that acts, hides or points outside, and exactly one record.

A document is ours to the last object, so it is asserted object by object. What a viewer would run, show or hide
depending on circumstances has no place in a record (shadow attacks; security: PDF verifier's duty, rule 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

from labrecords.documents.attachment import FILE_NAME
from labrecords.documents.sealing.seal import FIELD
from labrecords.documents.verifying.verdict import CHANGED, Rejected

FORBIDDEN_KEYS = {
    "/AA": "something that runs by itself",
    "/JS": "a script",
    "/JavaScript": "a script",
    "/OpenAction": "something that runs when it is opened",
    "/OC": "content that can be hidden",
    "/OCProperties": "content that can be hidden",
    "/XFA": "a form of its own",
    "/Encrypt": "encryption",
    "/RichMedia": "media",
    "/RichMediaContent": "media",
    "/Ref": "a reference to another file",
    "/OPI": "a reference to another file",
    "/Alternates": "another form of an image",
    "/Collection": "a collection of files",
}
FORBIDDEN_TYPES = {"/OCG", "/OCMD", "/Rendition", "/MediaClip"}
HARMLESS_ACTIONS = {"/GoTo"}
ACTIONS = {
    "/JavaScript", "/Launch", "/GoToR", "/GoToE", "/GoTo3DView", "/SubmitForm", "/ResetForm", "/ImportData", "/Hide",
    "/SetOCGState", "/Rendition", "/Movie", "/Sound", "/Thread", "/URI", "/Named", "/RichMediaExecute",
}  # fmt: skip
"""Every action of PDF 2.0 but going to a place in the same document."""


def read_contents(data: bytes) -> bytes:
    """The bytes of the one embedded record. Raises Rejected for anything that a sealed record does not have."""
    with pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
        if "/Encrypt" in pdf.trailer:
            raise _odd(FORBIDDEN_KEYS["/Encrypt"])
        everything = [found for top in pdf.objects for found in _dictionaries(top)]
        for found in everything:
            _refuse_odd(found)
        _refuse_other_fields(pdf)
        record = _only_attachment(pdf, everything)
        if pdf.get_warnings():
            raise _odd("damaged objects")
    return record


def _odd(what: str) -> Rejected:
    return Rejected(
        CHANGED, "Contents", f"NOT VALID: the file holds {what}, which sealed records do not have."
    )


def _dictionaries(top: Any) -> Iterator[Any]:
    """All dictionaries and streams inside an object. What is only referred to has a number and its own turn."""
    waiting = [top]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            yield item
            inner = [item[str(key)] for key in item]
        elif isinstance(item, pikepdf.Array):
            inner = list(item)
        else:
            continue
        waiting += [part for part in inner if isinstance(part, pikepdf.Object) and not part.is_indirect]


def _refuse_odd(found: Any) -> None:
    keys = set(found)
    for key in keys & set(FORBIDDEN_KEYS):
        raise _odd(FORBIDDEN_KEYS[key])
    kind, action = str(found.get("/Type", "")), str(found.get("/S", ""))
    if kind in FORBIDDEN_TYPES:
        raise _odd("content that can be hidden")
    if action in ACTIONS or (kind == "/Action" and action not in HARMLESS_ACTIONS):
        raise _odd("an action")
    if isinstance(found, pikepdf.Stream) and "/F" in keys:
        raise _odd("a reference to another file")
    if kind == "/Annot" or {"/Subtype", "/Rect"} <= keys:
        _refuse_annotation(found)


def _refuse_annotation(found: Any) -> None:
    subtype = str(found.get("/Subtype", ""))
    invisible = "/AP" not in found and all(edge == 0 for edge in found.get("/Rect", []))
    if subtype == "/Link" or (subtype == "/Widget" and str(found.get("/T", "")) == FIELD and invisible):
        return
    raise _odd("an annotation")


def _refuse_other_fields(pdf: pikepdf.Pdf) -> None:
    form: Any = pdf.Root.get("/AcroForm", pikepdf.Dictionary())
    fields = list(form.get("/Fields", []))
    names = [(str(field.get("/T", "")), str(field.get("/FT", ""))) for field in fields]
    if (
        names != [(FIELD, "/Sig")]
        or "/Kids" in fields[0]
        or set(form) - {"/Fields", "/SigFlags", "/DR", "/DA"}
    ):
        raise _odd("form fields")


def _only_attachment(pdf: pikepdf.Pdf, everything: list[Any]) -> bytes:
    embedded = [found for found in everything if str(found.get("/Type", "")) == "/EmbeddedFile"]
    described = [found for found in everything if "/EF" in found]
    if list(pdf.attachments) != [FILE_NAME] or len(embedded) != 1 or len(described) != 1:
        raise Rejected(CHANGED, "Record", f"NOT VALID: the file does not hold exactly one {FILE_NAME}.")
    files = [described[0]["/EF"][key] for key in described[0]["/EF"]]
    if any(item.objgen != embedded[0].objgen for item in files):
        raise Rejected(CHANGED, "Record", f"NOT VALID: {FILE_NAME} has more than one content.")
    return bytes(embedded[0].read_bytes())
