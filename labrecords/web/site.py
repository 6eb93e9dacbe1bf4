"""What every page shares: headers, frame, filters, assets, own paths, repeated parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    flash,
    g,
    get_flashed_messages,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined, Template
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from labrecords import __version__
from labrecords.actions.door import Actor
from labrecords.domain.permissions import Permission
from labrecords.models.misuse import open_alerts
from labrecords.models.session import db
from labrecords.models.upkeep import restored
from labrecords.web import drawn, failures, filters
from labrecords.web.frame import Frame, NavItem, Notice, Who
from labrecords.web.guard import TAKE_A_FILE
from labrecords.web.signed_in import current_actor, held_session, installation

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SECRET_ADDRESSES = frozenset({"accounts.invitation"})
"""Pages whose address is itself a secret. Only the site's name is told to where they lead."""
NAVIGATION = (
    ("home.work", "Work", Permission.OWN_ACCOUNT),
    ("batches.listing", "Batches", Permission.READ_BATCHES),
    ("patients.listing", "Patients", Permission.READ_BATCHES),
    ("masters.listing", "Masters", Permission.READ_MASTERS),
    ("equipment.register", "Equipment", Permission.READ_BATCHES),
    ("lots.register", "Lots", Permission.READ_BATCHES),
    ("training.register", "Training", Permission.READ_TRAINING),
    ("people.listing", "People", Permission.MANAGE_PEOPLE),
    ("whole_trail.listing", "Trail", Permission.READ_WHOLE_TRAIL),
    ("health.installation_health", "Health", Permission.SEE_HEALTH),
    ("verify.drop", "Verify", None),
)
csrf = CSRFProtect()


LONG_TEXT = frozenset({"masters.new", "masters.edit_text"})
"""Pages for a whole text: one that is too long is answered at its entry, where it still stands."""
LONGEST_TEXT = 16 * 1024 * 1024
"""So many bytes such a form may have: in an address-like encoding a text can grow to three times its length."""


class SiteRequest(Request):
    """A request whose uploaded files stay in memory: what is dropped on /verify never touches a disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


class SiteTemplate(Template):
    """A template whose macros are made once. Every template here has the globals of the site, and none of its own:
    to compare the two sets of names at each import, as Jinja does, takes a thirtieth of a page's time."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module()


def init_app(app: Flask) -> None:
    """Wire what all pages share."""
    app.request_class = SiteRequest
    app.before_request(_limit_size)  # before the csrf check, which reads the form
    csrf.init_app(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.template_class = SiteTemplate
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    filters.register(app.jinja_env)
    drawn.register(app.jinja_env)
    app.jinja_env.globals["asset"] = assets(app)
    app.jinja_env.globals["page_url"] = page_url
    app.context_processor(lambda: {"frame": frame(), "zone": installation().zone})
    app.before_request(_refuse_strange_requests)
    app.after_request(_headers)
    app.register_error_handler(Exception, failures.error_page)


def assets(app: Flask) -> Callable[[str], str]:
    """The global asset(path): URL of a static file. It changes with the content, so that it can be cached for a year.

    Made without the routes, which a request under a foreign host name does not have.
    """
    known: dict[str, str] = {}

    def asset(path: str) -> str:
        if path not in known:
            content = (Path(str(app.static_folder)) / path).read_bytes()
            version = hashlib.sha256(content).hexdigest()[:12]
            known[path] = f"{app.static_url_path}/{path}?v={version}"
        return request.script_root + known[path]

    return asset


def page_url(endpoint: str) -> str:
    """The global page_url(endpoint): where a page is that takes no parameters. Every page has a dozen of them."""
    return _page_url(endpoint, request.script_root)


@lru_cache(maxsize=256)
def _page_url(endpoint: str, root: str) -> str:
    """Such an address differs only with the folder in which the site is mounted: `root`, which url_for puts first."""
    return url_for(endpoint)


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
    held = held_session()
    who = (
        Who(actor.name, ", ".join(sorted(role.value for role in actor.roles)), actor.username)
        if actor
        else None
    )
    said: list[Any] = get_flashed_messages(with_categories=True)
    return Frame(
        nav=nav,
        person=who,
        theme=theme(),
        here=request.full_path.rstrip("?") if request.method == "GET" else request.path,
        laboratory=place.laboratory.name,
        version=__version__,
        now=place.store.clock(),
        left_s=int(held.left.total_seconds()) if held else 0,
        misuse=len(open_alerts(db.session()))
        if actor is not None and actor.may(Permission.WATCH_MISUSE)
        else 0,
        scans=actor is not None and actor.may(Permission.READ_BATCHES),
        notices=(*_standing(actor), *(Notice(kind, text) for kind, text in said)),
    )


def _standing(actor: Actor | None) -> tuple[Notice, ...]:
    """What every page says to whoever is signed in until an administrator has acknowledged it: a restored copy."""
    if actor is None:
        return ()
    try:
        found = restored(db.session())
    except DBAPIError:  # on the page that says so
        return ()
    if found is None:
        return ()
    until = found.detail.get("made_at", "")
    ends = f"It ends at {until[:16].replace('T', ' ')} UTC. " if until else ""
    newer = found.detail.get("newer_at", "")
    more = f"Records up to {newer[:16].replace('T', ' ')} UTC existed. " if newer else ""
    who = "Open Health to acknowledge it." if actor.may(Permission.SEE_HEALTH) else "Ask the administrator."
    text = f"This is a restored, older copy of the record. {ends}{more}What was recorded later is not in it. {who}"
    return (Notice("alert", text),)


def own_path(wanted: str | None) -> str:
    """`wanted` if it is a page of this site that can be opened, else the start page: never another site."""
    start = url_for("home.work")
    if (
        not wanted
        or not wanted.startswith("/")
        or any(character in "\\" or character <= " " for character in wanted)
    ):
        return start
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return start
    ours = not parts.scheme and not parts.netloc and page_at(parts.path)[0]
    return wanted if ours else start


def page_at(path: str) -> tuple[str, dict[str, Any]]:
    """Endpoint and arguments of the page of this site at a path; no endpoint where there is none."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "there are routes: this page was found by them"
    try:
        endpoint, given = adapter.match(path, method="GET")
    except (HTTPException, RequestRedirect, ValueError):
        return "", {}
    return str(endpoint), dict(given)


def _limit_size() -> None:
    """The limit of the whole site is for files; all other pages take forms of text."""
    if request.endpoint in LONG_TEXT:
        request.max_form_memory_size = LONGEST_TEXT
    elif request.endpoint not in TAKE_A_FILE:
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _refuse_strange_requests() -> None:
    """What no page of ours leads to: text with NUL in the address, which PostgreSQL cannot compare; repeats.

    A parameter that comes twice has two meanings: one for who checks it, one for who uses it (ASVS 15.3.7).
    """
    if "\0" in request.path:
        abort(404)
    if any("\0" in value for value in request.args.values()):
        abort(400)
    for given in (request.args, request.form):
        repeated = sorted(name for name in given if len(given.getlist(name)) > 1)
        if repeated:
            g.denied = (
                "The request names one field more than once. Open the page again, and send it from there."
            )
            abort(400)


def _headers(response: Response) -> Response:
    for name, words in HEADERS.items():
        response.headers.setdefault(name, words)  # a page may be stricter
    secret = request.endpoint in SECRET_ADDRESSES
    response.headers["Referrer-Policy"] = "strict-origin" if secret else "same-origin"
    if installation().settings.secure_cookies:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
