"""The own session: locked and opened again in place; the other sessions of the same person, ended from here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from labrecords.actions import accounts, second_step, sessions
from labrecords.actions.accounts import NotProved, TooManyTries
from labrecords.domain.permissions import Permission
from labrecords.models.session import db
from labrecords.web.guard import ANYBODY
from labrecords.web.people.accounts import pages
from labrecords.web.signed_in import (
    begin_session,
    held_session,
    installation,
    session_token,
    signed_in_actor,
    source,
)
from labrecords.web.site import own_path, say

Data = tuple[dict[str, Any], int]
ENDED = "The session has ended. Sign in on a new page, and come back to this one."
MORE_ASKED = "You sign in with a second factor too: do so on a new page, and come back to this one."
ANOTHERS = "Somebody else is signed in in this browser now. Leave this page."


@pages.page("/session", needs=ANYBODY)
def session_state() -> Data:
    """How long the session stays open, for a page that asks by itself."""
    return _state()


@pages.page("/session/active", needs=ANYBODY, methods=("POST",))
def session_active() -> Data:
    """Somebody types or touches the page: the session stays open."""
    held = held_session()
    if held is not None and not held.locked:
        accounts.touch_session(installation().store, session_token())
        return _open(held.longest, held.actor.username)
    return _state()


@pages.page("/session/lock", needs=ANYBODY, methods=("POST",))
def lock() -> AnyResponse | Data:
    held = held_session()
    if held is not None and not held.locked:
        sessions.lock(installation().store, held.actor, session_token(), source())
    if request.headers.get("Accept") == "application/json":
        return {"locked": True}, 200
    say("wait", "Locked. Sign in to go on.")
    return redirect(url_for("accounts.sign_in", back=own_path(request.form.get("back"))), 303)


@pages.page("/session/unlock", needs=ANYBODY, methods=("POST",))
def unlock() -> Response | Data:
    """The same person goes on where they were: what is typed in the page stays, the token is a new one."""
    held, store = held_session(), installation().store
    if held is None:
        return {"sentence": ENDED}, 401
    if request.form.get("username") != held.actor.username:
        return {"sentence": ANOTHERS}, 409
    try:
        given = request.form.get("password", "")
        proof = accounts.prove_identity(store, held.actor.username, given, source(), "unlock")
    except TooManyTries as problem:
        return {"sentence": str(problem)}, 429
    except NotProved:
        return {"sentence": "This is not the password."}, 400
    asked = second_step.asked_of(db.session(), proof.actor, store.clock())
    if asked.kinds or asked.locked_out:
        return {"sentence": MORE_ASKED}, 403
    token = sessions.unlock(store, proof, session_token(), source())
    return begin_session(make_response(_open(held.longest, held.actor.username)), token)


@pages.page("/account/sessions/end", needs=Permission.OWN_ACCOUNT, methods=("POST",))
def end_sessions() -> AnyResponse:
    """End one of the own sessions, or all others."""
    store, actor, one = installation().store, signed_in_actor(), _named()
    if one:
        sessions.end_one(store, actor, one, source())
        say("pass", "The session has ended.")
    else:
        sessions.end_others(store, actor, session_token(), source())
        say("pass", "All your other sessions have ended.")
    return redirect(url_for("accounts.account"), 303)


@pages.page("/account/sessions/known", needs=Permission.OWN_ACCOUNT, methods=("POST",))
def know_device() -> AnyResponse:
    sessions.know_device(installation().store, signed_in_actor(), _named(), source())
    return redirect(url_for("home.work"), 303)


def _named() -> str:
    """The session that a form names; none of ours holds NUL, which PostgreSQL cannot compare."""
    named = request.form.get("session", "")
    if "\0" in named:
        abort(400)
    return named


def _state() -> Data:
    held = held_session()
    if held is None or held.locked:
        return {"locked": held is not None}, 401
    return _open(held.left, held.actor.username)


def _open(left: timedelta, username: str) -> Data:
    return {"left": max(0, int(left.total_seconds())), "who": username}, 200
