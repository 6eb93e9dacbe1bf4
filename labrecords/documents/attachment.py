"""What is inside the PDF: record.json, the bytes that all pages are drawn from (PDF 2.0, 14.13), and which pictures."""

from __future__ import annotations

import io
import zlib

import pikepdf
from pikepdf import Array, AttachedFileSpec, Name, String

from labrecords.documents.drawing.pictures import LONGEST_SIDE
from labrecords.documents.edition import Edition
from labrecords.domain.attachments import MOST_PRINTED_BYTES, Attachment

FILE_NAME = "record.json"
DESCRIPTION = "The complete batch record in canonical JSON; its SHA-256 is printed on every page."
PRINTED, NOT_PRINTED, KEPT = (
    "picture, printed at its step",
    "picture, not printed: it did not fit into this document",
    "not part of this document",
)
FILES_RULE = (
    "Every file is kept as it came in the laboratory's system, told by its SHA-256. A picture is printed at its step "
    f"from a smaller one made of it, of at most {LONGEST_SIDE} pixels a side, while all together have at most "
    f"{MOST_PRINTED_BYTES // 1024 // 1024} MB; other files are not part of this document."
)


def place_of(edition: Edition, item: Attachment) -> str:
    """Where a file that is attached to a step is found: printed here, or in the laboratory's system only."""
    if item.picture_sha256 is None:
        return KEPT
    return PRINTED if item.picture_sha256 in edition.package.pictures else NOT_PRINTED


def attach(pdf: bytes, package: bytes, edition: Edition) -> bytes:
    """The PDF with the package embedded as its source. Dates are the record's own: nothing depends on the clock."""
    at = edition.document.issued_at.strftime("D:%Y%m%d%H%M%SZ")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        spec = AttachedFileSpec(
            document,
            package,
            filename=FILE_NAME,
            description=DESCRIPTION,
            mime_type="application/json",
            relationship=Name.Source,  # type: ignore[call-arg] # the library takes it, its stub does not name it
            creation_date=at,
            mod_date=at,
        )
        # Compressed here: the library would compress every stream of the file once more, at five times the price.
        spec.obj.EF.F.write(zlib.compress(package), filter=Name.FlateDecode)
        document.attachments[FILE_NAME] = spec
        document.Root.AF = Array([spec.obj])
        document.docinfo["/CreationDate"] = String(at)
        document.docinfo["/ModDate"] = String(at)
        document.docinfo["/Producer"] = String(edition.document.software)
        document.save(out, deterministic_id=True, compress_streams=False, fix_metadata_version=False)
    return out.getvalue()
