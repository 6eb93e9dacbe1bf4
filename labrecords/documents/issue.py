"""Making a document: drawn, sealed, and verified before it counts."""

from __future__ import annotations

from dataclasses import dataclass

from labrecords.documents.package import read_package
from labrecords.documents.sealing.authority import Authority
from labrecords.documents.verifying.verdict import VALID, Verdict
from labrecords.domain.evidence.canonical import sha256_hex


class IssueFailed(Exception):
    """No document came out. The text says at which stage and why, for the person who tries again."""


@dataclass(frozen=True)
class Issued:
    """A sealed document that verified: its bytes, pages, and the SHA-256 of the file and of the embedded record."""

    pdf: bytes
    pages: int
    sha256: str
    record_sha256: str
    verdict: Verdict


def issue(package: bytes, authority: Authority) -> Issued:
    """Draw, seal and verify the document of a package. Raises IssueFailed, and nothing else.

    It is verified as by a stranger who has only the file and the root: what would not convince them is not given out.
    """
    stage = "drawn"
    try:
        # They load ReportLab and pyHanko, which take longer than all else together: no page must wait for them.
        from labrecords.documents.batch_record import render
        from labrecords.documents.sealing.seal import reason_of, seal
        from labrecords.documents.verifying.verifier import verify

        read = read_package(package)
        rendered = render(package)
        stage = "sealed"
        sealed = seal(rendered.pdf, authority, reason=reason_of(read, package), at=read.document.issued_at)
    except Exception as error:
        # A missing glyph, a full disk, a fault of a library: each is kept with the failed issue, in words.
        raise IssueFailed(f"The document could not be {stage}: {_said(error)}") from error
    verdict = verify(sealed, [authority.root])
    if verdict.kind != VALID:
        raise IssueFailed(f"The document was sealed, but did not pass its verification: {verdict.sentence}")
    return Issued(sealed, rendered.pages, sha256_hex(sealed), sha256_hex(package), verdict)


def _said(error: Exception) -> str:
    said = " ".join(str(error).split())
    return said if said.endswith((".", "?")) else f"{type(error).__name__}{f' ({said})' if said else ''}."
