"""Who is signed in: a random token in a cookie, looked up in the database at every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, cast

from flask import Response, current_app, g, request
from sqlalchemy import Select, bindparam, select

from labrecords.actions import accounts, sessions
from labrecords.actions.door import Acting, Actor, note_access
from labrecords.actions.signing import Proof
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.values import times
from labrecords.installation import Installation
from labrecords.models.people import DeactivationRow, PersonRow, WebSession, roles_counting
from labrecords.models.session import db

TOUCH_EVERY = timedelta(seconds=60)
A_YEAR_S = 365 * 24 * 3600
ASKS_ONLY = frozenset({"accounts.session_state"})
"""Endpoints that a page asks by itself: nobody did anything, and the session is no longer open for it."""
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


@dataclass(frozen=True)
class Held:
    """The session that the browser holds the token of: whose, how long it stays open, and whether it is locked."""

    actor: Actor
    left: timedelta
    """Until it locks, if nothing is done before."""
    longest: timedelta
    """Until it locks, if something is done now."""
    device_sha256: str | None
    locked: bool = False


def held_session() -> Held | None:
    """The session of this browser, locked ones too; None where nobody is signed in."""
    if "held" not in g:
        g.held = _find_session()
    return cast("Held | None", g.held)


def current_actor() -> Actor | None:
    """The person behind this request, with the roles they hold now; None when nobody is, or the session is locked."""
    held = held_session()
    return held.actor if held is not None and not held.locked else None


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


def session_token() -> str:
    """The token that the browser holds, whatever it is worth."""
    return request.cookies.get(cookie_name(), "")


def device() -> accounts.Device:
    """The browser in hand, with its mark, or a new one."""
    words = "".join(sign for sign in request.headers.get("User-Agent", "") if sign.isprintable())
    return accounts.Device(words, request.cookies.get(_device_cookie(), "") or accounts.fresh_token())


def begin_session(response: Response, token: str, device: accounts.Device | None = None) -> Response:
    """Put a fresh token into the browser, and the mark of the device."""
    settings = installation().settings
    kept: dict[str, Any] = {
        "secure": settings.secure_cookies,
        "httponly": True,
        "samesite": "Lax",
        "path": "/",
    }
    response.set_cookie(cookie_name(), token, **kept)
    if device is not None:
        response.set_cookie(_device_cookie(), device.mark, max_age=A_YEAR_S, **kept)
    return response


def _device_cookie() -> str:
    return f"{cookie_name()}-device"


def end_session(response: Response) -> Response:
    """End the session on the server and wipe the browser."""
    held = held_session()
    if held is not None:
        accounts.sign_out(installation().store, held.actor, session_token(), source())
    response.delete_cookie(cookie_name(), path="/")
    # Not the cookies: ours are gone, and the theme is this device's.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def note_denied(needs: Permission) -> None:
    """Record that a page was refused."""
    note_access(acting(), "page refused", reason=needs.value, page=request.endpoint or "")


def _find_session() -> Held | None:
    token = session_token()
    if not token:
        return None
    given = {"token_sha256": accounts.token_digest(token), "now": installation().store.clock()}
    rows = db.session.connection().execute(_session_of_token(), given).all()
    if not rows:
        return None
    row = rows[0]
    place = installation()
    now, settings = place.store.clock(), place.settings
    limit, idle = timedelta(minutes=settings.idle_minutes), now - row.seen_at
    over = timedelta(hours=settings.session_hours) - (now - row.started_at)
    if over < timedelta(0):
        return None
    actor = Actor(row.id, row.username, row.name, frozenset(Role(found.role) for found in rows if found.role))
    locked = row.locked_at is not None
    if not locked and idle > limit:
        sessions.lock(place.store, actor, token, source(), at=row.seen_at + limit)
        locked = True
    elif not locked and idle > TOUCH_EVERY and request.endpoint not in ASKS_ONLY:
        accounts.touch_session(place.store, token)
        idle = timedelta(0)
    return Held(actor, min(limit - idle, over), min(limit, over), row.device_sha256, locked)


@cache
def _session_of_token() -> Select[Any]:
    """The session with its person, once for each role held now. Built once: building takes longer than running it."""
    table, person, gone = WebSession.__table__, PersonRow.__table__, DeactivationRow.__table__
    held = roles_counting().subquery()
    return (
        select(
            table.c.started_at,
            table.c.seen_at,
            table.c.locked_at,
            table.c.device_sha256,
            person.c.id,
            person.c.username,
            person.c.name,
            held.c.role,
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
