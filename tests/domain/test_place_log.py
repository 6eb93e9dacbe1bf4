"""The rules of the temperature log of a place: what is outside, what no thermometer shows, and what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from labrecords.domain.custody.excursions import Range
from labrecords.domain.record import Equipment
from labrecords.domain.registers.place_log import done_problem, reading_due, reading_problems, review_due
from labrecords.domain.registers.place_tree import kept_alike

COLD = Range(Decimal(2), Decimal(8))
SINCE = datetime(2026, 11, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def place(code: str, inside: str = "", *, low: str | None = None, **more: int) -> Equipment:
    return Equipment(
        id=code, code=code, category="fridge", model="", r_max_cm=None, r_av_cm=None, max_speed_rpm=None,
        next_check=None, in_service=True, registered_at=SINCE, place=inside, low_c=low, **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "least", "most", "outside"),
    [("2", None, None, False), ("8", "2", "8", False), ("1.9", None, None, True), ("5", "1.9", "6", True),
     ("5", "4", "8.1", True)],
)  # fmt: skip
def test_the_limit_is_inside_and_each_temperature_counts(
    now: str, least: str | None, most: str | None, outside: bool
) -> None:
    celsius = [None if text is None else Decimal(text) for text in (now, least, most)]
    assert (done_problem(COLD, celsius, "") is not None) is outside
    assert done_problem(COLD, celsius, "The door stood open; closed it, 4.1 °C after 20 min.") is None
    assert done_problem(None, celsius, "") is None


def test_what_no_thermometer_can_show_is_refused() -> None:
    assert set(reading_problems(Decimal(5), Decimal(6), Decimal(4))) == {"min_c", "max_c"}
    assert set(reading_problems(Decimal("-273.2"), None, Decimal(900))) == {"now_c", "max_c"}
    assert reading_problems(Decimal(-196), Decimal(-196), Decimal(-196)) == {}


def test_a_reading_is_due_after_the_last_one_and_without_one_after_the_registration() -> None:
    watched = place("FR-2", read_every_h=24)
    assert reading_due(place("FR-2"), None) is None
    assert reading_due(watched, None) == SINCE + DAY
    assert reading_due(watched, SINCE + 3 * DAY) == SINCE + 4 * DAY


def test_a_review_is_due_from_the_last_one_and_no_later_than_from_a_reading_that_nobody_saw() -> None:
    watched = place("FR-2", review_every_d=7)
    assert review_due(place("FR-2"), SINCE, None) is None
    assert review_due(watched, None, None) == SINCE + 7 * DAY
    assert review_due(watched, SINCE + 11 * DAY, SINCE + 5 * DAY) == SINCE + 12 * DAY
    assert review_due(watched, SINCE + 2 * DAY, SINCE + 5 * DAY) == SINCE + 9 * DAY


def test_what_keeps_at_its_own_temperatures_is_another_store() -> None:
    register = [
        place("FR-2", low="2"),
        place("SHELF-A", "fr-2"),
        place("BOX-1", "SHELF-A"),
        place("DRAWER", "FR-2", low="-20"),
        place("TRAY", "DRAWER"),
        place("FR-3", low="2"),
    ]
    assert kept_alike(register, "FR-2", SINCE) == {"fr-2", "shelf-a", "box-1"}
