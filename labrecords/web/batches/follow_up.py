"""Follow-up over all batches: the visits that are due, and the course of one patient beside what was injected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.permissions import Permission
from labrecords.domain.results.course import GivenSite, given_sites, viability
from labrecords.domain.steps.follow_up import FollowUp, visits_recorded
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise
from labrecords.models.codes import newest_of_patient
from labrecords.models.follow_ups import DuePage, due_visits
from labrecords.models.lists import PAGE
from labrecords.models.patients import find_patient
from labrecords.models.session import db
from labrecords.web.batches.batch import BatchPage, batch_or_404
from labrecords.web.batches.course import Course, plots
from labrecords.web.batches.unseen import kept_back_steps, numbers_unseen
from labrecords.web.guard import Pages
from labrecords.web.signed_in import installation, today_here

pages = Pages("follow_up", __name__)

ON_START_PAGE = 15
"""So many visits stand on the start page; the others on the page of their own."""
READ_AT_MOST = 20
"""So many batches of one patient are read for the course, the newest."""
_KEY = re.compile(r"\d{4}-\d{2}-\d{2}/[0-9a-f]{32}/.{1,60}")


@dataclass(frozen=True)
class Asked:
    """A visit of the course: in which batch, and how many days after its last injection before the visit."""

    visit: FollowUp
    number: str
    url: str
    days: int | None


@dataclass(frozen=True)
class Given:
    """What was injected with one batch. `hidden`: a second person has still to enter a value of it unseen."""

    number: str
    product: str
    day: date
    sites: tuple[GivenSite, ...]
    viability: Derived | None
    hidden: bool


def due_now(size: int = ON_START_PAGE) -> dict[str, Any]:
    """What the start page lists: the visits whose window has begun, the one longest overdue on top."""
    return {"found": due_visits(db.session(), today_here(), size), "today": today_here()}


@pages.page("/follow-up", needs=Permission.READ_BATCHES)
def due() -> ResponseReturnValue:
    after = request.args.get("after", "")
    if after and not (after.isprintable() and _KEY.fullmatch(after)):
        abort(400)
    try:
        found: DuePage = due_visits(db.session(), today_here(), PAGE, after)
    except ValueError:
        abort(400)
    return render_template(
        "follow_up/due.html",
        visits=found.visits,
        today=today_here(),
        first_url=url_for("follow_up.due") if after else "",
        later_url=url_for("follow_up.due", after=found.next) if found.next else "",
    )


@pages.page("/patients/<path:pseudonym>/course", needs=Permission.READ_BATCHES)
def course(pseudonym: str) -> ResponseReturnValue:
    if not pseudonym.isprintable():
        abort(404)
    found = newest_of_patient(db.session(), normalise(pseudonym), READ_AT_MOST + 1)
    known = find_patient(db.session(), pseudonym)
    if not found and known is None:
        abort(404)
    read = [page for page in map(batch_or_404, found[:READ_AT_MOST][::-1]) if not page.record.voids]
    given = [one for page in read if (one := _given(page)) is not None]
    asked = sorted((one for page in read for one in _asked(page)), key=lambda one: one.visit.performed_at)
    zone = installation().zone
    shown = Course(
        [one.visit for one in asked],
        [(site.injected_at, item.number) for item in given for site in item.sites[-1:]],
    )
    return render_template(
        "follow_up/course.html",
        pseudonym=pseudonym,
        registered=known is not None,
        plots=plots(shown, zone) if asked else [],
        asked=asked,
        given=given,
        more=len(found) > READ_AT_MOST,
        batches=[page.record.batch.number for page in read],
    )


def _given(page: BatchPage) -> Given | None:
    record, sites = page.record, given_sites(page.record)
    if not sites:
        return None
    hidden = numbers_unseen(record, kept_back_steps(record))
    day = record.day_of(max(site.injected_at for site in sites))
    return Given(record.batch.number, record.process.product, day, sites, viability(record), hidden)


def _asked(page: BatchPage) -> list[Asked]:
    record = page.record
    injected = [site.injected_at for site in given_sites(record)]
    last = record.day_of(max(injected)) if injected else None
    return [
        Asked(
            visit,
            record.batch.number,
            page.step_url(visit.step_key),
            (times.local(visit.performed_at, page.zone).date() - last).days if last else None,
        )
        for visit in visits_recorded(record)
        if visit.held
    ]
