"""The page to which every scan goes, whether a scanner sent it without an entry in focus or somebody typed it."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Response, get_template_attribute, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from labrecords.domain.permissions import Permission
from labrecords.web.guard import Pages
from labrecords.web.scanning.answers import Answer, answer
from labrecords.web.site import own_path, say

pages = Pages("scan", __name__)


@pages.page("/scan", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def go() -> ResponseReturnValue:
    """Where a code leads, which is sent and never part of an address: it may be the wristband of a patient.

    Without a code the page with the box; a script is told what the page in hand does with it. Of what may tell who a
    patient is only the answer itself speaks.
    """
    here = _page_before()
    if request.method == "GET":
        return render_template("scanning/box.html", here=here, told=Answer())
    code = request.form.get("code", "")
    told = answer(code, urlsplit(here).path)
    if request.accept_mimetypes.best == "application/json":
        return _as_json(told)
    if told.apart:
        return render_template("scanning/box.html", here=here, told=told)
    if told.sentence:
        say(told.kind, told.sentence)
    if told.waits.takes and not told.to:
        return redirect(f"{urlsplit(here).path}?{urlencode({'scanned': code})}", 303)
    return redirect(told.to or here, 303)


def _as_json(told: Answer) -> Response:
    notice = get_template_attribute("components/notes.html", "notice")
    if told.sentence and told.to and not told.waits.takes:
        say(told.kind, told.sentence)
    return jsonify(
        html=notice(told.kind, told.sentence) if told.sentence else "",
        entered=notice("pass", told.entered) if told.entered else "",
        takes=told.waits.takes,
        alone=told.waits.alone,
        to=told.to,
    )


def _page_before() -> str:
    """The page of this site that the code was scanned on, else the start page."""
    if "here" in request.values:
        return own_path(request.values["here"])
    before = urlsplit(request.referrer or "")
    same = before.netloc == request.host and before.path != request.path
    return (
        own_path(f"{before.path}?{before.query}" if before.query else before.path) if same else own_path(None)
    )
