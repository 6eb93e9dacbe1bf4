"""What every page shares: headers, frame, filters, assets, error pages."""

from __future__ import annotations

import hashlib
import logging
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, flash, g, get_flashed_messages, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from labrecords import __version__
from labrecords.actions.door import ClockWentBack, Refused, Stale
from labrecords.domain.permissions import Permission
from labrecords.web import filters
from labrecords.web.frame import Frame, NavItem, Notice, Who
from labrecords.web.signed_in import current_actor, installation

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NAVIGATION = (
    ("home", "Work", Permission.OWN_ACCOUNT),
    ("batches.listing", "Batches", Permission.READ_BATCHES),
    ("equipment.register", "Equipment", Permission.READ_BATCHES),
    ("people.listing", "People", Permission.MANAGE_PEOPLE),
    ("verify.drop", "Verify", None),
)
SENTENCES = {
    400: "The request could not be understood. Go back, and send the form again.",
    404: "There is no such page, or you may not know of it.",
    405: "This page cannot be used in this way.",
    413: "The file is too large: 32 MB at most.",
}
csrf = CSRFProtect()
log = logging.getLogger("labrecords")


def init_app(app: Flask) -> None:
    """Wire what all pages share."""
    csrf.init_app(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.register(app.jinja_env)
    app.jinja_env.globals["asset"] = asset
    app.context_processor(lambda: {"frame": frame(), "zone": installation().zone})
    app.after_request(_headers)
    app.register_error_handler(Exception, _error)


@cache
def _digest(path: str, folder: str) -> str:
    return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:12]


def asset(path: str) -> str:
    """URL of a static file; it changes with the content, so that it can be cached for a year."""
    from flask import current_app

    return url_for("static", filename=path, v=_digest(path, str(current_app.static_folder)))


def say(kind: str, text: str) -> None:
    """A notice for the next page: pass, alert, out or wait."""
    flash(text, kind)


def theme() -> str:
    """What the person chose: system, dark or light."""
    chosen = request.cookies.get("theme", "system")
    return chosen if chosen in ("dark", "light") else "system"


def frame() -> Frame:
    """Top bar and foot of the page in hand."""
    place, actor = installation(), current_actor()
    nav = tuple(
        NavItem(endpoint, label, (request.endpoint or "").split(".")[0] == endpoint.split(".")[0])
        for endpoint, label, needs in NAVIGATION
        if needs is None or (actor is not None and actor.may(needs))
    )
    who = Who(actor.name, ", ".join(sorted(role.value for role in actor.roles))) if actor else None
    notices = tuple(Notice(kind, text) for kind, text in get_flashed_messages(with_categories=True))
    return Frame(
        nav=nav,
        person=who,
        theme=theme(),
        here=request.full_path.rstrip("?") if request.method == "GET" else request.path,
        laboratory=place.laboratory.name,
        version=__version__,
        now=place.store.clock(),
        notices=notices,
    )


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if installation().settings.secure_cookies:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def _error(error: Exception) -> tuple[str, int]:
    """Every failure as a page: what happened, what to do, and a reference that stands in the log too."""
    reference = secrets.token_hex(4)
    status, sentence, reasons = _describe(error)
    if status >= 500:
        log.error("reference %s: %s %s", reference, request.method, request.endpoint, exc_info=error)
    known = status if status in (400, 403, 404, 409, 413, 429, 500, 503) else 400
    values: dict[str, Any] = {
        "reference": reference,
        "sentence": sentence,
        "reasons": reasons,
        "back": _back(),
    }
    return render_template(f"errors/{known}.html", **values), status


def _describe(error: Exception) -> tuple[int, str, tuple[Any, ...]]:
    if isinstance(error, Refused):
        return 403, str(error), error.blockers
    if isinstance(error, Stale):
        return (
            409,
            "Somebody else changed this since your page was shown. Open it again; nothing was saved.",
            (),
        )
    if isinstance(error, ClockWentBack):
        return 503, str(error), ()
    if isinstance(error, CSRFError):
        return (
            400,
            "This form is too old or was opened elsewhere. Go back, open the page again, and send it.",
            (),
        )
    if isinstance(error, HTTPException):
        status = error.code or 500
        return (
            status,
            g.get("denied") or SENTENCES.get(status, "This did not work. Go back and try again."),
            (),
        )
    return 500, "Something failed on the server. Nothing was saved by this request.", ()


def _back() -> str:
    """Where one can go on: the page before, when it is of this site."""
    return url_for("home")
