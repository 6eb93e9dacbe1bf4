"""Sealed documents for tests, and what somebody might do to one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from labrecords.documents.batch_record import render
from labrecords.documents.issue import Issued, issue
from labrecords.documents.package import read_package
from labrecords.documents.sealing.authority import Authority, create_authority, load_authority
from labrecords.documents.sealing.seal import reason_of, seal
from labrecords.documents.verifying.verdict import Verdict
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.evidence.canonical import canonical_bytes
from tests.support.example import BEGIN, CLOSED, example_authority, example_package, example_record


def packed(until: str = CLOSED) -> bytes:
    """The example's package. Made once a run: the signature of its checkpoint is another each time."""
    return _packed(until)


@cache
def _packed(until: str) -> bytes:
    return example_package(example_record(until))


def issued(until: str = CLOSED) -> Issued:
    """The example as the product would issue it."""
    return _issued(until)


@cache
def _issued(until: str) -> Issued:
    return issue(packed(until), example_authority())


def sealed() -> bytes:
    """The bytes of the example's document."""
    return issued().pdf


@cache
def another_authority() -> Authority:
    """The keys of another laboratory, of the same name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys"
        create_authority(path, "Cell Laboratory Kraków", BEGIN)
        return load_authority(path)


def judged(data: bytes) -> Verdict:
    """The verdict of somebody who trusts the example's laboratory."""
    return verify(data, [example_authority().root])


def failed(verdict: Verdict) -> list[str]:
    """Names of the checks that failed."""
    return [check.name for check in verdict.checks if check.outcome == "failed"]


@cache
def unsealed() -> bytes:
    """The example as it was drawn."""
    return render(packed()).pdf


def seal_anew(unsigned: bytes, authority: Authority | None = None, package: bytes | None = None) -> bytes:
    """Seal any bytes, as somebody could who has the key. The seal says what it says of the example."""
    package = package or packed()
    read = read_package(package)
    by = authority or example_authority()
    return seal(unsigned, by, reason=reason_of(read, package), at=read.document.issued_at)


def sealed_package(package: bytes, authority: Authority | None = None) -> bytes:
    """Draw and seal a package, whatever is in it, without verifying it."""
    return seal_anew(render(package).pdf, authority, package)


def with_change(change: Callable[[dict[str, Any]], None], package: bytes | None = None) -> bytes:
    """A package with a change made to its JSON, in canonical bytes."""
    plain = json.loads(package or packed())
    change(plain)
    return canonical_bytes(plain)


@contextmanager
def rewritten(data: bytes) -> Iterator[tuple[pikepdf.Pdf, BytesIO]]:
    """The file opened to be changed and saved anew; the second item receives what comes out."""
    out = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        yield pdf, out
        pdf.save(out, deterministic_id=True)


def added(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The file with a revision added to it, as every PDF editor can."""
    out = BytesIO()
    writer: Any = IncrementalPdfFileWriter(BytesIO(data))
    change(writer)
    writer.write(out)
    return out.getvalue()
