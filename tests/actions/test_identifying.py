"""Wristbands and stated identifiers inside the acts: compared with who is registered, locked, and kept nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from labrecords.actions import patients
from labrecords.actions.batches import open_batch, void_batch
from labrecords.actions.door import Acting, Invalid, Refused
from labrecords.actions.mixups import Stopped
from labrecords.actions.pausing import pause_step
from labrecords.actions.step_drafts import RECORDED, keep_draft
from labrecords.actions.steps import record_step
from labrecords.documents.verifying.pdf_contents import read_contents
from labrecords.domain.custody.mixups import MIXED_UP
from labrecords.domain.kinds import KINDS
from labrecords.domain.registers.patients import Identity
from labrecords.domain.registers.stated import UNKNOWN
from labrecords.domain.rules.findings import findings
from labrecords.models.records import DocumentRow
from labrecords.models.step_drafts import StepDraft
from tests.actions.test_orders import facts, opened, ordered
from tests.actions.test_patients import everything_stored
from tests.support.lab import RELEASED, Lab
from tests.support.printed import text_of

MARIA = Identity("Maria Nowak-Żak", date(1968, 4, 30), "MRN 0044-17")
JAN = Identity("Jan Kosiński", date(1950, 1, 2), "MRN 0071-22")
STEP = "identity_harvest"
HAPPENED = "It was seen on the ward when the patient had left."


def register(lab: Lab, identity: Identity) -> str:
    return patients.register_patient(lab.by("tess"), keys=lab.installation.identity_keys, identity=identity)


def two(lab: Lab) -> tuple[str, str, str]:
    """Batches of two registered patients, and the pseudonym of the second."""
    numbers = []
    for who in (MARIA, JAN):
        pseudonym = register(lab, who)
        numbers.append(opened(lab, ordered(lab, pseudonym)))
    lab.clock.tick(2)
    return numbers[0], numbers[1], pseudonym


def until(lab: Lab, number: str, station: str) -> None:
    """Play the story in a batch of an order, whose code the order check names."""
    lab.clock.tick(5)
    lab.record_step(number, "order", order_code=lab.record(number).orders[0].code)
    lab.confirm_all(number, "order")
    lab.play(station, number)
    lab.clock.tick(1)


def kept(lab: Lab, *secret: str) -> list[str]:
    """Which of these texts stand anywhere in the database, as they were typed or as they are compared."""
    stored = everything_stored(lab)
    wanted = [
        form
        for text in secret
        for form in (text, text.upper(), "".join(text.split()), json.dumps(text)[1:-1])
    ]
    return [text for text in wanted if text in stored]


@pytest.mark.req("AABB-ID", "HIP-502b")
def test_the_wristband_and_what_the_patient_states_are_compared_and_forgotten(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    lab.record_step(
        number, "identity_harvest", patient_code="mrn 004417", second_identifier="nowak zak MARIA"
    )
    entry = lab.record(number).current("identity_harvest")
    assert entry is not None
    assert entry.patient_code == lab.record(number).batch.patient_code  # type: ignore[attr-defined]
    assert entry.second_identifier == "full name agrees"  # type: ignore[attr-defined]
    assert entry.summary(lab.record(number)) == "record number and full name agree, wristband scanned"
    assert kept(lab, "mrn 004417", "0044-17", "nowak zak MARIA", "Maria", "1968-04-30") == []
    lab.check()


@pytest.mark.req("FACT-ID")
@pytest.mark.parametrize(
    ("station", "key", "by"),
    [
        ("anticoagulant", "identity_harvest", "paula"),
        (RELEASED, "bedside", "paula"),
        ("bedside", "injection", "paula"),
    ],
)
def test_the_wristband_of_another_patient_locks_both_and_its_text_is_nowhere(
    lab: Lab, station: str, key: str, by: str
) -> None:
    number, other, pseudonym = two(lab)
    until(lab, number, station)
    wrong: dict[str, Any] = {"patient_code": "MRN 0071-22"}
    if key != "injection":
        wrong["second_identifier"] = "Jan Kosiński"
    with pytest.raises(Stopped, match=pseudonym) as stopped:
        lab.record_step(number, key, by=by, **wrong)
    assert set(stopped.value.locked) == {number, other}
    lab.record_step(number, key, by=by, happened_reason=HAPPENED, **wrong)
    assert [len(lab.record(one).locks) for one in (number, other)] == [1, 1]
    assert any(
        pseudonym in one.sentence for one in findings(lab.record(number)) if one.severity.name == "CRITICAL"
    )
    assert kept(lab, "0071-22", "007122", "Kosiński", "Kosinski", "1950-01-02") == []
    lab.check()


def test_a_wristband_of_nobody_here_stops_and_is_recorded_without_its_text(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    with pytest.raises(Stopped, match="what was given is known to nobody here") as stopped:
        lab.record_step(number, "identity_harvest", patient_code="Piotr Zieliński 03.02.1944")
    assert stopped.value.locked == ()
    lab.record_step(number, "identity_harvest", patient_code="H-55512", happened_reason=HAPPENED)
    entry = lab.record(number).current("identity_harvest")
    assert entry is not None
    assert entry.patient_code == UNKNOWN  # type: ignore[attr-defined]
    assert kept(lab, "Piotr", "Zieliński", "03.02.1944", "H-55512") == []


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [("1968-04-03", "the date of birth that was stated"), ("Anna Nowak", "the full name that was stated"),
     (None, "Only one identifier")],
)  # fmt: skip
def test_a_second_identifier_that_differs_or_is_left_out_stops_the_check(
    lab: Lab, stated: str | None, sentence: str
) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    with pytest.raises(Stopped, match=sentence) as stopped:
        lab.record_step(number, "identity_harvest", second_identifier=stated)
    assert stopped.value.locked == ((number,) if stated else ())
    assert kept(lab, "1968-04-03", "Anna") == []


@pytest.mark.req("HCT-290")
@pytest.mark.parametrize(
    "wrong", [{"second_identifier": "1950-01-02"}, {"patient_code": "MRN 9999-99"}, {"looks_normal": False}]
)
def test_no_needle_follows_a_check_at_the_bedside_that_failed_however_it_was_signed(
    lab: Lab, wrong: dict[str, Any]
) -> None:
    number, _, _ = two(lab)
    until(lab, number, "handover_theatre")
    lab.clock.tick(5)
    lab.record_step(number, "bedside", happened_reason=HAPPENED, **wrong)
    lab.confirm_all(number, "bedside")
    lab.clock.tick(2)
    with pytest.raises(Stopped, match="check at the bedside found"):
        lab.record_step(number, "injection")


def test_an_ambiguous_date_is_asked_back_and_a_correction_keeps_what_was_compared(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    with pytest.raises(Invalid, match="two ways") as asked:
        lab.record_step(number, "identity_harvest", second_identifier="03.04.1968")
    assert "1968-04-03" not in str(asked.value)
    lab.record_step(number, "identity_harvest", patient_code="MRN 0044-17")
    lab.correct_step(number, "identity_harvest", method="patient asked openly")
    entry = lab.record(number).current("identity_harvest")
    assert entry is not None
    assert entry.as_entered["patient_code"] == "record number"
    assert entry.summary(lab.record(number)) == "record number and date of birth agree, patient asked openly"


@pytest.mark.req("GDPR-17(3)(b),(c)")
def test_where_the_identity_cannot_be_opened_codes_alone_agree_and_the_record_says_so(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    without = Acting(lab.store, lab.actor("paula"), source="test")
    step, reading = lab.step(number, "identity_harvest"), lab.reading(number, "identity_harvest")
    record_step(without, step=step, reading=reading)
    (found,) = [one for one in findings(lab.record(number)) if one.rule == "identity not compared"]
    assert "Only codes were compared" in found.sentence


def test_no_note_reason_pause_or_draft_keeps_who_the_patient_is(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "anticoagulant")
    by, kind, step = lab.by("paula"), KINDS["identity_check"], lab.step(number, "identity_harvest")
    for name in ("note", "happened_reason", "late_reason"):
        with pytest.raises(Invalid, match="leave out name") as asked:
            lab.record_step(number, "identity_harvest", **{name: "Mrs Nowak was asked again."})
        assert list(asked.value.problems) == [name]
    typed = {"patient_code": "MRN 0044-17", "second_identifier": "1968-04-30", "method": "wristband scanned"}
    assert keep_draft(by, step=step, kind=kind, form=RECORDED, replaces="", typed=typed)
    with lab.store.read() as session:
        (draft,) = session.execute(select(StepDraft.__table__.c.typed)).scalars()
    assert json.loads(draft) == {"method": "wristband scanned"}
    with pytest.raises(Invalid, match="leave out name"):
        pause_step(by, step=step, kind=kind, typed=typed, note="Maria is asleep.")
    pause_step(by, step=step, kind=kind, typed=typed, note="The patient is asleep.")
    assert lab.record(number).pauses[-1].typed == {"method": "wristband scanned"}
    assert kept(lab, "0044-17", "1968-04-30", "Nowak", "Maria") == []


@pytest.mark.req("GDPR-4(5)", "HIP-502b")
def test_the_document_and_its_package_hold_outcomes_and_no_identity(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, RELEASED)
    with lab.store.read() as session:
        pdf = session.execute(select(DocumentRow.__table__.c.pdf)).scalar_one()
    printed, inside = " ".join(text_of(pdf).split()), read_contents(pdf).decode()
    assert "date of birth agrees" in printed
    for part in ("1968-04-30", "0044-17", "Nowak", "Maria"):
        assert part not in printed
        assert part not in inside
    assert facts(lab)


@pytest.mark.req("GDPR-17(3)(b),(c)")
def test_nobody_is_erased_while_a_batch_is_open_and_drafts_go_with_the_identity(lab: Lab) -> None:
    number, other, _ = two(lab)
    reason, keys = "The patient asked for it in writing.", lab.installation.identity_keys

    def erase() -> str:
        pseudonym = lab.record(number).batch.patient_code
        return patients.erase_identity(lab.by("quentin"), keys=keys, pseudonym=pseudonym, reason=reason)

    step = lab.step(number, "area_before")
    typed = {"note": "Mrs Nowak waits outside."}
    kind = KINDS["line_clearance"]
    assert keep_draft(lab.by("tess"), step=step, kind=kind, form=RECORDED, replaces="", typed=typed)
    with pytest.raises(Refused, match=f"Batch {number} of P.* is not over"):
        erase()
    void_batch(
        lab.by("tess"),
        batch=lab.batch(number),
        reason="It was opened for the wrong product.",
        proof=lab.proof("tess"),
    )
    order = lab.record(number).orders[0].code
    erase()
    assert kept(lab, "Nowak") == []
    with pytest.raises(Refused, match="was erased"):
        opened(lab, order)
    assert lab.record(other).voids == ()


@pytest.mark.parametrize(
    "code", ["MRN 0044-17", "mrn 004417", "Maria Nowak-Żak", "NOWAK", "Maria Nowak 7", "N 30.04.1968"]
)
def test_no_batch_is_opened_with_a_name_a_date_or_a_record_number_as_code(lab: Lab, code: str) -> None:
    register(lab, MARIA)
    with pytest.raises(Invalid) as asked:
        lab.open_batch(patient=code)
    assert set(asked.value.problems) <= {"patient_code", "how_known"}
    assert code not in str(asked.value)
    assert lab.open_batch(patient="H 2048-K")


@pytest.mark.req("FACT-ID")
def test_a_stated_date_that_differs_locks_the_product_until_it_is_lifted_by_signature(lab: Lab) -> None:
    number, other, _ = two(lab)
    until(lab, number, "anticoagulant")
    with pytest.raises(Stopped):
        lab.record_step(number, STEP, second_identifier="1950-01-02")
    lab.record_step(number, STEP, second_identifier="1968-04-30")
    (found,) = [one for one in findings(lab.record(number)) if one.rule == MIXED_UP]
    assert found.severity.name == "CRITICAL"
    assert "the date of birth that was stated is not that of" in found.sentence
    lab.confirm_all(number, STEP)
    with pytest.raises(Stopped, match="The product is locked"):
        lab.record_step(number, "harvest")
    lab.record_step(other, STEP, second_identifier="Anna Nowak", happened_reason=HAPPENED)
    (lock,) = lab.record(other).locks
    assert (lock.found, lock.belongs_to) == ("full name differs", "")
    lab.check()


def test_the_name_of_another_patient_is_asked_back_where_it_was_mixed_up(lab: Lab) -> None:
    number, other, _ = two(lab)
    until(lab, number, "anticoagulant")
    wrong = {"patient_code": "MRN 0071-22", "second_identifier": "Jan Kosiński"}
    why = "The wristband of Jan Kosiński, MRN 0071-22, born 1950-01-02, was on the wrong bed."
    with pytest.raises(Invalid, match="leave out name") as asked:
        lab.record_step(number, STEP, happened_reason=why, **wrong)
    assert list(asked.value.problems) == ["happened_reason"]
    lab.record_step(number, STEP, happened_reason=HAPPENED, **wrong)
    with pytest.raises(Invalid, match="leave out name"):
        lab.correct_step(number, STEP, note="Jan was in the other bed.")
    by, kind = lab.by("paula"), KINDS["identity_check"]
    with pytest.raises(Invalid, match="leave out name"):
        pause_step(by, step=lab.step(other, STEP), kind=kind, typed={}, note="Maria was asked instead.")
    assert kept(lab, "Kosiński", "0071-22", "1950-01-02", "Maria") == []


def test_a_wristband_scanned_as_a_container_is_asked_back_before_it_stops_anything(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, RELEASED)
    lab.record_step(number, "handover_theatre")
    lab.confirm_all(number, "handover_theatre")
    lab.clock.tick(5)
    sites = tuple(
        replace(one, container_code="mrn 004417") for one in lab.reading(number, "bedside").facts["sites"]
    )
    for wrong, at in (
        ({"container_code": "MRN 0044-17"}, "container_code-reason"),
        ({"sites": sites}, "sites-reason"),
    ):
        for happened in (None, HAPPENED):
            with pytest.raises(Invalid, match="record number of a patient") as asked:
                lab.record_step(number, "bedside", happened_reason=happened, **wrong)
            assert at in asked.value.problems
    with pytest.raises(Invalid) as asked:
        lab.record_step(number, "bedside", container_code="MRN 0044-17", sites=sites)
    assert {"container_code-reason", "sites-reason"} <= asked.value.problems.keys()
    step, kind = lab.step(number, "bedside"), KINDS["bedside_check"]
    with pytest.raises(Invalid, match="record number of a patient"):
        pause_step(lab.by("paula"), step=step, kind=kind, typed={"container_code": "MRN 0071-22"}, note="")
    twice = {"container_code": "MRN 0044-17", "sites-0-container_code": "mrn 004417"}
    keep_draft(lab.by("paula"), step=step, kind=kind, form=RECORDED, replaces="", typed=twice)
    assert kept(lab, "MRN 0044-17", "mrn 004417", "0071-22") == []


def test_a_name_in_one_line_is_kept_with_a_reason_only(lab: Lab) -> None:
    number, _, _ = two(lab)
    until(lab, number, "bedside")
    lab.clock.tick(5)
    sites = lab.reading(number, "injection").facts["sites"]
    told = (replace(sites[0], complication="Maria Nowak-Żak collapsed"), *sites[1:])
    with pytest.raises(Invalid, match="leave out name") as asked:
        lab.record_step(number, "injection", sites=told)
    assert list(asked.value.problems) == ["sites-reason"]
    assert kept(lab, "Nowak") == []
    named = (replace(sites[0], complication="Nowak sign"), *sites[1:])
    lab.record_step(number, "injection", sites=named, confirmed={"sites": "It is called so in the textbook."})


def test_a_code_that_looks_like_none_is_taken_with_the_reason_and_one_of_ours_as_it_is(lab: Lab) -> None:
    ours = "KBZY-XSMH-YRZW"
    number = lab.open_batch(patient="H-1", identity_code=ours)
    assert lab.open_batch(patient="H-1", identity_code=ours.lower()) != number
    with pytest.raises(Invalid) as asked:
        lab.open_batch(patient="PT-ABCD", identity_code="12-01-2345")
    assert set(asked.value.problems) == {"patient_code", "identity_code", "how_known"}
    given = {"process_digest": lab.master().digest, "patient_code": "PT-ABCD", "identity_code": "12-01-2345"}
    with pytest.raises(Invalid, match="Say what happened"):
        open_batch(lab.by("tess"), **given, how_known="x")
    open_batch(lab.by("tess"), **given, how_known="The hospital numbers its samples so.")
    # What a batch is known by is asked back no more.
    open_batch(lab.by("tess"), **given)
