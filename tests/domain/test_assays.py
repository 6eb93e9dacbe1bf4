"""Kinds of tests: what each report can state, what its controls decide, and the numbers that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.entries import left_empty, problems
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.assays import FINAL, PRELIMINARY, RUNNING, Assay, Reagent, report_problems
from labrecords.domain.rules.findings import stops_of
from labrecords.domain.steps.colonies import ColonyCount, Dish
from labrecords.domain.steps.counts import CellCount
from labrecords.domain.steps.endotoxin import Endotoxin
from labrecords.domain.steps.flow_panel import MARKERS, FlowPanel, Marker, key_of
from labrecords.domain.steps.sterility import Read, Sterility
from tests.support import assays, story
from tests.support.clean import altered, entry_of

PROCESSED = assays.processed().record
NOW = assays.when(PROCESSED) + timedelta(minutes=5)
KEYS = ("gram", "endotoxin", "sterility", "mycoplasma", "cfu_f", "flow")
KIND_OF = {
    "gram": "gram_stain", "endotoxin": "endotoxin", "sterility": "sterility", "mycoplasma": "mycoplasma",
    "cfu_f": "cfu_f", "flow": "flow_panel",
}  # fmt: skip


def stated(key: str, **changes: Any) -> dict[str, Any]:
    people = dict.fromkeys(story.CAST, "")
    equipment = {story.CENTRIFUGE: "", story.ROTOR: ""}
    return (
        story.facts_of_step(key, now=NOW, patient="", identity="", people=people, equipment=equipment)
        | changes
    )


def wrong(key: str, **changes: Any) -> dict[str, str]:
    """What cannot be a fact of this report."""
    process = read_process(assays.filtration())
    step = process.step(key) if key != "mycoplasma" else process.step("gram")
    return problems(KINDS[KIND_OF[key]], stated(key, **changes), replace(step, limits={}))


def of(record: BatchRecord, key: str) -> Assay:
    entry = entry_of(record, key)
    assert isinstance(entry, Assay)
    return entry


@pytest.mark.parametrize("key", KEYS)
def test_the_story_of_each_test_can_be_recorded(key: str) -> None:
    assert wrong(key) == {}


@pytest.mark.parametrize(
    ("key", "fact", "value"),
    [
        ("gram", "result", "no organisms seen"),
        ("endotoxin", "measured_eu_per_ml", Decimal("0.2")),
        ("sterility", "growth", False),
        ("mycoplasma", "result", "detected"),
        ("cfu_f", "dishes", (Dish(colonies=12),)),
        ("flow", "viability_percent", Decimal(90)),
    ],
)
def test_a_running_test_has_no_result(key: str, fact: str, value: Any) -> None:
    nothing = dict.fromkeys(type_of(key).outcome_facts) | {"finished_at": None}
    assert wrong(key, state=RUNNING, **nothing) == {}
    found = wrong(key, state=RUNNING, **nothing | {fact: value})
    assert found[fact].startswith("A running test has no result.")


def type_of(key: str) -> type[Assay]:
    kind = KINDS[KIND_OF[key]]
    assert issubclass(kind, Assay)
    return kind


@pytest.mark.parametrize("key", KEYS)
def test_a_preliminary_report_states_something(key: str) -> None:
    nothing = dict.fromkeys(type_of(key).outcome_facts)
    assert wrong(key, state=PRELIMINARY, **nothing)[type_of(key).outcome_facts[0]]


@pytest.mark.parametrize("key", KEYS)
def test_a_final_report_states_everything_that_makes_a_result(key: str) -> None:
    kind = type_of(key)
    nothing = dict.fromkeys((*kind.final_facts, *kind.outcome_facts, "finished_at"))
    found = wrong(key, state=FINAL, **nothing)
    assert set(found) >= {*kind.final_facts, "finished_at"}
    assert found["finished_at"] == "A final report states it: test finished at."


def test_a_test_does_not_start_before_its_sample_came_nor_end_before_it_started() -> None:
    early = NOW - timedelta(hours=2)
    assert "before its sample was received" in wrong("gram", started_at=early)["started_at"]
    assert "before it started" in wrong("gram", finished_at=early)["finished_at"]


def test_what_a_running_test_cannot_state_yet_is_not_left_empty() -> None:
    step = read_process(assays.filtration()).step("sterility")
    assert left_empty(Sterility, stated("sterility"), step) == ()
    final = stated("sterility", state=FINAL, growth=False, finished_at=NOW)
    assert [fact.name for fact in left_empty(Sterility, final, step)] == [
        "registered_instrument", "instrument", "reagents", "file_name", "reads", "organism",
    ]  # fmt: skip


# ---- sterility -----------------------------------------------------------------------------------------------------


def test_no_growth_before_the_incubation_is_over_is_not_final() -> None:
    early = wrong("sterility", state=FINAL, growth=False, finished_at=NOW + timedelta(days=7))
    assert "no growth before they are over is a preliminary result" in early["state"]
    assert wrong("sterility", state=PRELIMINARY, growth=False) == {}
    on_time = NOW + timedelta(days=14, hours=-3)
    assert wrong("sterility", state=FINAL, growth=False, finished_at=on_time) == {}


def test_growth_is_final_on_the_day_it_is_confirmed() -> None:
    assert wrong("sterility", state=FINAL, growth=True, finished_at=NOW + timedelta(days=3)) == {}


def test_a_reading_with_growth_is_not_hidden_in_a_running_test_or_a_clean_result() -> None:
    reads = (Read(day=1, growth=False), Read(day=3, growth=True))
    assert "Growth was seen on day 3" in wrong("sterility", reads=reads)["state"]
    assert "day 3" in wrong("sterility", state=PRELIMINARY, growth=False, reads=reads)["growth"]
    clean = wrong("sterility", state=PRELIMINARY, growth=False, organism="Cutibacterium acnes")
    assert clean["organism"] == "Without growth there is no organism."


def test_every_bottle_of_a_culture_is_a_lot_that_is_checked() -> None:
    culture = of(assays.sampled_record(), "sterility")
    assert [item.lot for item in culture.materials()] == ["FA-31", "FN-17"]
    record = altered(
        assays.sampled_record(),
        "gram",
        reagents=(Reagent(name="Safranin", lot="SF-1", expiry=date(2026, 11, 1)),),
    )
    assert [stop.rule for stop in stops_of(record, entry_of(record, "gram"))] == ["expired lot"]


# ---- endotoxin -----------------------------------------------------------------------------------------------------


def test_endotoxin_is_what_was_measured_times_the_dilution() -> None:
    record = altered(
        assays.sampled_record(), "endotoxin", below_lambda=False, measured_eu_per_ml=Decimal("0.12")
    )
    found, *_ = record.derived(entry_of(record, "endotoxin"))
    assert (found.value, found.reported, found.unit) == (Decimal("1.20"), "1.20", "EU/mL")
    assert [item.value for item in found.inputs] == ["0.12", "(1 + 9) / 1"]


def test_below_the_lowest_standard_it_is_at_most_the_standard_times_the_dilution() -> None:
    found, *_ = assays.sampled_record().derived(entry_of(assays.sampled_record(), "endotoxin"))
    assert (found.value, found.label) == (Decimal("0.50"), "Endotoxin in the product, less than")


def test_an_endotoxin_result_is_measured_or_below_the_lowest_standard_and_not_both() -> None:
    neither = wrong("endotoxin", below_lambda=None)
    assert neither == {
        "measured_eu_per_ml": "State what was measured, or that it is below the lowest standard."
    }
    assert wrong("endotoxin", measured_eu_per_ml=Decimal("0.1"))["measured_eu_per_ml"]


@pytest.mark.parametrize(
    ("recovered", "valid"), [("49.9", False), ("50", True), ("104", True), ("200", True), ("200.1", False)]
)
def test_the_spike_is_recovered_from_50_to_200_per_cent_or_there_is_no_result(
    recovered: str, valid: bool
) -> None:
    test = of(assays.sampled_record(), "endotoxin")
    assert isinstance(test, Endotoxin)
    assert bool(replace(test, spike_recovery_percent=Decimal(recovered)).invalid()) is not valid


# ---- colonies and markers ------------------------------------------------------------------------------------------


def colonies(*counts: int) -> tuple[BatchRecord, ColonyCount]:
    example = assays.sampled()
    entry = example.step(
        "cfu_f", **stated("cfu_f", state=FINAL, day=10, stain="crystal violet", finished_at=example.now,
                          received_at=example.now, started_at=example.now,
                          dishes=tuple(Dish(colonies=count) for count in counts))
    )  # fmt: skip
    assert isinstance(entry, ColonyCount)
    return example.record, entry


def test_colonies_per_million_cells_and_per_ml_come_with_their_poisson_interval() -> None:
    record, entry = colonies(9, 8, 8)
    frequency, per_ml = record.derived(entry)
    assert (frequency.reported, per_ml.unit) == ("16.7", "/mL")
    # 25 colonies: 16.2 to 36.9 (domain 3.7), in 1.5 million cells
    assert frequency.low is not None
    assert frequency.high is not None
    assert (round(frequency.low * Decimal("1.5"), 1), round(frequency.high * Decimal("1.5"), 1)) == (
        Decimal("16.2"),
        Decimal("36.9"),
    )
    counted = entry_of(record, "count_after")
    assert isinstance(counted, CellCount)
    assert round(per_ml.value, 6) == round(frequency.value * counted.concentration_per_ml() / 1000000, 6)


def test_no_colony_at_all_is_a_result_with_an_upper_end() -> None:
    record, entry = colonies(0, 0, 0)
    frequency, _ = record.derived(entry)
    assert (frequency.value, frequency.low) == (Decimal(0), Decimal(0))
    assert frequency.high is not None
    assert frequency.high > 2


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6))
def test_the_frequency_lies_within_its_interval(counts: list[int]) -> None:
    entry = replace(COLONIES[1], dishes=tuple(Dish(colonies=count) for count in counts))
    frequency = entry.derived(COLONIES[0])[0]
    assert frequency.low is not None
    assert frequency.high is not None
    assert frequency.low <= frequency.value <= frequency.high


COLONIES = colonies(1)


def test_a_share_of_cells_has_the_interval_of_its_events() -> None:
    example = assays.sampled()
    entry = example.step("flow", **stated("flow", received_at=example.now, started_at=example.now,
                                          finished_at=example.now,
                                          markers=(Marker(marker="CD90", parent="viable",
                                                          percent=Decimal("80.0"), events=150),)))  # fmt: skip
    (share,) = example.record.derived(entry)
    assert share.key == "cd90_percent"
    # 120 of 150: 72.9 to 85.6 (domain 3.3)
    assert share.low is not None
    assert share.high is not None
    assert (round(share.low, 1), round(share.high, 1)) == (Decimal("72.9"), Decimal("85.6"))


def test_a_marker_table_holds_each_marker_once_with_a_possible_share() -> None:
    rows = (
        Marker(marker="CD45", parent="all", percent=Decimal("100.1"), events=10),
        Marker(marker="CD45", parent="all", percent=Decimal(5), events=0),
    )
    assert set(wrong("flow", markers=rows)) == {"markers-0-percent", "markers-1-events", "markers-1-marker"}
    assert "viability_percent" in wrong("flow", viability_percent=Decimal("100.1"))


def test_every_marker_has_a_name_of_its_own_in_limits() -> None:
    assert len({key_of(marker) for marker in MARKERS}) == len(MARKERS)
    assert key_of("HLA-DR") == "hla_dr_percent"
    assert FlowPanel.derived_keys == tuple(key_of(marker) for marker in MARKERS)


# ---- samples and the next report -----------------------------------------------------------------------------------


def test_a_sample_of_another_patient_stops_the_test() -> None:
    record = altered(assays.sampled_record(), "gram", sample_code="S-99")
    (stop,) = stops_of(record, entry_of(record, "gram"))
    assert (stop.rule, stop.critical, stop.expected, stop.found) == ("identity", True, "S-2", "S-99")


def test_a_sample_is_not_received_before_it_was_drawn() -> None:
    record = assays.sampled_record()
    drawn = entry_of(record, "sample_after").performed_at
    early = altered(record, "gram", received_at=drawn - timedelta(minutes=2))
    assert [stop.rule for stop in stops_of(early, entry_of(early, "gram"))] == ["order of times"]


def test_a_test_stands_outside_the_order_of_steps() -> None:
    example = assays.processed()
    entry = example.step("sterility")
    assert stops_of(example.record, entry) == ()
    later = example.step("handover_theatre", happened_reason="Before the release.")
    assert "order of steps" not in {stop.rule for stop in stops_of(example.record, later)}
    assert example.record.next_step().key == "bedside"  # type: ignore[union-attr]


def next_report(**changes: Any) -> dict[str, str]:
    old = of(assays.sampled_record(), "sterility")
    return report_problems(old, replace(old, **changes))


def test_the_next_report_adds_and_takes_nothing_back() -> None:
    assert next_report(state=PRELIMINARY, growth=False) == {}
    assert set(next_report(method="QC-010", sample_code="S-1")) == {"method", "sample_code"}
    bottles = of(assays.sampled_record(), "sterility").bottles  # type: ignore[attr-defined]
    assert set(next_report(bottles=bottles[:1])) == {"bottles"}
    assert next_report(bottles=(*bottles, bottles[0])) == {}


def test_a_test_with_a_preliminary_result_does_not_run_again() -> None:
    old = replace(of(assays.sampled_record(), "sterility"), state=PRELIMINARY)
    assert set(report_problems(old, replace(old, state=RUNNING))) == {"state"}


def test_every_fact_of_a_result_is_a_fact_that_may_be_empty() -> None:
    for key in KEYS:
        optional = {fact.name for fact in facts_of(type_of(key)) if not fact.required}
        assert {*type_of(key).outcome_facts, *type_of(key).final_facts} <= optional
