"""Opening a batch, and voiding one that was opened by mistake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labrecords.actions import batches, release
from labrecords.actions.door import Invalid
from labrecords.domain.status import Status, status
from labrecords.domain.values import codes
from tests.support.lab import SHIPPED_KEY, Lab, refusal


def void(lab: Lab, number: str, reason: str = "Opened for the wrong patient.", by: str = "tess") -> str:
    return batches.void_batch(lab.by(by), batch=lab.batch(number), reason=reason, proof=lab.proof(by))


def test_numbers_follow_each_other_without_holes(lab_on_both: Lab) -> None:
    lab = lab_on_both
    first = lab.open_batch()
    with pytest.raises(Invalid):
        lab.open_batch(patient="")
    assert [first, lab.open_batch(), lab.open_batch(by="quentin")] == [
        "KRK-26-0001",
        "KRK-26-0002",
        "KRK-26-0003",
    ]


def test_each_year_begins_at_one_on_the_clocks_of_the_laboratory(lab: Lab) -> None:
    lab.clock.set(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    assert lab.open_batch() == "KRK-26-0001"
    lab.clock.tick(2)
    assert lab.open_batch() == "KRK-27-0001"


def test_a_voided_number_stays_used(lab: Lab) -> None:
    void(lab, lab.open_batch())
    assert lab.open_batch() == "KRK-26-0002"


def test_a_batch_is_opened_with_the_process_as_it_is_adopted(lab: Lab) -> None:
    record = lab.record(lab.open_batch())
    assert record.process.key == "bone-marrow-concentrate"
    assert record.batch.process_digest == record.process.digest
    assert record.batch.opened_by == lab.id("tess")
    assert status(record) is Status.OPEN


def test_a_running_batch_keeps_its_process_when_a_new_version_is_adopted(lab: Lab) -> None:
    number = lab.open_batch()
    digest = lab.adopt(('version = "1"', 'version = "2"'), key=SHIPPED_KEY)
    assert lab.record(number).process.version == "1"
    assert lab.record(lab.open_batch()).batch.process_digest == digest
    known = {master.key: master.version for master in lab.masters()}
    assert known.pop("bone-marrow-concentrate") == "2"
    assert set(known.values()) == {"1"}


def test_a_chain_of_identity_code_is_random_and_checks_itself(lab: Lab) -> None:
    given = [lab.record(lab.open_batch()).batch.identity_code for _ in range(5)]
    assert len(set(given)) == 5
    assert all(codes.is_valid(code) for code in given)


def test_a_chain_of_identity_code_from_elsewhere_is_kept(lab: Lab) -> None:
    assert lab.record(lab.open_batch(identity_code="EXT 77-A")).batch.identity_code == "EXT 77-A"


@pytest.mark.parametrize("patient", ["", "   ", "-"])
def test_a_batch_belongs_to_a_patient(lab: Lab, patient: str) -> None:
    with pytest.raises(Invalid) as invalid:
        lab.open_batch(patient=patient)
    assert invalid.value.problems == {"patient_code": "Enter the patient's code."}


def test_a_batch_is_opened_with_a_process_that_there_is(lab: Lab) -> None:
    with pytest.raises(Invalid) as invalid:
        lab.open_batch(process="f" * 64)
    assert invalid.value.problems == {"process": "Choose one of the processes."}


def test_a_batch_cannot_be_opened_with_an_old_version_of_a_process(lab: Lab) -> None:
    old = lab.master().digest
    lab.adopt(('version = "1"', 'version = "2"'), key=SHIPPED_KEY)
    with pytest.raises(Invalid):
        lab.open_batch(process=old)


# ---- voiding -----------------------------------------------------------------------------------------------------


def test_a_void_batch_keeps_its_reason_and_signature(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    void(lab, number)
    record = lab.record(number)
    assert status(record) is Status.VOIDED
    assert record.voids[0].reason == "Opened for the wrong patient."
    assert record.signature(record.voids[0].signature_id).meaning == "Voided: opened by mistake"


def test_a_batch_is_voided_with_a_reason(lab: Lab) -> None:
    number = lab.open_batch()
    with pytest.raises(Invalid, match="Say what happened and why"):
        void(lab, number, "error")


def test_a_batch_with_its_order_and_a_cleared_line_alone_can_be_voided(lab: Lab) -> None:
    void(lab, lab.play("area_before"))


def test_a_batch_with_recorded_work_runs_to_a_decision(lab: Lab) -> None:
    number = lab.play("harvest")
    assert refusal(lambda: void(lab, number)) == ("performed",)


@pytest.mark.parametrize("decision", ["rejected", "on hold"])
def test_what_quality_assurance_rejected_or_holds_is_not_voided(lab: Lab, decision: str) -> None:
    number = lab.open_batch()
    lab.decide(number, decision, "The physician withdrew the order.")
    assert refusal(lambda: void(lab, number)) == ("decided",)


def test_a_batch_is_voided_once(lab: Lab) -> None:
    number = lab.open_batch()
    void(lab, number)
    assert refusal(lambda: void(lab, number)) == ("voided",)


@pytest.mark.parametrize("name", ["vic", "paula", "ada", "ivan"])
def test_only_who_may_open_a_batch_may_void_it(lab: Lab, name: str) -> None:
    number = lab.open_batch()
    assert refusal(lambda: void(lab, number, by=name)) == ("permission",)


def test_nobody_voids_with_the_password_of_another(lab: Lab) -> None:
    number = lab.open_batch()
    proof = lab.proof("quentin")
    assert refusal(
        lambda: batches.void_batch(
            lab.by("tess"), batch=lab.batch(number), reason="Opened for nobody.", proof=proof
        )
    ) == ("signature",)


def test_a_batch_cannot_be_voided_while_its_document_is_sealed(lab: Lab) -> None:
    number = lab.open_batch()
    release.decide(
        lab.by("quentin"),
        batch=lab.batch(number),
        decision="rejected",
        reason="The patient withdrew the consent.",
        proof=lab.proof("quentin"),
    )
    assert refusal(lambda: void(lab, number)) == ("sealing",)
    assert refusal(lambda: lab.record_step(number, "order")) == ("sealing",)
    assert refusal(lambda: lab.leave_out(number, "spin_2")) == ("sealing",)
