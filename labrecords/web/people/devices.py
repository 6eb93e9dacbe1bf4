"""Where people are signed in, as the administrator sees it: a session ended, a lost tablet shut out."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for

from labrecords.actions import sessions
from labrecords.actions.door import Invalid
from labrecords.domain.evidence.signatures import AGREEMENT_VERSION
from labrecords.models.directory import OpenSession, profile, sessions_of_all
from labrecords.models.session import db
from labrecords.web.people.pages import MANAGE, Act, Answer, ReasonForm, pages
from labrecords.web.signed_in import acting, installation
from labrecords.web.site import say


@pages.page("/people/sessions", needs=MANAGE)
def open_sessions() -> Answer:
    person_id = request.args.get("person", "")
    found = _open(person_id)
    return render_template("people/sessions.html", sessions=found, person_id=person_id)


@pages.page("/people/sessions/<token_sha256>/end", needs=MANAGE, methods=("GET", "POST"))
def end_session(token_sha256: str) -> Answer:
    held = _known(token_sha256)
    act = Act(
        f"End a session of {held.name}",
        "It ends at once. What was typed there and not sent stays in the page, and in the draft of a step.",
        "End the session",
        "The session has ended.",
    )
    return _do(held, act, lost=False)


@pages.page("/people/sessions/<token_sha256>/lost", needs=MANAGE, methods=("GET", "POST"))
def lose_device(token_sha256: str) -> Answer:
    held = _known(token_sha256)
    act = Act(
        "This tablet was lost",
        f"It is where {held.name} was signed in: {held.device or 'a browser that does not say what it is'}. "
        "Every session on it ends at once, whoever's it is. Who, when and why stands in the trail.",
        "End every session on it",
        "Every session on the lost device has ended.",
        grave=True,
    )
    return _do(held, act, lost=True)


def _do(held: OpenSession, act: Act, *, lost: bool) -> Answer:
    form, status = ReasonForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            call = sessions.lose_device if lost else sessions.end_session_of
            try:
                call(acting(), token_sha256=held.token_sha256, reason=form.reason.text)
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", act.done)
                return redirect(url_for("people.open_sessions"), 303)
    known = profile(db.session(), held.person_id, AGREEMENT_VERSION)
    assert known is not None, "a session is somebody's"
    return render_template("people/act.html", form=form, act=act, member=known.member), status


def _open(person_id: str = "") -> list[OpenSession]:
    place = installation()
    age = timedelta(hours=place.settings.session_hours)
    return sessions_of_all(db.session(), place.store.clock(), age, person_id)


def _known(token_sha256: str) -> OpenSession:
    found = next((item for item in _open() if item.token_sha256 == token_sha256), None)
    if found is None:
        abort(404)
    return found
