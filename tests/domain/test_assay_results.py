"""Where tests stand, what that does to a release, and what is said when a late one fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from labrecords.domain.entries import CORRECTED, INVALIDATED
from labrecords.domain.evidence.signatures import CONDITIONAL, MEANINGS
from labrecords.domain.processes.process import Step
from labrecords.domain.record import BatchRecord, NotDone
from labrecords.domain.results.assay_results import AssayStanding, assay_standings, open_late_tests
from labrecords.domain.results.measurements import measurements
from labrecords.domain.review.decisions import (
    CONFORM,
    NOT_CONFORM,
    RELEASED,
    RESULTS_ADDED,
    release_stop,
    results_after,
    standing_decision,
)
from labrecords.domain.review.disposition import disposition_blockers
from labrecords.domain.review.release import deciding, decision_blockers, release_blockers
from labrecords.domain.rules.assay_findings import alarms
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, recorded_after, status
from labrecords.domain.values.limits import Outcome
from tests.support import assays
from tests.support.assays import after, clean, grown, injected_record, released_record, sampled_record
from tests.support.clean import altered, entry_of

LATER = timedelta(minutes=5)


def at(record: BatchRecord, key: str) -> AssayStanding:
    return next(item for item in assay_standings(record) if item.step.key == key)


def rules(record: BatchRecord) -> set[str]:
    return {item.rule for item in findings(record)}


def blocked(record: BatchRecord) -> dict[str, str]:
    return {item.step_key: item.rule for item in release_blockers(record, assays.when(record) + LATER)}


def without(record: BatchRecord, *keys: str) -> BatchRecord:
    return replace(record, entries=tuple(item for item in record.entries if item.step_key not in keys))


def left_out(record: BatchRecord, key: str) -> BatchRecord:
    note = NotDone(
        "n", record.batch.id, key, "The bottle broke.", record.batch.opened_by, assays.when(record)
    )
    return replace(without(record, key), not_done=(note,))


def signer(record: BatchRecord) -> str:
    return next(person.id for person in record.people if person.username == "quentin")


def disposing(record: BatchRecord, word: str) -> set[str]:
    return {item.rule for item in disposition_blockers(record, word, signer(record))}


# ---- states --------------------------------------------------------------------------------------------------------


def test_a_test_is_planned_until_something_is_recorded_and_a_blank_is_no_pass() -> None:
    record = assays.processed().record
    item = at(record, "sterility")
    assert (item.state, item.judgement.outcome, item.open) == ("planned", Outcome.NOT_DONE, True)
    assert not at(record, "cfu_f").open, "nobody has to begin an optional test"


@pytest.mark.parametrize(("state", "growth"), [("running", None), ("preliminary", False)])
def test_a_test_without_a_final_result_has_no_outcome(state: str, growth: bool | None) -> None:
    item = at(after(sampled_record(), "sterility", 3, state=state, growth=growth), "sterility")
    assert (item.state, item.judgement.outcome, item.open) == (state, Outcome.NOT_DONE, True)


def test_a_final_result_passes_or_fails() -> None:
    assert at(clean(sampled_record()), "sterility").judgement.sentence == "No growth in 14 days."
    assert at(clean(sampled_record()), "sterility").judgement.outcome is Outcome.PASS
    failed = at(grown(sampled_record()), "sterility")
    assert (failed.judgement.outcome, failed.judgement.sentence) == (
        Outcome.FAIL,
        "Growth, Cutibacterium acnes.",
    )


def test_growth_fails_at_once_though_the_report_is_preliminary() -> None:
    item = at(grown(sampled_record(), "preliminary", None), "sterility")
    assert item.fails
    assert item.open
    assert item.judgement.sentence == "Growth, organism not identified yet."


def test_a_number_is_judged_by_its_limit_and_the_rule_is_named() -> None:
    judgement = at(sampled_record(), "endotoxin").judgement
    assert (judgement.outcome, judgement.sentence) == (
        Outcome.PASS,
        "0.5 EU/mL is within the limit: at most 2.3 EU/mL. "
        "0.500 EU/mL is within the limit: at most 3.500 EU/mL.",
    )
    high = altered(sampled_record(), "endotoxin", below_lambda=False, measured_eu_per_ml=Decimal("0.24"))
    assert at(high, "endotoxin").fails
    assert "at most 2.3 EU/mL" in at(high, "endotoxin").judgement.rule


def test_a_test_with_wrong_controls_has_no_result() -> None:
    record = altered(sampled_record(), "endotoxin", spike_recovery_percent=Decimal(31))
    item = at(record, "endotoxin")
    assert (item.judgement.outcome, item.open) == (Outcome.NOT_DONE, True)
    assert "31 %" in item.judgement.sentence
    assert blocked(record) == {"endotoxin": "test not valid"}


def test_a_final_result_that_was_corrected_is_amended() -> None:
    record = after(sampled_record(), "gram", 0, follows_as=CORRECTED, fields_read=30)
    assert (at(record, "gram").state, at(record, "gram").open) == ("amended", False)
    assert "correction" in rules(record)


def test_the_next_report_is_no_correction() -> None:
    record = clean(sampled_record())
    assert "correction" not in rules(record)
    assert [len(one) for one in measurements(record.history("sterility"))] == [1, 1]


def test_an_invalidated_result_counts_for_nothing_and_stays_visible() -> None:
    failed = grown(sampled_record())
    record = after(failed, "sterility", 1, state=INVALIDATED)
    assert (at(record, "sterility").state, at(record, "sterility").fails) == (INVALIDATED, False)
    assert {"result invalidated", "earlier report failed"} <= rules(record)


def test_the_due_time_counts_from_the_sample_and_a_test_that_is_back_is_not_overdue() -> None:
    record = sampled_record()
    drawn, item = entry_of(record, "sample_after").performed_at, at(record, "sterility")
    assert item.due_at == drawn + timedelta(days=14)
    assert not item.overdue(item.due_at)
    assert item.overdue(item.due_at + timedelta(microseconds=1))
    assert not at(clean(record), "sterility").overdue(item.due_at + timedelta(days=3))
    assert at(record, "gram").due_at is None


# ---- release -------------------------------------------------------------------------------------------------------


def test_a_batch_is_released_while_its_late_tests_run() -> None:
    assert blocked(sampled_record()) == {}
    assert [item.step.key for item in open_late_tests(sampled_record())] == ["sterility"]
    assert deciding(sampled_record(), RELEASED) == CONDITIONAL
    assert "pending" in MEANINGS[CONDITIONAL]


def test_a_release_with_nothing_open_says_nothing_of_late_tests() -> None:
    assert deciding(clean(sampled_record()), RELEASED) == RELEASED


def reasons(record: BatchRecord) -> dict[str, tuple[str, str]]:
    """What stands in the way of release, with its way out, by step."""
    found = release_blockers(record, assays.when(record) + LATER)
    return {item.step_key: (item.sentence, item.way_out) for item in found}


@pytest.mark.req("GMP-165")
def test_a_late_test_that_was_never_started_blocks_release() -> None:
    record = without(sampled_record(), "sterility")
    assert blocked(record) == {"sterility": "late test idle"}
    number = record.process.step("sterility").number
    assert reasons(record)["sterility"] == (
        f"Step {number}, sterility of the product: its result comes after release, but it was never started.",
        "Record its sample where that is not recorded, and report the test as running.",
    )


@pytest.mark.parametrize("state", ["running", "preliminary"])
def test_a_late_test_on_its_way_is_enough_for_release(state: str) -> None:
    record = altered(sampled_record(), "sterility", state=state, growth=None if state == "running" else False)
    assert blocked(record) == {}


def test_a_late_test_that_was_set_aside_is_started_again_before_release() -> None:
    record = after(sampled_record(), "sterility", 0.01, state=INVALIDATED)
    assert blocked(record) == {"sterility": "late test idle"}
    assert blocked(after(record, "sterility", 0.01, state="running")) == {}


def test_a_late_test_of_an_unknown_sample_has_no_due_day_and_blocks_release() -> None:
    record = without(sampled_record(), "sample_after")
    assert at(record, "sterility").due_at is None
    assert "none of this batch" in reasons(record)["sterility"][0]


def test_an_optional_late_test_is_no_reason_until_it_was_started() -> None:
    record = sampled_record()
    optional = [step for step in record.process.late_tests if not step.required]
    assert optional
    assert not {step.key for step in optional} & set(blocked(record))


def test_a_late_test_that_was_left_out_blocks_release() -> None:
    assert blocked(left_out(sampled_record(), "sterility")) == {"sterility": "missing step"}


@pytest.mark.parametrize("key", assays.RELEASE_TESTS)
def test_release_waits_for_the_tests_that_are_not_late(key: str) -> None:
    assert blocked(without(sampled_record(), key)) == {key: "missing step"}


def test_release_waits_for_a_final_reviewed_result() -> None:
    running = altered(sampled_record(), "gram", state="running", result=None)
    assert blocked(running)["gram"] == "test open"
    confirmed = sampled_record().confirmations
    unseen = replace(
        sampled_record(), confirmations=tuple(item for item in confirmed if item.step_key != "gram")
    )
    assert blocked(unseen) == {"gram": "not verified"}


@pytest.mark.req("GMP-165")
def test_a_failing_test_blocks_release_late_or_not() -> None:
    seen = altered(sampled_record(), "gram", result="organisms seen", organism="Gram-positive cocci")
    assert blocked(seen) == {"gram": "test failed"}
    assert blocked(grown(sampled_record(), "preliminary"))["sterility"] == "test failed"
    (finding,) = (item for item in findings(seen) if item.rule == "test failed")
    assert finding.sentence == "Gram stain of the product: test failed: organisms seen: Gram-positive cocci."


def test_a_release_test_that_changes_after_the_release_takes_the_release_away() -> None:
    record = released_record()
    assert standing_decision(record)
    corrected = after(record, "gram", 1, follows_as=CORRECTED, result="organisms seen")
    assert standing_decision(corrected) is None
    assert "changed after decision" in rules(corrected)


def test_a_late_result_leaves_the_release_as_it_is() -> None:
    record = clean(released_record())
    assert standing_decision(record)
    assert status(record) is Status.RELEASED
    assert "changed after decision" not in rules(record)


# ---- late failures -------------------------------------------------------------------------------------------------


def test_a_product_whose_late_test_failed_after_release_is_not_used() -> None:
    record = grown(released_record())
    stop = release_stop(record, assays.when(record))
    assert stop is not None
    assert stop.critical
    assert "Cutibacterium acnes" in stop.sentence
    assert release_stop(record, assays.when(released_record()) + LATER * 2) is None, "it was not known then"


@pytest.mark.parametrize(
    ("record", "words"), [(released_record(), "after release"), (injected_record(), "after injection")]
)
def test_a_late_test_that_fails_is_critical_and_names_the_organism(record: BatchRecord, words: str) -> None:
    (finding,) = alarms(grown(record))
    assert finding.severity is Severity.CRITICAL
    assert finding.sentence == (
        f"Sterility of the product: late test failed {words}: growth, Cutibacterium acnes."
    )
    assert finding in findings(grown(record))


def test_nothing_alarms_while_a_late_test_runs_or_passes() -> None:
    assert alarms(injected_record()) == ()
    assert alarms(clean(injected_record())) == ()


def test_a_failed_test_of_a_product_that_was_injected_all_the_same_is_critical() -> None:
    record = altered(injected_record(), "endotoxin", spike_recovery_percent=Decimal(104), below_lambda=False,
                     measured_eu_per_ml=Decimal(1))  # fmt: skip
    (finding,) = alarms(record)
    assert "before the product was injected all the same" in finding.sentence


def test_a_late_result_does_not_open_a_closed_batch_again() -> None:
    example = assays.injected()
    example.close()
    example.seal()
    closed = example.record
    assert status(closed) is Status.CLOSED
    for record in (clean(closed), grown(closed), left_out(closed, "sterility")):
        assert status(record) is Status.CLOSED
    closure = closed.closures[-1].closed_at
    assert results_after(clean(closed), closure)
    assert not recorded_after(clean(closed), closure)
    corrected = after(closed, "gram", 1, follows_as=CORRECTED, fields_read=30)
    assert status(corrected) is Status.ADMINISTERED, "a test that release rests on is no late result"


# ---- final disposition ---------------------------------------------------------------------------------------------


def test_a_product_conforms_once_every_late_test_is_final_reviewed_and_passes() -> None:
    assert disposing(injected_record(), CONFORM) == {"test open"}
    assert disposing(clean(injected_record()), CONFORM) == {"not verified"}
    assert disposing(grown(injected_record()), CONFORM) >= {"test failed"}
    assert disposing(left_out(injected_record(), "sterility"), CONFORM) == {"missing step"}


def test_a_product_does_not_conform_only_where_a_test_failed_or_was_left_out() -> None:
    assert disposing(injected_record(), NOT_CONFORM) == {"nothing failed"}
    assert disposing(left_out(injected_record(), "sterility"), NOT_CONFORM) == set()
    assert disposing(grown(injected_record(), "preliminary"), NOT_CONFORM) == set()


def test_results_are_added_only_when_there_are_new_ones() -> None:
    assert disposing(injected_record(), RESULTS_ADDED) == {"nothing new"}
    assert disposing(clean(injected_record()), RESULTS_ADDED) == set()


def test_who_took_part_and_who_has_nothing_released_sign_no_disposition() -> None:
    record = clean(injected_record())
    tess = next(person.id for person in record.people if person.username == "tess")
    found = {item.rule for item in disposition_blockers(record, RESULTS_ADDED, tess)}
    assert found == {"took part"}
    assert "not decided" in disposing(clean(sampled_record()), RESULTS_ADDED)


def test_a_process_without_late_tests_has_no_disposition() -> None:
    process = injected_record().process
    steps = tuple(replace(step, late=False) for step in process.steps)
    record = replace(injected_record(), process=replace(process, steps=steps))
    assert "no late test" in disposing(record, CONFORM)


def test_the_steps_a_release_rests_on_are_the_processing_and_the_tests_it_waits_for() -> None:
    process = sampled_record().process

    def keys(steps: tuple[Step, ...]) -> set[str]:
        return {step.key for step in steps}

    assert keys(process.decisive) == {*keys(process.phase("processing")), "gram", "endotoxin"}
    assert keys(process.late_tests) == {"sterility", "cfu_f", "flow"}


def test_who_took_part_decides_nothing_and_an_invalidation_is_no_part() -> None:
    record = after(sampled_record(), "sterility", 1, state=INVALIDATED, recorded_by=signer(sampled_record()),
                   performed_by=signer(sampled_record()))  # fmt: skip
    found = decision_blockers(record, "on hold", signer(record), assays.when(record))
    assert "took part" not in {item.rule for item in found}
