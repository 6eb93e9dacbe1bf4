"""Opening a batch, and voiding one that was opened by mistake."""

from __future__ import annotations

import secrets

from sqlalchemy import func, or_, select

from labrecords.actions.door import LABORATORY, BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.identity_vault import is_record_number
from labrecords.actions.orders import order_or_refused, today_of
from labrecords.actions.patients import PATIENTS
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.domain.calculations.formulas import newest_edition
from labrecords.domain.evidence.signatures import VOIDED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import Batch, Void
from labrecords.domain.registers.order_rules import opening_blockers
from labrecords.domain.registers.orders import BatchOrder, copy_of
from labrecords.domain.registers.patients import looks_like_a_code
from labrecords.domain.review.release import Blocker, void_blockers
from labrecords.domain.values import codes
from labrecords.models.batch_record import batch_chain, laboratory, load_record
from labrecords.models.codes import bare
from labrecords.models.masters import effective_masters
from labrecords.models.patients import PatientRow
from labrecords.models.records import BatchRow

NO_CODE = "This looks like a name or a date. A code stays for good: enter the one that the hospital sends."
NUMBER_OF_A_PATIENT = (
    "This is the record number of a patient who is registered here. Open the batch from the order."
)
HOW_KNOWN = "If it is the code all the same, say how you know that it tells nobody who the patient is."


@action("batch.opened", needs=Permission.OPEN_BATCH, chains=(LABORATORY, PATIENTS))
def open_ordered_batch(tx: Tx, *, process_digest: str, order_code: str) -> str:
    """Open a batch from an order, with an effective master record of the product. Returns its number.

    Pseudonym and chain-of-identity code are those of the patient; what was ordered becomes part of the batch. An order
    has one batch at a time: another one is opened only after that one was voided.
    """
    known = order_or_refused(tx, order_code)
    if known.patient.erased_at is not None:
        way_out = "Register the patient anew, and write the order for that pseudonym."
        raise Refused(Blocker("erased", f"The identity of {known.patient.pseudonym} was erased.", way_out))
    blockers = opening_blockers(known.order, known.withdrawal is not None, known.batches)
    if blockers:
        raise Refused(*blockers)
    masters = effective_masters(tx.session, today_of(tx))
    if not any(item.digest == process_digest and item.key == known.order.process_key for item in masters):
        raise Invalid({"process": "Choose an effective master record of the product that is ordered."})
    batch = _new_batch(tx, process_digest, known.patient.pseudonym, known.patient.identity_code)
    _open(tx, batch, copy_of(known.order, tx.new_id(), batch.id))
    return batch.number


@action("batch.opened", needs=Permission.OPEN_BATCH, chains=(LABORATORY,))
def open_batch(
    tx: Tx, *, process_digest: str, patient_code: str, identity_code: str, how_known: str = ""
) -> str:
    """Open a batch for codes that another system gave: where a hospital sends pseudonyms, and keeps who they are.

    The number is site, year and a sequence without holes; it is never used again. Without a chain-of-identity code
    a random one is given: it must not follow from anything about the patient (45 CFR 164.514(c)). For a patient who is
    registered here a batch is opened from the order. What looks like no code is asked back; `how_known`, a reason that
    the event keeps, is the way out.
    """
    problems, doubts = {}, {}
    if process_digest not in {master.digest for master in effective_masters(tx.session, today_of(tx))}:
        problems["process"] = "Choose one of the processes."
    if not codes.normalise(patient_code):
        problems["patient_code"] = "Enter the patient's code."
    elif _registered_here(tx, patient_code):
        problems["patient_code"] = (
            "This patient is registered here: open the batch from the order, on that page."
        )
    elif _is_record_number(tx, patient_code):
        problems["patient_code"] = NUMBER_OF_A_PATIENT
    elif not _is_code(tx, patient_code):
        doubts["patient_code"] = NO_CODE
    if identity_code and _belongs_to_another(tx, identity_code, patient_code):
        problems["identity_code"] = "This chain-of-identity code belongs to another patient."
    elif identity_code and _is_record_number(tx, identity_code):
        problems["identity_code"] = NUMBER_OF_A_PATIENT
    elif identity_code and not (codes.is_identity_code(identity_code) or _is_code(tx, identity_code)):
        doubts["identity_code"] = NO_CODE
    if doubts and not how_known.strip():
        problems |= doubts | {"how_known": HOW_KNOWN}
    elif doubts and (wrong := reason_problem(how_known)):
        problems["how_known"] = wrong
    if problems:
        raise Invalid(problems)
    tx.reason = how_known if doubts else None
    given = identity_code or codes.new_identity_code(secrets.token_bytes)
    batch = _new_batch(tx, process_digest, patient_code, given)
    _open(tx, batch)
    return batch.number


