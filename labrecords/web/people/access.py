"""How identities were checked, and the signed review of who has access."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, render_template, url_for
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions import access
from labrecords.actions.door import PEOPLE, Invalid, Refused, Stale
from labrecords.domain.access_review import REMIND, due_at, shown_as
from labrecords.domain.evidence.signatures import ACCESS_REVIEWED, MEANINGS
from labrecords.domain.permissions import Permission
from labrecords.domain.proofing import WAYS
from labrecords.models.access import accounts_now, review_times, reviews
from labrecords.models.batch_record import head_of
from labrecords.models.session import db
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Line, Parsed, Reason, WritingForm
from labrecords.web.forms.signed import STATEMENT, SignedForm
from labrecords.web.parts import Signing
from labrecords.web.people.pages import MANAGE, Act, Answer, do_act, known_person, pages
from labrecords.web.signed_in import acting, installation, signed_in_actor
from labrecords.web.site import say


class IdentityForm(WritingForm):
    checked_by = Line(
        "Checked by", missing="Enter the name of who compared the person with the document.", limit=120
    )
    checked_on = Parsed("Day of the check", parse_day, missing="Enter the day, like 2026-11-22.")
    how = RadioField(
        "Established by",
        choices=[SelectChoice(way, way[:1].upper() + way[1:]) for way in WAYS],
        validate_choice=False,
    )


class AccessForm(SignedForm):
    seen = HiddenField()
    reason = Reason("Comment: what was looked at, and what follows")


@pages.page("/people/<person_id>/identity", needs=MANAGE, methods=("GET", "POST"))
def note_identity(person_id: str) -> Answer:
    known, form = known_person(person_id), IdentityForm()
    act = Act(
        f"The identity of {known.member.name} was checked",
        "Somebody compared the person with a document. Before this is recorded the person signs nothing. "
        "Do not keep the number of the document.",
        "Record the check",
        f"{known.member.name} may sign, once the signing statement is accepted.",
    )
    return do_act(
        form,
        act,
        known,
        lambda by: access.note_identity(
            by,
            person_id=person_id,
            checked_by=form.checked_by.text,
            how=form.how.data or "",
            checked_on=form.checked_on.value,
        ),
    )


@pages.page("/people/review", needs=Permission.REVIEW_ACCESS, methods=("GET", "POST"))
def access_review() -> Answer:
    form, now = AccessForm(), installation().store.clock()
    accounts, status, blockers = accounts_now(db.session(), now), 200, ()
    if not form.is_submitted():
        form.username.data = signed_in_actor().username
        form.seen.data = shown_as(accounts, now)
    else:
        status = 400
        if form.validate():
            try:
                proof = form.proof()
                access.review_access(
                    acting(proof.actor), seen=form.seen.data or "", comment=form.reason.text, proof=proof
                )
            except Invalid as problem:
                form.explain(problem.problems)
            except Stale:
                status = 409
                form.form_key.data = form.form_key.default()
            except Refused as refusal:
                blockers, status = refusal.blockers, 403  # type: ignore[assignment]
            else:
                say("pass", f"{MEANINGS[ACCESS_REVIEWED]}.")
                return redirect(url_for("people.access_review"), 303)
        form.seen.data = shown_as(accounts, now)
    last, begun = review_times(db.session())
    return render_template(
        "people/access_review.html",
        form=form,
        signing=_signing(form, len(accounts)),
        # The idle ones first: those are what the review is for.
        accounts=sorted(((item, item.idle(now)) for item in accounts), key=lambda pair: not pair[1]),
        done=reviews(db.session()),
        due=due_at(last, begun or now),
        changed=status == 409,
        blockers=blockers,
    ), status


def review_due(now: datetime) -> datetime | None:
    """When the next review of access is due, where that is soon or was; else None."""
    last, begun = review_times(db.session())
    due = due_at(last, begun or now)
    return due if due - now < REMIND else None


def _signing(form: AccessForm, count: int) -> Signing:
    return Signing(
        title="Review who has access",
        what=(("Accounts", str(count)),),
        digest=head_of(db.session(), PEOPLE).digest,
        meaning=MEANINGS[ACCESS_REVIEWED],
        statement=STATEMENT,
        button="Sign the review",
        cancel_url=url_for("home.work"),
        prints_as=form.prints_as,
    )
