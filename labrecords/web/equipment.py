"""The register of equipment: what there is, until when it may be used, and every version of each piece."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from labrecords.actions import equipment
from labrecords.actions.door import Invalid, Stale
from labrecords.actions.equipment import EquipmentFacts
from labrecords.domain.equipment import CATEGORIES
from labrecords.domain.numbers import parse_number
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Equipment
from labrecords.models.batch_record import equipment_now
from labrecords.models.equipment import Version, versions
from labrecords.models.session import db
from labrecords.web.fields import parse_day
from labrecords.web.forms import Line, WritingForm, wrong
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting, installation, signed_in_actor
from labrecords.web.site import say

pages = Pages("equipment", __name__)
Answer = str | Response | tuple[str, int]

SOON = timedelta(days=30)
IN, OUT = "in service", "out of service"


class Parsed(Line):
    """One line that means a number or a day; empty means none."""

    def __init__(self, label: str, parse: Callable[[str], Any], **more: Any) -> None:
        super().__init__(label, **more)
        self.parse = parse
        self.value: Any = None

    def pre_validate(self, form: Any) -> None:
        self.value = None
        if (self.data or "").strip():
            try:
                self.value = self.parse(self.data)
            except ValueError as problem:
                raise StopValidation(str(problem)) from problem


class PieceForm(WritingForm):
    category = RadioField(
        "What it is",
        choices=[SelectChoice(word, word.capitalize()) for word in CATEGORIES],
        validate_choice=False,
    )
    code = Line("Code", missing="Enter the code on the piece.", limit=30)


class VersionForm(WritingForm):
    seen = HiddenField()
    model = Line("Maker and model", missing="Enter maker and model.", limit=120)
    r_max_cm = Parsed("Greatest radius", parse_number, description="From the axis to the bottom of the tube")
    r_av_cm = Parsed("Average radius", parse_number, description="May stay empty")
    max_speed_rpm = Parsed("Greatest speed", parse_number, description="Of a centrifuge it may stay empty")
    next_check = Parsed(
        "Next check",
        parse_day,
        description="Day until which the check is valid, as 2027-03-31; may stay empty",
    )
    service = RadioField(
        "Use", choices=[SelectChoice(IN, "In service"), SelectChoice(OUT, "Out of service")], default=IN
    )

    def facts(self, code: str, category: str) -> EquipmentFacts:
        """What was typed, after validation."""
        return EquipmentFacts(
            code=code,
            category=category,
            model=self.model.text,
            r_max_cm=self.r_max_cm.value,
            r_av_cm=self.r_av_cm.value,
            max_speed_rpm=self.max_speed_rpm.value,
            next_check=self.next_check.value,
            in_service=self.service.data == IN,
        )


class AddForm(PieceForm, VersionForm):
    """Both, in the order in which they are asked."""


@pages.page("/equipment", needs=Permission.READ_BATCHES)
def register() -> Answer:
    today = _today()
    rows = [(item, standing(item, today)) for item in equipment_now(db.session())]
    by_category = [(word, [row for row in rows if row[0].category == word]) for word in CATEGORIES]
    return render_template("equipment/register.html", by_category=by_category, may_manage=_may_manage())


@pages.page("/equipment/add", needs=Permission.MANAGE_EQUIPMENT, methods=("GET", "POST"))
def add() -> Answer:
    form, status = AddForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            code = form.code.text.upper()
            try:
                equipment.register_equipment(
                    acting(), facts=form.facts(code, form.category.data or ""), seen=0
                )
            except Invalid as problem:
                form.explain(problem.problems)
            except Stale:
                wrong(
                    form.code,
                    f"{code} is registered already. Open it in the register to enter what has changed.",
                )
            else:
                return _registered(code)
    return render_template("equipment/add.html", form=form), status


@pages.page("/equipment/<code>", needs=Permission.READ_BATCHES)
def piece(code: str) -> Answer:
    found, today = _versions(code), _today()
    return render_template(
        "equipment/piece.html",
        item=found[0].item,
        versions=found,
        standing=standing(found[0].item, today),
        may_manage=_may_manage(),
    )


@pages.page("/equipment/<code>/change", needs=Permission.MANAGE_EQUIPMENT, methods=("GET", "POST"))
def change(code: str) -> Answer:
    found = _versions(code)
    item, form, status = found[0].item, VersionForm(data=_typed(found)), 200
    newer: Version | None = None
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                facts = form.facts(item.code, item.category)
                equipment.register_equipment(acting(), facts=facts, seen=_whole(form.seen.data))
            except Invalid as problem:
                form.explain(problem.problems)
            except Stale:
                # What was typed stays; sent again, it is a version after the one that is shown beside it now.
                newer, status = _versions(code)[0], 409
                form.seen.data = str(len(_versions(code)))
                form.form_key.data = form.form_key.default()
            else:
                return _registered(item.code)
    return render_template("equipment/change.html", form=form, item=item, newer=newer), status


def standing(item: Equipment, today: date) -> tuple[str, str]:
    """Kind and words for whether a piece may be used today."""
    if not item.in_service:
        return "out", "out of service"
    if item.next_check is None:
        return "", "in service, no check set"
    due = date.fromisoformat(item.next_check)
    if due < today:
        return "out", "check overdue"
    return ("alert", "check due soon") if due - today <= SOON else ("pass", "in service")


def _registered(code: str) -> Response:
    say("pass", f"{code} is registered. Batches keep the version that they used.")
    return redirect(url_for("equipment.piece", code=code), 303)


def _versions(code: str) -> tuple[Version, ...]:
    found = versions(db.session(), code)
    if not found:
        abort(404)
    return found


def _typed(found: tuple[Version, ...]) -> dict[str, Any]:
    item = found[0].item
    return {
        "seen": str(len(found)),
        "model": item.model,
        "r_max_cm": item.r_max_cm or "",
        "r_av_cm": item.r_av_cm or "",
        "max_speed_rpm": item.max_speed_rpm or "",
        "next_check": item.next_check or "",
        "service": IN if item.in_service else OUT,
    }


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else -1


def _may_manage() -> bool:
    return signed_in_actor().may(Permission.MANAGE_EQUIPMENT)


def _today() -> date:
    place = installation()
    return place.store.clock().astimezone(place.zone).date()
