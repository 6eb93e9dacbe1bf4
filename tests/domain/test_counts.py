"""Chamber count and viability through an entry: the worked examples of domain 3.2, 3.3 and 3.7, and the refusals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.steps.chambers import CHAMBERS
from labrecords.domain.steps.counts import CellCount, Square
from labrecords.domain.values.limits import round_half_up
from tests.support.clean import clean, entry_of, without

RECORD = clean("count_after")


def count(**changes: Any) -> CellCount:
    entry = entry_of(RECORD, "count_after")
    assert isinstance(entry, CellCount)
    return replace(entry, **changes)


def squares(*cells: int) -> tuple[Square, ...]:
    return tuple(Square(cells=cell) for cell in cells)


def derived(key: str, **changes: Any) -> Derived:
    return next(item for item in count(**changes).derived(RECORD) if item.key == key)


@pytest.mark.parametrize(
    ("cells", "diluent", "value", "reported"),
    [
        ((45, 52, 48, 55), 1, 1_000_000, "1.00 × 10⁶"),
        ((113, 112, 113, 112), 9, 11_250_000, "1.13 × 10⁷"),
        ((122, 122, 122, 122, 122), 99, 122_000_000, "1.22 × 10⁸"),
    ],
)
def test_cells_per_ml_follow_from_squares_and_dilution(
    cells: tuple[int, ...], diluent: int, value: int, reported: str
) -> None:
    found = derived(
        "concentration_per_ml", squares=squares(*cells), sample_part=Decimal(1), diluent_part=Decimal(diluent)
    )
    assert found.value == value
    assert (found.reported, found.unit) == (reported, "/mL")
    assert found.formula_id == "chamber-count/1"


def test_every_input_of_the_count_is_shown() -> None:
    found = derived("concentration_per_ml", squares=squares(45, 52))
    assert {part.symbol: part.value for part in found.inputs} == {
        "ΣN": "45 + 52", "n": "2", "s": "10", "d": "990", "v": "0.0001",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("chamber", "times_neubauer"), list(zip(CHAMBERS, ("1", "1", "0.5", "25"), strict=True))
)
def test_each_chamber_has_its_volume_over_a_square(chamber: str, times_neubauer: str) -> None:
    assert count(chamber=chamber).concentration_per_ml() == count().concentration_per_ml() * Decimal(
        times_neubauer
    )


def test_the_interval_of_the_count_is_that_of_poisson() -> None:
    found = derived(
        "concentration_per_ml", squares=squares(100), sample_part=Decimal(1), diluent_part=Decimal(0)
    )
    assert found.low is not None
    assert found.high is not None
    assert (round_half_up(found.low, -3), round_half_up(found.high, -3)) == (
        Decimal(814_000),
        Decimal(1_216_000),
    )


@pytest.mark.parametrize(
    ("live", "dead", "percent", "low", "high"),
    [
        (120, 30, "80.0", "72.9", "85.6"),
        (184, 16, "92.0", "87.4", "95.0"),
        (69, 31, "69.0", "59.4", "77.2"),
        (139, 61, "69.5", "62.8", "75.5"),
        (278, 122, "69.5", "64.8", "73.8"),
    ],
)
def test_viability_has_its_interval_and_its_number_of_cells(
    live: int, dead: int, percent: str, low: str, high: str
) -> None:
    found = derived("viability_percent", live=live, dead=dead)
    assert (found.reported, found.label) == (percent, f"Viability, n = {live + dead}")
    assert found.low is not None
    assert found.high is not None
    assert (str(round_half_up(found.low, 1)), str(round_half_up(found.high, 1))) == (low, high)


@pytest.mark.parametrize(("live", "dead"), [(None, None), (0, 0), (5, None), (None, 5)])
def test_viability_that_was_not_counted_is_no_result(live: int | None, dead: int | None) -> None:
    entry = count(live=live, dead=dead)
    assert entry.viability_percent() is None
    assert "viability_percent" not in {item.key for item in entry.derived(RECORD)}
    assert "viable" not in entry.summary(RECORD)


@pytest.mark.parametrize(
    ("cells", "chi2", "verdict"),
    [
        ((45, 52, 48, 55), "1.16", "even"),
        ((20, 80, 35, 65), "45.00", "clumped"),
        ((50, 50, 50, 50), "0.00", "too even"),
    ],
)
def test_the_evenness_of_the_squares_is_said(cells: tuple[int, ...], chi2: str, verdict: str) -> None:
    found = derived("evenness_chi2", squares=squares(*cells))
    assert (found.reported, found.label) == (chi2, f"Evenness of the squares: {verdict}")


@pytest.mark.parametrize("cells", [(50,), (0, 0, 0)])
def test_one_square_or_no_cells_have_no_evenness(cells: tuple[int, ...]) -> None:
    keys = [item.key for item in count(squares=squares(*cells)).derived(RECORD)]
    assert keys == ["concentration_per_ml", "viability_percent"]


CONTRADICTIONS: list[tuple[dict[str, Any], str, str]] = [
    ({"sample_part": Decimal(0)}, "sample_part", "A dilution has more than 0 parts of sample."),
    ({"dead": None}, "dead", "Viability needs both counts: live cells and dead cells."),
    ({"live": None}, "live", "Viability needs both counts: live cells and dead cells."),
    (
        {"live": 0, "dead": 0},
        "live",
        "No cells were counted: that is no result. Count again, or leave both empty.",
    ),
    ({"dye": None}, "dye", "Choose the dye that told live from dead."),
]


@pytest.mark.parametrize(("changes", "fact", "sentence"), CONTRADICTIONS)
def test_what_cannot_be_true_together_is_refused(changes: dict[str, Any], fact: str, sentence: str) -> None:
    values = {"sample_part": Decimal(10), "live": 186, "dead": 14, "dye": "trypan blue"}
    assert CellCount.contradictions(values) == {}
    assert CellCount.contradictions(values | changes) == {fact: sentence}


def test_a_count_without_viability_needs_no_dye() -> None:
    assert CellCount.contradictions({"sample_part": Decimal(10), "live": None, "dead": None}) == {}


def test_a_sample_other_than_the_last_one_drawn_is_a_critical_stop() -> None:
    assert count().stops(RECORD) == ()
    (stop,) = count(sample_code="S-1").stops(RECORD)
    assert (stop.rule, stop.critical, stop.expected, stop.found) == ("identity", True, "S-2", "S-1")
    assert stop.sentence.startswith("Wrong sample")


def test_without_a_sample_that_was_drawn_there_is_nothing_to_compare() -> None:
    record = without(without(RECORD, "sample_before"), "sample_after")
    assert count(sample_code="S-9").stops(record) == ()


def test_the_summary_says_concentration_and_viability() -> None:
    assert count().summary(RECORD) == "8.62 × 10⁷ /mL, 93.0 % viable"
