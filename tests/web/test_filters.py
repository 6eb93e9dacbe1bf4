"""How a page writes numbers, limits, times, codes and names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.values.limits import Limit, Outcome
from labrecords.web import filters
from tests.support import guide

WARSAW = ZoneInfo("Europe/Warsaw")
HOSTILE = "<script>alert(1)</script>"


def _limit(**more: object) -> Limit:
    return Limit(unit="°C", decimals=1, **more)  # type: ignore[arg-type]


def test_a_number_keeps_every_digit_it_was_given() -> None:
    assert filters.number(Decimal("2740.500")) == "2\u00a0740.500"
    assert filters.number(1_000_000) == "1\u00a0000\u00a0000"
    assert filters.number(None) == ""


def test_number_and_unit_are_held_together_by_a_no_break_space() -> None:
    assert filters.unit(Decimal("797"), "× g") == "797\u00a0×\u00a0g"
    assert filters.unit("12", "") == "12"
    assert filters.unit(None, "mL") == ""


def test_a_power_of_ten_is_raised() -> None:
    assert filters.scientific(Decimal(120_000_000)) == Markup("1.20 × 10<sup>8</sup>")
    assert filters.number("1.118 × 10⁻⁵") == Markup("1.118 × 10<sup>−5</sup>")


def test_text_that_looks_like_markup_stays_text() -> None:
    for made in (
        filters.number(HOSTILE),
        filters.unit("1", HOSTILE),
        filters.sentence(HOSTILE),
        filters.code(HOSTILE),
        filters.person(HOSTILE),
        filters.digest(HOSTILE),
        filters.day(HOSTILE),
        filters.differing(HOSTILE, "other"),
    ):
        assert isinstance(made, Markup)
        assert "<script" not in made


def test_the_working_shows_the_typed_values_in_ink() -> None:
    assert filters.formula(guide.FORCE) == Markup(
        "1.118 × 10<sup>−5</sup> × <i>9.5</i> × <i>2\u00a0740</i><sup>2</sup> = "
    )
    assert filters.shows_values(guide.FORCE)


def test_a_formula_with_many_values_for_one_symbol_stays_in_symbols() -> None:
    assert filters.formula(guide.CELLS) == "C = (ΣN / n) × D / v,  D = (s + d) / s; C = "
    assert not filters.shows_values(guide.CELLS)


def test_a_negative_value_stands_in_brackets_in_a_formula() -> None:
    result = Derived(
        key="d",
        label="Difference",
        value=Decimal(8),
        reported="8",
        unit="°C",
        formula="d = a − b",
        formula_id="difference/1",
        inputs=(Input("a", "after", "5", "°C", "step 1"), Input("b", "before", "-3", "°C", "step 1")),
        rounding="not rounded",
    )
    assert filters.formula(result) == Markup("<i>5</i> − (<i>−3</i>) = ")


def test_a_symbol_is_not_found_inside_a_word() -> None:
    result = Derived(
        key="t",
        label="Time",
        value=Decimal(2),
        reported="2",
        unit="min",
        formula="t = n / nmin",
        formula_id="t/1",
        inputs=(Input("n", "number", "4", "", "step 1"),),
        rounding="not rounded",
    )
    assert filters.formula(result) == Markup("<i>4</i> / nmin = ")


def test_a_limit_says_target_limit_alert_and_usual_range() -> None:
    limit = Limit(
        unit="× g",
        target=Decimal(800),
        acceptance=(Decimal(760), Decimal(840)),
        alert=(Decimal(780), Decimal(820)),
        soft=(None, Decimal(3200)),
    )
    assert filters.limit_lines(limit) == [
        "Target 800\u00a0×\u00a0g",
        "Limit 760–840\u00a0×\u00a0g",
        "Alert outside 780–820\u00a0×\u00a0g",
        "Usual at most 3\u00a0200\u00a0×\u00a0g",
    ]


def test_an_alert_that_ends_with_the_limit_is_said_for_its_open_side() -> None:
    acceptance = (Decimal(18), Decimal(25))
    above = _limit(acceptance=acceptance, alert=(Decimal(18), Decimal(23)))
    below = _limit(acceptance=acceptance, alert=(Decimal(19), None))
    assert filters.limit_lines(above)[-1] == "Alert above 23\u00a0°C"
    assert filters.limit_lines(below)[-1] == "Alert below 19\u00a0°C"


def test_a_large_bound_is_written_as_a_power_of_ten() -> None:
    assert filters.limit_lines(Limit(acceptance=(Decimal("400000000"), None))) == ["Limit at least 4.0 × 10⁸"]


def test_an_instant_is_shown_in_the_zone_of_the_laboratory_with_its_offset() -> None:
    summer = datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC)
    winter = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
    assert filters.instant(summer, WARSAW) == Markup(
        '<time datetime="2026-07-01T12:00:05Z">2026-07-01 14:00:05 +02:00</time>'
    )
    assert filters.instant(winter, WARSAW, seconds=False).striptags() == "2026-11-22 14:30 +01:00"
    assert filters.clock(winter, WARSAW).striptags() == "14:30"
    assert filters.clock(winter, WARSAW, seconds=True, zoned=True).striptags() == "14:30:00 +01:00"
    assert filters.instant(None, WARSAW) == ""


def test_the_two_hours_of_the_night_when_the_clock_goes_back_are_told_apart() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert filters.instant(first, WARSAW).striptags() == "2026-10-25 02:30:00 +02:00"
    assert filters.instant(second, WARSAW).striptags() == "2026-10-25 02:30:00 +01:00"


def test_offsets_west_of_greenwich_and_of_half_hours() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert filters.offset(at, ZoneInfo("America/St_Johns")) == "-03:30"
    assert filters.offset(at, ZoneInfo("UTC")) == "+00:00"


def test_a_day_is_taken_in_the_zone() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert filters.day(late, WARSAW).striptags() == "2026-11-23"
    assert filters.day(date(2026, 1, 2)).striptags() == "2026-01-02"


def test_what_is_left_is_said_in_words_and_what_has_passed_too() -> None:
    assert filters.remaining(timedelta(hours=2, minutes=6)) == "2\u00a0h\u00a006 left"
    assert filters.remaining(timedelta(minutes=-12)) == "expired 12\u00a0min ago"
    assert filters.duration(6840) == "1\u00a0h\u00a054"


def test_a_name_is_isolated_from_the_direction_of_its_neighbours() -> None:
    assert filters.person("دكتور نور") == Markup("<bdi>دكتور نور</bdi>")


@pytest.mark.parametrize(
    ("code", "other", "shown"),
    [
        ("P-4417-K", "P-4471-K", "P-44<u>17</u>-K"),
        ("P-4417-K", "P-4417-K", "P-4417-K"),
        ("ABC", "XYZ", "<u>ABC</u>"),
        ("7QX4-M2KD", "7QX4M2KD", "7QX4<u>-</u>M2KD"),
        ("", "A", ""),
        ("P-4471-K", "", "P-4471-K"),
    ],
)
def test_the_characters_in_which_two_codes_differ_are_underlined(code: str, other: str, shown: str) -> None:
    assert filters.differing(code, other) == Markup(shown)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_shape_and_a_word(outcome: Outcome) -> None:
    seen = filters.shape(outcome)
    assert seen.icon
    assert seen.word


def test_one_is_not_many() -> None:
    assert [filters.many(count, "reading") for count in (0, 1, 2)] == [
        "0 readings",
        "1 reading",
        "2 readings",
    ]
