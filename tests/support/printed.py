"""The printed record as a reader's program sees it: its text by pdftotext, its objects by pikepdf."""

from __future__ import annotations

import subprocess
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf

from labrecords.documents.batch_record import Rendered, render
from labrecords.documents.edition import Edition, read_edition
from labrecords.documents.pages.frame import finish
from labrecords.documents.pages.sheet import Sheet
from labrecords.domain.record import BatchRecord
from tests.support.example import example_package, example_record
from tests.support.tools import require_tool


@cache
def example_edition() -> Edition:
    """The closed example, read back from its package."""
    return read_edition(closed_package())


@cache
def closed_package() -> bytes:
    """The package of the closed example, the same bytes for a whole run."""
    return example_package(example_record())


@cache
def closed_document() -> Rendered:
    """The closed example as it is printed."""
    return render(closed_package())


def printed(record: BatchRecord) -> Rendered:
    """Any record as it is printed."""
    return render(example_package(record))


def sheet() -> Sheet:
    """An empty sheet on which a test draws."""
    return Sheet(example_edition())


def finished(drawn: Sheet) -> bytes:
    """The PDF of a sheet; sections that a cover would point to are taken to be on the first page."""
    return finish(drawn)


def text_of(pdf: bytes, *, first: int = 1, last: int = 0) -> str:
    """The text in the order in which it was drawn, page ends as form feeds."""
    command = [require_tool("pdftotext", package="poppler-utils"), "-raw", "-enc", "UTF-8", "-f", str(first)]
    command += ["-l", str(last)] if last else []
    run = subprocess.run([*command, "-", "-"], input=pdf, capture_output=True, check=True, timeout=60)
    return run.stdout.decode()


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    return text_of(pdf).removesuffix("\f").split("\f")


def squeezed(text: str) -> str:
    """Without any white space: what is left of a text when nothing is known of where its lines break."""
    return "".join(text.split())


def objects_of(pdf: bytes) -> Any:
    """The file, opened."""
    return pikepdf.open(BytesIO(pdf))
