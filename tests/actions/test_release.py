"""QA's decision and the closing of the administration: what stands in the way, each as a sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from labrecords.actions import batches, people, release
from labrecords.actions.door import Invalid, Refused
from labrecords.domain.review.decisions import ON_HOLD, REJECTED, RELEASED, standing_decision
from labrecords.domain.status import Status, status
from labrecords.domain.steps.counts import Square
from tests.support import story
from tests.support.clean import REVIEWED
from tests.support.lab import STATIONS, Lab, refusal
from tests.support.story import number_of


def decide(lab: Lab, number: str, decision: str = RELEASED, reason: str = "", by: str = "quentin") -> str:
    """Sign a decision, and leave its document unsealed."""
    return release.decide(
        lab.by(by), batch=lab.batch(number), decision=decision, reason=reason, proof=lab.proof(by)
    )


def blockers(lab: Lab, number: str, decision: str = RELEASED, by: str = "quentin") -> dict[str, str]:
    """Rule and sentence of everything that stands in the way of a decision."""
    with pytest.raises(Refused) as refused:
        decide(lab, number, decision, "Something is not as it should be.", by)
    assert all(blocker.way_out for blocker in refused.value.blockers)
    return {blocker.rule: blocker.sentence for blocker in refused.value.blockers}


def played_with(
    lab: Lab, key: str, *, verified: bool = True, reasons: dict[str, str] | None = None, **changes: Any
) -> str:
    """A batch that is ready for release but for one step, which was recorded with changes."""
    number = lab.play(STATIONS[STATIONS.index(key) - 1])
    lab.clock.tick(5)
    lab.record_step(number, key, confirmed=reasons or {}, **changes)
    if verified:
        lab.confirm_all(number, key)
    lab.play(REVIEWED, number)
    return number


# ---- deciding ----------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-50a", "GMP-22")
def test_a_release_is_signed_with_its_meaning_on_the_record_as_it_was_reviewed(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play(REVIEWED)
    head = lab.record(number).head
    decide(lab, number)
    record = lab.record(number)
    signature = record.signature(record.decisions[-1].signature_id)
    assert (signature.name, signature.role) == ("Quentin Quist", "quality assurance")
    assert signature.meaning == "Reviewed, and approved for release"
    assert (signature.record_version, signature.record_digest) == (head.seq, head.digest)
    assert record.decisions[-1].reviewed_seq == head.seq
    assert record.issues[-1].frozen_seq == record.head.seq == head.seq + 1


def test_a_decision_does_not_stand_before_its_document_is_sealed(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    decide(lab, number)
    record = lab.record(number)
    assert status(record) is Status.SEALING
    assert standing_decision(record) is None


def test_a_released_batch_is_released(lab: Lab) -> None:
    record = lab.record(lab.play("released"))
    assert status(record) is Status.RELEASED
    standing = standing_decision(record)
    assert standing is not None
    assert standing.decision == RELEASED


@pytest.mark.parametrize(("decision", "expected"), [(REJECTED, Status.REJECTED), (ON_HOLD, Status.ON_HOLD)])
def test_a_batch_can_be_rejected_or_held_at_any_time_with_a_reason(
    lab: Lab, decision: str, expected: Status
) -> None:
    number = lab.play("receipt")
    lab.decide(number, decision, "The bag leaked on the way.")
    assert status(lab.record(number)) is expected


@pytest.mark.parametrize("decision", [REJECTED, ON_HOLD])
def test_rejecting_and_holding_say_why(lab: Lab, decision: str) -> None:
    number = lab.play("receipt")
    with pytest.raises(Invalid, match="Say what happened and why"):
        decide(lab, number, decision, "wrong")


def test_a_decision_is_one_of_three(lab: Lab) -> None:
    number = lab.play("receipt")
    with pytest.raises(Invalid, match="Choose released, rejected or on hold"):
        decide(lab, number, "approved")


def test_a_batch_on_hold_can_be_released_afterwards(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    lab.decide(number, ON_HOLD, "The sterility test is awaited.")
    assert lab.decide(number).sha256
    assert [issue.version for issue in lab.record(number).issues] == [1, 2]


# ---- what stands in the way of any decision ----------------------------------------------------------------------


@pytest.mark.req("A11-15")
@pytest.mark.parametrize("name", ["tess", "vic", "paula", "ada", "ivan"])
def test_only_quality_assurance_decides(lab: Lab, name: str) -> None:
    number = lab.play(REVIEWED)
    assert refusal(lambda: decide(lab, number, by=name)) == ("permission",)


@pytest.mark.req("GMP-22")
def test_who_took_part_in_the_batch_does_not_decide_on_it(lab: Lab) -> None:
    number = lab.open_batch(by="quentin")
    lab.play(REVIEWED, number)
    assert "took part" in blockers(lab, number)
    assert "took part" in blockers(lab, number, REJECTED)


@pytest.mark.req("GMP-22")
def test_who_was_given_another_role_since_still_does_not_decide_on_the_own_work(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    people.revoke_role(
        lab.by("ivan"), person_id=lab.id("tess"), role="technician", reason="Moved to another department."
    )
    people.grant_role(lab.by("ivan"), person_id=lab.id("tess"), role="quality assurance")
    assert list(blockers(lab, number, by="tess")) == ["took part"]


def test_the_same_decision_is_not_made_twice(lab: Lab) -> None:
    number = lab.play("released")
    assert blockers(lab, number)["decided"] == "This batch is released already."


@pytest.mark.parametrize("decision", [RELEASED, ON_HOLD])
def test_a_rejected_batch_stays_rejected(lab: Lab, decision: str) -> None:
    number = lab.play(REVIEWED)
    lab.decide(number, REJECTED, "The sterility test was positive.")
    assert blockers(lab, number, decision) == {"rejected": "This batch was rejected, and rejection is final."}


def test_nothing_is_decided_while_a_document_is_sealed(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    decide(lab, number)
    assert list(blockers(lab, number, REJECTED)) == ["sealing"]


def test_a_void_batch_is_not_decided(lab: Lab) -> None:
    number = lab.open_batch()
    batches.void_batch(
        lab.by("tess"), batch=lab.batch(number), reason="Opened for nobody.", proof=lab.proof("tess")
    )
    assert "voided" in blockers(lab, number)


def test_nobody_decides_with_the_password_of_another(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    batch, proof = lab.batch(number), lab.proof("tess")
    assert refusal(
        lambda: release.decide(lab.by("quentin"), batch=batch, decision=RELEASED, reason="", proof=proof)
    ) == ("signature",)


# ---- what stands in the way of release ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["order", "identity_harvest", "harvest", "receipt", "spin_1", "count_after"])
def test_a_required_step_that_is_missing_is_named(lab: Lab, key: str) -> None:
    number = lab.play(STATIONS[STATIONS.index(key) - 1]) if key != "order" else lab.open_batch()
    step = lab.record(number).process.step(key)
    with pytest.raises(Refused) as refused:
        decide(lab, number)
    named = {blocker.step_key: blocker.sentence for blocker in refused.value.blockers}
    assert named[key] == f"Step {step.number}, {step.title.lower()}: not recorded."


def test_a_required_step_that_was_not_done_is_named_with_its_reason(lab: Lab) -> None:
    number = lab.play("sample_before")
    lab.leave_out(number, "count_before", "The counting chamber broke.")
    lab.play(REVIEWED, number)
    assert "not done. The counting chamber broke." in blockers(lab, number)["missing step"]


def test_an_optional_step_that_was_not_done_does_not_stand_in_the_way(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    assert lab.record(number).not_done_reason("spin_2")
    assert decide(lab, number)


@pytest.mark.parametrize(
    ("key", "rule", "sentence"),
    [
        ("spin_1", "not verified", "not verified by a second person."),
        ("harvest", "not attested", "not attested by who performed it (Paula Pereira)."),
        ("handover_laboratory", "not given", "not confirmed by who gave it (Paula Pereira)."),
    ],
)
def test_a_missing_confirmation_is_named(lab: Lab, key: str, rule: str, sentence: str) -> None:
    number = played_with(lab, key, verified=False)
    found = blockers(lab, number)
    assert list(found) == [rule]
    assert found[rule].endswith(sentence)


def test_a_missing_receiver_is_named(lab: Lab) -> None:
    number = played_with(lab, "handover_laboratory", verified=False, performed_by="vic")
    assert blockers(lab, number)["not received"].endswith("not confirmed by who received it (Vic Vermeer).")


@pytest.mark.req("GMP-165")
def test_a_result_out_of_its_limits_is_named(lab: Lab) -> None:
    number = played_with(lab, "count_after", live=138, dead=62)
    assert blockers(lab, number) == {"out of limits": "Viability: 69 % is below 70 %, the lowest value."}


def test_a_result_on_its_limit_passes(lab: Lab) -> None:
    assert decide(lab, played_with(lab, "count_after", live=139, dead=61))


def test_a_result_in_the_alert_range_can_be_released(lab: Lab) -> None:
    assert decide(lab, played_with(lab, "count_after", live=150, dead=50))


def test_a_recovery_above_what_can_be_is_named(lab: Lab) -> None:
    cells = tuple(Square(cells=cells) for cells in (288, 279, 293, 281, 290))
    number = lab.play("sample_after")
    lab.clock.tick(5)
    lab.record_step(number, "count_after", squares=cells)
    lab.confirm_all(number, "count_after")
    lab.clock.tick(5)
    lab.record_step(number, "reconciliation", investigation="The tube was not mixed before the first count.")
    lab.confirm_all(number, "reconciliation")
    lab.play(REVIEWED, number)
    assert "Recovery of nucleated cells" in blockers(lab, number)["yield out of limits"]


def test_a_result_that_cannot_be_computed_is_named(lab: Lab) -> None:
    number = lab.play("sample_before")
    lab.leave_out(number, "count_before", "The counting chamber broke.")
    lab.play(REVIEWED, number)
    assert blockers(lab, number)["no result"] == "Recovery of nucleated cells has no result."


def test_a_value_out_of_its_limits_is_named(lab: Lab) -> None:
    sun = {"temperature_c": "Stood in the sun."}
    number = played_with(lab, "receipt", temperature_c=Decimal(31), reasons=sun)
    assert "31.0 °C is above 30 °C" in blockers(lab, number)["out of limits"]


def test_a_harvest_that_was_not_accepted_is_named(lab: Lab) -> None:
    assert (
        "decision “quarantine”"
        in blockers(lab, played_with(lab, "receipt", decision="quarantine"))["receipt"]
    )


def test_a_broken_seal_is_named(lab: Lab) -> None:
    number = played_with(lab, "handover_laboratory", seal_whole=False)
    assert blockers(lab, number)["custody seal"] == "Seal or container was broken at receipt."


def test_a_custody_gap_is_named(lab: Lab) -> None:
    number = lab.play("harvest")
    given = lab.clock()
    lab.clock.tick(10)
    lab.record_step(number, "handover_laboratory", given_at=given)
    lab.confirm_all(number, "handover_laboratory")
    lab.play(REVIEWED, number)
    assert blockers(lab, number) == {"custody gap": "Nobody held the material for 10 min."}


def test_an_act_that_should_not_have_begun_is_named(lab: Lab) -> None:
    number = played_with(
        lab, "sample_before", container_code="BAG-8", happened_reason="The bags had been exchanged."
    )
    assert "Wrong container" in blockers(lab, number)["identity"]


def test_an_expired_product_is_not_released(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    lab.clock.tick(240)
    assert blockers(lab, number) == {"expired": "The product has expired."}
    lab.decide(number, REJECTED, "The product expired before the release.")


def test_every_reason_is_listed_at_once(lab: Lab) -> None:
    with pytest.raises(Refused) as refused:
        decide(lab, lab.open_batch(by="quentin"))
    rules = [blocker.rule for blocker in refused.value.blockers]
    assert rules.count("missing step") == number_of(REVIEWED) - len(story.NOT_DONE)
    assert rules.count("no result") == 4
    assert "took part" in rules


# ---- a record that changes after the decision --------------------------------------------------------------------


@pytest.mark.req("P11-70")
def test_a_change_of_the_processing_undoes_the_release(lab: Lab) -> None:
    number = lab.play("released")
    lab.correct_step(number, "spin_1", duration_min=Decimal("4.5"))
    record = lab.record(number)
    assert standing_decision(record) is None
    assert status(record) is Status.UNDER_REVIEW
    lab.confirm_all(number, "spin_1")
    assert lab.decide(number).sha256
    assert status(lab.record(number)) is Status.RELEASED


def test_the_administration_does_not_undo_the_release(lab: Lab) -> None:
    record = lab.record(lab.play("residual"))
    assert standing_decision(record) is not None
    assert status(record) is Status.ADMINISTERED


# ---- closing the administration ----------------------------------------------------------------------------------


def close(lab: Lab, number: str, by: str = "paula") -> str:
    return release.close_administration(lab.by(by), batch=lab.batch(number), proof=lab.proof(by))


def test_the_closing_is_signed(lab: Lab) -> None:
    record = lab.record(lab.play("closed"))
    assert status(record) is Status.CLOSED
    assert record.signature(record.closures[-1].signature_id).meaning == "Administered as recorded"


def test_every_step_of_the_administration_is_recorded_before_the_closing(lab: Lab) -> None:
    number = lab.play("bedside")
    assert refusal(lambda: close(lab, number)) == ("missing step", "missing step")


def test_every_step_of_the_administration_is_confirmed_before_the_closing(lab: Lab) -> None:
    number = lab.play("injection")
    lab.clock.tick(2)
    lab.record_step(number, "residual")
    assert refusal(lambda: close(lab, number)) == ("not attested", "not verified")


def test_who_took_no_part_does_not_close_the_administration(lab: Lab) -> None:
    number = lab.play("residual")
    people.revoke_role(
        lab.by("ivan"), person_id=lab.id("quentin"), role="quality assurance", reason="Back in the clinic."
    )
    people.grant_role(lab.by("ivan"), person_id=lab.id("quentin"), role="physician")
    # Deciding is no part of the work.
    assert refusal(lambda: close(lab, number, "quentin")) == ("took no part",)


@pytest.mark.parametrize("name", ["tess", "vic", "quentin", "ada", "ivan"])
def test_only_a_physician_closes_the_administration(lab: Lab, name: str) -> None:
    number = lab.play("residual")
    assert refusal(lambda: close(lab, number, name)) == ("permission",)


def test_the_administration_is_closed_once(lab: Lab) -> None:
    number = lab.play("closed")
    assert refusal(lambda: close(lab, number)) == ("closed",)


def test_something_recorded_after_the_closing_opens_the_batch_again(lab: Lab) -> None:
    number = lab.play("closed")
    lab.correct_step(number, "residual", volume_ml=Decimal("3.0"))
    assert status(lab.record(number)) is Status.ADMINISTERED
