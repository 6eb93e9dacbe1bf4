"""The frame of every page: one loose, photocopied sheet says what it belongs to."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from labrecords.documents.pages.geometry import BOTTOM, TOP
from tests.support.example import example_record, hostile_record, voided_record
from tests.support.printed import (
    closed_document,
    example_edition,
    finished,
    objects_of,
    pages_of,
    printed,
    sheet,
    squeezed,
    text_of,
)


def test_every_page_tells_what_it_belongs_to() -> None:
    document, edition = closed_document(), example_edition()
    pages = pages_of(document.pdf)
    assert len(pages) == document.pages
    record = edition.record
    for number, page in enumerate(pages, start=1):
        for expected in (
            record.laboratory.name,
            "Batch production and control record",
            record.process.product,
            record.batch.number,
            "Record version",
            "bone-marrow-concentrate v1",
            "ADMINISTERED",
            f"Chain of identity {record.batch.identity_code}",
            f"Patient {record.batch.patient_code}",
            f"Page {number} of {document.pages}",
            " ".join(edition.sha256[start : start + 4] for start in range(0, 16, 4)) + " …",
            "Generated 2026-11-23T15:00:02Z = 16:00:02 +01:00 Europe/Warsaw by labrecords 0.1.0",
            "Confidential: health data.",
        ):
            assert expected in page, (number, expected)
        assert re.search(r"Sections? \d+( to \d+)?", page), number


def test_sections_on_each_page_follow_each_other() -> None:
    found = [
        re.findall(r"^Sections? (\d+)(?: to (\d+))?$", page, re.M)[-1]
        for page in pages_of(closed_document().pdf)
    ]
    spans = [(int(first), int(last or first)) for first, last in found]
    assert spans[0] == (1, 1)
    assert spans[-1] == (24, 25)
    for (_, before), (first, last) in pairwise(spans):
        assert before <= first <= before + 1 <= last + 1


def test_long_names_in_the_frame_do_not_run_into_each_other() -> None:
    page = pages_of(printed(hostile_record()).pdf)[1]
    assert "Pracownia Komórkowa «Łabędź» & <b>Synowie</b>, Zakład" in page
    assert "Patient P-" + "0931KA" * 9 + "7XYZ" in page


@pytest.mark.parametrize(
    ("until", "word", "watermarked"),
    [("rejected", "REJECTED", True), ("on hold", "ON HOLD", True), ("released", "RELEASED", False)],
)
def test_status_word_and_watermark(until: str, word: str, watermarked: bool) -> None:
    pages = pages_of(printed(example_record(until)).pdf)
    for page in pages[1:]:
        # Once in the frame and once in the margin; the watermark is drawn before both.
        assert squeezed(page).count(squeezed(word)) == 2 + watermarked
        assert squeezed(page).startswith(squeezed(word)) is watermarked


def test_a_voided_batch_says_so_on_every_page() -> None:
    assert all(squeezed(page).startswith("VOID") for page in pages_of(printed(voided_record()).pdf))


def test_text_goes_on_over_pages_and_keeps_inside_the_body() -> None:
    drawn = sheet()
    drawn.text("word " * 6000)
    assert len(drawn.pages) > 2
    assert BOTTOM - 3 <= drawn.y <= TOP
    assert squeezed(text_of(finished(drawn))).count("word") == 6000


def test_a_heading_does_not_stand_alone_at_the_foot() -> None:
    drawn = sheet()
    drawn.y = BOTTOM + 40
    drawn.heading("A heading")
    assert len(drawn.pages) == 2


def test_links_and_outline_lead_to_the_sections() -> None:
    with objects_of(closed_document().pdf) as pdf:
        with pdf.open_outline() as outline:
            assert [item.title.split(" ")[0] for item in outline.root] == [
                str(number) for number in range(1, 26)
            ]
        assert len(pdf.pages[1].Annots) == 25
