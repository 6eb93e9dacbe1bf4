"""Where a page ends: no heading stays behind alone, and the closing sentences of a step stand on one page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labrecords.documents.pages.geometry import BODY, BOTTOM
from labrecords.documents.pages.sheet import Sheet
from labrecords.documents.sections.equipment import draw_equipment
from labrecords.documents.sections.materials import draw_materials
from labrecords.documents.sections.quality import draw_quality
from labrecords.documents.sections.steps import draw_step
from tests.support.printed import finished, sheet, text_of


@pytest.mark.parametrize(
    ("draw", "title", "table"),
    [(draw_materials, "Materials", "Table 7-1"), (draw_equipment, "Equipment", "Table 8-1")],
)
@pytest.mark.parametrize("room", range(80, 240, 16))
def test_a_heading_has_its_table_on_its_page(
    draw: Callable[[Sheet], None], title: str, table: str, room: int
) -> None:
    drawn = sheet()
    drawn.y = BOTTOM + room
    draw(drawn)
    pages = text_of(finished(drawn)).split("\f")
    assert [title in page for page in pages] == [table in page for page in pages] != []


@pytest.mark.parametrize("room", range(100, int(BODY), 40))
def test_the_closing_sentences_of_a_step_stand_on_one_page(room: int) -> None:
    drawn = sheet()
    drawn.y = BOTTOM + room
    draw_step(drawn, drawn.edition.record.process.step("receipt"))
    pages = text_of(finished(drawn)).split("\f")
    (page,) = [page for page in pages if "Source of the values" in page]
    assert "Checked by the system" in page
    assert "Who and when" in page


@pytest.mark.parametrize("key", ["resuspension", "handover_laboratory", "harvest", "count_after"])
@pytest.mark.parametrize("room", range(60, 320, 20))
def test_a_step_has_the_table_of_its_facts_on_the_page_of_its_heading(key: str, room: int) -> None:
    drawn = sheet()
    drawn.y = BOTTOM + room
    step = drawn.edition.record.process.step(key)
    draw_step(drawn, step)
    (page,) = [page for page in text_of(finished(drawn)).split("\f") if f"Step {step.number}. " in page]
    assert "What was recorded" in page


@pytest.mark.parametrize("room", range(60, 320, 20))
def test_a_section_has_its_first_step_on_the_page_of_its_heading(room: int) -> None:
    drawn = sheet()
    drawn.y = BOTTOM + room
    draw_quality(drawn)
    (page,) = [page for page in text_of(finished(drawn)).split("\f") if "Quality control" in page]
    assert "What was recorded" in page
