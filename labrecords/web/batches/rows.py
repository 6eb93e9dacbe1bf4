"""The parts of a batch as its page and its review show them: steps, custody, documents, what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from labrecords.domain.custody.batch_chain import handovers
from labrecords.domain.custody.exposure import excursions, range_of
from labrecords.domain.custody.quarantine import IN_QUARANTINE, in_quarantine
from labrecords.domain.entries import ATTESTED, GIVEN, INVALIDATED, RECEIVED, REPEATED, VERIFIED, Entry
from labrecords.domain.processes.process import CUSTODY, PROCESSING, Step
from labrecords.domain.results.assay_results import AssayStanding
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.measurements import measurements
from labrecords.domain.review.decisions import SEALED, sealed_decisions
from labrecords.domain.review.issues import Issue, IssueEnd
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import is_late
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.handover import Handover
from labrecords.domain.values.typography import mid_sentence
from labrecords.models.lists import documents_of
from labrecords.models.session import db
from labrecords.web.batches.batch import BatchPage, summaries
from labrecords.web.batches.ribbon import Mark, Ribbon, ribbon
from labrecords.web.filters import person
from labrecords.web.parts import Event, Text

WAITING = {
    VERIFIED: "not verified yet",
    ATTESTED: "not attested yet",
    GIVEN: "giver has not signed yet",
    RECEIVED: "receiver has not signed yet",
}
ICONS = {
    "order": "doc",
    "identity_check": "user",
    "product_check": "check",
    "harvest": "syringe",
    "handover": "handover",
    "receipt": "tube",
    "sample": "tube",
    "cell_count": "count",
    "automated_count": "count",
    "analyser_count": "count",
    "centrifugation": "rotor",
    "line_clearance": "check",
    "anticoagulant_preparation": "tube",
    "fraction_collection": "tube",
    "final_container": "syringe",
    "reading": "pen",
    "yield_reconciliation": "count",
    "filtration": "tube",
    "liposuction": "syringe",
    "wash": "tube",
    "enzymatic_digestion": "wait",
    "mechanical_processing": "rotor",
    "lysis": "tube",
    "resuspension": "tube",
    "gram_stain": "search",
    "cfu_f": "count",
    "bedside_check": "user",
    "injection": "syringe",
    "residual": "tube",
    "follow_up": "user",
}
"""Icon of a step kind in the timeline; any other has the one of a tube."""
MARKS = {
    "centrifugation": "spin",
    "fraction_collection": "fractions",
    "final_container": "filled",
    "filtration": "filter",
    "enzymatic_digestion": "digest",
    "mechanical_processing": "passes",
    "wash": "wash",
    "resuspension": "filled",
    "cell_count": "count",
    "automated_count": "count",
    "analyser_count": "count",
    "product_check": "product check",
}
"""The word for a step kind that is marked in the custody ribbon."""


ALERTS = {
    "alert": "Alert",
    "unusual value": "Unusual",
    "code in use": "Code in use",
    "uneven count": "Uneven",
    "too even": "Too even",
    "loadings apart": "Repeat",
    "methods differ": "Methods differ",
    "receipt": "Defect",
    "pain worse": "More pain",
    "re-intervention": "Re-intervention",
    "long before": "Too early",
    "clots": "Clots",
    "alarm": "Alarm",
    "changed after decision": "After decision",
    "result invalidated": "Set aside",
    "earlier report failed": "Failed before",
}
"""The word for an exception in the table of steps."""


@dataclass(frozen=True)
class Tag:
    """A status as shape, word and colour: the arguments of the macro `tag`."""

    kind: str
    word: str
    icon: str = ""


@dataclass(frozen=True)
class StepRow:
    """One step in the table of steps."""

    step: Step
    url: str
    summary: Text = ""
    by: str = ""
    at: datetime | None = None
    confirmed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    not_done: bool = False


def step_rows(page: BatchPage) -> list[StepRow]:
    """Every step of the process with what was recorded for it."""
    return [_row(page, step) for step in page.record.process.steps]


def act_rows(page: BatchPage, phase: str = CUSTODY) -> list[StepRow]:
    """The acts that were recorded beside the steps: those of custody, or what became of the patient."""
    return [_row(page, step) for step in page.record.acts if step.phase == phase]


def _row(page: BatchPage, step: Step) -> StepRow:
    record, url = page.record, page.step_url(step.key)
    entry = record.current(step.key)
    if entry is None:
        note = record.not_done_reason(step.key)
        if note is None:
            return StepRow(step, url)
        tags = (Tag("alert" if not step.required else "out", "Not done", "notdone"),)
        return StepRow(
            step, url, note.reason, record.name(note.recorded_by), note.recorded_at, tags=tags, not_done=True
        )
    return StepRow(
        step=step,
        url=url,
        summary=summaries(record)[step.key],
        by=record.name(entry.performed_by),
        at=entry.performed_at,
        confirmed=tuple(record.name(item.person_id) for item in record.confirmations_of(entry)),
        waiting=tuple(dict.fromkeys(WAITING[wanted.act] for wanted in record.outstanding(entry))),
        tags=tuple(_tags(page, entry)),
    )


def tester(page: BatchPage, item: AssayStanding) -> str:
    """Who reported a test last; whoever set a result aside did not test it."""
    reports = [
        entry
        for entry in page.record.history(item.step.key)
        if isinstance(entry, Assay) and entry.state != INVALIDATED
    ]
    return page.record.name(reports[-1].performed_by) if reports else ""


def _tags(page: BatchPage, entry: Entry) -> Iterator[Tag]:
    found = page.findings_by_entry.get(entry.id, [])
    worst = [item for item in found if item.severity > Severity.EXCEPTION]
    if any(item.severity is Severity.CRITICAL for item in worst):
        yield Tag("out", "Critical", "flag")
    elif worst:
        yield Tag("out", "Blocks release")
    versions = page.record.history(entry.step_key)
    if is_late(page.record, versions[0]):
        yield Tag("alert", "Late entry")
    if isinstance(entry, Handover) and in_quarantine(page.record, entry.given_at):
        yield Tag("wait", IN_QUARANTINE.capitalize())
    seen = {item.rule for item in found}
    for rule in (rule for rule in ALERTS if rule in seen and not worst):
        yield Tag("alert", ALERTS[rule])
    if corrected := sum(1 for version in versions if version.corrects):
        yield Tag("", f"{corrected} corrected", "struck")
    if isinstance(entry, Assay):
        return
    if repeats := len(measurements(versions)) - 1:
        yield Tag("alert", f"{repeats} repeated")


def drawing(page: BatchPage) -> Ribbon | None:
    """The custody ribbon of the batch; None before the harvest."""
    record = page.record
    given = [item for item in handovers(record) if record.process.step(item.step_key).phase == PROCESSING]
    return ribbon(
        page.segments,
        zone=page.zone,
        now=page.now if page.ended_at is None else None,
        use_before=page.use_before.until if page.use_before else None,
        marks=tuple(_marks(page)),
        laboratory_places=frozenset(item.place_to for item in given),
        temperature=_temperature_limits(page),
        subject=record.batch.number,
        outside=excursions(record),
        unreleased=lambda at: in_quarantine(record, at),
    )


def _marks(page: BatchPage) -> Iterator[Mark]:
    for entry in page.record.current_entries():
        if word := MARKS.get(entry.kind):
            yield Mark(entry.performed_at, word)
    for decision, since in sealed_decisions(page.record):
        yield Mark(since, decision.decision)
    if page.ended_at is not None:
        yield Mark(page.ended_at, "injected" if page.record.of_kind(Injection) else "disposed of")


def _temperature_limits(page: BatchPage) -> tuple[Decimal | None, Decimal | None]:
    """The range in which the product is kept and carried; the limits of one hand-over say nothing of another one."""
    allowed = range_of(page.record)
    return (allowed.low, allowed.high) if allowed is not None else (None, None)


def gaps(page: BatchPage) -> Tag | None:
    """How sound the chain of custody is, in one tag; None before the harvest."""
    if not page.segments:
        return None
    broken = sum(1 for item in page.findings if item.rule.startswith("custody "))
    if not broken:
        return Tag("pass", "No gap")
    return Tag("out", "1 break" if broken == 1 else f"{broken} breaks", "gap")


@dataclass(frozen=True)
class DocumentRow:
    """One version of the printed record that was asked for."""

    issue: Issue
    cause: str
    end: IssueEnd | None
    stored: Any
    """The row of the sealed document, or None."""
    current: bool


def document_rows(page: BatchPage) -> list[DocumentRow]:
    """Every version that was asked for, the newest first, with what became of it."""
    stored = {row.issue_id: row for row in documents_of(db.session(), page.record.batch.id)}
    newest = max((issue.version for issue in page.record.issues if issue.id in stored), default=0)
    decisions = {decision.id: decision.decision for decision in page.record.decisions}
    return [
        DocumentRow(
            issue,
            decisions.get(issue.cause_id, "administration closed"),
            page.record.ending(issue),
            stored.get(issue.id),
            issue.version == newest,
        )
        for issue in reversed(page.record.issues)
    ]


def happened(page: BatchPage) -> list[tuple[str, list[Event]]]:
    """What happened, newest first, by calendar day in the laboratory's zone."""
    days: dict[str, list[Event]] = {}
    for event in sorted(_events(page), key=lambda event: event.at, reverse=True):
        days.setdefault(event.at.astimezone(page.zone).date().isoformat(), []).append(event)
    return list(days.items())


