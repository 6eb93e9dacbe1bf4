"""The register of equipment and places: what there is, until when it may be used, every version, and the use log."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from labrecords.actions import equipment
from labrecords.actions.door import Invalid, Stale
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Equipment
from labrecords.domain.registers.due import SOON
from labrecords.domain.registers.equipment import CATEGORY, due_days
from labrecords.models.equipment import Version, list_equipment, use_log, versions
from labrecords.models.session import db
from labrecords.web.forms.shared import seen_versions, wrong
from labrecords.web.guard import Pages
from labrecords.web.paging import moment_key
from labrecords.web.registers.equipment_forms import (
    IN,
    LONGEST_CODE,
    OUT,
    AddForm,
    VersionForm,
    check_due,
    checked_on,
)
from labrecords.web.registers.use_log import step_words
from labrecords.web.signed_in import acting, signed_in_actor, today_here
from labrecords.web.site import say

pages = Pages("equipment", __name__)
Answer = str | Response | tuple[str, int]


@pages.page("/equipment", needs=Permission.READ_BATCHES)
def register() -> Answer:
    category, after, today = request.args.get("category", ""), request.args.get("after", ""), today_here()
    if (category and category not in CATEGORY) or len(after) > LONGEST_CODE:
        abort(400)
    page = list_equipment(db.session(), category, after)
    return render_template(
        "equipment/register.html",
        rows=[(item, standing(item, today)) for item in page.items],
        category=category,
        categories=CATEGORY.values(),
        first_url=url_for("equipment.register", category=category or None) if after else "",
        next_url=url_for("equipment.register", category=category or None, after=page.next)
        if page.next
        else "",
        may_manage=_may_manage(),
    )


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
    found, today, before = _versions(code), today_here(), moment_key()
    category = CATEGORY[found[0].item.category]
    log = use_log(db.session(), code, before)
    return render_template(
        "equipment/piece.html",
        item=found[0].item,
        category=category,
        check_due=check_due(category),
        checked_on=checked_on(category),
        logged=category.made,
        versions=found,
        uses=[(use, step_words(use.process_digest, use.step_key)) for use in log.uses],
        newest_url=url_for("equipment.piece", code=code) if before else "",
        older_url=url_for("equipment.piece", code=code, before=log.next) if log.next else "",
        standing=standing(found[0].item, today),
        may_manage=_may_manage(),
    )


@pages.page("/equipment/<code>/change", needs=Permission.MANAGE_EQUIPMENT, methods=("GET", "POST"))
def change(code: str) -> Answer:
    found = _versions(code)
    item, form, status = found[0].item, VersionForm(data=_typed(found)), 200
    category = CATEGORY[item.category]
    form.ask_as(category)
    newer: Version | None = None
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                facts = form.facts(item.code, item.category)
                equipment.register_equipment(acting(), facts=facts, seen=seen_versions(form.seen.data))
            except Invalid as problem:
                form.explain(problem.problems)
            except Stale:
                # What was typed stays; sent again, it is a version after the one that is shown beside it now.
                newer, status = _versions(code)[0], 409
                form.seen.data = str(len(_versions(code)))
                form.form_key.data = form.form_key.default()
            else:
                return _registered(item.code)
    return render_template(
        "equipment/change.html",
        form=form,
        item=item,
        category=category,
        check_due=check_due(category),
        newer=newer,
    ), status


def standing(item: Equipment, today: date) -> tuple[str, str]:
    """Kind and words for whether a piece or place may be used today."""
    category = CATEGORY[item.category]
    if not item.in_service:
        return "out", category.use(False)
    due = {one.what: one.day for one in due_days(item)}
    overdue = [word for word, day in due.items() if day < today]
    if overdue:
        return "out", f"{' and '.join(overdue)} overdue"
    soon = [word for word, day in due.items() if day - today <= SOON]
    if soon:
        return "alert", f"{' and '.join(soon)} due soon"
    word = category.use(True)
    return ("pass", word) if item.next_check else ("", f"{word}, no {category.check} set")


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
        "serial": item.serial,
        "software": item.software,
        "place": item.place,
        "last_check": item.last_check or "",
        "udi": item.udi or "",
        "next_clean": item.next_clean or "",
        "low_c": item.low_c or "",
        "high_c": item.high_c or "",
        "capacity": "" if item.capacity is None else str(item.capacity),
        "owner": item.owner or "",
        "read_every_h": "" if item.read_every_h is None else str(item.read_every_h),
        "review_every_d": "" if item.review_every_d is None else str(item.review_every_d),
        "r_max_cm": item.r_max_cm or "",
        "r_av_cm": item.r_av_cm or "",
        "max_speed_rpm": item.max_speed_rpm or "",
        "next_check": item.next_check or "",
        "service": IN if item.in_service else OUT,
    }


def _may_manage() -> bool:
    return signed_in_actor().may(Permission.MANAGE_EQUIPMENT)
