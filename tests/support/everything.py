"""A state in which every table of records has rows: the whole story, and what it leaves out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyotp

from labrecords.actions import (
    accounts,
    batches,
    factors,
    lots,
    misuse,
    orders,
    patients,
    people,
    place_log,
    training,
)
from labrecords.actions.access import review_access
from labrecords.actions.attaching import file_of, withdraw_file
from labrecords.actions.bypassing import bypass_stops
from labrecords.actions.door import Acting, BatchRef
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.investigating import investigate
from labrecords.actions.labels import account_for_labels, give_container_id, print_labels
from labrecords.actions.laboratory import shipped_processes
from labrecords.actions.mixups import lock_products
from labrecords.actions.notices import NoticeFacts, confirm_receipt, tell
from labrecords.actions.pausing import pause_step
from labrecords.actions.readings import Reading
from labrecords.actions.recalls import RecallFacts, end_recall, mark_batches, recall
from labrecords.actions.temperatures import attach_logger, logger_of
from labrecords.actions.timers import end_timer, start_timer, timer_ref
from labrecords.domain.access_review import shown_as as accounts_shown
from labrecords.domain.custody.notices import PHYSICIAN, RECALL
from labrecords.domain.entries import Stop
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.registers.orders import OrderFacts
from labrecords.domain.registers.patients import Identity
from labrecords.domain.registers.place_log import shown_as
from labrecords.domain.review.investigation import name_of
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.order import Target
from labrecords.domain.timers import FINISHED
from labrecords.exchange.logger_csv import Answers
from labrecords.models.access import accounts_now
from labrecords.models.place_readings import readings_between
from tests.support import story
from tests.support.lab import BLIND_RECEIPT, SHIPPED_KEY, Lab

EVERYTHING = "everything"
MYCOPLASMA = (
    "[[result]]",
    """[[step]]
key = "mycoplasma"
kind = "mycoplasma"
phase = "testing"
title = "Mycoplasma of the product"
instruction = "As the method says, with both controls."

