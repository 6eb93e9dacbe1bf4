"""Positions of the custody ribbon, the life bar and the limit rail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from labrecords.domain.custody.holders import Segment
from labrecords.domain.values.limits import Limit
from labrecords.web.batches.life import life
from labrecords.web.batches.ribbon import TALL, Mark, Ribbon, ribbon
from labrecords.web.batches.time_axis import Axis, ticks
from labrecords.web.rail import rail

WARSAW = ZoneInfo("Europe/Warsaw")
START = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def held(start: int, end: int | None, holder: str = "Tess Arden", *, gap: bool = False) -> Segment:
    return Segment(at(start), at(end) if end is not None else None, holder, "Cell lab 1", "C-1", gap=gap)


def drawn(*segments: Segment, now: int | None = None, use_before: int | None = None) -> Ribbon:
    made = ribbon(
        segments,
        zone=WARSAW,
        now=at(now) if now is not None else None,
        use_before=at(use_before) if use_before is not None else None,
    )
    assert made is not None
    return made


def per_cent(text: str) -> float:
    return float(text.removesuffix("%"))


def test_nothing_held_is_nothing_drawn() -> None:
    assert ribbon((), zone=WARSAW) is None


def test_blocks_touch_and_a_dot_marks_the_hand_over() -> None:
    made = drawn(held(0, 60), held(60, 240, "Vic Okafor"))
    first, second = made.blocks
    assert per_cent(first.x) + per_cent(first.width) == pytest.approx(per_cent(second.x), abs=0.02)
    assert [hand.x for hand in made.hands] == [second.x]
    assert [block.title for block in made.blocks] == ["1 Tess Arden", "2 Vic Okafor"]


def test_a_gap_is_named_in_minutes_carries_no_number_and_no_dot() -> None:
    made = drawn(held(0, 60), held(60, 69, "nobody", gap=True), held(69, 240))
    assert [block.title for block in made.blocks] == ["1 Tess Arden", "gap 9\u00a0min", "2 Tess Arden"]
    assert made.hands == ()
    assert "2 holders, 1 gap. Gap from 15:00 to 15:09." in made.description


def test_the_last_holder_holds_until_now_and_the_rest_is_ahead() -> None:
    made = drawn(held(0, None), now=120, use_before=240)
    assert made.now is not None
    assert made.due is not None
    assert made.ahead is not None
    (block,) = made.blocks
    assert per_cent(block.x) + per_cent(block.width) == pytest.approx(per_cent(made.now.x), abs=0.02)
    assert (made.ahead.x1, made.ahead.x2) == (made.now.x, made.due.x)


def test_a_closed_chain_has_no_now() -> None:
    made = drawn(held(0, 120), use_before=240)
    assert made.now is None
    assert made.ahead is None


def test_a_batch_forgotten_for_a_month_still_shows_its_day() -> None:
    made = drawn(held(0, 60), held(60, None), now=60 * 24 * 30, use_before=240)
    assert made.now is None
    assert per_cent(made.blocks[0].width) > 5


def test_two_holders_at_one_time_are_drawn_below_each_other() -> None:
    made = drawn(held(0, 120), held(60, 240, "Vic Okafor"))
    assert made.blocks[0].y < made.blocks[1].y
    assert made.height > drawn(held(0, 120), held(120, 240)).height


def test_everything_stays_on_the_plot() -> None:
    made = ribbon(
        [held(0, 5), held(5, 5), held(5, None)],
        zone=WARSAW,
        now=at(400),
        use_before=at(240),
        marks=[Mark(at(minutes), "a rather long label") for minutes in (0, 10, 20, 239, 240)],
    )
    assert made is not None
    points = [*made.marks, *made.ticks, *made.hands]
    assert all(0 <= per_cent(point.x) <= 100 for point in points)
    assert all(point.y < made.height for point in points)
    rows = {mark.y for mark in made.marks}
    assert len(rows) > 1


def test_temperatures_are_joined_except_across_a_gap() -> None:
    def warm(start: int, end: int, celsius: str) -> Segment:
        return Segment(at(start), at(end), "Tess", "Lab", "C-1", Decimal(celsius))

    made = ribbon(
        [warm(0, 10, "21"), warm(10, 20, "20"), held(20, 30, "nobody", gap=True), warm(30, 40, "17.5")],
        zone=WARSAW,
        temperature=(Decimal(18), Decimal(25)),
    )
    assert made is not None
    assert len(made.trace) == 1
    assert [reading.beyond for reading in made.readings] == [False, False, True]
    assert made.band is not None


def test_the_labels_of_temperatures_touch_no_other_and_one_beyond_the_limits_keeps_its_own() -> None:
    def read(start: int, celsius: str) -> Segment:
        return Segment(at(start), at(start + 1), "Tess", "Lab", "C-1", Decimal(celsius))

    close = [read(minute, celsius) for minute, celsius in ((0, "21"), (1, "21.2"), (2, "21.4"), (3, "31"))]
    made = ribbon([*close, read(200, "21.4")], zone=WARSAW, temperature=(Decimal(18), Decimal(25)))
    assert made is not None
    assert [reading.label for reading in made.readings] == ["21 °C", "21.2 °C", "", "31 °C", "21.4 °C"]
    shown = [reading for reading in made.readings if reading.label]
    boxes = [(per_cent(one.x), one.y + one.lift) for one in shown]
    for one, (x, foot) in zip(shown, boxes, strict=True):
        for other_x, other_foot in boxes:
            near = 0 < abs(foot - other_foot) < TALL or (x != other_x and foot == other_foot)
            assert not near or abs(x - other_x) > 100 * 7 * len(one.label) / 720


def test_the_letter_of_quarantine_and_the_label_of_a_mark_stand_apart() -> None:
    made = ribbon(
        [held(0, 60), held(60, 240, "Vic Okafor")],
        zone=WARSAW,
        marks=[Mark(at(61), "count"), Mark(at(150), "spin")],
        unreleased=lambda _: True,
    )
    assert made is not None
    count, spin = made.marks
    assert (made.hands[0].label, count.y - spin.y) == ("Q", 18)


@pytest.mark.parametrize("hours", [0.2, 1, 4, 9, 30, 100, 24 * 40, 24 * 300])
def test_the_ticks_of_any_span_fit_and_are_whole_local_times(hours: float) -> None:
    axis = Axis(START + timedelta(minutes=7), START + timedelta(minutes=7, hours=hours))
    found = ticks(axis, WARSAW)
    assert 1 <= len(found) <= 11
    assert all(moment.astimezone(WARSAW).minute % 5 == 0 for moment, _ in found)


def test_midnight_shows_the_date() -> None:
    labels = [label for _, label in ticks(Axis(at(0), at(60 * 20)), WARSAW)]
    assert "11-23" in labels


def test_the_life_bar_shows_the_share_of_the_time_that_has_passed() -> None:
    bar = life(at(0), at(240), at(114), WARSAW)
    assert bar.gone == "47.50%"
    assert not bar.over
    assert (
        bar.sentence == "1\u00a0h\u00a054 of 4\u00a0h\u00a000 used, 2\u00a0h\u00a006 left until 18:00 +01:00"
    )


def test_the_life_bar_says_by_how_much_the_time_is_over() -> None:
    bar = life(at(0), at(240), at(252), WARSAW)
    assert bar.over
    assert bar.gone == "100.00%"
    assert bar.sentence.endswith("past its use-before time 18:00 +01:00 by 12\u00a0min")
    assert not life(at(0), at(240), at(240), WARSAW).over


def test_no_rail_without_a_value_or_without_a_limit() -> None:
    limit = Limit(acceptance=(Decimal(18), Decimal(25)))
    assert rail(limit, None) is None
    assert rail(None, Decimal(1)) is None
    assert rail(Limit(hard=(Decimal(0), None)), Decimal(1)) is None


def test_the_rail_shows_where_a_value_lies() -> None:
    limit = Limit(acceptance=(Decimal(760), Decimal(840)), alert=(Decimal(780), Decimal(820)))
    made = rail(limit, Decimal(800))
    assert made is not None
    assert made.accepted is not None
    assert made.quiet is not None
    assert made.at == "50.00%"
    assert (made.accepted.x, made.accepted.width) == ("16.67%", "66.67%")
    assert (made.quiet.x, made.quiet.width) == ("33.33%", "33.33%")


@pytest.mark.parametrize("value", ["-1e30", "-1", "0", "69.99", "70", "100", "1e30"])
@pytest.mark.parametrize(
    "bounds", [("70", None), (None, "2.33"), ("0", "0"), ("-5", "5"), ("0", None), (None, "0")]
)
def test_a_rail_is_drawn_for_every_value_and_every_kind_of_limit(
    value: str, bounds: tuple[str | None, str | None]
) -> None:
    low, high = (Decimal(end) if end is not None else None for end in bounds)
    for hard in ((None, None), (Decimal(-10), Decimal(200))):
        made = rail(Limit(acceptance=(low, high), hard=hard), Decimal(value))
        assert made is not None
        assert made.accepted is not None
        for text in (made.at, made.accepted.x, made.accepted.width):
            assert 0 <= per_cent(text) <= 100
