"""The scan box: whatever code is scanned or typed on any page, the person gets to what it stands for."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from labrecords.domain.custody.container_ids import problem_of, scanned
from labrecords.domain.permissions import Permission
from labrecords.domain.values import codes
from labrecords.models.batch_record import equipment_now, laboratory
from labrecords.models.codes import batches_with
from labrecords.models.lots import deliveries_of
from labrecords.models.session import db
from labrecords.web.guard import Pages
from labrecords.web.site import own_path, say

pages = Pages("scan", __name__)

LONGEST = 100


@pages.page("/scan", needs=Permission.READ_BATCHES)
def go() -> ResponseReturnValue:
    typed = request.args.get("code", "").strip()[:LONGEST]
    try:
        wanted = codes.normalise(scanned(typed))
    except codes.NotACode as problem:
        say("alert", str(problem))
        return redirect(_page_before(), 303)
    if not wanted:
        say("wait", "Nothing was scanned. Scan a code, or type it as it is printed.")
        return redirect(_page_before(), 303)
    numbers = batches_with(db.session(), wanted) if wanted.isprintable() else []
    if len(numbers) == 1:
        return redirect(url_for("batches.batch", number=numbers[0]), 303)
    if numbers:
        return redirect(url_for("batches.listing", code=typed), 303)
    piece = next((item for item in equipment_now(db.session()) if codes.normalise(item.code) == wanted), None)
    if piece is not None:
        return redirect(url_for("equipment.piece", code=piece.code), 303)
    deliveries = deliveries_of(db.session(), wanted)
    if len(deliveries) == 1:
        return redirect(url_for("lots.delivery", delivery_id=deliveries[0].delivery_id), 303)
    if deliveries:
        return redirect(url_for("lots.register", q=deliveries[0].lot), 303)
    if problem_of_id := problem_of(typed, laboratory(db.session()).site_code):
        say("alert", problem_of_id)
        return redirect(_page_before(), 303)
    say(
        "alert",
        f"Nothing here has the code “{typed}”. Batches, chains of identity, patients, containers, samples, "
        "equipment and lots were searched. Scan it again, or compare it with the label.",
    )
    return redirect(_page_before(), 303)


def _page_before() -> str:
    """The page of this site that the code was scanned on, else the start page."""
    before = urlsplit(request.referrer or "")
    same = before.netloc == request.host and before.path != request.path
    return (
        own_path(f"{before.path}?{before.query}" if before.query else before.path) if same else own_path(None)
    )
