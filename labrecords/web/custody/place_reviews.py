"""Reviewing the temperature log of a place: the days are chosen, the readings are shown, the review is signed."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from labrecords.actions import place_log
from labrecords.actions.door import PLACE_LOG, Invalid, Refused, Stale
from labrecords.actions.place_log import ReviewFacts
from labrecords.domain.evidence.signatures import LOG_REVIEWED, MEANINGS
from labrecords.domain.permissions import Permission
from labrecords.domain.registers.place_log import days_problem, review_blockers, shown_as
from labrecords.domain.registers.place_tree import words
from labrecords.domain.values import times
from labrecords.models.batch_record import head_of
from labrecords.models.people import accounts_of
from labrecords.models.place_readings import readings_between, reviewed_until, unreviewed
from labrecords.models.session import db
from labrecords.web.custody.place_log import pages, place_or_404
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Reason
from labrecords.web.forms.signed import STATEMENT, SignedForm
from labrecords.web.parts import Signing
from labrecords.web.signed_in import acting, installation, signed_in_actor, today_here
from labrecords.web.site import say

"""So many days are shown and signed at once."""


class ReviewForm(SignedForm):
    since, until, seen = HiddenField(), HiddenField(), HiddenField()
    reason = Reason("Comment: what the readings say, and what follows")


@pages.page("/storage/places/<code>/review", needs=Permission.REVIEW_PLACES, methods=("GET", "POST"))
def review(code: str) -> ResponseReturnValue:
    _, item = place_or_404(code)
    form, zone = ReviewForm(), installation().zone
    given = request.form if form.is_submitted() else request.args
    since, until, problem = _days(code, given.get("since", ""), given.get("until", ""))
    readings = readings_between(db.session(), code, *times.days_between(since, until, zone))
    mine = accounts_of(db.session(), signed_in_actor().person_id)
    blockers, status = review_blockers(readings, mine), 200
    if not form.is_submitted():
        form.username.data = signed_in_actor().username
        form.seen.data = shown_as(readings)
    else:
        status = 400
        if form.validate() and not problem:
            facts = ReviewFacts(code, since, until, form.reason.text, form.seen.data or "")
            try:
                proof = form.proof()
                place_log.review_log(acting(proof.actor), facts=facts, proof=proof)
            except Invalid as failure:
                form.explain(failure.problems)
            except Stale:
                status = 409
                form.form_key.data = form.form_key.default()
            except Refused as refusal:
                blockers, status = refusal.blockers, 403
            else:
                say("pass", f"{MEANINGS[LOG_REVIEWED]}.")
                return redirect(url_for("place_log.log", code=code), 303)
        form.seen.data = shown_as(readings)
    form.since.data, form.until.data = since.isoformat(), until.isoformat()
    return render_template(
        "storage/review.html",
        form=form,
        signing=_signing(form, code, words(item), since, until),
        item=item,
        words=words(item),
        readings=readings,
        outside=sum(reading.outside for reading in readings),
        since=since,
        until=until,
        problem=problem,
        changed=status == 409,
        blockers=blockers,
    ), status


def _days(code: str, since: str, until: str) -> tuple[date, date, str]:
    """The days to be reviewed, as they were chosen; where they were not, from what was not reviewed yet to today.

    With a sentence on what is wrong with the choice, or empty.
    """
    today, zone, problem = today_here(), installation().zone, ""
    _, unseen = unreviewed(db.session(), code)
    until_now = reviewed_until(db.session(), code)
    first = min((at for at in (unseen, until_now) if at is not None), default=None)
    begins = min(times.local(first, zone).date(), today) if first else today
    try:
        chosen = (parse_day(since) if since else begins, parse_day(until) if until else today)
    except ValueError as error:
        return begins, today, str(error)
    problem = days_problem(*chosen, today)
    return (begins, today, problem) if problem else (*chosen, "")


def _signing(form: ReviewForm, code: str, place: str, since: date, until: date) -> Signing:
    return Signing(
        title=f"Review the temperature log of {code}",
        what=(("Place", place), ("Days", f"{since.isoformat()} to {until.isoformat()}")),
        digest=head_of(db.session(), PLACE_LOG).digest,
        meaning=MEANINGS[LOG_REVIEWED],
        statement=STATEMENT,
        button="Sign the review",
        cancel_url=url_for("place_log.log", code=code),
        prints_as=form.prints_as,
    )
