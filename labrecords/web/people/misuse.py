"""Alerts of possible misuse, for quality assurance and the administrator: what happened, and what was found."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from labrecords.actions.door import Invalid
from labrecords.actions.misuse import see_misuse
from labrecords.domain.permissions import Permission
from labrecords.models.misuse import alerts_seen, open_alerts
from labrecords.models.session import db
from labrecords.web.forms.shared import Reason, WritingForm
from labrecords.web.people.pages import pages
from labrecords.web.signed_in import acting
from labrecords.web.site import say

Answer = str | Response | tuple[str, int]


class SeenForm(WritingForm):
    reason = Reason("What it was")


@pages.page("/misuse", needs=Permission.WATCH_MISUSE)
def misuse() -> Answer:
    session = db.session()
    return render_template("people/misuse.html", alerts=open_alerts(session), seen=alerts_seen(session))


@pages.page("/misuse/<misuse_id>", needs=Permission.WATCH_MISUSE, methods=("GET", "POST"))
def see(misuse_id: str) -> Answer:
    alert = next((item for item in open_alerts(db.session()) if item.id == misuse_id), None)
    form, status = SeenForm(), 200
    if alert is None and not form.is_submitted():
        abort(404)
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                see_misuse(acting(), misuse_id=misuse_id, comment=form.reason.text)
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", "The alert is closed, with your words.")
                return redirect(url_for("people.misuse"), 303)
    return render_template("people/misuse_seen.html", form=form, alert=alert), status
