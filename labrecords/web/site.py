"""What every page shares: headers, frame, filters, assets, own paths, repeated parameters."""

from __future__ import annotations

import hashlib
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
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from labrecords import __version__
from labrecords.domain.permissions import Permission
from labrecords.web import failures, filters
from labrecords.web.frame import Frame, NavItem, Notice, Who
from labrecords.web.signed_in import current_actor, installation

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SECRET_ADDRESSES = frozenset({"accounts.invitation"})
"""Pages whose address is itself a secret. Only the site's name is told to where they lead."""
NAVIGATION = (
    ("home.work", "Work", Permission.OWN_ACCOUNT),
    ("batches.listing", "Batches", Permission.READ_BATCHES),
    ("masters.listing", "Masters", Permission.READ_MASTERS),
    ("equipment.register", "Equipment", Permission.READ_BATCHES),
    ("lots.register", "Lots", Permission.READ_BATCHES),
    ("training.register", "Training", Permission.MANAGE_TRAINING),
    ("people.listing", "People", Permission.MANAGE_PEOPLE),
    ("verify.drop", "Verify", None),
)
csrf = CSRFProtect()


TAKE_A_FILE = frozenset({"verify.drop", "masters.new", "lots.receive", "lots.change", "attachments.attach"})
    if request.endpoint not in TAKE_A_FILE:
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
