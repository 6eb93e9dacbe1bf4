"""What holds of the rules of calculation and of limits whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labrecords.domain.calculations import counting, endotoxin, gamma, rcf, volumes
from labrecords.domain.calculations.adipose import minutes_between
from labrecords.domain.processes.process import TimeLimit
from labrecords.domain.processes.process_rules import broken_rules
from labrecords.domain.results import yields
from labrecords.domain.results.expiry import use_before
from labrecords.domain.results.step_balance import StepBalance
from labrecords.domain.rules.time_limits import judge_interval
from labrecords.domain.values import times
from labrecords.domain.values.limits import Bounds, Limit, Outcome, impossible, judge, round_half_up, unusual
from tests.support.clean import altered, clean

HUNDRED, LAST_DIGIT, SECOND_H = Decimal(100), Decimal("1e-40"), 1 / Decimal(3600)


def numbers(low: str = "-1000000", high: str = "1000000", places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places)


amounts = numbers("0.001", "100000")
cells = st.integers(1, 500)
squares = st.lists(st.integers(0, 300), min_size=1, max_size=10)
parts = st.integers(1, 500).map(Decimal)
limits_of_one_side = st.sampled_from(["acceptance", "alert"])


def alike(one: Decimal, other: Decimal) -> bool:
    """Whether two ways of computing one number differ by no more than the last digits carried."""
    return abs(one - other) <= LAST_DIGIT * max(abs(one), abs(other), Decimal(1))


# ---- limits ------------------------------------------------------------------------------------------------------


@given(numbers(), numbers(), st.integers(0, 3))
def test_rounding_keeps_the_order_of_values(one: Decimal, other: Decimal, decimals: int) -> None:
    low, high = sorted((one, other))
    assert round_half_up(low, decimals) <= round_half_up(high, decimals)
    assert round_half_up(-low, decimals) == -round_half_up(low, decimals)


@given(
    numbers(),
    numbers("0"),
    numbers(),
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from(["half-up", "half-even"]),
)
def test_what_is_further_outside_is_judged_no_better(
    value: Decimal, more: Decimal, end: Decimal, decimals: int | None, rounding: str
) -> None:
    grave = [Outcome.PASS, Outcome.ALERT, Outcome.FAIL]
    alert = (None, end - 5)
    at_most = Limit(decimals=decimals, alert=alert, acceptance=(None, end), rounding=rounding)
    outcomes = [grave.index(judge(one, at_most).outcome) for one in (value, value + more)]
    assert outcomes == sorted(outcomes)


@given(numbers(), st.lists(numbers(), min_size=4, max_size=4), st.sampled_from([None, 0, 2]))
def test_a_narrower_limit_never_lets_more_pass(
    value: Decimal, ends: list[Decimal], decimals: int | None
) -> None:
    low, within_low, within_high, high = sorted(ends)
    wide = judge(value, Limit(decimals=decimals, acceptance=(low, high))).outcome
    narrow = judge(value, Limit(decimals=decimals, acceptance=(within_low, within_high))).outcome
    assert not (narrow is Outcome.PASS and wide is Outcome.FAIL)


@given(st.lists(st.one_of(st.none(), numbers(places=1)), min_size=4, max_size=4), numbers(places=1))
def test_where_a_definition_is_accepted_the_impossible_is_always_unusual_too(
    ends: list[Decimal | None], value: Decimal
) -> None:
    hard, soft = (ends[0], ends[1]), (ends[2], ends[3])
    assume(all(low is None or high is None or low <= high for low, high in (hard, soft)))
    limit = Limit(unit="mL", hard=hard, soft=soft)
    if accepted(limit) and soft != (None, None) and all(_as_closed(soft, hard)):
        assert not impossible(value, limit) or unusual(value, limit)


def _as_closed(inner: Bounds, outer: Bounds) -> tuple[bool, bool]:
    """For each end: whether the inner range has one where the outer has."""
    return inner[0] is not None or outer[0] is None, inner[1] is not None or outer[1] is None


def accepted(limit: Limit) -> bool:
    """Whether a process definition may set this limit for the volume received."""
    process = clean().process
    steps = tuple(
        replace(step, limits={**step.limits, "volume_ml": limit}) if step.key == "receipt" else step
        for step in process.steps
    )
    return not list(broken_rules(replace(process, steps=steps)))


@given(numbers(places=2), numbers("0", places=2), st.sampled_from([None, 2, 3]))
def test_both_ends_of_every_range_belong_to_it_and_the_next_number_outside_does_not(
    low: Decimal, span: Decimal, decimals: int | None
) -> None:
    high, step = low + span, Decimal("0.01")
    ends, outside = (low, high), (low - step, high + step)
    assert not any(impossible(value, Limit(hard=ends)) or unusual(value, Limit(soft=ends)) for value in ends)
    assert all(impossible(value, Limit(hard=ends)) and unusual(value, Limit(soft=ends)) for value in outside)
    limit, alert = Limit(decimals=decimals, acceptance=ends), Limit(decimals=decimals, alert=ends)
    assert {judge(value, given_limit).outcome for value in ends for given_limit in (limit, alert)} == {
        Outcome.PASS
    }
    assert {judge(value, limit).outcome for value in outside} == {Outcome.FAIL}
    assert {judge(value, alert).outcome for value in outside} == {Outcome.ALERT}


@given(numbers(), numbers("0", "1000"), limits_of_one_side)
def test_a_blank_passes_no_limit(low: Decimal, span: Decimal, name: str) -> None:
    limit = Limit(**{name: (low, low + span)})  # type: ignore[arg-type]
    assert judge(None, limit).outcome is Outcome.NOT_DONE
    assert judge(None, None).outcome is Outcome.NOT_DONE


# ---- counts ------------------------------------------------------------------------------------------------------


@given(squares, parts, parts, st.integers(2, 9))
def test_a_concentration_follows_the_dilution_and_not_its_scale(
    counts: list[int], sample: Decimal, diluent: Decimal, times_more: int
) -> None:
    per_ml = counting.chamber_count(counts, sample, diluent, counting.SQUARE_VOLUME_ML)
    scaled = counting.chamber_count(
        counts, sample * times_more, diluent * times_more, counting.SQUARE_VOLUME_ML
    )
    factor = counting.dilution_factor(sample, diluent)
    denser = counting.concentration_per_ml(counts, factor * times_more)
    assert alike(scaled, per_ml)
    assert abs(denser - per_ml * times_more) <= Decimal("1e-18") * max(denser, Decimal(1))
    assert per_ml == counting.chamber_count(counts[::-1], sample, diluent, counting.SQUARE_VOLUME_ML)


@given(amounts)
def test_a_count_for_each_litre_is_the_same_count_for_each_ml(e9_per_l: Decimal) -> None:
    per_ml = counting.analyser_reading(e9_per_l, Decimal(1), Decimal(0))
    assert per_ml * 1000 == e9_per_l * 10**9


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_live_and_dead_cells_mirror_each_other(live: int, dead: int) -> None:
    assume(live + dead)
    alive, gone = counting.viability_percent(live, dead), counting.viability_percent(dead, live)
    assert alike(alive + gone, HUNDRED)
    low, high = counting.wilson_interval_percent(live, live + dead)
    mirrored_low, mirrored_high = counting.wilson_interval_percent(dead, live + dead)
    assert alike(low + mirrored_high, HUNDRED)
    assert alike(high + mirrored_low, HUNDRED)
    assert low <= alive <= high


@given(st.integers(0, 300), st.integers(0, 300), st.integers(2, 20))
def test_more_cells_of_one_viability_narrow_its_interval(live: int, dead: int, times_more: int) -> None:
    assume(live + dead)
    low, high = counting.wilson_interval_percent(live, live + dead)
    lower, higher = counting.wilson_interval_percent(live * times_more, (live + dead) * times_more)
    assert higher - lower < high - low


@given(
    st.one_of(st.integers(0, 400), st.integers(gamma.LARGE - 5, gamma.LARGE + 5), st.integers(1000, 10**6))
)
def test_one_cell_more_moves_both_ends_of_its_interval_up(count: int) -> None:
    low, high = counting.poisson_interval(count)
    next_low, next_high = counting.poisson_interval(count + 1)
    assert low <= count <= high
    assert (low < next_low, high < next_high) == (True, True)
    if count:
        assert counting.poisson_cv_percent(count) > counting.poisson_cv_percent(count + 1)


@given(st.floats(0.5, 400), st.floats(0.001, 0.999))
def test_below_a_point_of_the_gamma_distribution_lies_its_probability(
    shape: float, probability: float
) -> None:
    point = gamma.gamma_point(shape, probability)
    assume(point > Decimal("0.01"))
    assert gamma.lower_gamma(shape, float(point)) == pytest.approx(probability, abs=1e-5)
    assert gamma.gamma_point(shape + 1, probability) > point


@given(st.lists(st.integers(0, 200), min_size=2, max_size=10), st.randoms())
def test_squares_are_even_or_clumped_in_any_order(counts: list[int], order: object) -> None:
    assume(sum(counts))
    shuffled = counts.copy()
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert counting.evenness(shuffled) == counting.evenness(counts)
    equal = counting.dispersion([counts[0] + 1] * len(counts))
    assert equal == 0


@given(st.lists(amounts, min_size=2, max_size=6), st.integers(2, 50))
def test_the_spread_of_replicates_has_no_unit(values: list[Decimal], times_more: int) -> None:
    scaled = [value * times_more for value in values]
    assert abs(counting.cv_percent(scaled) - counting.cv_percent(values)) < Decimal("1e-20")
    one, other = values[:2]
    assert counting.difference_percent(one, other) == counting.difference_percent(other, one)
    assert 0 <= counting.difference_percent(one, other) <= 200


# ---- yields ------------------------------------------------------------------------------------------------------


@given(amounts, amounts, amounts, amounts)
def test_a_recovery_is_one_of_cells_whatever_they_are_counted_in(
    c0: Decimal, v0: Decimal, c1: Decimal, v1: Decimal
) -> None:
    recovery = yields.recovery_percent(c0, v0, c1, v1)
    assert alike(yields.recovery_percent(c0 * 1000, v0 / 1000, c1 * 1000, v1 / 1000), recovery)
    assert alike(yields.yield_percent(yields.tnc(c1, v1), yields.tnc(c0, v0)), recovery)
    assert yields.recovery_percent(c0, v0, c1, v1 + 1) > recovery


@given(cells, cells, cells)
def test_the_more_cells_were_counted_the_less_counting_error_explains(
    before: int, after: int, more: int
) -> None:
    limit = yields.recovery_limit_percent(before, after)
    assert limit > HUNDRED
    assert yields.recovery_limit_percent(before + more, after) < limit
    assert yields.recovery_limit_percent(after, before) == limit


@given(amounts, amounts)
def test_what_is_expected_of_a_mass_is_its_whole_yield(per_gram: Decimal, mass_g: Decimal) -> None:
    expected = yields.expected_cells(per_gram, mass_g)
    assert alike(yields.yield_percent(expected, expected), HUNDRED)
    assert alike(yields.yield_per_gram(expected, mass_g), per_gram)


@given(amounts, numbers("0", "100"), amounts)
def test_no_dose_has_more_viable_cells_than_cells(per_ml: Decimal, percent: Decimal, ml: Decimal) -> None:
    dose, whole = yields.viable_dose(per_ml, percent, ml), yields.tnc(per_ml, ml)
    assert 0 <= dose <= whole
    assert (dose == whole) is (percent == HUNDRED)


# ---- spins, volumes, endotoxin -----------------------------------------------------------------------------------


@given(numbers("1", "30", places=1), st.integers(100, 15000).map(Decimal))
def test_twice_the_speed_is_four_times_the_force_and_twice_the_radius_is_twice(
    radius_cm: Decimal, speed: Decimal
) -> None:
    force = rcf.rcf_g(radius_cm, speed)
    assert alike(rcf.rcf_g(radius_cm, speed * 2), force * 4)
    assert alike(rcf.rcf_g(radius_cm * 2, speed), force * 2)
    assert rcf.agrees(force, force)


@given(amounts, amounts, amounts, amounts, amounts)
def test_what_is_held_back_is_exactly_what_did_not_come_out(
    went_in: Decimal, flush: Decimal, kept: Decimal, poured: Decimal, red: Decimal
) -> None:
    held = volumes.held_volume_ml(went_in, flush, kept, poured)
    assert went_in + flush == kept + poured + held
    left = volumes.parted_volume_ml(went_in, flush, kept, red, poured)
    assert went_in == flush + kept + red + poured + left
    assert volumes.net_volume_ml(went_in + flush, flush) == went_in
    assert volumes.drawn_volume_ml([kept, poured, red]) == kept + poured + red


@given(numbers("0.1", "1000", places=1), numbers("0.8", "1.3", places=2), numbers("0", "100", places=1))
def test_a_greater_mass_is_no_smaller_volume(mass_g: Decimal, density: Decimal, more_g: Decimal) -> None:
    volume = volumes.weighed_volume_ml(mass_g, density)
    assert volumes.weighed_volume_ml(mass_g + more_g, density) >= volume
    assert abs(volume * density - mass_g) <= density * Decimal("0.05")


@given(amounts, amounts, amounts, amounts, numbers("0", "50", places=1), amounts)
def test_a_step_is_closed_whatever_unit_its_volumes_are_in(
    went_in: Decimal, added: Decimal, out: Decimal, waste: Decimal, tolerance: Decimal, unit: Decimal
) -> None:
    def balance(scale: Decimal) -> StepBalance:
        entry = clean().current("receipt")
        assert entry is not None
        return StepBalance(
            step=clean().process.step("receipt"),
            entry=entry,
            before_ml=None,
            in_ml=went_in * scale,
            added_ml=added * scale,
            out_ml=out * scale,
            sample_ml=Decimal(0),
            waste_ml=waste * scale,
            retained_ml=Decimal(0),
            tolerance_percent=tolerance,
        )

    found = balance(Decimal(1))
    assert found.closed is balance(unit).closed
    assert found.difference_ml == went_in + added - out - waste
    assert found.closed is (not found.sentences())
    assert replace(found, out_ml=None).closed


@given(numbers("0.1", "500"), numbers("20", "200"), numbers("0.1", "50"), numbers("0.001", "50"))
def test_the_more_is_given_the_less_endotoxin_it_may_hold(
    k: Decimal, weight: Decimal, volume: Decimal, more: Decimal
) -> None:
    limit = endotoxin.endotoxin_limit_eu_per_ml(k, weight, volume)
    assert endotoxin.endotoxin_limit_eu_per_ml(k, weight, volume + more) < limit
    assert abs(limit * volume - k * weight) < Decimal("1e-15") * k * weight
    assert abs(endotoxin.maximum_valid_dilution(limit, limit) - 1) < Decimal("1e-20")


@given(st.lists(st.tuples(st.integers(0, 240), st.integers(1, 50)), max_size=8), st.integers(0, 240), cells)
def test_a_further_site_never_makes_the_hour_smaller(
    sites: list[tuple[int, int]], at: int, volume: int
) -> None:
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def most(given: list[tuple[int, int]]) -> Decimal:
        return endotoxin.most_in_one_hour_ml(
            [(start + timedelta(minutes=minute), Decimal(ml)) for minute, ml in given]
        )

    assert most(sites) <= most([*sites, (at, volume)]) <= most(sites) + volume


# ---- times -------------------------------------------------------------------------------------------------------

ZONES = [
    ZoneInfo(name) for name in ("Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
]
instants = st.integers(0, 4 * 365 * 24 * 3600).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(instants, numbers("0", "100", places=3), st.sampled_from(ZONES))
def test_hours_are_the_same_on_every_clock(moment: datetime, hours: Decimal, zone: ZoneInfo) -> None:
    end = times.add_hours(moment, hours)
    assert times.add_hours(moment.astimezone(zone), hours) == end
    left = times.hours_left(end, moment)
    assert left == times.hours_left(end.astimezone(zone), moment)
    assert abs(hours - left) < SECOND_H
    assert times.local(moment, zone) == moment


@given(instants, st.integers(0, 20000), st.sampled_from(ZONES), st.integers(1, 300))
def test_a_hold_is_judged_by_instants_and_not_by_clocks(
    start: datetime, seconds: int, zone: ZoneInfo, minutes: int
) -> None:
    end = start + timedelta(seconds=seconds)
    for limit in (
        TimeLimit("a", "b", "Hold", max_min=Decimal(minutes)),
        TimeLimit("a", "b", "Hold", min_min=Decimal(minutes)),
    ):
        there = minutes_between(start.astimezone(zone), end.astimezone(zone))
        assert judge_interval(limit, minutes_between(start, end)) == judge_interval(limit, there)


@given(st.integers(0, 20000), st.integers(0, 5000), st.integers(1, 300))
def test_who_has_waited_long_enough_has_not_waited_too_short_later(
    seconds: int, more: int, minutes: int
) -> None:
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    limit = TimeLimit("a", "b", "Hold", min_min=Decimal(minutes))
    outcomes = [
        judge_interval(limit, minutes_between(start, start + timedelta(seconds=s))).outcome
        for s in (seconds, seconds + more)
    ]
    assert outcomes != [Outcome.PASS, Outcome.FAIL]


@pytest.mark.req("GMP-137", "HCT-260")
@given(instants, st.integers(0, 600), st.integers(1, 96), st.integers(1, 96), st.integers(0, 48))
@settings(max_examples=40)
def test_the_product_lasts_until_the_first_of_its_limits_and_no_limit_makes_it_last_longer(
    harvested: datetime, minutes: int, age_h: int, shelf_h: int, more_h: int
) -> None:
    filled = harvested + timedelta(minutes=minutes)
    made = altered(clean("resuspension"), "harvest", performed_at=harvested)
    made = altered(made, "resuspension", performed_at=filled)

    def until(age: int | None, shelf: int | None) -> datetime:
        hours = [None if item is None else Decimal(item) for item in (age, shelf)]
        found = use_before(
            replace(made, process=replace(made.process, max_age_h=hours[0], shelf_life_h=hours[1]))
        )
        assert found is not None
        return found.until

    both = until(age_h, shelf_h)
    assert both == min(harvested + timedelta(hours=age_h), filled + timedelta(hours=shelf_h))
    assert both == min(until(age_h, None), until(None, shelf_h))
    assert both <= until(age_h + more_h, shelf_h) <= until(age_h + more_h, shelf_h + more_h)
