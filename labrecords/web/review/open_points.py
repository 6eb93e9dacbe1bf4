"""What a reviewer reads first: everything that blocks release or is not as it should be, as a numbered list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from markupsafe import Markup

from labrecords.domain.record import BatchRecord
from labrecords.domain.results.assay_results import open_late_tests
from labrecords.domain.review.investigation import may_be_investigated, name_of
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import is_late
from labrecords.web.batches.batch import BatchPage
from labrecords.web.batches.unseen import veiled
from labrecords.web.filters import instant, person, sentence
from labrecords.web.parts import Check, Text

PERSONAL = ("took part", "decided", "voided", "sealing")
"""Blockers that are not about the record: they stand beside the decision only."""
ELSEWHERE = ("correction", "late entry")
"""Exceptions that have a table of their own on the page."""
TITLES = {
    "missing step": "A required step is missing",
    "not verified": "No second person",
    "not attested": "Not attested by who did it",
    "not given": "Not confirmed by the giver",
    "not received": "Not confirmed by the receiver",
    "no result": "A result is missing",
    "out of limits": "Out of limits",
    "yield out of limits": "The yield is out of limits",
    "time limit": "A time limit was not kept",
    "expired": "Expired",
    "custody gap": "A gap in the chain of custody",
    "custody holder": "Given by somebody who did not hold it",
    "custody overlap": "Two holders at one time",
    "custody seal": "Seal or container broken",
    "identity": "Identity does not match",
    "release": "Used without release",
    "alert": "Alert limit passed",
    "investigate": "More cells than counting explains",
    "wash": "A wash that did not run clear",
    "volume balance": "Volumes that do not add up",
    "uneven count": "The squares were not counted evenly",
    "too even": "Counts too even to be true: data integrity",
    "few cells": "Few cells were counted",
    "loadings apart": "The loadings of a count lie too far apart",
    "loadings disagree": "One loading passes and another fails",
    "methods differ": "Two ways of counting differ",
    "repeat": "A measurement was repeated",
    "repeated after a failing result": "Repeated after a failing result",
    "unusual value": "An unusual value, with its reason",
    "registered late": "Equipment registered after its use",
    "no check date": "Equipment without a date of its check",
    "place": "A place that is closed, overdue or not registered",
    "temperature excursion": "A temperature outside its range",
    "temperature log": "A file of a temperature logger",
    "time out of range": "Outside its range of temperature for too long",
    "transport temperature": "A transport without its temperature",
    "place full": "Put into a place that was full",
    "place temperature": "Kept in a place of another temperature",
    "file withdrawn": "A file was attached by mistake",
    "code in use": "A code that another batch carries",
    "released by a participant": "Released by somebody who took part",
    "receipt": "Seen at receipt",
    "not done": "A step was not done",
    "changed after decision": "Corrected after a decision",
    "test open": "A test has no final result yet",
    "test failed": "A test failed",
    "late test failed": "A test failed after the product was used",
    "test not valid": "The controls of a test do not hold",
    "result invalidated": "A result was set aside",
    "earlier report failed": "An earlier report failed",
    "order of steps": "Out of order",
    "order of times": "Times do not follow",
}


def reading_list(
    page: BatchPage, blockers: Iterable[Blocker], unseen: frozenset[str], numbers: bool
) -> list[Check]:
    """The gravest first: what blocks, then the exceptions and alerts that do not. Nothing tells an unseen value."""
    findings = veiled(page.findings, unseen, numbers)
    own = {item.sentence for item in findings}
    found = [
        _check(page, item.rule, item.sentence, item.step_key, ("out", "Blocks"))
        for item in blockers
        if item.rule not in PERSONAL and item.sentence not in own
    ]
    found += [_finding(page, item) for item in findings if item.rule not in ELSEWHERE]
    order = ("Critical", "Blocks", "Look at it")
    return sorted(found, key=lambda check: order.index(check.word))


def _finding(page: BatchPage, item: Finding) -> Check:
    words = {
        Severity.CRITICAL: ("out", "Critical"),
        Severity.BLOCKING: ("out", "Blocks"),
        Severity.EXCEPTION: ("alert", "Look at it"),
    }
    check = _check(page, item.rule, item.sentence, item.step_key, words[item.severity])
    text = Markup('{} <span class="quiet">{}</span>').format(check.text, instant(item.at, page.zone))
    if may_be_investigated(item):
        where = url_for("release.investigation", number=page.record.batch.number, name=name_of(item))
        text += Markup('<br><a class="btn slim" href="{}">Investigate and accept</a>').format(where)
    return Check(check.title, text, check.kind, check.word)


def _check(page: BatchPage, rule: str, said: str, step_key: str, shape: tuple[str, str]) -> Check:
    title = TITLES.get(rule, rule.capitalize())
    text = sentence(said)
    if step_key:
        step = page.record.process.step(step_key)
        link = Markup('<a href="{}">Step {}</a>').format(page.step_url(step_key), step.number)
        text = Markup("{} {}").format(text, link)
    return Check(title, text, *shape)


@dataclass(frozen=True)
class LateEntry:
    """An entry that was recorded later after the act than the process allows."""

    number: int
    title: str
    by: timedelta
    why: str
    who: str
    done: datetime
    recorded: datetime


def late_entries(page: BatchPage) -> list[LateEntry]:
    """Every late entry, those since corrected included."""
    record = page.record
    found = []
    for entry in record.entries:
        if is_late(record, entry):
            step = record.process.step(entry.step_key)
            found.append(
                LateEntry(
                    number=step.number,
                    title=step.title,
                    by=entry.recorded_at - entry.performed_at,
                    why=entry.late_reason or "No reason given.",
                    who=record.name(entry.recorded_by),
                    done=entry.performed_at,
                    recorded=entry.recorded_at,
                )
            )
    return found


def signed_by(record: BatchRecord) -> list[tuple[str, Text]]:
    """How many signatures of each meaning there are, and whose."""
    counted: dict[str, Counter[str]] = {}
    for signature in record.signatures:
        counted.setdefault(signature.meaning, Counter())[signature.name] += 1
    return [
        (meaning, Markup(", ").join(Markup("{} {}").format(person(name), n) for name, n in names.items()))
        for meaning, names in counted.items()
    ]


def pending_tests(record: BatchRecord, zone: ZoneInfo) -> tuple[Markup, ...]:
    """The late tests whose results are still to come, which make a release conditional: each with its state and day."""
    return tuple(
        Markup("{}: {}").format(item.step.title, item.state)
        + (Markup(", expected by ") + instant(item.due_at, zone, seconds=False) if item.due_at else "")
        for item in open_late_tests(record)
    )
