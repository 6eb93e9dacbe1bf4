"""The pages drawn anew from the embedded record, and compared with the pages in the file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pikepdf
from pyhanko.pdf_utils.reader import PdfFileReader

from labrecords.documents.verdict import CHANGED, Rejected

_OF_THE_FILTER = {"/Length", "/Filter", "/DecodeParms"}
_END = b"%%EOF"


def compare(data: bytes, drawn: bytes) -> str:
    """How the pages agree, as the sentence of the check. Raises Rejected when they do not.

    Byte for byte is the rule. Another build of the compression library packs the same pages into other bytes; then
    every object is compared as it reads unpacked.
    """
    _refuse_redrawn(data)
    if data.startswith(drawn):
        return "The pages are, byte for byte, those that follow from the embedded record."
    # The seal is the last revision; what stands before it was drawn.
    before = data.rfind(_END, 0, data.rfind(_END))
    if before > 0 and same_content(data[: before + len(_END)] + b"\n", drawn):
        return "The pages are those that follow from the embedded record."
    raise Rejected(
        CHANGED, "Pages", "NOT VALID: the pages are not those that follow from the embedded record."
    )


def _refuse_redrawn(data: bytes) -> None:
    """The revision of the seal may add objects, and replace only the catalogue and the page of its invisible field."""
    reader = PdfFileReader(BytesIO(data), strict=True)
    last = reader.xrefs.total_revisions - 1
    before = reader.get_historical_root(last - 1) if last else None
    if before is None:
        raise Rejected(CHANGED, "Pages", "NOT VALID: the seal is not a revision of its own.")
    field = reader.root["/AcroForm"]["/Fields"][0]
    replaced = {reference.idnum for reference in reader.xrefs.explicit_refs_in_revision(last)}
    allowed = {reader.trailer.raw_get("/Root").idnum, field.raw_get("/P").idnum}
    known = reader.trailer.flatten(last - 1)["/Size"]
    if any(number < known and number not in allowed for number in replaced):
        raise Rejected(CHANGED, "Pages", "NOT VALID: the pages were replaced in the revision of the seal.")


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
