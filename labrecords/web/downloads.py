"""What is given out to be saved: stored files as they came, where nobody changed them, and tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from flask import Response, stream_with_context

from labrecords.actions.door import Refused, note_access
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.review.release import Blocker
from labrecords.domain.values.numbers import plain
from labrecords.web.signed_in import acting

AT_ONCE = 64 * 1024
"""So many characters of a long table are sent together."""


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


def table_download(
    name: str, head: Sequence[str], rows: Iterable[Iterable[str | Decimal | None]]
) -> Response:
    """A table as a CSV file, to be saved under a name."""
    return _saved_table(name, "".join(_lines(head, rows)))


def long_table_download(
    name: str, head: Sequence[str], rows: Iterable[Iterable[str | Decimal | None]]
) -> Response:
    """The same for a table of any length: it is sent as it is read, and never whole in memory."""
    return _saved_table(name, stream_with_context(_lines(head, rows)))


def _lines(head: Sequence[str], rows: Iterable[Iterable[str | Decimal | None]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow(map(_cell, row))
        if text.tell() > AT_ONCE:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _saved_table(name: str, body: str | Iterator[str]) -> Response:
    response = Response(body, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _cell(value: str | Decimal | None) -> str:
    """A number as it is; a text so that no table program takes it for a formula."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