def _events(page: BatchPage) -> Iterator[Event]:
    record = page.record

    def said(words: str, person_id: str) -> Markup:
        return escape(words) + Markup(", ") + person(record.name(person_id))

    title: Callable[[str], str] = lambda key: record.process.step(key).title  # noqa: E731
    yield Event(record.batch.opened_at, "plus", said("Batch opened", record.batch.opened_by))
    for entry in record.entries:
        if entry.corrects:
            words = f"Corrected: {mid_sentence(title(entry.step_key))}"
            yield Event(entry.recorded_at, "struck", said(words, entry.recorded_by))
        elif isinstance(entry, Assay):
            words = f"{title(entry.step_key)}: {entry.state}"
            yield Event(entry.recorded_at, ICONS.get(entry.kind, "tube"), said(words, entry.performed_by))
        elif entry.follows_as == REPEATED:
            words = f"Repeated: {mid_sentence(title(entry.step_key))}"
            yield Event(entry.performed_at, ICONS.get(entry.kind, "pen"), said(words, entry.performed_by))
        else:
            icon = ICONS.get(entry.kind, "pen")
            yield Event(entry.performed_at, icon, said(title(entry.step_key), entry.performed_by))
    for note in record.not_done:
        words = f"Not done: {mid_sentence(title(note.step_key))}"
        yield Event(note.recorded_at, "notdone", said(words, note.recorded_by))
    for decision in record.decisions:
        yield Event(decision.decided_at, "pen", said(f"Signed: {decision.decision}", decision.person_id))
    for closure in record.closures:
        yield Event(closure.closed_at, "pen", said("Signed: administration closed", closure.person_id))
    for void in record.voids:
        yield Event(void.voided_at, "cross", said("Voided", void.person_id))
    versions = {issue.id: issue.version for issue in record.issues}
    for end in record.issue_ends:
        icon = "doc" if end.outcome == SEALED else "alert"
        words = "sealing failed" if end.outcome == "failed" else end.outcome
        yield Event(end.ended_at, icon, f"Document version {versions[end.issue_id]} {words}")
