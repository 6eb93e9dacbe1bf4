"""Setting a scanner up: the sheet of trial codes, and the page that says what arrived of one."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from labrecords.domain.custody.trial_codes import TRIALS, verdict
from labrecords.domain.permissions import Permission
from labrecords.web.scanning.pages import pages

LONGEST = 300


@pages.page("/scan/set-up", needs=Permission.READ_BATCHES, methods=("GET", "POST"))
def set_up() -> ResponseReturnValue:
    """What arrived is sent, and never part of an address: it may be a wristband, and an address can be made up."""
    arrived = request.form.get("arrived", "")[:LONGEST] if request.method == "POST" else None
    return render_template(
        "scanning/set_up.html",
        trials=TRIALS,
        told=None if arrived is None else verdict(arrived),
        arrived=arrived or "",
    )


@pages.page("/scan/set-up.pdf", needs=Permission.READ_BATCHES)
def sheet() -> ResponseReturnValue:
    from labrecords.documents.labels.trial_sheet import trial_sheet

    response = Response(trial_sheet(), mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="scanner-set-up.pdf"'
    return response