[[result]]""",
)
"""A step of a kind that no shipped process has, for `lab.adopt`."""


def fill_every_table(lab: Lab) -> str:
    """Play the story with a correction, void a second batch, let a third person come and go. Returns the number.

    For a lab in which nothing has happened yet; made once a run.
    """
    assert lab.chain_lengths() == lab.heads
    if EVERYTHING in lab.bench.kept:
        return lab.bench.put_back(EVERYTHING)
    number = lab.play("receipt")
    lab.correct_step(number, "receipt", "The scale was read anew.", volume_ml=Decimal("59.5"))
    lab.confirm_all(number, "receipt")
    about, spin = timer_ref(lab.record(number).batch.id, "spin_1"), KINDS["centrifugation"]
    of_spin: dict[str, Any] = {"about": about, "step_key": "spin_1"}
    reading = Reading(kind=spin, facts={}, performed_by=lab.id("tess"))
    timer = start_timer(lab.by("tess"), label="First spin", seconds=240, reading=reading, **of_spin)
    end_timer(lab.by("vic"), timer_id=timer, outcome=FINISHED, kind=spin, **of_spin)
    typed = {"container_code": "BAG-7"}
    pause_step(
        lab.by("vic"), step=lab.step(number, "spin_1"), kind=spin, typed=typed, note="The rotor is cold."
    )
    lab.play("closed", number)
    beside = lab.play("receipt", lab.open_batch())
    for key in story.ACTS:
        lab.record_step(beside, key)
    shipped, others = [read_process(text) for text in shipped_processes()], dict[str, str]()
    for key in (*story.OTHERS, *story.OF_FAT):
        process = next(item for item in shipped if key in {step.key for step in item.steps})
        if process.key not in others:
            others[process.key] = lab.open_batch(process=lab.master(process.key).digest)
        lab.record_step(others[process.key], key, happened_reason="The steps before are on paper.")
    blind = lab.open_batch(process=lab.adopt(BLIND_RECEIPT))
    lab.record_step(blind, "receipt", happened_reason="The steps before are on paper.")
    lab.reenter(blind, "receipt", "vic", volume_ml=Decimal("61.0"))
    lab.attach(blind, "receipt", "temperature.csv", b"time,degrees\n08:20,21.4\n")
    mistaken = lab.attach(blind, "receipt", "other.csv", b"time,degrees\n08:20,4.4\n")
    withdraw_file(
        lab.by("tess"), batch=lab.batch(blind), attachment_id=mistaken,
        cause="another batch or patient", reason="It is the log of the fridge.",
    )  # fmt: skip
    tested = lab.open_batch(process=lab.adopt(MYCOPLASMA))
    lab.record_step(tested, "mycoplasma", happened_reason="The steps before are on paper.")
    hurried = lab.open_batch(process=lab.adopt(('key = "receipt"', 'key = "receipt"\nbypass = true')))
    bypass_stops(
        Acting(lab.store, lab.proof("vic").actor),
        batch=BatchRef(lab.record(hurried).batch.id),
        step_key="receipt",
        stops=(Stop("equipment", "The check of BA-01 was due.", "Take another one."),),
        reason="The surgeon waits, and the balance was checked by weights.",
        requested_by=lab.id("tess"),
        performed_by=lab.id("tess"),
        proof=lab.proof("vic"),
    )
    _investigated(lab)
    code = give_container_id(lab.by("tess"), batch=lab.batch(hurried))
    label = print_labels(
        lab.by("tess"), batch=lab.batch(hurried), code=code,
        kind="sample", stock="25x15", copies=2, storage="", reason="",
    )  # fmt: skip
    account_for_labels(
        lab.by("tess"), batch=lab.batch(hurried), print_id=label, fates={1: "applied", 2: "spoiled"}, note=""
    )
    _register_patients(lab)
    lock_products(
        lab.by("tess"),
        batch=BatchRef(lab.record(hurried).batch.id),
        other=BatchRef(lab.record(tested).batch.id),
        step_key="identity_harvest",
        found="P-2050",
    )
    void = lab.open_batch(patient="P-2049")
    batches.void_batch(
        lab.by("tess"), batch=lab.batch(void), reason="Opened for the wrong patient.", proof=lab.proof("tess")
    )
    added = people.add_person(
        lab.by("ivan"), username="nora", name="Nora New", roles=("technician", "quality assurance")
    )
    accounts.accept_invitation(lab.system, secret=added["secret"], password="a phrase that nobody guesses")
    people.revoke_role(
        lab.by("ivan"), person_id=added["person_id"], role="technician", reason="Works in quality only."
    )
    people.grant_role(
        lab.by("ivan"),
        person_id=added["person_id"],
        role="courier",
        reason="Carries until the end of June.",
        last_day=date(2027, 6, 30),
    )
    people.link_accounts(
        lab.by("ivan"),
        person_id=added["person_id"],
        other_username="ada",
        reason="Nora audits under another name.",
    )
    people.deactivate(lab.by("ivan"), person_id=added["person_id"], reason="Left the laboratory.")
    _second_factors(lab)
    with lab.store.read() as session:
        seen = accounts_shown(accounts_now(session, lab.clock.now), lab.clock.now)
    review_access(
        lab.by("quentin"), seen=seen, comment="Compared with the list of staff.", proof=lab.proof("quentin")
    )
    _receive_a_lot(lab)
    _cold_store(lab)
    _misused(lab)
    _recalled(lab, number)
    training.record_training(
        lab.by("quentin"), person_id=lab.id("tess"), sop="SOP-012", sop_version="3",
        trained_on=lab.clock.now.date(), expires_on=None, assessor="Vic Vermeer",
    )  # fmt: skip
    lab.bench.keep(EVERYTHING, number)
    return number


def _register_patients(lab: Lab) -> None:
    """Two patients, of whom one is erased afterwards."""
    keys = lab.installation.identity_keys
    for number in ("1968-4411", "1972-0907"):
        who = Identity("Maria Nowak", date(1968, 4, 30), number)
        pseudonym = patients.register_patient(lab.by("tess"), keys=keys, identity=who)
    facts = OrderFacts(
        process_key=SHIPPED_KEY,
        indication="herniated disc",
        indication_note=None,
        targets=(Target(structure="intervertebral disc", level="L5/S1", side="midline"),),
        prescriber="Paula Pereira",
        consent_version="Consent BMC, version 3",
        consent_date=date(2026, 11, 20),
    )
    for opens in (True, False):
        code = orders.write_order(lab.by("paula"), pseudonym=pseudonym, facts=facts)
        if opens:
            number = batches.open_ordered_batch(
                lab.by("tess"), process_digest=lab.master().digest, order_code=code
            )
        else:
            orders.withdraw_order(lab.by("paula"), code=code, reason="Another date was agreed.")
    batches.void_batch(
        lab.by("tess"), batch=lab.batch(number), reason="The patient withdrew.", proof=lab.proof("tess")
    )
    patients.erase_identity(
        lab.by("quentin"),
        keys=keys,
        pseudonym=pseudonym,
        reason="The patient asked for it, nothing was made.",
    )


def _second_factors(lab: Lab) -> None:
    """One-time codes that were set up and ended, and what a role asks."""
    token, seed = factors.begin_codes(lab.by("ada"))
    code = pyotp.TOTP(seed).at(lab.clock.now)
    factors.add_codes(lab.by("ada"), token=token, code=code, label="Phone")
    factors.reset_factors(lab.by("ivan"), person_id=lab.id("ada"), reason="The phone was lost.")
    factors.set_rule(lab.by("ivan"), role="auditor", rule="none", in_days=0, reason="Auditors come seldom.")


def _receive_a_lot(lab: Lab) -> None:
    """A delivery, received by one and released by another."""
    facts = lots.LotFacts(
        "saline",
        "Maker of solutions",
        "S-9",
        "S-77",
        Decimal(500),
        "mL",
        certificate=file_of("coa.csv", b"test;result\npH;5.0\n"),
    )
    delivery = lots.receive_lot(lab.by("tess"), facts=facts)
    lots.release_lot(lab.by("vic"), delivery_id=delivery, seen=1, proof=lab.proof("vic"))


def _investigated(lab: Lab) -> None:
    """A broken time limit, and what quality assurance found about it."""
    number = lab.open_batch(patient="P-2050")
    lab.record_step(number, "harvest", happened_reason="The steps before are on paper.")
    lab.clock.tick(200)
    lab.record_step(number, "spin_1", happened_reason="The steps before are on paper.")
    (late,) = (item for item in findings(lab.record(number)) if item.rule == "time limit")
    investigate(
        lab.by("quentin"),
        batch=lab.batch(number),
        finding=name_of(late),
        reason="The centrifuge had failed. The counts show that the cells are whole.",
        proof=lab.proof("quentin"),
    )


def _cold_store(lab: Lab) -> None:
    """A container in a fridge with a logger, and the log of that fridge, read and reviewed."""
    cold = EquipmentFacts("FR-2", "fridge", "Cold 400", low_c=Decimal(2), high_c=Decimal(8))
    register_equipment(lab.by("quentin"), facts=cold)
    lab.clock.tick()
    taken = place_log.ReadingFacts("FR-2", lab.clock.now, Decimal(5))
    place_log.record_reading(lab.by("tess"), facts=taken)
    day = lab.clock.now.date()
    with lab.store.read() as session:
        shown = shown_as(readings_between(session, "FR-2", lab.clock.now - timedelta(days=2), lab.clock.now))
    looked_at = place_log.ReviewFacts("FR-2", day - timedelta(days=1), day, "In range at all times.", shown)
    place_log.review_log(lab.by("quentin"), facts=looked_at, proof=lab.proof("quentin"))
    number = lab.play("receipt", lab.open_batch(patient="P-2051"))
    for key, minutes in (("storage-1", 5), ("storage-2", 60)):
        lab.clock.tick(minutes)
        lab.record_step(number, key)
    put = lab.record(number).current("storage-1")
    assert put is not None
    times = (put.performed_at + timedelta(minutes=10 * n) for n in range(7))
    lines = ["Time;Temp (°C)", *(f"{at:%Y-%m-%d %H:%M:%S};5,0" for at in times)]
    read = logger_of("fridge.csv", "\n".join(lines).encode(), Answers("UTC+00:00"))
    attach_logger(
        lab.by("tess"), batch=BatchRef(lab.record(number).batch.id), step_key="storage-1", read=read
    )


def _misused(lab: Lab) -> None:
    """Failures to sign in that were noticed, and what somebody found."""
    alert = misuse.notice_misuse(
        lab.system, about="tess", asked_for="signature", source="10.0.0.9", failures=5
    )
    misuse.see_misuse(lab.by("quentin"), misuse_id=alert, comment="Another keyboard layout.")


def _recalled(lab: Lab, number: str) -> None:
    """A lot that was recalled, who was told of it, and the end of the recall."""
    facts = RecallFacts(
        subject="lot",
        key="AC778",
        typed="AC778",
        since=None,
        until=None,
        reason="The maker reports endotoxin.",
    )
    lab.clock.tick()
    one = recall(lab.by("quentin"), facts=facts, proof=lab.proof("quentin"))
    mark_batches(lab.by("quentin"), one)
    lab.clock.tick()
    batch = BatchRef(lab.record(number).batch.id)
    told = NoticeFacts(RECALL, one, PHYSICIAN, "Paula Pereira", lab.clock(), "by telephone", "")
    notice = tell(lab.by("quentin"), batch=batch, facts=told)
    confirm_receipt(
        lab.by("paula"), batch=batch, notice_id=notice, done="The patient was called in and seen."
    )
    end_recall(lab.by("quentin"), recall_id=one, reason="It was another lot.", proof=lab.proof("quentin"))
    mark_batches(lab.by("quentin"), one)
