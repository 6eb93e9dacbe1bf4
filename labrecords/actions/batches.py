"""Opening a batch, and voiding one that was opened by mistake."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from labrecords.actions.door import LABORATORY, BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.actions.steps import open_record
from labrecords.domain.calculations.formulas import newest_edition
from labrecords.domain.evidence.signatures import VOIDED
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import Batch, Void
from labrecords.domain.review.release import void_blockers
from labrecords.domain.values import codes, times
from labrecords.models.batch_record import batch_chain, laboratory, load_record
from labrecords.models.codes import bare
from labrecords.models.masters import effective_masters
from labrecords.models.records import BatchRow


@action("batch.opened", needs=Permission.OPEN_BATCH, chains=(LABORATORY,))
def open_batch(tx: Tx, *, process_digest: str, patient_code: str, identity_code: str) -> str:
    """Open a batch for one patient with a master record that is effective today. Returns its number.

    The number is site, year and a sequence without holes; it is never used again. Without a chain-of-identity code
    a random one is given: it must not follow from anything about the patient (45 CFR 164.514(c)).
    """
    problems, site = {}, laboratory(tx.session)
    today = times.local(tx.now, ZoneInfo(site.zone)).date()
    if process_digest not in {master.digest for master in effective_masters(tx.session, today)}:
        problems["process"] = "Choose one of the processes."
    if not codes.normalise(patient_code):
        problems["patient_code"] = "Enter the patient's code."
    if identity_code and _belongs_to_another(tx, identity_code, patient_code):
        problems["identity_code"] = "This chain-of-identity code belongs to another patient."
    if problems:
        raise Invalid(problems)
    batch = Batch(
        id=tx.new_id(),
        number=_next_number(tx, site.site_code, today.strftime("%y")),
        patient_code=patient_code,
        identity_code=identity_code or codes.new_identity_code(secrets.token_bytes),
        process_digest=process_digest,
        opened_by=tx.actor.person_id,
        opened_at=tx.now,
        formulas=newest_edition(),
    )
    # The laboratory's chain refers to every batch, so that a batch cannot vanish together with its chain.
    tx.detail = {"batch": batch.number}
    tx.begin_chain(batch_chain(batch.id))
    tx.add(batch)
    project(tx.session, load_record(tx.session, batch))
    return batch.number


def _belongs_to_another(tx: Tx, identity_code: str, patient_code: str) -> bool:
    """Whether a batch of another patient carries this chain-of-identity code, however it was typed there."""
    table = BatchRow.__table__
    found = select(table.c.id).where(
        bare(table.c.identity_code) == codes.normalise(identity_code),
        bare(table.c.patient_code) != codes.normalise(patient_code),
    )
    return tx.session.execute(found.limit(1)).first() is not None


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
