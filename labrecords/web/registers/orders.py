"""Orders on the page of their patient: writing one, withdrawing it, and opening a batch from it."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions import orders
from labrecords.actions.batches import open_ordered_batch
from labrecords.actions.door import Invalid, Refused
from labrecords.domain.facts import fact_named
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.registers.order_rules import opening_blockers
from labrecords.domain.registers.orders import OrderFacts
from labrecords.domain.review.release import Blocker
from labrecords.domain.steps.order import INDICATIONS, Order
from labrecords.models.batch_record import process_of
from labrecords.models.masters import effective_masters
from labrecords.models.orders import KnownOrder, find_order
from labrecords.models.session import db
from labrecords.web.forms.fields import field_for, parse_day
from labrecords.web.forms.shared import Line, Parsed, Reason, WritingForm, wrong
from labrecords.web.registers.patients import held, pages, product_titles
from labrecords.web.signed_in import acting, signed_in_actor, today_here
from labrecords.web.site import say

UNITS = {"volume_ml": "mL", "dose_cells": "viable cells"}


class OrderForm(WritingForm):
    process_key = RadioField("Product", validate_choice=False)
    indication = RadioField(
        "Indication",
        choices=[SelectChoice(words, words[:1].upper() + words[1:]) for words in INDICATIONS],
        validate_choice=False,
    )
    indication_note = Line("Indication in words", limit=200, description="Without the patient's name")
    prescriber = Line("Prescribed by", limit=120, missing="Enter who prescribes it.")
    consent_version = Line(
        "Consent form and version", limit=120, missing="Enter form and version of the consent."
    )
    consent_date = Parsed(
        "Consent given on", parse_day, missing="Enter the day of consent.", description="As 2026-11-22"
    )
    targets = field_for(fact_named(Order, "targets"))

    def facts(self) -> OrderFacts:
        """What was typed, after validation."""
        return OrderFacts(
            process_key=self.process_key.data or "",
            indication=self.indication.data or "",
            indication_note=self.indication_note.text or None,
            targets=self.targets.rows(),
            prescriber=self.prescriber.text,
            consent_version=self.consent_version.text,
            consent_date=self.consent_date.value,
        )


class WithdrawForm(WritingForm):
    reason = Reason("Why it is withdrawn", description="Without the patient's name")


class OpenOrderedForm(WritingForm):
    master = RadioField("Master record", validate_choice=False)


@pages.page("/patients/<pseudonym>/order", needs=Permission.WRITE_ORDERS, methods=("GET", "POST"))
def write(pseudonym: str) -> ResponseReturnValue:
    known, form, status = held(pseudonym), OrderForm(), 200
    titles = product_titles()
    form.process_key.choices = [SelectChoice(key, title) for key, title in titles.items()]
    if not form.is_submitted():
        actor = signed_in_actor()
        form.prescriber.data = actor.name if Role.PHYSICIAN in actor.roles else ""
    elif request.form.get("add_row"):
        form.targets._add_entry()
    else:
        status = 400
        if form.validate():
            try:
                code = orders.write_order(acting(), pseudonym=known.pseudonym, facts=form.facts())
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", f"Order {code} is written. A batch can be opened from it.")
                return redirect(url_for("patients.patient", pseudonym=known.pseudonym), 303)
    return render_template("patients/order.html", patient=known, form=form, units=UNITS), status


@pages.page("/orders/<code>/withdraw", needs=Permission.WRITE_ORDERS, methods=("GET", "POST"))
def withdraw(code: str) -> ResponseReturnValue:
    known, form, status = _order(code), WithdrawForm(), 200
    blockers = _blockers(known)
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                orders.withdraw_order(acting(), code=known.order.code, reason=form.reason.text)
            except Invalid as problem:
                form.explain(problem.problems)
            except Refused as refusal:
                blockers, status = refusal.blockers, 403
            else:
                say("pass", f"Order {known.order.code} is withdrawn.")
                return redirect(url_for("patients.patient", pseudonym=known.patient.pseudonym), 303)
    return render_template("patients/withdraw.html", known=known, form=form, blockers=blockers), status


@pages.page("/orders/<code>/open", needs=Permission.OPEN_BATCH, methods=("GET", "POST"))
def open_batch(code: str) -> ResponseReturnValue:
    known, form, status = _order(code), OpenOrderedForm(), 200
    masters = effective_masters(db.session(), today_here())
    able = [process_of(db.session(), item.digest) for item in masters if item.key == known.order.process_key]
    form.master.choices = [
        SelectChoice(item.digest, f"{item.title}, version {item.version}") for item in able
    ]
    blockers = _blockers(known)
    if not form.is_submitted():
        form.master.data = able[0].digest if len(able) == 1 else None
    else:
        status = 400
    if form.validate_on_submit():
        try:
            number = open_ordered_batch(
                acting(), process_digest=form.master.data or "", order_code=known.order.code
            )
        except Invalid as problem:
            wrong(form.master, problem.problems["process"])
        except Refused as refusal:
            blockers, status = refusal.blockers, 403
        else:
            say("pass", f"{number} is open, for patient {known.patient.pseudonym}.")
            return redirect(url_for("batches.batch", number=number), 303)
    return render_template("patients/open.html", known=known, form=form, blockers=blockers), status


def _order(code: str) -> KnownOrder:
    found = find_order(db.session(), code)
    if found is None:
        abort(404)
    return found


def _blockers(known: KnownOrder) -> tuple[Blocker, ...]:
    return opening_blockers(known.order, known.withdrawal is not None, known.batches)
