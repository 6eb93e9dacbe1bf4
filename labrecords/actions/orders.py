"""Orders for patients: written, withdrawn. A batch is opened from one in actions/batches.py."""

from __future__ import annotations

import secrets
from dataclasses import fields
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from labrecords.actions.door import Invalid, Refused, Tx, action
from labrecords.actions.patients import PATIENTS
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.registers.order_rules import opening_blockers, order_problems
from labrecords.domain.registers.orders import LETTER, OrderFacts, OrderWithdrawal, TherapyOrder
from labrecords.domain.registers.patients import new_pseudonym
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.batch_record import laboratory
from labrecords.models.masters import effective_masters
from labrecords.models.orders import KnownOrder, find_order
from labrecords.models.patients import find_patient
from labrecords.models.records import TherapyOrderRow


@action("order.written", needs=Permission.WRITE_ORDERS, chains=(PATIENTS,))
def write_order(tx: Tx, *, pseudonym: str, facts: OrderFacts) -> str:
    """Write an order for a patient whose identity is registered. Returns the random code of the order."""
    patient = find_patient(tx.session, pseudonym)
    if patient is None or patient.erased_at is not None:
        raise Refused(
            Blocker("patient", "Nobody with an identity has this pseudonym.", "Register the patient first.")
        )
    today = today_of(tx)
    keys = {master.key for master in effective_masters(tx.session, today)}
    problems = order_problems(facts, today, keys)
    if problems:
        raise Invalid(problems)
    order = TherapyOrder(
        id=tx.new_id(),
        patient_id=patient.id,
        code=_unused(tx),
        ordered_by=tx.actor.person_id,
        ordered_at=tx.now,
        **{item.name: getattr(facts, item.name) for item in fields(OrderFacts)},
    )
    tx.subject, tx.detail = pseudonym, {"order": order.code}
    tx.add(order)
    return order.code


@action("order.withdrawn", needs=Permission.WRITE_ORDERS, chains=(PATIENTS,))
def withdraw_order(tx: Tx, *, code: str, reason: str) -> str:
    """Withdraw an order from which no batch stands open, with the reason. Returns the withdrawal's id."""
    known = order_or_refused(tx, code)
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    blockers = opening_blockers(known.order, known.withdrawal is not None, known.batches)
    if blockers:
        raise Refused(*blockers)
    ended = OrderWithdrawal(tx.new_id(), known.order.id, reason, tx.actor.person_id, tx.now)
    tx.subject, tx.reason, tx.detail = known.patient.pseudonym, reason, {"order": code}
    tx.add(ended)
    return ended.id


def order_or_refused(tx: Tx, code: str) -> KnownOrder:
    """The order with this code. Raises Refused."""
    known = find_order(tx.session, code)
    if known is None:
        raise Refused(Blocker("order", f"There is no order {code}.", "Compare it with the patient's page."))
    return known


def today_of(tx: Tx) -> date:
    """The day of the act on the laboratory's calendar."""
    return times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date()


def _unused(tx: Tx) -> str:
    table = TherapyOrderRow.__table__
    while True:
        code = new_pseudonym(secrets.token_bytes, LETTER)
        if tx.session.execute(select(table.c.id).where(table.c.code == code)).first() is None:
            return code
