"""Patients: pseudonyms on every page; the identity on one, for a purpose, and each look is recorded.

No identity stands in an address, a title or a notice: what is searched for is posted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions import patients
from labrecords.actions.door import Invalid
from labrecords.actions.identity_keys import IdentityKeys
from labrecords.domain.permissions import Permission
from labrecords.domain.registers.patients import Identity, Patient
from labrecords.domain.values.codes import normalise
from labrecords.models.batch_record import process_of
from labrecords.models.codes import batches_with
from labrecords.models.masters import effective_masters
from labrecords.models.orders import KnownOrder, orders_of
from labrecords.models.patients import acts_on, find_patient, list_patients
from labrecords.models.session import db
from labrecords.web.forms.fields import parse_birth_day
from labrecords.web.forms.shared import Line, Parsed, Reason, SiteForm, WritingForm, wrong
from labrecords.web.guard import Pages
from labrecords.web.paging import moment_key
from labrecords.web.signed_in import acting, installation, signed_in_actor, today_here
from labrecords.web.site import say

pages = Pages("patients", __name__)
Answer = str | Response | tuple[str, int]
_FIELDS = {"name": "patient_name"}
"""A form of WTForms keeps "name" for itself."""


class IdentityForm(WritingForm):
    patient_name = Line("Name", limit=200, missing="Enter the name as on the wristband.")
    birth_date = Parsed(
        "Day of birth", parse_birth_day, missing="Enter the day of birth.", description="As 1968-04-30"
    )
    record_number = Line(
        "Record number", limit=60, missing="Enter the number of the patient's record, as on the wristband."
    )

    def identity(self) -> Identity:
        """What was typed, after validation."""
        return Identity(self.patient_name.text, self.birth_date.value, self.record_number.text)

    def explain_identity(self, problem: Invalid) -> None:
        self.explain({_FIELDS.get(name, name): said for name, said in problem.problems.items()})


class CorrectForm(IdentityForm):
    reason = Reason("Why it is corrected", description="Without name, day of birth and record number")


class FindForm(WritingForm):
    record_number = Line("Record number", limit=60, description="As on the wristband")
    patient_name = Line("Name", limit=200, description="Together with the day of birth")
    birth_date = Parsed("Day of birth", parse_birth_day, description="As 1968-04-30")


class PurposeForm(SiteForm):
    """No form key: what is answered must not be answered a second time without being recorded."""

    purpose = RadioField(
        "What it is needed for",
        choices=[SelectChoice(words, words[:1].upper() + words[1:]) for words in patients.PURPOSES],
        validate_choice=False,
    )


class EraseForm(WritingForm):
    reason = Reason("Why it is erased", description="Without name, day of birth and record number")


@pages.page("/patients", needs=Permission.READ_BATCHES)
def listing() -> Answer:
    before, actor = moment_key(), signed_in_actor()
    page = list_patients(db.session(), before)
    return render_template(
        "patients/listing.html",
        patients=page.patients,
        newest_url=url_for("patients.listing") if before else "",
        older_url=url_for("patients.listing", before=page.next) if page.next else "",
        may_find=actor.may(Permission.FIND_PATIENTS),
        may_register=actor.may(Permission.REGISTER_PATIENTS),
    )


@pages.page("/patients/find", needs=Permission.FIND_PATIENTS, methods=("GET", "POST"))
def find() -> Answer:
    form, status = FindForm(), 200
    found: list[str] | None = None
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                found = patients.find_patients(
                    acting(),
                    keys=_keys(),
                    record_number=form.record_number.text,
                    name=form.patient_name.text,
                    birth_date=form.birth_date.value,
                )
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                status = 200
                if len(found) == 1:
                    say("pass", f"Found: patient {found[0]}. Open this page again to search for another one.")
                    return redirect(url_for("patients.patient", pseudonym=found[0]), 303)
    may_register = signed_in_actor().may(Permission.REGISTER_PATIENTS)
    return render_template("patients/find.html", form=form, found=found, may_register=may_register), status


@pages.page("/patients/register", needs=Permission.REGISTER_PATIENTS, methods=("GET", "POST"))
def register() -> Answer:
    form, status = IdentityForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                pseudonym = patients.register_patient(acting(), keys=_keys(), identity=form.identity())
            except Invalid as problem:
                form.explain_identity(problem)
            else:
                say("pass", f"Registered as patient {pseudonym}. Every page and record knows only this code.")
                return redirect(url_for("patients.patient", pseudonym=pseudonym), 303)
    return render_template("patients/register.html", form=form), status


@pages.page("/patients/<pseudonym>", needs=Permission.READ_BATCHES)
def patient(pseudonym: str) -> Answer:
    known, actor = known_patient(pseudonym), signed_in_actor()
    return render_template(
        "patients/patient.html",
        patient=known,
        acts=acts_on(db.session(), known.id),
        batches=batches_with(db.session(), normalise(known.pseudonym)),
        orders=[(item, standing(item)) for item in orders_of(db.session(), known.id)],
        titles=product_titles(),
        may_order=actor.may(Permission.WRITE_ORDERS) and known.erased_at is None,
        may_open=actor.may(Permission.OPEN_BATCH),
        may_see=actor.may(Permission.SEE_IDENTITY) and known.erased_at is None,
        may_erase=actor.may(Permission.ERASE_IDENTITY) and known.erased_at is None,
        may_copy=actor.may(Permission.SEE_IDENTITY),
        may_read_looks=actor.may(Permission.READ_WHOLE_TRAIL),
    )


@pages.page("/patients/<pseudonym>/identity", needs=Permission.SEE_IDENTITY, methods=("GET", "POST"))
def identity(pseudonym: str) -> Answer:
    known, form, status = held(pseudonym), PurposeForm(), 200
    shown: Identity | None = None
    if form.is_submitted():
        try:
            shown = patients.read_identity(
                acting(), keys=_keys(), pseudonym=known.pseudonym, purpose=form.purpose.data or ""
            )
        except Invalid as problem:
            wrong(form.purpose, problem.problems["purpose"])
            status = 400
    return render_template("patients/identity.html", patient=known, form=form, identity=shown), status


@pages.page("/patients/<pseudonym>/correct", needs=Permission.SEE_IDENTITY, methods=("GET", "POST"))
def correct(pseudonym: str) -> Answer:
    known, form = held(pseudonym), CorrectForm()
    if not form.is_submitted():
        now = patients.read_identity(
            acting(), keys=_keys(), pseudonym=known.pseudonym, purpose=patients.TO_CORRECT
        )
        form.patient_name.data, form.record_number.data = now.name, now.record_number
        form.birth_date.data = now.birth_date.isoformat()

    def act() -> None:
        patients.correct_identity(
            acting(),
            keys=_keys(),
            pseudonym=known.pseudonym,
            identity=form.identity(),
            reason=form.reason.text,
        )

    return _do(known, form, "patients/correct.html", "The identity is corrected.", act)


@pages.page("/patients/<pseudonym>/erase", needs=Permission.ERASE_IDENTITY, methods=("GET", "POST"))
def erase(pseudonym: str) -> Answer:
    known, form = held(pseudonym), EraseForm()

    def act() -> None:
        patients.erase_identity(acting(), keys=_keys(), pseudonym=known.pseudonym, reason=form.reason.text)
        # This page's own reading of the database would keep the write-ahead log from being emptied.
        db.session.rollback()
        installation().store.forget_deleted()

    done = f"The identity of {known.pseudonym} is erased. Batches keep the pseudonym."
    return _do(known, form, "patients/erase.html", done, act)


def product_titles() -> dict[str, str]:
    """The product that each key of an effective master record makes, by its title."""
    masters = effective_masters(db.session(), today_here())
    return {item.key: process_of(db.session(), item.digest).title for item in masters}


def standing(known: KnownOrder) -> tuple[str, str]:
    """Kind and words for where an order stands."""
    if known.withdrawal is not None:
        return "out", "withdrawn"
    return ("pass", "batch opened") if known.batches else ("wait", "waits for a batch")


def _do(known: Patient, form: Any, template: str, done: str, act: Callable[[], None]) -> Answer:
    """Show the page of an act on an identity, or do it and go back to the patient."""
    status = 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                act()
            except Invalid as problem:
                form.explain({_FIELDS.get(name, name): said for name, said in problem.problems.items()})
            else:
                say("pass", done)
                return redirect(url_for("patients.patient", pseudonym=known.pseudonym), 303)
    return render_template(template, patient=known, form=form), status


def known_patient(pseudonym: str) -> Patient:
    found = find_patient(db.session(), pseudonym)
    if found is None:
        abort(404)
    return found


def held(pseudonym: str) -> Patient:
    """The patient, whose identity was not erased."""
    found = known_patient(pseudonym)
    if found.erased_at is not None:
        abort(404)
    return found


def _keys() -> IdentityKeys:
    return installation().identity_keys
