"""The pages drawn anew from the embedded record, and compared with the pages in the file."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils.reader import PdfFileReader

from labrecords.documents.verifying.verdict import CHANGED, Rejected

_OF_THE_FILTER = {"/Length", "/Filter", "/DecodeParms"}
_OF_THE_CATALOGUE = {"/AcroForm", "/DSS", "/Extensions", "/Perms", "/Version"}
_OF_THE_PAGE = {"/Annots"}
"""What the revision of the seal may add to the catalogue, and to the page of its invisible field."""
_LAST_LINES = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")


def compare(data: bytes, drawn: bytes) -> str:
    """How the pages agree, as the sentence of the check. Raises Rejected when they do not.

    Byte for byte is the rule. Another build of the compression library packs the same pages into other bytes; then
    every object is compared as it reads unpacked.
    """
    before = _before_the_seal(data)
    if before == drawn.rstrip():
        return "The pages are, byte for byte, those that follow from the embedded record."
    if same_content(before, drawn):
        return "The pages are those that follow from the embedded record."
    raise _other("the pages are not those that follow from the embedded record")


def _other(what: str) -> Rejected:
    return Rejected(CHANGED, "Pages", f"NOT VALID: {what}.")


def _before_the_seal(data: bytes) -> bytes:
    """The file as it was drawn: all but the last revision, which may not touch what was drawn."""
    reader = PdfFileReader(BytesIO(data), strict=True)
    last = reader.xrefs.total_revisions - 1
    if last < 1:
        raise _other("the seal is not a revision of its own")
    at = reader.xrefs.get_startxref_for_revision(last - 1)
    before = data[: data.find(b"%%EOF", at) + len(b"%%EOF")]
    stated = _LAST_LINES.search(before)
    if stated is None or int(stated[1]) != at:
        raise _other("what stands before the seal is no file of its own")
    known = reader.trailer.flatten(last - 1)["/Size"]
    touched = reader.xrefs.explicit_refs_in_revision(last) | reader.xrefs.refs_freed_in_revision(last)
    old = {(reference.idnum, reference.generation) for reference in touched if reference.idnum < known}
    if not _only_extended(data, before, old):
        raise _other("the pages were replaced in the revision of the seal")
    return before


def _only_extended(data: bytes, before: bytes, replaced: set[tuple[int, int]]) -> bool:
    """Whether the objects that were replaced are the catalogue and a page, and got only what a seal needs."""
    with pikepdf.open(BytesIO(before)) as drawn, pikepdf.open(BytesIO(data)) as sealed:
        for number in replaced:
            one, other = drawn.get_object(number), sealed.get_object(number)
            if not (isinstance(one, pikepdf.Dictionary) and isinstance(other, pikepdf.Dictionary)):
                return False
            if number == drawn.Root.objgen:
                may = _OF_THE_CATALOGUE
            elif str(one.get("/Type", "")) == "/Page":
                may = _OF_THE_PAGE
            else:
                return False
            if _without(one, may) != _without(other, may):
                return False
    return True


def _without(found: pikepdf.Dictionary, keys: set[str]) -> dict[str, object]:
    """The entries of a dictionary as they are written: objects of their own by their numbers."""
    items = {str(key): found[str(key)] for key in found if str(key) not in keys}
    return {key: item.unparse() if isinstance(item, pikepdf.Object) else item for key, item in items.items()}


def same_content(first: bytes, second: bytes) -> bool:
    """Whether two files hold the same objects once unpacked, whatever their numbers and order. Never raises."""
    try:
        with pikepdf.open(BytesIO(first)) as one, pikepdf.open(BytesIO(second)) as other:
            return _same(one.Root, other.Root) and _same(one.trailer.get("/Info"), other.trailer.get("/Info"))
    except (pikepdf.PdfError, ValueError, KeyError, TypeError):
        return False


def _same(first: Any, second: Any) -> bool:
    waiting, seen = [(first, second)], set()
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, pikepdf.Object) and isinstance(other, pikepdf.Object) and one.is_indirect:
            pair = (one.objgen, other.objgen)
            if pair in seen:
                continue
            seen.add(pair)
        parts = _parts(one, other)
        if parts is None:
            return False
        waiting += parts
    return True


def _parts(one: Any, other: Any) -> list[tuple[Any, Any]] | None:
    """The pairs that must be the same for two objects to be; None when the objects themselves are not."""
    if not isinstance(one, pikepdf.Object) or not isinstance(other, pikepdf.Object):
        return [] if type(one) is type(other) and one == other else None
    if one._type_code != other._type_code:
        return None
    if isinstance(one, pikepdf.Array):
        return list(zip(one, other, strict=True)) if len(one) == len(other) else None
    if not isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        return [] if one == other else None
    skipped = _OF_THE_FILTER if isinstance(one, pikepdf.Stream) else set()
    if isinstance(one, pikepdf.Stream) and one.read_bytes() != other.read_bytes():
        return None
    keys = {str(key) for key in one} - skipped
    return [(one[key], other[key]) for key in keys] if keys == {str(key) for key in other} - skipped else None