def _new_batch(tx: Tx, process_digest: str, patient_code: str, identity_code: str) -> Batch:
    number = _next_number(tx, laboratory(tx.session).site_code, today_of(tx).strftime("%y"))
    return Batch(
        id=tx.new_id(),
        number=number,
        patient_code=patient_code,
        identity_code=identity_code,
        process_digest=process_digest,
        opened_by=tx.actor.person_id,
        opened_at=tx.now,
        formulas=newest_edition(),
    )


def _open(tx: Tx, batch: Batch, *parts: BatchOrder) -> None:
    # The laboratory's chain refers to every batch, so that a batch cannot vanish together with its chain.
    tx.detail = {"batch": batch.number}
    tx.begin_chain(batch_chain(batch.id))
    for item in (batch, *parts):
        tx.add(item)
    project(tx.session, load_record(tx.session, batch))


def _is_record_number(tx: Tx, text: str) -> bool:
    return tx.by.keys is not None and is_record_number(tx.session, tx.by.keys, text)


def _is_code(tx: Tx, text: str) -> bool:
    """Whether a text may stay as a code: by its looks, or as a batch is known by it already."""
    table, code = BatchRow.__table__, codes.normalise(text)
    known = or_(bare(table.c.patient_code) == code, bare(table.c.identity_code) == code)
    return looks_like_a_code(text) or bool(
        tx.session.execute(select(table.c.id).where(known).limit(1)).first()
    )


def _registered_here(tx: Tx, patient_code: str) -> bool:
    table = PatientRow.__table__
    found = select(table.c.id).where(bare(table.c.pseudonym) == codes.normalise(patient_code))
    return tx.session.execute(found.limit(1)).first() is not None


def _belongs_to_another(tx: Tx, identity_code: str, patient_code: str) -> bool:
    """Whether another patient, or a batch of one, has this chain-of-identity code, however it was typed there."""
    code, table, patient = codes.normalise(identity_code), BatchRow.__table__, PatientRow.__table__
    of_batch = select(table.c.id).where(
        bare(table.c.identity_code) == code, bare(table.c.patient_code) != codes.normalise(patient_code)
    )
    of_patient = select(patient.c.id).where(bare(patient.c.identity_code) == code)
    return bool(tx.session.execute(select(or_(of_batch.exists(), of_patient.exists()))).scalar())


def _next_number(tx: Tx, site_code: str, year: str) -> str:
    table, prefix = BatchRow.__table__, f"{site_code}-{year}-"
    query = select(func.count()).select_from(table).where(table.c.number.startswith(prefix, autoescape=True))
    return f"{prefix}{(tx.session.execute(query).scalar() or 0) + 1:04d}"


@action("batch.voided", needs=Permission.OPEN_BATCH)
def void_batch(tx: Tx, *, batch: BatchRef, reason: str, proof: Proof) -> str:
    """Void a batch that was opened by mistake, by signature. Its number stays used. Returns the void's id."""
    record = open_record(tx, batch.batch_id)
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    reasons = void_blockers(record)
    if reasons:
        raise Refused(*reasons)
    signature = sign(tx, proof, record, "", VOIDED)
    void = Void(tx.new_id(), record.batch.id, reason, signature.id, tx.actor.person_id, tx.now)
    tx.reason = reason
    tx.add(void)
    project(tx.session, load_record(tx.session, record.batch))
    return void.id
