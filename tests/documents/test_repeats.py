"""A repeated count on paper: every result with its raw counts, and nothing of it among the corrections."""

from __future__ import annotations

from functools import cache

import pytest

from labrecords.documents.batch_record import render
from labrecords.domain.steps.counts import Square
from tests.documents.test_sections import between
from tests.support.clean import played
from tests.support.example import example_package
from tests.support.printed import squeezed, text_of

REASON = "Clumped cells: Mixed again and counted anew."


@cache
def text() -> str:
    example = played("count_before")
    example.wait(10)
    cells = (80, 84, 79, 90, 82)
    example.repeat("count_before", REASON, squares=tuple(Square(cells=count) for count in cells))
    return text_of(render(example_package(example.record, events=example.events)).pdf)


@pytest.mark.req("GMP-194")
def test_section_14_prints_both_results_with_the_count_of_every_square() -> None:
    section = squeezed(between(text(), 14))
    first = section.index(squeezed(f"First result. Repeated by Tess Tamm: {REASON}"))
    last = section.index(squeezed("Result 2, which counts"))
    assert first < section.index(squeezed("95, 84, 90, 101, 82")) < last
    assert last < section.index(squeezed("80, 84, 79, 90, 82"))


def test_section_22_does_not_list_a_repeat_as_a_correction() -> None:
    assert "Corrected values: none." in between(text(), 22)


def test_the_repeat_is_flagged_on_the_cover_and_explained() -> None:
    section = squeezed(between(text(), 17))
    assert squeezed("Result before: 1.81 × 10⁷ /mL. Result now: 1.66 × 10⁷ /mL.") in section
