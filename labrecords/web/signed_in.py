"""Who is signed in: a random token in a cookie, looked up in the database at every request."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, cast

from flask import Response, current_app, g, request
from sqlalchemy import Select, bindparam, select

from labrecords.actions import accounts
from labrecords.actions.door import Acting, Actor, note_access
from labrecords.actions.signing import Proof
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.values import times
from labrecords.installation import Installation
from labrecords.models.people import DeactivationRow, PersonRow, WebSession, roles_counting
from labrecords.models.session import db

TOUCH_EVERY = timedelta(seconds=60)
NOT_KEPT = frozenset({"csrf_token", "password", "present", "again", "bypass_password"})
"""Entries of forms of which nothing is kept, neither in a page nor in the key of a form: the token, and passwords."""


def installation() -> Installation:
    """The installation this application serves."""
    return cast(Installation, current_app.extensions["labrecords"])


def source() -> str:
    """Where the request comes from, for throttling and the access trail."""
    return request.remote_addr or "unknown"


def prove(username: str, password: str) -> Proof:
    """Have somebody prove who they are, on any screen, to sign one act. Raises NotProved."""
    return accounts.prove_identity(installation().store, username, password, source(), "signature")


def today_here() -> date:
    """The day of the laboratory's calendar."""
    place = installation()
    return times.local(place.store.clock(), place.zone).date()


def moment_here(text: str) -> datetime:
    """A time on the laboratory's clocks as somebody typed it; a time of day alone is today's. Raises ValueError."""
    place = installation()
    return times.parse_recent(text, place.zone, place.store.clock())


def cookie_name() -> str:
    return "__Host-labrecords" if installation().settings.secure_cookies else "labrecords"


def current_actor() -> Actor | None:
    """The person behind this request, with the roles they hold now; None when nobody is signed in."""
    if "actor" not in g:
        g.actor = _find_actor()
    return cast("Actor | None", g.actor)


def signed_in_actor() -> Actor:
    """The person behind this request, on a page that needs one."""
    actor = current_actor()
    assert actor is not None, "a page that needs a permission has a person"
    return actor


def acting(actor: Actor | None = None) -> Acting:
    """An act by the signed-in person (or by the one given), with the idempotency key of the submitted form."""
    chosen, place = actor or signed_in_actor(), installation()
    if not request.form.get("form_key"):
        return Acting(place.store, chosen, source=source(), keys=place.identity_keys)
    return Acting(place.store, chosen, _bound_key(), source(), place.identity_keys)


def _bound_key() -> str:
    """The form's key bound to what was sent with it: the same form again is a repeat, a changed one is another act.

    What proves who sends it may differ between two sendings, and no trace of a password is kept.
    """
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT)
    return sha256(repr((request.path, sent)).encode()).hexdigest()


def begin_session(response: Response, token: str) -> Response:
    """Put a fresh token into the browser."""
    settings = installation().settings
    response.set_cookie(
        cookie_name(), token, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/"
    )
    return response


def end_session(response: Response) -> Response:
    """End the session on the server and wipe the browser."""
    token, actor = request.cookies.get(cookie_name(), ""), current_actor()
    if token and actor:
        accounts.sign_out(installation().store, actor, token, source())
    response.delete_cookie(cookie_name(), path="/")
    # Not the cookies: ours are gone, and the theme is this device's.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def note_denied(needs: Permission) -> None:
    """Record that a page was refused."""
    note_access(acting(), "page refused", reason=needs.value, page=request.endpoint or "")


def _find_actor() -> Actor | None:
    token = request.cookies.get(cookie_name(), "")
    if not token:
        return None
    given = {"token_sha256": accounts.token_digest(token), "now": installation().store.clock()}
    rows = db.session.connection().execute(_session_of_token(), given).all()
    if not rows:
        return None
    row = rows[0]
    place = installation()
    now, settings = place.store.clock(), place.settings
    idle, age = now - row.seen_at, now - row.started_at
    if idle > timedelta(minutes=settings.idle_minutes) or age > timedelta(hours=settings.session_hours):
        return None
    if idle > TOUCH_EVERY:
        accounts.touch_session(place.store, token)
    return Actor(row.id, row.username, row.name, frozenset(Role(found.role) for found in rows if found.role))


@cache
def _session_of_token() -> Select[Any]:
    """The session with its person, once for each role held now. Built once: building takes longer than running it."""
    table, person, gone = WebSession.__table__, PersonRow.__table__, DeactivationRow.__table__
    held = roles_counting().subquery()
    return (
        select(
            table.c.started_at, table.c.seen_at, person.c.id, person.c.username, person.c.name, held.c.role
        )
        .join(person, person.c.id == table.c.person_id)
        .outerjoin(gone, gone.c.person_id == person.c.id)
        .outerjoin(held, held.c.person_id == person.c.id)
        .where(
            table.c.token_sha256 == bindparam("token_sha256"),
            table.c.ended_at.is_(None),
            gone.c.id.is_(None),
        )
    )
