"""The drawing of a course: every point within its area, none for what was not asked, no line across it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.steps.follow_up import LESS_IS_BETTER, FollowUp
from labrecords.web.batches.course import DEEP, Course, Plot, plots

WARSAW = ZoneInfo("Europe/Warsaw")
INJECTED = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def asked(day: int, **facts: Any) -> FollowUp:
    at = INJECTED + timedelta(days=day)
    return FollowUp(
        id="1", batch_id="2", step_key="follow_up-1", performed_by="3", recorded_by="3", performed_at=at,
        recorded_at=at, visit="unscheduled", how="in person", **facts,
    )  # fmt: skip


def drawn(*visits: FollowUp, injections: int = 1) -> list[Plot]:
    marks = [(INJECTED + timedelta(days=40 * number), f"KRK-26-{number:04}") for number in range(injections)]
    return plots(Course(visits, marks), WARSAW)


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_nothing_is_drawn_of_what_nobody_asked() -> None:
    assert drawn() == []
    assert drawn(asked(3, analgesics="none")) == []
    (only,) = drawn(asked(3, pain_nrs=0), asked(9, analgesics="none"))
    assert only.title.startswith("Pain, NRS")


def test_a_zero_is_a_point_and_a_blank_is_none_and_no_line_leads_across_it() -> None:
    (plot,) = drawn(*(asked(day, pain_nrs=pain) for day, pain in ((-9, 8), (30, 0), (91, None), (182, 2))))
    assert [point.label for point in plot.points] == ["8", "0", "2"]
    assert plot.points[1].y == plot.floor
    assert len(plot.trace) == 1
    assert "Not asked at 1 of 4 visits." in plot.description


def test_each_score_by_name_and_highest_number_has_a_plot_of_its_own() -> None:
    index = {"score_name": "Index", "score_direction": LESS_IS_BETTER}
    found = drawn(
        asked(30, score=Decimal(24), score_of=Decimal(100), **index),
        asked(91, score=Decimal(12), score_of=Decimal(50), **index),
        asked(182, pain_vas_mm=Decimal("12.5"), score=Decimal(20), score_of=Decimal(100), **index),
    )
    assert [(plot.title.split(":")[0], len(plot.points), len(plot.trace)) for plot in found] == [
        ("Pain, VAS of 100 mm", 1, 0), ("Index of 100", 2, 0), ("Index of 50", 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("many", [1, 2, 13, 40])
def test_one_visit_and_forty_are_drawn(many: int) -> None:
    (plot,) = drawn(*(asked(1 + 18 * number, pain_nrs=number % 11) for number in range(many)))
    assert (len(plot.points), len(plot.trace)) == (many, many - 1)
    assert any(point.label for point in plot.points) is (many <= 12)
    assert 2 <= len(plot.ticks) <= 8


@given(
    days=st.lists(st.integers(-400, 4000), min_size=1, max_size=40),
    pains=st.lists(st.one_of(st.none(), st.integers(0, 10)), min_size=40, max_size=40),
    injections=st.integers(0, 12),
)
def test_everything_lies_within_the_plot(days: list[int], pains: list[int | None], injections: int) -> None:
    visits = [asked(day, pain_nrs=pain) for day, pain in zip(sorted(days), pains, strict=False)]
    for plot in drawn(*visits, injections=injections):
        for point in (*plot.points, *plot.ticks, *plot.injections):
            assert 0 <= share(point.x) <= 100
        assert all(plot.floor - DEEP <= point.y <= plot.floor for point in plot.points)
        assert all(0 < mark.y < plot.floor for mark in plot.injections)
        assert len(plot.injections) == injections
