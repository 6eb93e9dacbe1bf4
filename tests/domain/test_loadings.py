"""A count with several loadings: its spread, its verdict, and that a pass is never averaged with a fail."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.entries import left_empty, problems
from labrecords.domain.evidence.serial import from_plain, to_plain
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.results import judged_results
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.chambers import CHAMBERS
from labrecords.domain.steps.counts import CellCount, Square
from labrecords.domain.values.limits import Outcome
from tests.support.clean import altered, clean, entry_of, played, process_text

RECORD = clean("count_after")
STEP = RECORD.process.step("count_after")


def loading(number: str | None, *cells: int | tuple[int, int]) -> tuple[Square, ...]:
    """Squares of one loading: all cells of each, or live and dead."""
    return tuple(
        Square(live=count[0], dead=count[1], loading=number)
        if isinstance(count, tuple)
        else Square(cells=count, loading=number)
        for count in cells
    )


def count(squares: tuple[Square, ...], **changes: Any) -> CellCount:
    entry = entry_of(RECORD, "count_after")
    assert isinstance(entry, CellCount)
    apart: dict[str, Any] = {"live": None, "dead": None} if squares[0].live is not None else {}
    return replace(entry, squares=squares, **apart, **changes)


def numbers(entry: CellCount, record: BatchRecord = RECORD) -> dict[str, Derived]:
    return {derived.key: derived for derived in entry.derived(record)}


def rules(entry: CellCount, record: BatchRecord = RECORD) -> dict[str, bool]:
    """The rules of what there is to say of a count, and whether each asks for a repeat."""
    return {remark.rule: remark.repeat for remark in entry.remarks(record)}


AGREEING = (*loading("1", 118), *loading("2", 124), *loading("3", 121))
APART = (*loading("1", 98), *loading("2", 121), *loading("3", 140))


@pytest.mark.req("GMP-194")
def test_the_spread_between_loadings_is_the_published_one() -> None:
    found = numbers(count(AGREEING))["cv_percent"]
    assert (found.reported, found.label, found.formula_id) == (
        "2.5",
        "Spread between 3 loadings",
        "replicates-cv/1",
    )
    assert round(found.value, 2) == Decimal("2.48")
    assert [item.symbol for item in found.inputs] == ["C1", "C2", "C3", "k"]
    assert found.inputs[0].label == "loading 1: 118 cells in 1 square"


def test_loadings_far_apart_ask_for_a_repeat() -> None:
    (remark,) = (item for item in count(APART).remarks(RECORD) if item.rule == "loadings apart")
    assert remark.sentence.startswith("The loadings lie too far apart: 17.6 %")
    assert remark.sentence.endswith("is above 15 %, the highest value.")
    assert (remark.repeat, remark.severity) == (True, Severity.EXCEPTION)
    assert "loadings apart" not in rules(count(AGREEING))


def test_the_limit_of_the_spread_is_the_process_own_where_it_has_one() -> None:
    text = process_text(
        (
            'required_facts = ["dye", "live", "dead"]\n',
            'required_facts = ["dye", "live", "dead"]\n'
            'limits.cv_percent = { unit = "%", decimals = 1, acceptance = ["", "2"] }\n',
        )
    )
    record = altered(played("count_after", text=text).record, "count_after", squares=AGREEING)
    found = [item for item in findings(record) if item.step_key == "count_after"]
    assert [(item.rule, item.severity) for item in found if "2.5 %" in item.sentence] == [
        ("out of limits", Severity.BLOCKING)
    ]
    (remark,) = (
        item for item in entry_of(record, "count_after").remarks(record) if item.rule == "loadings apart"
    )
    assert remark.severity is None, "the limit of the process is judged with all others"


@pytest.mark.req("GMP-192")
def test_a_pass_is_not_averaged_with_a_fail() -> None:
    squares = (*loading("1", (90, 10), (92, 8)), *loading("2", (60, 40), (62, 38)))
    entry = count(squares)
    assert entry.viability_percent() == 76, "the mean would pass"
    assert entry.withheld(RECORD) == {"viability_percent"}
    made = numbers(entry)
    assert "viability_percent" not in made
    assert (made["viability_percent_1"].reported, made["viability_percent_2"].reported) == ("91.0", "61.0")
    assert made["viability_percent_1"].label == "Viability of loading 1, n = 200"
    record = altered(RECORD, "count_after", squares=squares, live=None, dead=None)
    outcomes = {result.spec.key: result.judgement.outcome for result in judged_results(record)}
    assert outcomes["viability_percent"] is Outcome.NOT_DONE
    assert outcomes["viable_dose"] is Outcome.NOT_DONE
    assert outcomes["concentration_per_ml"] is Outcome.PASS
    (blocker,) = (
        item for item in release_blockers(record, entry.recorded_at) if item.rule == "loadings disagree"
    )
    assert blocker.way_out == "Repeat the count: a pass is never averaged with a fail."
    assert "no mean is reported" in entry.summary(record)


def test_loadings_that_agree_are_reported_as_one() -> None:
    entry = count((*loading("1", (90, 10), (92, 8)), *loading("2", (88, 12), (91, 9))))
    assert entry.withheld(RECORD) == frozenset()
    assert numbers(entry)["viability_percent"].label == "Viability, n = 400"


@given(st.lists(st.integers(0, 100), min_size=2, max_size=6))
def test_no_mean_is_reported_where_one_loading_passes_and_another_fails(live: list[int]) -> None:
    squares = tuple(
        square
        for number, alive in enumerate(live, start=1)
        for square in loading(str(number), (alive, 100 - alive))
    )
    entry = count(squares)
    failing = {alive < 70 for alive in live}
    assert ("viability_percent" in entry.withheld(RECORD)) == (len(failing) == 2)
    assert ("viability_percent" in numbers(entry)) == (len(failing) == 1)


@given(st.lists(st.lists(st.integers(0, 300), min_size=1, max_size=5), min_size=1, max_size=6))
def test_the_concentration_does_not_depend_on_how_squares_are_spread_over_loadings(
    cells: list[list[int]],
) -> None:
    squares = tuple(
        square for number, some in enumerate(cells, start=1) for square in loading(str(number), *some)
    )
    flat = [number for some in cells for number in some]
    assert count(squares).concentration_per_ml() == count(loading(None, *flat)).concentration_per_ml()
    assert sum(len(found.cells) for found in count(squares).loadings()) == len(flat)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=9))
def test_live_and_dead_in_squares_give_what_their_totals_give(pairs: list[tuple[int, int]]) -> None:
    apart = count(loading(None, *pairs))
    live, dead = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    whole = count(loading(None, *(sum(pair) for pair in pairs)), live=live, dead=dead)
    assert apart.concentration_per_ml() == whole.concentration_per_ml()
    assert apart.viability_percent() == whole.viability_percent()


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_the_interval_of_a_count_lies_around_it(cells: list[int]) -> None:
    found = numbers(count(loading(None, *cells)))["concentration_per_ml"]
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value < found.high


# ---- doubts ------------------------------------------------------------------------------------------------------


def test_each_loading_has_its_evenness() -> None:
    entry = count((*loading("1", 45, 52, 48, 55), *loading("2", 20, 80, 35, 65)))
    assert numbers(entry)["evenness_chi2_1"].label == "Evenness of loading 1: even"
    assert numbers(entry)["evenness_chi2_2"].label == "Evenness of loading 2: clumped"
    assert rules(entry)["uneven count"]


def test_counts_too_even_to_be_true_are_a_question_and_no_reason_to_repeat() -> None:
    assert rules(count(loading(None, 90, 90, 90, 90)))["too even"] is False


@pytest.mark.parametrize(("few", "sentence"), [(1, "1 cell"), (99, "99 cells")])
def test_too_few_cells_ask_for_a_repeat(few: int, sentence: str) -> None:
    (remark,) = (item for item in count(loading(None, (few, 0))).remarks(RECORD) if item.rule == "few cells")
    assert (remark.sentence, remark.repeat) == (f"Viability rests on {sentence} only.", True)
    without_dye = count(loading(None, few), live=None, dead=None)
    assert without_dye.remarks(RECORD)[0].sentence == f"The count rests on {sentence} only."


@pytest.mark.parametrize(
    ("chamber", "cells", "says"),
    [
        (0, 19, "fewer than 20"),
        (0, 20, ""),
        (0, 100, ""),
        (0, 101, "more than 100"),
        (2, 101, "more than 100"),
        (3, 1, ""),
        (3, 5, "more than 100"),
    ],
)
def test_the_dilution_is_doubted_outside_20_to_100_cells_over_1_mm2(
    chamber: int, cells: int, says: str
) -> None:
    entry = count(loading(None, *[cells] * 4), chamber=list(CHAMBERS)[chamber])
    hints = [item for item in entry.remarks(RECORD) if item.rule == "dilution"]
    assert [item.severity for item in hints] == [None] * bool(says), "a hint is no finding"
    assert all(says in item.sentence for item in hints)


# ---- what cannot be ----------------------------------------------------------------------------------------------


def asked_back(squares: tuple[Square, ...], **changes: Any) -> dict[str, str]:
    entry = entry_of(RECORD, "count_after")
    values = {
        name: getattr(entry, name) for name in ("sample_code", "chamber", "sample_part", "diluent_part")
    }
    values |= {"dye": "trypan blue", "live": None, "dead": None, "squares": squares}
    return problems(CellCount, values | changes, STEP)


def test_live_and_dead_of_the_squares_answer_the_totals_that_the_step_requires() -> None:
    assert asked_back(loading(None, (40, 3), (42, 2))) == {}
    assert set(asked_back(loading(None, 43, 44))) == {"live", "dead"}
    values = {"squares": loading(None, (40, 3)), "live": None, "dead": None}
    left = {fact.name for fact in left_empty(CellCount, values, replace(STEP, required_facts=frozenset()))}
    assert not {"live", "dead"} & left


@pytest.mark.parametrize(
    ("squares", "changes", "name"),
    [
        ((Square(cells=5, live=4),), {}, "squares-0-cells"),
        ((Square(live=4),), {}, "squares-0-dead"),
        ((Square(dead=4),), {"live": 9, "dead": 1}, "squares-0-live"),
        ((Square(cells=4), Square(loading="1")), {"live": 9, "dead": 1}, "squares-1-cells"),
        ((Square(cells=4), Square(live=4, dead=0)), {}, "squares"),
        ((Square(cells=4, loading="1"), Square(cells=4)), {"live": 9, "dead": 1}, "squares"),
        ((Square(cells=4, loading="7"),), {"live": 9, "dead": 1}, "squares-0-loading"),
        ((Square(live=4, dead=0),), {"live": 4, "dead": 0}, "live"),
        ((Square(live=4, dead=0),), {"dead": 0}, "dead"),
        ((Square(live=4, dead=0),), {"dye": None}, "dye"),
    ],
)
def test_squares_that_cannot_be_so_are_asked_back(
    squares: tuple[Square, ...], changes: dict[str, Any], name: str
) -> None:
    assert name in asked_back(squares, **changes)


def test_a_square_that_is_not_counted_to_the_end_is_no_zero() -> None:
    with pytest.raises(ValueError, match="not counted to the end"):
        count((Square(live=4),)).derived(RECORD)


def test_squares_are_read_back_as_they_were_written() -> None:
    entry = count((*loading("1", (90, 10)), *loading("2", (88, 12))))
    assert from_plain(CellCount, to_plain(entry)) == entry
