"""Stored files given back as they came: as a download that no browser opens, and only where nobody changed them."""

from __future__ import annotations

from flask import Response

from labrecords.actions.door import Refused, note_access
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.review.release import Blocker
from labrecords.web.signed_in import acting


def unchanged(name: str, data: bytes, expected: str) -> bytes:
    """The stored bytes of a file. Raises Refused where their SHA-256 is not the one that was kept."""
    if sha256_hex(data) != expected:
        note_access(acting(), "attachment refused", reason="changed since it was attached", sha256=expected)
        raise Refused(
            Blocker(
                "attachment",
                f"The stored file {name} is not the one that was attached, and is not given out.",
                "Tell an administrator: the database was changed. Run the verification of the trail.",
            )
        )
    return data


def download_of(name: str, data: bytes) -> Response:
    """Bytes that somebody sent, to be saved under a name, never to be shown as a page of ours."""
    response = Response(data, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
