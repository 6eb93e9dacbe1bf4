"""Recording who was told that something is wrong with a product: by whom, when, how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labrecords.actions.door import BatchRef, Invalid, Refused, Tx, action
from labrecords.actions.projections import project
from labrecords.actions.steps import open_record
from labrecords.domain.custody.notices import ROLES, WAYS, Notice, Receipt, cause_of
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import load_record


@dataclass(frozen=True)
class NoticeFacts:
    """Who was told what: the cause, the person (a patient by the pseudonym), when, how, and what was said."""

    cause: str
    cause_id: str
    role: str
    whom: str
    told_at: datetime
    how: str
    note: str


@action("person.told", needs=Permission.TELL)
def tell(tx: Tx, *, batch: BatchRef, facts: NoticeFacts) -> str:
    """Record that somebody was told. Who was told twice stands there twice. Returns the id.

    Raises Invalid where the batch knows no such cause, and for a time before it or in the future.
    """
    record = open_record(tx, batch.batch_id)
    wrong = {}
    about = cause_of(record, facts.cause, facts.cause_id)
    if about is None:
        wrong[""] = "This batch has nothing of this kind to be told."
    elif times.end_of_minute(facts.told_at) < about.known_at:
        wrong["told_at"] = "Nobody knew of it then. Enter when it was told."
    if facts.told_at > tx.now:
        wrong["told_at"] = "This time is still to come."
    if facts.role not in ROLES:
        wrong["role"] = "Choose who it is."
    if not facts.whom:
        wrong["whom"] = "Enter who was told."
    if facts.how not in WAYS:
        wrong["how"] = "Choose how it was told."
    if wrong:
        raise Invalid(wrong)
    notice = Notice(
        id=tx.new_id(),
        batch_id=record.batch.id,
        cause=facts.cause,
        cause_id=facts.cause_id,
        role=facts.role,
        whom=facts.whom,
        how=facts.how,
        note=facts.note,
        told_at=facts.told_at,
        person_id=tx.actor.person_id,
        recorded_at=tx.now,
    )
    tx.detail = {"cause": facts.cause, "role": facts.role}
    tx.add(notice)
    project(tx.session, load_record(tx.session, record.batch))
    return notice.id


@action("notice.received", needs=Permission.CLOSE_ADMINISTRATION)
def confirm_receipt(tx: Tx, *, batch: BatchRef, notice_id: str, done: str) -> str:
    """A physician says that a notice has come, and what was done for the patient. Returns the id.

    Refused where the batch has no such notice, where its receipt was recorded already, and to who told it, unless
    that is the one who was told.
    """
    record = open_record(tx, batch.batch_id)
    notice = next((one for one in record.notices if one.id == notice_id), None)
    if notice is None:
        raise Refused(Blocker("notice", "There is no such notice.", "Open the batch again."))
    if notice.whom != tx.actor.name and record.same_human(notice.person_id, tx.actor.person_id):
        raise Refused(
            Blocker(
                "own notice",
                "Who told it does not say that it has come.",
                f"{notice.whom} says so, or another physician who knows it of them.",
            )
        )
    if any(one.notice_id == notice_id for one in record.receipts):
        raise Refused(Blocker("notice", "Its receipt is recorded already.", "Read who received it."))
    if wrong := reason_problem(done):
        raise Invalid({"done": wrong})
    receipt = Receipt(tx.new_id(), record.batch.id, notice_id, done, tx.actor.person_id, tx.now)
    tx.add(receipt)
    project(tx.session, load_record(tx.session, record.batch))
    return receipt.id
