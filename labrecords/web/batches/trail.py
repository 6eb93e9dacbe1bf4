"""The trail of one batch: its events, one event in full, and the whole chain as JSON."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions.door import note_access
from labrecords.domain.evidence.trail import HashReader, Problem
from labrecords.domain.permissions import Permission
from labrecords.models.batch_record import events_of
from labrecords.models.session import db
from labrecords.web.batches.batch import BatchPage, batch_or_404
from labrecords.web.batches.events import EventView, event_numbered, events_page, kept_from_reader
from labrecords.web.batches.unseen import KEPT_BACK
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting

pages = Pages("trail", __name__)

PAGE = 50
FORMAT = "labrecords/chain/1"


@pages.page("/batches/<number>/trail", needs=Permission.READ_TRAIL)
def batch(number: str) -> ResponseReturnValue:
    page, before = batch_or_404(number), request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 9):
        abort(400)
    step = request.args.get("step", "")
    if step and step not in {item.key for item in page.record.steps}:
        abort(404)
    events, older = events_page(page, int(before) if before else None, PAGE, step)
    more: dict[str, Any] = {"step": step} if step else {}
    return render_template(
        "trail/batch.html",
        page=page,
        bar=page.bar,
        record=page.record,
        events=events,
        step=page.record.process.step(step) if step else None,
        broken=_broken(page),
        newest_url=url_for("trail.batch", number=number, **more) if before else "",
        older_url=url_for("trail.batch", number=number, before=events[-1].seq, **more) if older else "",
    )


def _broken(page: BatchPage) -> Problem | None:
    """The first break of the batch's chain: every event is hashed again, and the last one compared with the head."""
    head, problems = page.record.head, list[Problem]()
    reader = HashReader(head.chain, problems)
    reader.read(events_of(db.session(), head.chain))
    reader.end(head.seq, head.digest)
    return problems[0] if problems else None


@pages.page("/batches/<number>/trail/<int(max=999999999):seq>", needs=Permission.READ_TRAIL)
def event(number: str, seq: int) -> ResponseReturnValue:
    page = batch_or_404(number)
    found = event_numbered(page, seq)
    if found is None:
        abort(404)
    return render_template(
        "trail/event.html",
        page=page,
        bar=page.bar,
        found=found,
        earlier=url_for("trail.event", number=number, seq=seq - 1) if seq > 1 else "",
        later=url_for("trail.event", number=number, seq=seq + 1) if seq < page.record.head.seq else "",
    )


@pages.page("/batches/<number>/trail.json", needs=Permission.READ_TRAIL)
def chain(number: str) -> ResponseReturnValue:
    """The chain as it was hashed: each event is the text whose SHA-256 the next one names.

    Of an event that holds values which the reader must not see yet, only number and SHA-256 are given.
    """
    page, by = batch_or_404(number), acting()
    head, (unseen, hidden) = page.record.head, kept_from_reader(page)
    payloads = enumerate(events_of(db.session(), head.chain, head.seq), start=1)
    events = [EventView(page, seq, payload, unseen, hidden) for seq, payload in payloads]
    body = {
        "format": FORMAT,
        "chain": head.chain,
        "batch": number,
        "head": {"seq": head.seq, "digest": head.digest},
        "events": [
            {"seq": event.seq, "digest": event.digest, "kept_back": KEPT_BACK}
            if unseen and event.kept_back
            else event.payload.decode("utf-8", "replace")
            for event in events
        ],
    }
    note_access(by, "trail.downloaded", batch=number, head=head.digest)
    response = Response(json.dumps(body, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}-trail.json"'
    return response
