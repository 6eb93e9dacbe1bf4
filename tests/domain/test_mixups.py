"""Mix-ups: which codes are foreign, what a lock stops and what goes on, and how it is lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from labrecords.domain.custody.mixups import (
    LOCKED,
    MIXED_UP,
    MixupLock,
    foreign_codes,
    lock_stops,
    mixup_findings,
    sentence_of,
    stands,
)
from labrecords.domain.entries import Stop
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.investigation import (
    Investigation,
    may_be_investigated,
    name_of,
    with_investigation,
)
from labrecords.domain.rules.finding import Severity
from tests.support.clean import clean


def locked(record: BatchRecord, *, before: str, belongs_to: str = "KRK-26-0002") -> BatchRecord:
    """The record with a lock that was set just before this step was recorded."""
    entry = record.current(before)
    assert entry is not None
    lock = MixupLock(
        id="1",
        batch_id=record.batch.id,
        step_key=record.process.steps[0].key,
        found="P7QX-4M2K",
        happened_in=record.batch.number,
        belongs_to=belongs_to,
        person_id=entry.recorded_by,
        locked_at=entry.recorded_at - timedelta(microseconds=1),
    )
    return replace(record, locks=(lock,))


def lifted(record: BatchRecord, before: str) -> BatchRecord:
    entry = record.current(before)
    assert entry is not None
    found = Investigation(
        id="2",
        batch_id=record.batch.id,
        step_key=record.locks[0].step_key,
        rule=MIXED_UP,
        sentence=sentence_of(record, record.locks[0]),
        reason="Both bags were typed again.",
        person_id=entry.recorded_by,
        signature_id="3",
        recorded_at=entry.recorded_at - timedelta(microseconds=1),
    )
    return replace(record, investigations=(found,))


def stopped(record: BatchRecord) -> list[str]:
    """Keys of the steps that a lock stops, in their order."""
    return [entry.step_key for entry in record.current_entries() if lock_stops(record, entry)]


def test_only_codes_of_critical_stops_about_identity_are_foreign() -> None:
    wrong = Stop("identity", "Wrong patient.", "Stop.", critical=True, expected="P-1", found="P-2")
    others = (
        replace(wrong, found=""),
        replace(wrong, critical=False, found="P-3"),
        replace(wrong, rule="sequence", found="P-4"),
    )
    assert foreign_codes((wrong, *others, wrong)) == ("P-2",)


def test_a_lock_stops_what_is_done_with_the_product_after_it_and_nothing_before() -> None:
    record = clean()
    assert stopped(record) == []
    found = stopped(locked(record, before="spin_1"))
    assert found
    assert found[0] == "spin_1"
    kinds = {record.process.step(key).kind for key in found}
    assert not kinds & {"order", "identity_check", "line_clearance", "handover", "storage"}
    spun = record.current("spin_1")
    assert spun is not None
    # A locked product is offered to quality assurance alone; who does not want it must be able to say so.
    for key, ends in (("offer-1", 1), ("refusal-1", 0), ("division-1", 1)):
        assert len(lock_stops(locked(record, before="spin_1"), replace(spun, step_key=key))) == ends
    assert {stop.rule for stop in _stops(locked(record, before="spin_1"), "spin_1")} == {LOCKED}


def _stops(record: BatchRecord, key: str) -> tuple[Stop, ...]:
    entry = record.current(key)
    assert entry is not None
    return lock_stops(record, entry)


def test_what_comes_after_the_lock_was_lifted_is_free_again() -> None:
    record = locked(clean(), before="spin_1")
    again = lifted(record, "count_after")
    assert "spin_1" in stopped(again)
    assert "count_after" not in stopped(again)
    assert "count_after" in stopped(record)


def test_a_lock_is_a_critical_finding_until_it_is_lifted() -> None:
    record = locked(clean(), before="spin_1")
    (finding,) = mixup_findings(record)
    assert finding.severity is Severity.CRITICAL
    assert may_be_investigated(finding)
    assert with_investigation(record, finding).severity is Severity.CRITICAL
    assert "KRK-26-0002" in finding.sentence
    after = with_investigation(lifted(record, "count_after"), finding)
    assert after.severity is Severity.EXCEPTION
    assert "Both bags were typed again." in after.sentence
    assert stands(record, "p7qx4m2k", "KRK-26-0002")
    assert not stands(lifted(record, "count_after"), "p7qx4m2k", "KRK-26-0002")


def test_the_other_batch_says_where_its_code_was_given() -> None:
    record = locked(clean(), before="spin_1", belongs_to="KRK-26-0001")
    other = replace(record, batch=replace(record.batch, number="KRK-26-0009"))
    assert sentence_of(other, record.locks[0]).startswith(
        f"Mix-up: in a step of batch {record.batch.number} "
    )
    alone = locked(clean(), before="spin_1", belongs_to="")
    assert "belongs to another patient. The product is locked." in sentence_of(alone, alone.locks[0])


def test_a_lock_that_was_lifted_does_not_lift_the_next_one_for_the_same_code() -> None:
    record = lifted(locked(clean(), before="spin_1"), "count_after")
    (first,) = record.locks
    (signed,) = record.investigations
    again = replace(record, locks=(first, replace(first, id="4", locked_at=signed.recorded_at)))
    before, after = (with_investigation(again, finding) for finding in mixup_findings(again))
    assert (before.severity, after.severity) == (Severity.EXCEPTION, Severity.CRITICAL)
    assert len({name_of(finding) for finding in mixup_findings(again)}) == 2
    assert "count_after" in stopped(again)
    assert stands(again, "p7qx4m2k", "KRK-26-0002")
