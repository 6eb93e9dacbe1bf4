"""Yield and labels accounted for: what recovery counting error explains, and where every label went."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.results.yields import recovery_limit_percent
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.counters import AnalyserCount
from labrecords.domain.steps.reconciliation import YieldReconciliation, recovery_limit, unexpected_recovery
from labrecords.domain.values.limits import round_half_up
from tests.support import story
from tests.support.clean import altered, entry_of, without
from tests.support.shipped import processed

RECORD = processed("bone_marrow_concentrate_one_spin")
LOOKED_INTO = "Counted again from the same dilution: the first count was clumped."


def reconciled(**changes: Any) -> YieldReconciliation:
    entry = entry_of(RECORD, "reconciliation")
    assert isinstance(entry, YieldReconciliation)
    return replace(entry, **changes)


def with_recovery_above(**changes: Any) -> BatchRecord:
    """A batch of which more cells came out than went in."""
    return altered(altered(RECORD, "final_container", volume_ml=Decimal("20.0")), "reconciliation", **changes)


def analysed(wbc_e9_per_l: Decimal) -> BatchRecord:
    """A batch whose product was counted by an analyser, which does not say how many cells it saw."""
    counted = entry_of(RECORD, "count_after")
    facts = story.facts_of_step(
        "analyser_after", now=counted.performed_at, patient="", identity="", people=dict.fromkeys(story.CAST, ""),
        equipment={story.CENTRIFUGE: "", story.ROTOR: ""},
    )  # fmt: skip
    made = AnalyserCount(
        id=counted.id, batch_id=counted.batch_id, step_key=counted.step_key, performed_by=counted.performed_by,
        recorded_by=counted.recorded_by, performed_at=counted.performed_at, recorded_at=counted.recorded_at,
        **facts | {"wbc_e9_per_l": wbc_e9_per_l},
    )  # fmt: skip
    return replace(RECORD, entries=tuple(made if item is counted else item for item in RECORD.entries))


@pytest.mark.parametrize(
    ("before", "after", "limit"), [(400, 400, "114.1"), (100, 100, "128.3"), (200, 400, "117.3")]
)
def test_two_combined_counting_errors_are_allowed_above_100_percent(
    before: int, after: int, limit: str
) -> None:
    # CV of 400 cells 5 %, of 200 cells 7.07 %, of 100 cells 10 % (domain 3.7).
    assert str(round_half_up(recovery_limit_percent(before, after), 1)) == limit


def test_the_limit_is_that_of_the_cells_that_were_counted() -> None:
    limit = recovery_limit(RECORD)
    assert limit is not None
    assert [part.value for part in limit.inputs] == ["452", "431"]
    assert (limit.reported, limit.formula_id) == ("113.5", "recovery-limit/1")


@pytest.mark.req("GMP-103")
def test_yield_and_recovery_are_shown_as_the_system_computes_them() -> None:
    shown = [derived.key for derived in reconciled().derived(RECORD)]
    assert shown == [
        "tnc_before",
        "tnc_after",
        "recovery_percent",
        "volume_reduction",
        "recovery_limit_percent",
    ]
    assert reconciled().summary(RECORD).startswith("recovery 64.1 %, 51.5 mL waste; labels: 6 printed")


def test_without_counts_nothing_is_computed_and_nothing_asked() -> None:
    record = without(RECORD, "count_after")
    assert [derived.key for derived in reconciled().derived(record)] == ["tnc_before", "volume_reduction"]
    assert unexpected_recovery(record) is None
    assert reconciled().summary(record).startswith("51.5 mL waste")


def test_an_expected_recovery_needs_no_investigation() -> None:
    assert unexpected_recovery(RECORD) is None
    assert reconciled().contradictions_in(RECORD) == {}
    assert findings(RECORD) == ()


def test_a_recovery_above_what_counting_error_allows_demands_an_investigation() -> None:
    record = with_recovery_above()
    wrong = reconciled().contradictions_in(record)
    assert list(wrong) == ["investigation"]
    assert "is above the 113.5 % that counting error allows" in wrong["investigation"]
    assert reconciled(investigation=LOOKED_INTO).contradictions_in(record) == {}


def test_the_investigation_stands_in_the_finding_and_without_one_it_blocks() -> None:
    found = next(item for item in findings(with_recovery_above()) if item.rule == "yield")
    assert (found.severity, found.sentence.endswith("It was not investigated.")) == (Severity.BLOCKING, True)
    looked = next(
        item for item in findings(with_recovery_above(investigation=LOOKED_INTO)) if item.rule == "yield"
    )
    assert looked.severity is Severity.EXCEPTION
    assert LOOKED_INTO in looked.sentence


@pytest.mark.req("GMP-192")
@pytest.mark.parametrize(("wbc", "demanded"), [("141.2", True), ("134.0", False)])
def test_where_nobody_knows_how_many_cells_were_counted_nothing_above_100_percent_is_explained(
    wbc: str, demanded: bool
) -> None:
    record = analysed(Decimal(wbc))
    assert recovery_limit(record) is None
    assert (
        "above 100 %, and the counting error is not known" in (unexpected_recovery(record) or "")
    ) is demanded
    assert ("yield" in {item.rule for item in findings(record)}) is demanded
    before = without(record, "reconciliation")
    assert ("investigate" in {item.rule for item in findings(before)}) is demanded


def test_a_recovery_outside_the_acceptance_of_the_process_demands_one_too() -> None:
    text = RECORD.process.results
    strict = tuple(
        replace(spec, limit=replace(spec.limit, acceptance=(Decimal(90), None)))
        if spec.key == "recovery_percent"
        else spec
        for spec in text
    )
    record = replace(RECORD, process=replace(RECORD.process, results=strict))
    assert "out of limits" in (unexpected_recovery(record) or "")


@pytest.mark.parametrize(
    ("used", "destroyed", "words"),
    [(5, 0, "1 unaccounted for"), (3, 1, "2 unaccounted for"), (6, 1, "1 more than were printed")],
)
def test_labels_that_do_not_add_up_stop_it(used: int, destroyed: int, words: str) -> None:
    (stop,) = stops_of(RECORD, reconciled(labels_used=used, labels_destroyed=destroyed))
    assert stop.rule == "labels"
    assert stop.sentence == f"6 labels were printed, {used} used and {destroyed} destroyed: {words}."
