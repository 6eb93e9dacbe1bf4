"""Health: what `labrecords doctor` finds, for the administrator; and one word for a balancer."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from labrecords.actions.door import Invalid
from labrecords.actions.upkeep import acknowledge_restore
from labrecords.domain.permissions import Permission
from labrecords.domain.upkeep.health import Finding, State, worst
from labrecords.models.session import db
from labrecords.models.upkeep import restored
from labrecords.upkeep.health import findings
from labrecords.web.forms.shared import Reason, WritingForm
from labrecords.web.guard import ANYBODY, Pages
from labrecords.web.signed_in import acting, installation
from labrecords.web.site import say

pages = Pages("health", __name__)
Answer = str | Response | tuple[str, int]

SHAPES = {State.GOOD: ("pass", "Good"), State.LOOK: ("alert", "To look at"), State.WRONG: ("out", "Wrong")}
HEADLINES = {
    State.GOOD: "Everything that was looked at is as it should be.",
    State.LOOK: "Work can go on. Something should be seen to soon.",
    State.WRONG: "Something is wrong: see to it now.",
}


class AcknowledgeForm(WritingForm):
    reason = Reason("What became of the records that are not in it")


@pages.page("/health", needs=Permission.SEE_HEALTH, methods=("GET", "POST"))
def installation_health() -> Answer:
    form, status = AcknowledgeForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                acknowledge_restore(acting(), reason=form.reason.text)
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", "Acknowledged. The notice is gone from all pages.")
                return redirect(url_for("health.installation_health"), 303)
    place = installation()
    found = findings(place.settings, place.store)
    whole = worst(found)
    return render_template(
        "health/installation_health.html",
        form=form,
        rows=[(_plain(item), *SHAPES[item.state]) for item in found],
        kind=SHAPES[whole][0],
        headline=HEADLINES[whole],
        waits=restored(db.session()) is not None,
    ), status


def _plain(found: Finding) -> Finding:
    """A finding without the marks that stand around commands in a terminal."""
    return replace(found, sentence=found.sentence.replace("`", ""), todo=found.todo.replace("`", ""))


@pages.page("/up", needs=ANYBODY)
def up() -> tuple[str, int, dict[str, str]]:
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        db.session.execute(text("SELECT 1 FROM schema_version"))
    except SQLAlchemyError:
        return "not ok\n", 503, plain
    return "ok\n", 200, plain
