"""Patients: registered with a random pseudonym, found by exact search, read one at a time, corrected, erased.

Names, days of birth and record numbers are sealed before they reach the database. No event, no stored result of a form
and no sentence of a refusal holds any of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from labrecords.actions.door import ACCESS, SYSTEM, Invalid, Refused, Tx, action
from labrecords.actions.identity_keys import IdentityKeys
from labrecords.actions.identity_vault import (
    PERSON,
    RECORD_NUMBER,
    add_version,
    all_opened,
    forget,
    forget_versions,
    opened,
    seal_all_anew,
    take_out_of_search,
    told_of,
    unreadable,
    with_mac,
)
from labrecords.actions.step_drafts import forget_drafts
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.registers.patients import (
    Identity,
    Patient,
    identity_problems,
    new_pseudonym,
    person_key,
    record_key,
    tells_identity,
)
from labrecords.domain.review.release import Blocker
from labrecords.domain.status import OVER, Status, status
from labrecords.domain.values import codes, times
from labrecords.models.batch_record import laboratory, load_record
from labrecords.models.codes import bare, batches_of_patient
from labrecords.models.patients import (
    PatientErasureRow,
    PatientRow,
    find_patient,
)
from labrecords.models.records import BatchRow

PATIENTS = "patients"
FIRST = "Registered"
TELLS = (
    "This stays for good, also when the identity is erased: leave out name, day of birth and record number."
)
PURPOSES = (
    "to identify the patient at the bedside",
    "to speak or write to the patient",
    "to answer a request of the patient",
    "to look into a discrepancy",
)
HISTORY = (*OVER, Status.REJECTED)
"""Nobody has to be identified for such a batch any more."""
TO_CORRECT = "to correct it"


@action("patient.registered", needs=Permission.REGISTER_PATIENTS, chains=(PATIENTS,))
def register_patient(tx: Tx, *, keys: IdentityKeys, identity: Identity) -> str:
    """Register a patient under a random pseudonym and a random chain-of-identity code. Returns the pseudonym.

    A record number that is registered already is answered with its pseudonym: one human is one patient.
    """
    problems = identity_problems(identity, _today(tx))
    known = with_mac(tx, keys, RECORD_NUMBER, record_key(identity.record_number))
    if known:
        problems["record_number"] = _registered_already(known[0])
    if problems:
        raise Invalid(problems)
    row = PatientRow(
        id=tx.new_id(),
        pseudonym=_unused(tx),
        identity_code=codes.new_identity_code(secrets.token_bytes),
        registered_by=tx.actor.person_id,
        registered_at=tx.now,
    )
    tx.subject = row.pseudonym
    tx.add(row)
    add_version(tx, keys, row.id, identity, FIRST)
    return str(row.pseudonym)


@action("patient.corrected", needs=Permission.SEE_IDENTITY, chains=(PATIENTS,))
def correct_identity(tx: Tx, *, keys: IdentityKeys, pseudonym: str, identity: Identity, reason: str) -> str:
    """Correct the identity of a patient: a new version, with the reason. The one before stays, sealed.

    Returns the pseudonym, which stays the same.
    """
    patient = _living(tx, pseudonym)
    before = opened(tx, keys, patient)
    problems = identity_problems(identity, _today(tx)) | _of_reason(reason, before, identity)
    known = with_mac(tx, keys, RECORD_NUMBER, record_key(identity.record_number))
    if any(item.id != patient.id for item in known):
        problems["record_number"] = _registered_already(known[0])
    if identity == before:
        problems[""] = "Nothing was changed: this is what is registered."
    if problems:
        raise Invalid(problems)
    tx.subject, tx.reason = pseudonym, reason
    take_out_of_search(tx, patient.id)
    add_version(tx, keys, patient.id, identity, reason)
    return pseudonym


@action("patient.erased", needs=Permission.ERASE_IDENTITY, chains=(PATIENTS,))
def erase_identity(tx: Tx, *, keys: IdentityKeys, pseudonym: str, reason: str) -> str:
    """Erase every version of a patient's identity with its salts (GDPR 17). Records under the pseudonym stay.

    What the trail holds of it are salted hashes that nobody can try names against any more. Returns the pseudonym.
    Whoever calls has the deleted bytes removed from the files afterwards: `Store.forget_deleted`.
    """
    patient = _living(tx, pseudonym)
    problems = _of_reason(reason, *all_opened(tx, keys, patient))
    if problems:
        raise Invalid(problems)
    batches = batches_of_patient(tx.session, pseudonym)
    running = [batch.number for batch in batches if status(load_record(tx.session, batch)) not in HISTORY]
    if running:
        sentence = f"Batch {', '.join(running)} of {pseudonym} is not over: nobody could be identified at the bedside."
        way_out = "Erase when it is closed, or void it. Answer the request meanwhile."
        raise Refused(Blocker("batch open", sentence, way_out))
    tx.subject, tx.reason = pseudonym, reason
    forget(tx, patient.id)
    forget_drafts(tx, [batch.id for batch in batches])
    tx.add(
        PatientErasureRow(
            id=tx.new_id(),
            patient_id=patient.id,
            reason=reason,
            erased_by=tx.actor.person_id,
            erased_at=tx.now,
        )
    )
    return pseudonym


@action("identity.searched", needs=Permission.FIND_PATIENTS, chains=(ACCESS,))
def find_patients(
    tx: Tx, *, keys: IdentityKeys, record_number: str = "", name: str = "", birth_date: date | None = None
) -> list[str]:
    """Find patients exactly, by record number or by name and day of birth. Returns their pseudonyms, never more.

    That somebody searched, by what, and which pseudonyms were found is an event; what was typed is not kept.
    """
    if record_key(record_number):
        what, key = RECORD_NUMBER, record_key(record_number)
    elif name and birth_date:
        what, key = PERSON, person_key(Identity(name, birth_date, ""))
    else:
        raise Invalid({"": "Enter the record number, or the name together with the day of birth."})
    found = [patient.pseudonym for patient in with_mac(tx, keys, what, key)]
    tx.subject = found[0] if len(found) == 1 else ""
    tx.detail = {"source": tx.by.source, "by": what, "found": ", ".join(found) or "none"}
    return found


@action("identity.read", needs=Permission.SEE_IDENTITY, chains=(ACCESS,))
def read_identity(tx: Tx, *, keys: IdentityKeys, pseudonym: str, purpose: str) -> Identity:
    """The identity of a patient, for a purpose of PURPOSES. That it was read is an event of the same transaction.

    Refused where the sealed bytes are not those that the trail commits to.
    """
    if purpose not in (*PURPOSES, TO_CORRECT):
        raise Invalid({"purpose": "Choose what it is needed for."})
    identity = opened(tx, keys, _living(tx, pseudonym))
    tx.subject = pseudonym
    tx.detail = {"source": tx.by.source, "purpose": purpose}
    # A repeat of the form is answered with nothing: no identity is kept among the results of forms.
    tx.repeat = None
    return identity


@action("identity.exported", needs=Permission.SEE_IDENTITY, chains=(ACCESS,))
def export_identity(tx: Tx, *, keys: IdentityKeys, pseudonym: str) -> Identity | None:
    """The identity of a patient for the copy of all that is kept (GDPR 15, 20); None where it was erased.

    That it was given out is an event of the same transaction. Refused where the sealed bytes are not those that the
    trail commits to.
    """
    patient = find_patient(tx.session, pseudonym)
    if patient is None:
        raise Refused(Blocker("patient", "No patient has this pseudonym.", "Compare it with the label."))
    tx.subject = pseudonym
    tx.detail = {"source": tx.by.source, "purpose": "a copy of all that is kept"}
    tx.repeat = None
    return opened(tx, keys, patient) if patient.erased_at is None else None


@action("identity.given_up", needs=None, chains=(SYSTEM,))
def give_up_unreadable(tx: Tx, *, keys: IdentityKeys, reason: str) -> int:
    """Delete the sealed identities that no key opens any more, for good. Returns how many versions there were.

    Only where their key is lost with every backup of it: without this the installation would not start again.
    """
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    lost = unreadable(tx.session, keys)
    forget_versions(tx, lost)
    tx.reason, tx.detail = reason, {"versions": str(len(lost))}
    return len(lost)


@action("identity.sealed_anew", needs=None, chains=(SYSTEM,))
def seal_anew(tx: Tx, *, keys: IdentityKeys) -> int:
    """Seal every identity with the newest key, after a new one was made. Returns how many versions there were."""
    count = seal_all_anew(tx, keys)
    tx.detail = {**told_of(keys), "versions": str(count)}
    return count


def _living(tx: Tx, pseudonym: str) -> Patient:
    """The patient, whose identity must be there. Raises Refused."""
    patient = find_patient(tx.session, pseudonym)
    if patient is None:
        raise Refused(Blocker("patient", "No patient has this pseudonym.", "Compare it with the label."))
    if patient.erased_at is not None:
        sentence = f"The identity of {pseudonym} was erased."
        raise Refused(Blocker("erased", sentence, "What was recorded under the pseudonym can still be read."))
    return patient


def _of_reason(reason: str, *identities: Identity) -> dict[str, str]:
    problem = reason_problem(reason)
    if not problem and _any_told(reason, identities):
        problem = TELLS
    return {"reason": problem} if problem else {}


def _any_told(text: str, identities: Iterable[Identity]) -> bool:
    return any(tells_identity(text, identity) for identity in identities)


def _registered_already(patient: Patient) -> str:
    return (
        f"This record number is registered already, as patient {patient.pseudonym}. Use that pseudonym; if the "
        "number was typed wrongly there, have it corrected on the page of that patient."
    )


def _unused(tx: Tx) -> str:
    """A pseudonym that no patient has, nor any batch that was opened with a typed code."""
    table, batch = PatientRow.__table__, BatchRow.__table__
    while True:
        pseudonym = new_pseudonym(secrets.token_bytes)
        taken = or_(
            select(table.c.id).where(table.c.pseudonym == pseudonym).exists(),
            select(batch.c.id).where(bare(batch.c.patient_code) == codes.normalise(pseudonym)).exists(),
        )
        if not tx.session.execute(select(taken)).scalar():
            return pseudonym


def _today(tx: Tx) -> date:
    return times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date()
