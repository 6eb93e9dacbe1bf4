"""While the form of a step is being filled in: what the server understands of it, and what it keeps of it."""

from __future__ import annotations

from flask import abort, jsonify, redirect, request
from werkzeug.wrappers import Response

from labrecords.actions.step_drafts import ENDED_BY, RECORDED, discard_draft
from labrecords.domain.entries import CORRECTED, REPEATED
from labrecords.domain.permissions import Permission
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.site import own_path, say
from labrecords.web.steps.drafts import drafts_at, form_of, keep_typed
from labrecords.web.steps.forms import reading_of, step_form
from labrecords.web.steps.in_hand import StepPage, step_or_404
from labrecords.web.steps.judge import fragments, judged
from labrecords.web.steps.pages import pages
from labrecords.web.steps.screens import Answer, show_newer


@pages.page("/batches/<number>/steps/<key>/judge", needs=Permission.READ_BATCHES, methods=("POST",))
def judge(number: str, key: str) -> Response:
    """What is understood of the form so far. Its text is kept for who types it; nothing is recorded."""
    written = request.args.get("form", RECORDED)
    at = _step(number, key, written)
    form = step_form(at.step)(request.form, at.surroundings)
    reading = reading_of(form, at.kind, at.step)
    old = None if written in (RECORDED, REPEATED) else at.entry
    found = judged(form, reading, at.record, at.step, signed_in_actor().person_id, old)
    keep_typed(at, form, written)
    return jsonify(fragments(found, form))


@pages.page("/batches/<number>/steps/<key>/typed", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def typed(number: str, key: str) -> Answer:
    """What was typed and not recorded is discarded, or compared with what somebody else recorded meanwhile."""
    written = request.form.get("form", RECORDED)
    at = _step(number, key, written)
    if request.method == "GET":
        return redirect(at.url(), 303)
    draft = next((item for item in drafts_at(at) if item.form == written), None)
    if draft and "compare" in request.form:
        return show_newer(at, form_of(at, draft))
    if draft and "discard" in request.form:
        discard_draft(acting(), step=at.ref(str(at.version)), form=written)
        say("pass", "What you had typed is discarded.")
    return redirect(own_path(request.form.get("back")), 303)


def _step(number: str, key: str, written: str) -> StepPage:
    if written not in ENDED_BY:
        abort(400)
    at = step_or_404(number, key, CORRECTED if written == RECORDED else written)
    if (at.repeats and not (at.entry and at.kind.repeatable)) or (at.reports and not at.next_reports):
        abort(400)
    return at
