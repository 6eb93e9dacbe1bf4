"""What the QR codes of a record say: format, batch, version and digest. No personal data, and no address."""

from __future__ import annotations

from labrecords.documents.edition import Edition


def payload(edition: Edition) -> str:
    """Capitals and colons only, where batch numbers allow it: the code stays coarse, so that a bad camera reads it."""
    return f"LABRECORDS:1:{edition.record.batch.number}:{edition.document.version}:{edition.sha256.upper()}"
