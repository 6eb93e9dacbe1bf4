"""Every failure as a page: what happened, what to do, and a reference that stands in the log too."""

from __future__ import annotations

import errno
import logging
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from labrecords.actions.door import ClockWentBack, Refused, Stale
from labrecords.models.engine import lost
from labrecords.models.session import db
from labrecords.web.guard import typed_kept, typed_so_far
from labrecords.web.signed_in import NOT_KEPT, current_actor
from labrecords.web.steps.forms import CARRIED

FRAMED, BARE = "errors/_page.html", "errors/_bare.html"
PAGES = (400, 403, 404, 405, 409, 413, 421, 429, 500, 503)
MISDIRECTED, TOO_LARGE = 421, 413
SENTENCES = {
    400: "The request could not be understood.",
    404: "Nothing is stored at this address, or you may not know of it.",
    405: "This address cannot be used in this way.",
    429: "This was tried too often in a short time, and is not answered for now.",
    503: "The record cannot be reached for the moment.",
}
PRIVATE = ("patient_code", "second_identifier", "identity_code")
NOT_TYPED = frozenset({"form_key", *CARRIED, "patient_name", "birth_date", "record_number", *PRIVATE})
"""What a form carries that nobody typed, and the identity of a patient, which another person does not see here."""
MEGABYTE = 1024 * 1024
UNREACHABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy raises when the database is away, full or locked for too long."""
log = logging.getLogger("labrecords")


def error_page(error: Exception) -> BaseResponse:
    """The page for a failure. Without database, person or routes it is the bare one, which needs none of them."""
    reference = secrets.token_hex(4)
    if lost(error) and request.method in ("GET", "HEAD") and "read_again" not in g:
        try:
            return _read_again()
        except Exception as second:
            error = second
    if isinstance(error, CSRFError) and _ours_after_sign_out():
        return typed_kept()
    status, sentence, reasons = _describe(error)
    _log(error, status, reference)
    name = f"errors/{status if status in PAGES else 400}.html"
    values: dict[str, Any] = {"reference": reference, "sentence": sentence, "reasons": reasons}
    values["typed"] = _typed_by_another() if isinstance(error, CSRFError) else []
    values["kept"] = _to_send_again(error)
    response = make_response(
        _bare(name, values) if status >= 500 or status == MISDIRECTED else _framed(name, values), status
    )
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _read_again() -> BaseResponse:
    """A page whose connection broke on the way is read once more: it changes nothing."""
    g.read_again = True
    g.pop("actor", None)
    db.session.remove()
    return make_response(current_app.dispatch_request())


def _to_send_again(error: Exception) -> dict[str, list[tuple[str, str]]] | None:
    """What a form of ours brought while the record was out of reach, for a page that can send it once more.

    With its key: should it have been kept after all, the second sending finds that. Passwords are typed anew.
    """
    if (
        not _unreachable(error)
        or request.method != "POST"
        or request.files
        or not request.form.get("form_key")
    ):
        return None
    secret = [(name, "") for name in request.form if name in NOT_KEPT and name != "csrf_token"]
    token = [("csrf_token", request.form.get("csrf_token", ""))]
    return {"typed": token + typed_so_far(), "secret": secret}


def _unreachable(error: Exception) -> bool:
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return isinstance(error, UNREACHABLE) or full or lost(error)


def _ours() -> bool:
    """Whether a form comes from one of our own pages, and not from another site that would have it shown here."""
    own = urlsplit(request.headers.get("Origin", "")).netloc == request.host
    return own and bool(request.form.get("form_key"))


def _ours_after_sign_out() -> bool:
    """Whether a form of our own pages comes from a browser in which its person has signed out meanwhile."""
    return _ours() and current_actor() is None


def _typed_by_another() -> list[tuple[str, str]]:
    """What stood in a form of our own that another person opened here: to be read and copied, never sent on."""
    if not _ours():
        return []
    return [(name, value) for name, value in typed_so_far() if value and name not in NOT_TYPED]


def _framed(name: str, values: dict[str, Any]) -> str:
    try:
        return render_template(name, **values, around=FRAMED, back=_back())
    except Exception:
        log.exception("reference %s: the page around it failed too", values["reference"])
        return _bare(name, values)


def _bare(name: str, values: dict[str, Any]) -> str:
    # Not by render_template: that would look up the person for the frame.
    return current_app.jinja_env.get_template(name).render(**values, around=BARE)


def _describe(error: Exception) -> tuple[int, str, tuple[Any, ...]]:
    if isinstance(error, Refused):
        return 403, str(error), error.blockers
    if isinstance(error, Stale):
        return 409, "Somebody else changed this since your page was shown.", ()
    if isinstance(error, ClockWentBack):
        return 503, str(error), ()
    if isinstance(error, CSRFError):
        return 400, "This form is too old, or was opened by somebody else.", ()
    if isinstance(error, SecurityError):
        return MISDIRECTED, "The site does not answer under this name.", ()
    if isinstance(error, HTTPException):
        status = error.code or 500
        if status == TOO_LARGE:
            return status, _too_large(), ()
        return status, g.get("denied") or SENTENCES.get(status, "This did not work."), ()
    if _unreachable(error):
        return 503, SENTENCES[503], ()
    return 500, "Something failed on the server. What you sent was saved completely or not at all.", ()


def _too_large() -> str:
    """How much came, and how much the page in hand takes: one limit for all of it, a lower one for its texts."""
    came, whole, texts = request.content_length or 0, request.max_content_length, request.max_form_memory_size
    if whole is None or texts is None:
        return "What was sent is too large. Nothing was kept."
    takes = f"{whole // MEGABYTE} MB" if came > whole else f"{texts // MEGABYTE} MB of typed or pasted text"
    # Rounded up: 32.04 MB shall not read as the 32.0 MB that are allowed.
    size = f" It has {-(-came * 10 // MEGABYTE) / 10:.1f} MB," if came else " Its size was not stated,"
    return f"What was sent is too large.{size} and this page takes at most {takes}. Nothing was kept."


def _log(error: Exception, status: int, reference: str) -> None:
    # The endpoint, not the address: an address can hold line breaks of a stranger, or the secret of a one-time link.
    if status >= 500:
        log.error("reference %s: %s %s", reference, request.method, request.endpoint, exc_info=error)
    else:
        log.warning("reference %s: %d at %s %s", reference, status, request.method, request.endpoint)


def _back() -> str:
    """Where one can go on: the page before when it is another page of this site, else the start page."""
    before = urlsplit(request.referrer or "")
    here = request.method == "GET" and before.path == request.path
    if (
        before.netloc == request.host
        and before.path.startswith("/")
        and not before.path.startswith("//")
        and not here
    ):
        return before.path
    return url_for("home.work")
