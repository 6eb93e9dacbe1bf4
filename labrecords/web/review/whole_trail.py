"""The trail of the whole laboratory: who did what, when, why and about what, across all chains."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flask import Response, abort, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions.door import ACCESS, note_access
from labrecords.domain.permissions import Permission
from labrecords.domain.values import times
from labrecords.models.batch_record import batch_chain, find_batch
from labrecords.models.people import everybody
from labrecords.models.session import db
from labrecords.models.trail_list import (
    FoundEvent,
    TrailPage,
    TrailQuery,
    all_events,
    known_acts,
    list_events,
)
from labrecords.models.trail_list import one_event as event_at
from labrecords.web.batches.events import act_words
from labrecords.web.downloads import long_table_download
from labrecords.web.guard import Pages
from labrecords.web.paging import days_typed
from labrecords.web.registers.patients import known_patient
from labrecords.web.review.trail_lines import CHAINS, TrailLine, trail_lines
from labrecords.web.signed_in import acting, installation

pages = Pages("whole_trail", __name__)

FORMAT = "labrecords/events/1"
FILTERS = ("batch", "register", "subject", "who", "act", "begins", "ends", "why")
LONGEST = 100
NOBODY = "nobody"
"""Stands for the system and for whoever was not signed in."""
NO_BATCH = "batch/none"
_KEY = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z\|[a-z]+(/[0-9a-f]{32})?\|[1-9]\d{0,8}")
COLUMNS = ("time", "who", "username", "what", "act", "chain", "number", "subject", "why", "details", "sha256")


@pages.page("/trail", needs=Permission.READ_WHOLE_TRAIL)
def listing() -> ResponseReturnValue:
    given = _given()
    query, wrong = _query(given)
    before = request.args.get("before", "")
    if before and not _KEY.fullmatch(before):
        abort(400)
    page = list_events(db.session(), replace(query, before=before)) if not wrong else TrailPage((), "")
    filters: dict[str, Any] = {name: said for name, said in given.items() if said}
    return render_template(
        "whole_trail/listing.html",
        lines=_lines(page.events, query),
        given=given,
        wrong=wrong,
        people=everybody(db.session()),
        acts=[(act, act_words(act)) for act in known_acts(db.session())],
        registers=CHAINS,
        nobody=NOBODY,
        filtered=bool(filters),
        looked_until=page.looked_until,
        csv_url=url_for("whole_trail.table", **filters),
        json_url=url_for("whole_trail.events", **filters),
        newest_url=url_for("whole_trail.listing", **filters) if before else "",
        older_url=url_for("whole_trail.listing", before=page.next, **filters) if page.next else "",
    )


@pages.page("/trail/<register>/<int(max=999999999):seq>", needs=Permission.READ_WHOLE_TRAIL)
def event(register: str, seq: int) -> ResponseReturnValue:
    """An event of a register, in full; those of batches stand on the pages of their batch."""
    found = event_at(db.session(), register, seq) if register in CHAINS else None
    if found is None:
        abort(404)
    (line,) = trail_lines([found])
    return render_template("whole_trail/event.html", line=line, register=CHAINS[register])


@pages.page("/trail.csv", needs=Permission.READ_WHOLE_TRAIL)
def table() -> ResponseReturnValue:
    """What is filtered, as a table for other programs."""
    query = _taken_away("csv")
    return long_table_download("trail.csv", COLUMNS, map(_cells, _all_lines(query)))


@pages.page("/trail.json", needs=Permission.READ_WHOLE_TRAIL)
def events() -> ResponseReturnValue:
    """What is filtered, each event as the text that was hashed. Of one that is kept back the SHA-256 alone is given."""
    query = _taken_away("json")

    def parts() -> Iterator[str]:
        yield json.dumps({"format": FORMAT, "filter": _given()}, ensure_ascii=False)[:-1] + ', "events": ['
        between = "\n"
        for line in _all_lines(query):
            said = {"chain": line.found.chain, "seq": line.found.seq, "digest": line.digest}
            said |= {"kept_back": line.why} if line.kept_back else {"text": line.text}
            yield between + json.dumps(said, ensure_ascii=False)
            between = ",\n"
        yield "\n]}\n"

    response = Response(stream_with_context(parts()), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="trail.json"'
    return response


@pages.page("/patients/<pseudonym>/looks", needs=Permission.READ_WHOLE_TRAIL)
def looks(pseudonym: str) -> ResponseReturnValue:
    """Who read or searched for the identity of a patient, when and for which purpose."""
    known, before = known_patient(pseudonym), request.args.get("before", "")
    if before and not _KEY.fullmatch(before):
        abort(400)
    query = TrailQuery(chain=ACCESS, subject=known.pseudonym, before=before)
    page = list_events(db.session(), query)
    return render_template(
        "whole_trail/looks.html",
        patient=known,
        lines=trail_lines(page.events),
        newest_url=url_for("whole_trail.looks", pseudonym=known.pseudonym) if before else "",
        older_url=url_for("whole_trail.looks", pseudonym=known.pseudonym, before=page.next)
        if page.next
        else "",
    )


def _given() -> dict[str, str]:
    return {name: request.args.get(name, "")[:LONGEST].strip() for name in FILTERS}


def _query(given: dict[str, str]) -> tuple[TrailQuery, dict[str, str]]:
    """What is looked for, and what is wrong with what was typed, by entry."""
    wrong: dict[str, str] = {}
    chain = given["register"]
    if chain and chain not in CHAINS:
        abort(400)
    if number := given["batch"]:
        batch = find_batch(db.session(), number) if number.isprintable() else None
        chain = batch_chain(batch.id) if batch else NO_BATCH
        if batch is None:
            wrong["batch"] = "No batch has this number."
    begins, ends, days = days_typed(given["begins"], given["ends"], installation().zone)
    wrong |= days
    who = given["who"]
    return (
        TrailQuery(
            chain=chain,
            subject=given["subject"],
            actor=None if not who else "" if who == NOBODY else who,
            act=given["act"],
            begins=begins,
            ends=ends,
            why=given["why"],
        ),
        wrong,
    )


def _taken_away(form: str) -> TrailQuery:
    """What is exported. That it was is an event; what was looked for in reasons is not kept."""
    given = _given()
    query, wrong = _query(given)
    if wrong:
        abort(400)
    told = {name: said if name != "why" else "part of a reason" for name, said in given.items() if said}
    chosen = "; ".join(f"{name} {said}" for name, said in told.items())
    note_access(acting(), "trail.exported", form=form, chosen=chosen or "everything")
    return query


def _lines(found: Iterable[FoundEvent], query: TrailQuery) -> list[TrailLine]:
    """The events as they are shown; one that is kept back is not found by the words of its reason."""
    return [line for line in trail_lines(found) if not (query.why and line.kept_back)]


def _all_lines(query: TrailQuery) -> Iterator[TrailLine]:
    some: list[FoundEvent] = []
    for found in all_events(db.session(), query):
        some.append(found)
        if len(some) == LONGEST:
            yield from _lines(some, query)
            some = []
    yield from _lines(some, query)


def _cells(line: TrailLine) -> tuple[str, ...]:
    at = times.show(line.at, installation().zone) if line.at else ""
    detail = "; ".join(f"{name}: {said}" for name, said in line.detail.items())
    actor: dict[str, Any] = line.event["actor"]
    return (
        *(at, line.who, str(actor.get("username", "")), line.words, line.act, line.chain),
        *(str(line.found.seq), line.subject, line.why, detail, line.digest),
    )
