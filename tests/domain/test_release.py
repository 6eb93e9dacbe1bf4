"""What stands in the way of a decision, of closing and of voiding: every reason by itself, and all together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.evidence.signatures import MEANINGS
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.balance import balance
from labrecords.domain.results.expiry import use_before
from labrecords.domain.review.decisions import DESTROY, FAILED, ON_HOLD, REJECTED, RELEASED, release_stop
from labrecords.domain.review.release import (
    Blocker,
    closing,
    closure_blockers,
    decision_blockers,
    release_blockers,
    void_blockers,
)
from labrecords.domain.status import Status, status
from labrecords.domain.steps.counts import Square
from tests.support.clean import LAST, REVIEWED, altered, clean, entry_of, person_id, played, without
from tests.support.example_pen import Example
from tests.support.story import number_of

RECORD = clean(REVIEWED)
NOW = entry_of(RECORD, REVIEWED).recorded_at
QUENTIN, PAULA, TESS = (person_id(RECORD, name) for name in ("quentin", "paula", "tess"))


def only(found: tuple[Blocker, ...]) -> Blocker:
    assert len(found) == 1, found
    assert found[0].way_out
    return found[0]


def releasing(record: BatchRecord, now: datetime = NOW) -> Blocker:
    return only(decision_blockers(record, RELEASED, QUENTIN, now))


def rules(found: tuple[Blocker, ...]) -> set[str]:
    return {blocker.rule for blocker in found}


def decided(decision: str, *, sealed: bool = True) -> Example:
    example = played(REVIEWED)
    example.decide(decision)
    if sealed:
        example.seal()
    return example


@pytest.mark.parametrize("decision", [RELEASED, REJECTED, ON_HOLD])
def test_nothing_stands_in_the_way_of_a_complete_batch(decision: str) -> None:
    assert decision_blockers(RECORD, decision, QUENTIN, NOW) == ()


@pytest.mark.req("GMP-22", "P11-10g")
@pytest.mark.parametrize("decision", [RELEASED, REJECTED, ON_HOLD])
@pytest.mark.parametrize("name", ["tess", "vic", "paula"])
def test_who_took_part_decides_nothing(name: str, decision: str) -> None:
    blocker = only(decision_blockers(RECORD, decision, person_id(RECORD, name), NOW))
    assert (blocker.rule, blocker.sentence) == ("took part", "You took part in this batch.")


@pytest.mark.req("GMP-22")
@pytest.mark.parametrize("how", ["performed_by", "recorded_by"])
def test_quality_assurance_that_did_one_step_took_part(how: str) -> None:
    record = altered(RECORD, "sample_after", **{how: QUENTIN})
    assert "took part" in rules(decision_blockers(record, REJECTED, QUENTIN, NOW))


@pytest.mark.req("GMP-22")
def test_opening_confirming_and_leaving_out_are_taking_part() -> None:
    opened = replace(RECORD, batch=replace(RECORD.batch, opened_by=QUENTIN))
    *before, last = RECORD.confirmations
    confirmed = replace(RECORD, confirmations=(*before, replace(last, person_id=QUENTIN)))
    left_out = replace(RECORD, not_done=(replace(RECORD.not_done[0], recorded_by=QUENTIN),))
    for record in (opened, confirmed, left_out):
        assert only(decision_blockers(record, REJECTED, QUENTIN, NOW)).rule == "took part"


@pytest.mark.req("GMP-22")
def test_who_took_part_in_a_version_that_was_corrected_later_still_took_part() -> None:
    example = played(REVIEWED)
    example.correct("sample_after", "Read again.", by="quentin", volume_ml=Decimal("0.60"))
    example.correct("sample_after", "And again.", volume_ml=Decimal("0.50"))
    assert "took part" in rules(decision_blockers(example.record, RELEASED, QUENTIN, example.now))


@pytest.mark.parametrize("decision", [RELEASED, REJECTED, ON_HOLD])
def test_a_void_batch_is_not_decided(decision: str) -> None:
    example = Example()
    example.void("Opened by mistake.")
    assert "voided" in rules(decision_blockers(example.record, decision, QUENTIN, example.now))


def test_while_a_document_is_being_sealed_nothing_is_decided() -> None:
    example = decided(ON_HOLD, sealed=False)
    assert releasing(example.record, example.now).rule == "sealing"
    failed = decided(ON_HOLD).record
    failed = replace(failed, issue_ends=(replace(failed.issue_ends[0], outcome=FAILED),))
    assert releasing(failed).rule == "sealing"


@pytest.mark.parametrize("decision", [RELEASED, REJECTED, ON_HOLD])
def test_the_same_decision_is_not_made_twice(decision: str) -> None:
    example = decided(decision)
    blocker = only(decision_blockers(example.record, decision, QUENTIN, example.now))
    assert (blocker.rule, blocker.sentence) == ("decided", f"This batch is {decision} already.")


def test_another_decision_may_follow() -> None:
    example = decided(ON_HOLD)
    assert decision_blockers(example.record, RELEASED, QUENTIN, example.now) == ()


@pytest.mark.req("GMP-192")
def test_a_required_step_that_was_not_recorded_is_named() -> None:
    found = decision_blockers(without(RECORD, "order"), RELEASED, QUENTIN, NOW)
    assert found[0] == Blocker(
        "missing step", "Step 1, note the order and the consent: not recorded.", "Record the step.", "order"
    )


@pytest.mark.req("GMP-192")
def test_a_required_step_that_was_noted_as_not_done_is_named_with_its_reason() -> None:
    order = entry_of(RECORD, "order")
    item = replace(
        RECORD.not_done[0], id="n2", step_key="order", reason="By telephone.", recorded_at=order.recorded_at
    )
    record = replace(without(RECORD, "order"), not_done=(item, *RECORD.not_done))
    blocker = releasing(record)
    sentence = "Step 1, note the order and the consent: required, and not done. By telephone."
    assert (blocker.rule, blocker.step_key, blocker.sentence) == ("missing step", "order", sentence)


def test_a_step_that_is_not_required_may_be_missing() -> None:
    assert not RECORD.process.step("spin_2").required
    assert RECORD.current("spin_2") is None
    assert decision_blockers(RECORD, RELEASED, QUENTIN, NOW) == ()


@pytest.mark.req("P11-10f")
def test_a_step_that_nobody_answered_blocks_even_when_it_is_not_required() -> None:
    found = decision_blockers(replace(RECORD, not_done=()), RELEASED, QUENTIN, NOW)
    assert [(blocker.rule, blocker.step_key) for blocker in found] == [
        ("order of steps", key)
        for key in (
            "resuspension",
            "final_container",
            "sample_after",
            "count_after",
            "reconciliation",
            "area_after",
        )
    ]


def unconfirmed(key: str, act: str) -> BatchRecord:
    entry = entry_of(RECORD, key)
    kept = tuple(item for item in RECORD.confirmations if (item.entry_id, item.act) != (entry.id, act))
    assert kept != RECORD.confirmations
    return replace(RECORD, confirmations=kept)


@pytest.mark.req("A11-6", "DI-ATT", "GMP-103")
@pytest.mark.parametrize(
    ("key", "act", "sentence"),
    [
        ("count_after", "verified", "count the cells of the product: not verified by a second person."),
        ("harvest", "attested", "record the harvest: not attested by who performed it (Paula Pereira)."),
        ("handover_laboratory", "given",
         "hand the harvest over to the laboratory: not confirmed by who gave it (Paula Pereira)."),
    ],
)  # fmt: skip
def test_a_confirmation_that_is_missing_is_named(key: str, act: str, sentence: str) -> None:
    blocker = releasing(unconfirmed(key, act))
    assert (blocker.rule, blocker.step_key) == (f"not {act}", key)
    assert blocker.sentence == f"Step {number_of(key)}, {sentence}"


@pytest.mark.req("DI-ATT")
def test_a_receiver_who_did_not_record_it_confirms_too() -> None:
    record = altered(RECORD, "handover_laboratory", recorded_by=person_id(RECORD, "vic"))
    blocker = releasing(record)
    assert blocker.rule == "not received"
    assert blocker.sentence.endswith("not confirmed by who received it (Tess Tamm).")


@pytest.mark.req("P11-70", "A11-6")
def test_a_confirmation_does_not_outlive_a_correction() -> None:
    example = played(REVIEWED)
    example.correct("count_after", "Counted again.", live=180)
    assert releasing(example.record, example.now).rule == "not verified"
    example.confirm_all("count_after")
    assert decision_blockers(example.record, RELEASED, QUENTIN, example.now) == ()


@pytest.mark.req("GMP-165", "GMP-192")
def test_a_result_out_of_its_limits_blocks() -> None:
    dying = altered(RECORD, "count_after", live=69, dead=31)
    blocker = releasing(dying)
    assert (blocker.rule, blocker.sentence) == (
        "out of limits",
        "Viability: 69 % is below 70 %, the lowest value.",
    )
    assert blocker.way_out.endswith("reject the batch or hold it.")


@pytest.mark.req("GMP-103", "GMP-192")
def test_a_recovery_beyond_counting_error_blocks() -> None:
    squares = tuple(Square(cells=count) for count in (188, 179, 193, 181, 190))
    found = decision_blockers(altered(RECORD, "count_after", squares=squares), RELEASED, QUENTIN, NOW)
    assert {blocker.rule for blocker in found} == {"yield", "yield out of limits"}
    assert any(blocker.sentence.startswith("Recovery of nucleated cells: ") for blocker in found)


@pytest.mark.req("GMP-165")
def test_a_result_that_is_missing_blocks() -> None:
    record = altered(RECORD, "count_after", live=None, dead=None, dye=None)
    found = decision_blockers(record, RELEASED, QUENTIN, NOW)
    assert [(blocker.rule, blocker.sentence) for blocker in found] == [
        ("no result", "Viability has no result."),
        ("no result", "Viable dose of the product has no result."),
    ]


def test_an_alert_does_not_block() -> None:
    record = altered(RECORD, "count_after", live=158, dead=42)
    assert decision_blockers(record, RELEASED, QUENTIN, NOW) == ()


@pytest.mark.parametrize(
    ("key", "changes", "rule"),
    [
        ("receipt", {"decision": "quarantine"}, "receipt"),
        ("receipt", {"temperature_c": Decimal("31.0")}, "out of limits"),
        ("spin_1", {"speed_rpm": Decimal(4600)}, "rotor speed"),
        ("handover_laboratory", {"seal_whole": False}, "custody seal"),
        ("handover_laboratory", {"container_code": "X-1"}, "identity"),
    ],
)
@pytest.mark.req("HCT-265")
def test_a_finding_that_blocks_is_a_reason_with_its_step(
    key: str, changes: dict[str, Any], rule: str
) -> None:
    blocker = releasing(altered(RECORD, key, **changes))
    assert (blocker.rule, blocker.step_key) == (rule, key)


@pytest.mark.req("HCT-290")
def test_another_patient_at_the_harvest_blocks_at_the_check_and_at_the_harvest() -> None:
    found = decision_blockers(altered(RECORD, "identity_harvest", patient_code="X-1"), RELEASED, QUENTIN, NOW)
    assert [(one.rule, one.step_key) for one in found] == [
        ("identity", "identity_harvest"),
        ("identity check", "harvest"),
    ]


def test_a_product_that_was_signed_away_as_expired_is_not_released_when_its_time_is_corrected() -> None:
    example = played(REVIEWED, decision="")
    example.wait(5)
    example.decide(DESTROY, "Nobody came for it.")
    example.seal()
    record, now = example.record, example.now + timedelta(minutes=1)
    limit = use_before(record)
    assert limit is not None
    assert now < limit.until, "in date, as after a correction"
    assert only(release_blockers(record, now)).rule == "disposition"
    stop = release_stop(record, now)
    assert stop is not None
    assert (stop.rule, stop.critical) == ("release", True)
    assert DESTROY in stop.sentence


@pytest.mark.req("GMP-137")
def test_an_expired_product_is_not_released_and_the_last_instant_is_in_date() -> None:
    limit = use_before(RECORD)
    assert limit is not None
    assert decision_blockers(RECORD, RELEASED, QUENTIN, limit.until) == ()
    assert releasing(RECORD, limit.until + timedelta(seconds=1)).rule == "expired"


@pytest.mark.parametrize("decision", [REJECTED, ON_HOLD])
def test_whatever_is_wrong_a_batch_can_be_rejected_or_held(decision: str) -> None:
    wrong = altered(without(RECORD, "order"), "count_after", live=1, dead=199)
    wrong = replace(altered(wrong, "receipt", decision="reject"), confirmations=())
    late = NOW + timedelta(days=1)
    assert decision_blockers(wrong, decision, QUENTIN, late) == ()
    assert rules(release_blockers(wrong, late)) >= {
        "missing step", "not verified", "not attested", "not given", "out of limits", "receipt", "expired",
    }  # fmt: skip


def test_nothing_stands_in_the_way_of_closing_a_complete_administration() -> None:
    assert closure_blockers(clean(LAST), PAULA) == ()


@pytest.mark.parametrize("key", ["handover_theatre", "bedside", "injection", "residual"])
def test_a_step_of_the_administration_that_is_missing_is_named(key: str) -> None:
    blocker = only(closure_blockers(without(clean(LAST), key), PAULA))
    assert (blocker.rule, blocker.step_key) == ("missing step", key)


def test_a_confirmation_of_the_administration_that_is_missing_is_named() -> None:
    record = clean(LAST)
    kept = tuple(item for item in record.confirmations if item.step_key != "injection")
    blocker = only(closure_blockers(replace(record, confirmations=kept), PAULA))
    assert (blocker.rule, blocker.step_key) == ("not verified", "injection")


def not_used(*, residual: bool = True) -> Example:
    """A released product that was not injected: the patient fell ill before."""
    example = decided(RELEASED)
    for key in ("handover_theatre", "bedside", "injection"):
        example.wait(5)
        example.leave_out(key, "The patient fell ill before the injection.")
    if residual:
        example.step("residual", volume_ml=Decimal("7.5"), fate="destroyed")
        example.confirm_all("residual")
    return example


def test_a_product_that_was_not_injected_is_closed_once_it_is_known_what_became_of_it() -> None:
    waiting, known = not_used(residual=False).record, not_used().record
    assert status(waiting) is status(known) is Status.NOT_ADMINISTERED
    (blocker,) = closure_blockers(waiting, PAULA)
    assert (blocker.rule, blocker.step_key) == ("missing step", "residual")
    assert closure_blockers(known, PAULA) == ()
    assert MEANINGS[closing(known)].startswith("Not administered")
    assert MEANINGS[closing(RECORD)] == "Administered as recorded"


@pytest.mark.req("GMP-22")
def test_nothing_is_closed_before_quality_assurance_has_decided() -> None:
    example = played(REVIEWED)
    for key in ("handover_theatre", "bedside", "injection"):
        example.leave_out(key, "The patient went home.")
    example.step("residual", volume_ml=Decimal("7.5"), fate="destroyed")
    example.confirm_all("residual")
    blocker = only(closure_blockers(example.record, PAULA))
    assert (blocker.rule, blocker.sentence) == (
        "not decided",
        "Quality assurance has not decided on this batch.",
    )


@pytest.mark.parametrize(("decision", "rule"), [(ON_HOLD, "not decided"), (REJECTED, "rejected")])
def test_what_is_on_hold_or_rejected_and_was_not_used_is_not_closed(decision: str, rule: str) -> None:
    example = not_used()
    example.decide(decision)
    example.seal()
    assert only(closure_blockers(example.record, PAULA)).rule == rule


def test_what_is_not_answered_is_missing_also_when_nothing_was_injected() -> None:
    example = decided(RELEASED)
    example.leave_out("injection", "The patient fell ill before.")
    missing = {blocker.step_key for blocker in closure_blockers(example.record, PAULA)}
    assert missing >= {"bedside", "residual"}


def test_a_product_that_was_not_injected_is_balanced_against_what_was_destroyed() -> None:
    found = balance(not_used().record)
    assert found is not None
    assert (found.injected_ml, found.residual_ml) == (Decimal(0), Decimal("7.5"))
    assert found.closed == (found.available_ml == Decimal("7.5"))


def test_a_product_on_hold_that_was_not_injected_stays_on_hold() -> None:
    example = not_used()
    example.decide(ON_HOLD)
    example.seal()
    assert status(example.record) is Status.ON_HOLD


def test_who_took_no_part_does_not_close() -> None:
    assert only(closure_blockers(clean(LAST), QUENTIN)).rule == "took no part"


def test_an_administration_is_not_closed_twice() -> None:
    example = played(LAST)
    example.close()
    example.seal()
    assert only(closure_blockers(example.record, PAULA)).rule == "closed"


def test_while_a_document_is_being_sealed_nothing_is_closed() -> None:
    example = played(LAST)
    example.close()
    assert only(closure_blockers(example.record, PAULA)).rule == "sealing"


def test_a_batch_in_which_nothing_was_performed_can_be_voided() -> None:
    example = Example()
    assert void_blockers(example.record) == ()
    for key in ("order", "identity_harvest"):
        example.step(key)
        assert void_blockers(example.record) == ()


@pytest.mark.parametrize("last", ["anticoagulant", "harvest"])
def test_a_batch_in_which_something_was_performed_cannot_be_voided(last: str) -> None:
    blocker = only(void_blockers(clean(last)))
    assert (blocker.rule, blocker.sentence) == ("performed", "Work on this batch has been recorded.")


def test_a_batch_is_not_voided_twice() -> None:
    example = Example()
    example.void("Opened by mistake.")
    assert only(void_blockers(example.record)).rule == "voided"
