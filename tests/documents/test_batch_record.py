"""The printed batch record as a file: the same bytes every time, complete, and with the record inside."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from labrecords.documents.batch_record import render
from labrecords.documents.drawing.typefaces import MissingGlyph
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.evidence.serial import NotReadable
from tests.support.example import (
    HOSTILE,
    HOSTILE_NAMES,
    example_events,
    example_package,
    example_record,
    hostile_record,
    play,
    stopped_record,
    voided_record,
)
from tests.support.example_pen import Example
from tests.support.printed import (
    closed_document,
    closed_package,
    objects_of,
    pages_of,
    printed,
    squeezed,
    text_of,
)
from tests.support.tools import require_tool

_RENDER = (
    "import sys; from labrecords.documents.batch_record import render; "
    "sys.stdout.buffer.write(render(sys.stdin.buffer.read()).pdf)"
)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_same_package_gives_the_same_bytes_in_any_process(seed: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", _RENDER],
        input=closed_package(),
        capture_output=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(root),
            "TZ": "Asia/Tokyo",
            "LC_ALL": "C",
        },
        check=True,
        timeout=120,
    )
    assert run.stdout == closed_document().pdf


def test_what_was_drawn_before_leaves_no_trace() -> None:
    printed(hostile_record())
    assert render(closed_package()).pdf == closed_document().pdf


def test_the_record_is_inside_as_the_source() -> None:
    with objects_of(closed_document().pdf) as pdf:
        assert list(pdf.attachments) == ["record.json"]
        (associated,) = list(pdf.Root.AF)
        assert associated.AFRelationship == pikepdf.Name.Source
        stream = associated.EF.F
        assert stream.read_bytes() == closed_package()
        assert stream.Params.Size == len(closed_package())
        assert str(stream.Subtype) == "/application/json"


def test_the_digest_of_the_record_is_printed_in_full_on_the_cover() -> None:
    digest = sha256_hex(closed_package())
    pages = pages_of(closed_document().pdf)
    assert digest in squeezed(pages[0])
    assert digest in squeezed(pages[-1])
    assert all(digest[:16] in squeezed(page) for page in pages)


@pytest.mark.parametrize(
    "make",
    [
        example_record,
        lambda: example_record("released"),
        lambda: example_record("rejected"),
        hostile_record,
        stopped_record,
        voided_record,
    ],
)
def test_a_second_program_finds_nothing_wrong(make: object, tmp_path: Path) -> None:
    assert callable(make)
    path = tmp_path / "record.pdf"
    document = printed(make())
    path.write_bytes(document.pdf)
    checked = subprocess.run(
        [require_tool("qpdf", package="qpdf"), "--check", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with objects_of(document.pdf) as pdf:
        assert len(pdf.pages) == document.pages


def test_every_font_is_embedded_and_can_be_read_back() -> None:
    with objects_of(printed(hostile_record()).pdf) as pdf:
        fonts = [
            found
            for found in pdf.objects
            if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/Font"
        ]
        assert len(fonts) >= 6
        for found in fonts:
            assert "/FontFile2" in found.FontDescriptor
            assert "/ToUnicode" in found


def test_nothing_in_the_file_acts_or_hides() -> None:
    with objects_of(closed_document().pdf) as pdf:
        everything = [found for found in pdf.objects if isinstance(found, pikepdf.Dictionary)]
        forbidden = {
            "/JS",
            "/JavaScript",
            "/AA",
            "/OpenAction",
            "/OCProperties",
            "/XFA",
            "/AcroForm",
            "/Launch",
        }
        assert not [key for found in everything for key in found if key in forbidden]


def test_the_dates_are_those_of_the_record() -> None:
    with objects_of(closed_document().pdf) as pdf:
        assert str(pdf.docinfo["/CreationDate"]) == "D:20261123150002Z"
        assert str(pdf.docinfo["/Title"]) == "Batch record KRK-26-0001 version 2"
        assert str(pdf.docinfo["/Producer"]) == "labrecords 0.1.0"


def _typed(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _typed(inner)]
    return [value] if isinstance(value, str) else []


@pytest.fixture(scope="module")
def hostile_text() -> str:
    return squeezed(text_of(printed(hostile_record()).pdf))


@pytest.mark.parametrize(
    "text", [*_typed(HOSTILE), *list(HOSTILE_NAMES.values())[:4]], ids=lambda text: text[:24]
)
def test_hostile_texts_are_printed_as_typed(text: str, hostile_text: str) -> None:
    assert squeezed(text) in hostile_text


def test_a_note_of_many_lines_goes_on_over_pages() -> None:
    note = "\n".join(f"{number}. beobachtet" for number in range(150))
    example = play(Example(), texts={"receipt": {"note": note}})
    text = text_of(render(example_package(example.record, events=example.events)).pdf)
    assert all(f"{number}. beobachtet" in text for number in range(150))


def test_a_character_without_a_glyph_stops_the_document() -> None:
    record = example_record()
    laboratory = replace(record.laboratory, name="Lab \U0001f9ec")
    with pytest.raises(MissingGlyph, match="1F9EC"):
        render(example_package(replace(record, laboratory=laboratory), events=example_events(record)))


@pytest.mark.parametrize("package", [b"", b"{}", b"[]", b"\xff\xfe", closed_package()[:-20]])
def test_what_is_no_package_is_not_drawn(package: bytes) -> None:
    with pytest.raises(NotReadable):
        render(package)
