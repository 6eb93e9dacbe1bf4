"""Reports of tests through the door: running, preliminary, final, set aside, repeated, and what QA signs at the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labrecords.actions import assays
from labrecords.actions.door import Invalid, Refused
from labrecords.actions.mixups import Stopped
from labrecords.domain.results.assay_results import assay_standings
from labrecords.domain.results.assays import Assay
from labrecords.domain.review.decisions import CONFORM, NOT_CONFORM, RESULTS_ADDED, final_disposition
from labrecords.domain.rules.assay_findings import alarms
from labrecords.domain.rules.findings import findings
from labrecords.domain.status import Status, status
from labrecords.domain.steps.sterility import Read
from labrecords.models.batch_record import batch_chain, events_of
from labrecords.models.register import standing
from tests.support import qc
from tests.support.lab import Lab, refusal


def state(lab: Lab, number: str, key: str) -> str:
    return next(item.state for item in assay_standings(lab.record(number)) if item.step.key == key)


def acts(lab: Lab, number: str) -> list[str]:
    with lab.store.read() as session:
        return [
            json.loads(event)["act"] for event in events_of(session, batch_chain(lab.record(number).batch.id))
        ]


def current(lab: Lab, number: str, key: str) -> Assay:
    entry = lab.record(number).current(key)
    assert isinstance(entry, Assay)
    return entry


def problems(lab: Lab, number: str, key: str, **changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as wrong:
        qc.report(lab, number, key, 1, **changes)
    return wrong.value.problems


def test_a_culture_runs_is_read_and_ends_and_every_report_stays(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert state(lab, number, "sterility") == "running"
    qc.report(lab, number, "sterility", 2, reads=(Read(day=2, growth=False),))
    reads = (Read(day=2, growth=False), Read(day=7, growth=False))
    qc.report(lab, number, "sterility", 5, state="preliminary", growth=False, reads=reads)
    assert state(lab, number, "sterility") == "preliminary"
    qc.report(lab, number, "sterility", 7, state="final", growth=False)
    record = lab.record(number)
    assert [entry.follows_as for entry in record.history("sterility")] == [
        None,
        "reported",
        "reported",
        "reported",
    ]
    assert state(lab, number, "sterility") == "final"
    assert {"correction", "late entry"}.isdisjoint({item.rule for item in findings(record)})


def test_a_report_that_was_recorded_late_says_why(lab: Lab) -> None:
    number = qc.sampled(lab)
    lab.clock.tick(15 * qc.DAY)
    old = lab.record(number).current("sterility")
    assert isinstance(old, Assay)
    then = lab.clock.now
    lab.clock.tick(20)
    reading = lab.reading(number, "sterility", sample_code="S-2", received_at=old.received_at,
                          started_at=old.started_at, performed_at=then)  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        assays.report_test(
            lab.by("tess"), step=lab.step(number, "sterility"), replaces=old.id, reading=reading
        )
    assert set(wrong.value.problems) == {"late_reason"}


def test_a_final_result_is_not_reported_again(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert refusal(lambda: qc.report(lab, number, "gram", 1, fields_read=40)) == ("final",)
    finished = current(lab, number, "gram").finished_at
    lab.correct_step(number, "gram", "Counted again on the slide.", fields_read=40, finished_at=finished)
    assert state(lab, number, "gram") == "amended"


def test_the_next_report_changes_nothing_that_was_stated(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert set(problems(lab, number, "sterility", method="QC-010")) == {"method"}
    assert set(problems(lab, number, "sterility", bottles=())) == {"bottles"}
    qc.report(lab, number, "sterility", 3, state="preliminary", growth=False)
    assert set(problems(lab, number, "sterility", state="running", growth=None)) == {"state"}


def test_a_report_on_another_version_than_the_newest_is_refused(lab: Lab) -> None:
    number = qc.sampled(lab)
    old = lab.record(number).current("sterility")
    assert old is not None
    qc.report(lab, number, "sterility", 1)
    reading = lab.reading(number, "sterility")
    step = lab.step(number, "sterility")
    by = lab.by("tess")
    assert refusal(lambda: assays.report_test(by, step=step, replaces=old.id, reading=reading)) == (
        "corrected",
    )


def test_a_step_that_is_no_test_has_no_reports(lab: Lab) -> None:
    number = lab.play("receipt")
    assert refusal(lambda: qc.report(lab, number, "receipt", 0)) == ("corrected",)


def test_a_test_of_an_unknown_sample_is_stopped(lab: Lab) -> None:
    number = qc.by_filtration(lab)
    qc.recorded(lab, number, *(step.key for step in lab.record(number).process.phase("processing")))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "gram", sample_code="S-99")
    assert stopped.value.stops[0].critical


def test_quality_assurance_sets_a_result_aside_and_the_test_begins_anew(lab: Lab) -> None:
    number = qc.sampled(lab)
    qc.grown(lab, number)
    qc.invalidate(lab, number, "sterility")
    assert acts(lab, number)[-1] == "test.invalidated"
    assert state(lab, number, "sterility") == "invalidated"
    record = lab.record(number)
    assert record.signatures[-1].meaning == "Result of the test invalidated"
    assert lab.id("quentin") not in record.participants()
    assert {"result invalidated", "earlier report failed"} <= {item.rule for item in findings(record)}
    qc.report(lab, number, "sterility", 1, state="running", growth=None, organism=None, finished_at=None)
    assert acts(lab, number)[-1] == "sterility.repeated"
    assert state(lab, number, "sterility") == "running"
    assert current(lab, number, "sterility").reason == "The incubator was off for two days."


def test_an_invalidated_result_is_not_corrected_nor_invalidated_again(lab: Lab) -> None:
    number = qc.sampled(lab)
    qc.invalidate(lab, number, "gram")
    assert refusal(lambda: lab.correct_step(number, "gram", "Read anew.", state="final")) == ("invalidated",)
    assert refusal(lambda: qc.invalidate(lab, number, "gram")) == ("invalidated",)


def test_who_took_part_and_who_has_no_right_set_no_result_aside(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert refusal(lambda: qc.invalidate(lab, number, "gram", by="tess")) == ("permission",)
    second = qc.by_filtration(lab)
    batch_by_qa = lab.open_batch("quentin", process=lab.record(second).process.digest)
    qc.recorded(
        lab, batch_by_qa, *(step.key for step in lab.record(second).process.phase("processing")), "gram"
    )
    assert refusal(lambda: qc.invalidate(lab, batch_by_qa, "gram")) == ("took part",)


def test_an_invalidation_says_why(lab: Lab) -> None:
    number = qc.sampled(lab)
    with pytest.raises(Invalid) as wrong:
        qc.invalidate(lab, number, "gram", "error")
    assert set(wrong.value.problems) == {"reason"}


def test_a_batch_with_late_tests_is_released_used_closed_and_found_to_conform(lab: Lab) -> None:
    number = qc.injected(lab)
    record = lab.record(number)
    signed = next(item for item in record.signatures if item.id == record.decisions[0].signature_id)
    assert signed.meaning == "Reviewed, and approved for release; late tests are pending"
    closing = lab.close_administration(number)
    assert closing.sha256, closing.reason
    assert refusal(lambda: qc.dispose(lab, number, CONFORM)) == ("test open",)
    qc.clean(lab, number)
    assert status(lab.record(number)) is Status.CLOSED
    with lab.store.read() as session:
        assert standing(session, closing.sha256) == "superseded"
    final = qc.dispose(lab, number, CONFORM)
    assert final.sha256, final.reason
    with lab.store.read() as session:
        assert standing(session, final.sha256) == "current"
    made = final_disposition(lab.record(number))
    assert made is not None
    assert made.decision == CONFORM
    assert refusal(lambda: qc.dispose(lab, number, CONFORM)) == ("decided",)
    assert status(lab.record(number)) is Status.CLOSED


def test_growth_after_the_closing_is_critical_and_ends_in_a_disposition(lab: Lab) -> None:
    number = qc.injected(lab)
    assert lab.close_administration(number).sha256
    qc.grown(lab, number)
    (alarm,) = alarms(lab.record(number))
    assert alarm.sentence.endswith("late test failed after injection: growth, Cutibacterium acnes.")
    assert "test failed" in refusal(lambda: qc.dispose(lab, number, CONFORM))
    with pytest.raises(Invalid):
        qc.dispose(lab, number, NOT_CONFORM)
    sealed = qc.dispose(lab, number, NOT_CONFORM, "Growth in both bottles; the physician was called.")
    assert sealed.sha256, sealed.reason


def test_interim_results_go_into_a_document_of_their_own(lab: Lab) -> None:
    number = qc.injected(lab)
    assert lab.close_administration(number).sha256
    assert refusal(lambda: qc.dispose(lab, number, RESULTS_ADDED)) == ("nothing new",)
    qc.report(lab, number, "sterility", 7, state="preliminary", growth=False)
    assert qc.dispose(lab, number, RESULTS_ADDED).sha256
    assert final_disposition(lab.record(number)) is None
    assert refusal(lambda: qc.dispose(lab, number, RESULTS_ADDED)) == ("nothing new",)


def test_only_quality_assurance_signs_a_disposition_and_only_in_its_words(lab: Lab) -> None:
    number = qc.injected(lab)
    with pytest.raises(Refused):
        qc.dispose(lab, number, RESULTS_ADDED, by="paula")
    with pytest.raises(Invalid):
        qc.dispose(lab, number, "fine")


def test_growth_before_the_injection_stops_the_use_of_a_released_product(lab: Lab) -> None:
    number = qc.sampled(lab)
    assert lab.decide(number).sha256
    qc.report(lab, number, "sterility", 0.01, state="preliminary", growth=True)
    lab.clock.tick(2)
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "handover_theatre")
    assert "test failed" in {stop.rule for stop in stopped.value.stops}
