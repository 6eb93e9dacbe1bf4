"""Events of a batch's chain as people read them: who, what, when, why, and the values that were inserted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import Select, select

from labrecords.domain.attachments import Attachment
from labrecords.domain.entries import Entry
from labrecords.domain.evidence import trail
from labrecords.domain.pauses import Pause
from labrecords.domain.review.reentry import Reentry
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise
from labrecords.domain.values.typography import mid_sentence
from labrecords.models.records import ROW_OF
from labrecords.models.session import db
from labrecords.models.stored import as_bytes
from labrecords.models.trail import TrailEvent
from labrecords.web import filters
from labrecords.web.batches.batch import BatchPage, whole_batch_or_404
from labrecords.web.batches.unseen import KEPT_BACK, unseen_codes, unseen_steps
from labrecords.web.parts import Text
from labrecords.web.shown import Shown
from labrecords.web.signed_in import signed_in_actor

ACTS = {
    "batch.opened": "Batch opened",
    "batch.voided": "Batch voided",
    "batch.released": "Signed: released",
    "batch.rejected": "Signed: rejected",
    "batch.on_hold": "Signed: put on hold",
    "batch.disposed": "Signed: late results",
    "finding.investigated": "Signed: discrepancy investigated",
    "test.invalidated": "Signed: result set aside",
    "administration.closed": "Signed: administration closed",
    "document.sealed": "Document sealed",
    "document.sealing_failed": "Sealing failed",
    "document.sealing_retried": "Signed: sealing tried again",
    "document.withdrawn": "Signed: document withdrawn",
    "step.not_done": "Noted as not done",
    "step.paused": "Paused",
    "step.bypassed": "Signed: stop bypassed",
    "step.reentered": "Entered again, unseen",
    "file.attached": "File attached",
    "file.withdrawn": "File withdrawn",
    "temperature.read": "Temperature logger read",
    "material.locked": "Locked after a mix-up",
    "container.numbered": "Container id given out",
    "batch.recalled": "Recalled",
    "batch.recall_ended": "Recall ended",
    "person.told": "Somebody was told",
    "notice.received": "Notice received",
    "labels.printed": "Labels printed",
    "labels.accounted": "Labels accounted for",
    "label.scanned_back": "Label scanned back",
    "timer.started": "Timer started",
    "timer.finished": "Timer ended",
    "timer.cancelled": "Timer cancelled",
    "step.verified": "Signed: verified",
    "step.attested": "Signed: attested",
    "step.given": "Signed: given",
    "step.received": "Signed: received",
}
VERBS = {
    "recorded": "Recorded",
    "corrected": "Corrected",
    "reported": "Reported",
    "repeated": "Repeated",
}
FLAGGED = (".corrected", ".repeated", ".not_done", ".voided", ".on_hold", ".withdrawn", ".invalidated")
"""How the acts end that a reader looks at twice."""
TABLES = {
    "batch": "Batch",
    "signature": "Signature",
    "confirmation": "Confirmation",
    "reentry": "Entered again, unseen",
    "attachment": "Attached file",
    "attachment_file": "Bytes of the file",
    "certificate_file": "Bytes of the certificate",
    "withdrawal": "Withdrawal of a file",
    "decision": "Decision",
    "void": "Void",
    "closure": "Closure",
    "issue": "Document asked for",
    "issue_end": "End of the sealing",
    "document": "Document",
    "not_done": "Step not done",
    "timer": "Timer",
    "timer_end": "End of the timer",
    "pause": "Pause",
    "container_id": "Container id",
    "recall_mark": "Recall",
    "notice": "Who was told",
    "notice_receipt": "Receipt of a notice",
    "label_print": "Labels printed",
    "label_act": "Copy of a label",
}
QUIET = (
    "id",
    "batch_id",
    "process_digest",
    "statement",
    "entry_id",
    "signature_id",
    "issue_id",
    "cause_id",
    "timer_id",
)
"""Columns that link rows: shown with the stored values only."""
NEWS = 50
"""So many events are told to somebody whose page is older than the record."""
UNREADABLE: dict[str, Any] = {
    "act": "Not readable: the bytes of this event were changed",
    "actor": {"name": ""},
    "detail": {},
    "prev": "",
    "reason": "",
    "refs": {},
    "rows": [],
    "subject": "",
}
PEOPLE = ("person_id", "started_by", "ended_by", "opened_by", "recorded_by", "performed_by", "requested_by")
_RECORDS = {row.__table__.name: (kind, row) for kind, row in ROW_OF.items()}


@dataclass(frozen=True)
class InsertedRow:
    """One row that an event holds: readable, and exactly as stored."""

    title: str
    values: list[tuple[str, Text]]
    stored: Mapping[str, Any]


@dataclass(frozen=True)
class EventView:
    """One event. Everything shown is taken from its bytes; the record only helps to name people and equipment."""

    page: BatchPage
    seq: int
    payload: bytes
    unseen: frozenset[str] = frozenset()
    """Keys of the steps whose values the reader is not shown: what events say of these is kept back."""
    hidden: frozenset[str] = frozenset()
    """Codes on new labels that the reader has still to read, as codes are compared."""

    @cached_property
    def kept_back(self) -> bool:
        """Whether the event holds values of an unseen step: versions, pauses, second entries, files."""
        return any(
            "step_key" in row["values"]
            and (
                (tells_values(row["table"]) and str(row["values"]["step_key"]) in self.unseen)
                or self._names(row)
            )
            for row in self.event["rows"]
        )

    def _names(self, row: Mapping[str, Any]) -> bool:
        """Whether an act names a code that the reader has still to read on its label."""
        stated = normalise(json.dumps(row["values"], ensure_ascii=False)) if self.hidden else ""
        return any(code in stated for code in self.hidden)

    @cached_property
    def event(self) -> dict[str, Any]:
        """The event as its bytes say it; an empty one where they say nothing any more."""
        return event_in(self.payload) or UNREADABLE

    @property
    def text(self) -> str:
        """The bytes that were hashed."""
        if self.kept_back:
            return KEPT_BACK
        return self.payload.decode("utf-8", "replace")

    @property
    def digest(self) -> str:
        """The hash of the bytes, computed now: a stored one is not trusted."""
        return trail.digest(self.payload)

    @property
    def at(self) -> datetime | None:
        return times.from_text(self.event["at"]) if self.event is not UNREADABLE else None

    @property
    def who(self) -> str:
        return str(self.event["actor"]["name"])

    @property
    def why(self) -> str:
        return "" if self.kept_back else self.event["reason"] or ""

    @property
    def kind(self) -> str:
        """How the row is flagged: corrections and late steps out, failures worse."""
        act = str(self.event["act"])
        if self.event is UNREADABLE:
            return "bad"
        if act.endswith(FLAGGED):
            return "flag"
        return "bad" if act.endswith(("_failed", ".rejected")) else ""

    @property
    def what(self) -> str:
        """The act in words, with the step it was about."""
        act, subject = str(self.event["act"]), str(self.event["subject"])
        words = ACTS.get(act) or VERBS.get(act.rpartition(".")[2], act)
        subject, steps = subject.removeprefix("timer/"), self.page.record.steps
        titles = {step.key: f"step {step.number}, {mid_sentence(step.title)}" for step in steps}
        return f"{words}: {titles.get(subject, subject)}" if subject else words

    @cached_property
    def rows(self) -> list[InsertedRow]:
        if self.kept_back:
            return [InsertedRow("Values", [("Values", KEPT_BACK)], {})]
        return [self._row(row["table"], row["values"]) for row in self.event["rows"]]

    @property
    def gist(self) -> Text:
        """The values in a line or two: what changed in a correction, what was recorded, what a signature means."""
        lines: list[Text] = [KEPT_BACK] if self.kept_back else []
        for row in self.event["rows"]:
            entry = _object(row["table"], row["values"])
            if isinstance(entry, Entry):
                lines += [] if self.kept_back else self._gist_of(entry)
            elif row["table"] == "signature":
                lines.append(str(row["values"].get("meaning", "")))
            elif row["table"] == "document":
                lines.append(Markup("SHA-256 {}").format(filters.digest(row["values"].get("sha256"))))
        return Markup("<br>").join(escape(line) for line in lines)

    def _gist_of(self, entry: Entry) -> list[Text]:
        record = self.page.record
        old = record.replaced(entry) if entry.corrects else None
        try:
            if old is None:
                return [filters.number(entry.summary(record))]
            return [
                Markup("{}: <del>{}</del> <ins>{}</ins>").format(
                    item.label.partition(", ")[2], item.old, item.new
                )
                for item in Shown(record, self.page.zone).correction(old, entry)
            ]
        except KeyError:
            # Names somebody or something that the record does not know: the event or the record was changed.
            return ["names somebody or something that the record does not hold"]

    def _row(self, table: str, stored: Mapping[str, Any]) -> InsertedRow:
        found = _object(table, stored)
        if isinstance(found, Entry):
            shown = Shown(self.page.record, self.page.zone)
            steps = self.page.record.steps
            title = next((step.title for step in steps if step.key == found.step_key), table)
            try:
                return InsertedRow(title, shown.circumstances(found) + shown.facts(found), stored)
            except KeyError:
                return InsertedRow(title, [], stored)
        values = found.__dict__ if found is not None else stored
        pairs = [
            (name.replace("_", " ").capitalize(), self._plain(name, value))
            for name, value in values.items()
            if name not in QUIET and value not in (None, "")
        ]
        return InsertedRow(TABLES.get(table, table), pairs, stored)

    def _plain(self, name: str, value: Any) -> Text:
        names = {person.id: person.name for person in self.page.record.people}
        if isinstance(value, datetime):
            return filters.instant(value, self.page.zone)
        if name in PEOPLE and value in names:
            return filters.person(names[value])
        if name.endswith(("sha256", "digest")):
            return filters.digest(str(value))
        return str(value)


def tells_values(table: str) -> bool:
    """Whether the rows of a table hold what was entered in a step."""
    kind = _RECORDS[table][0] if table in _RECORDS else object
    return issubclass(kind, (Entry, Pause, Reentry, Attachment))


def event_in(payload: bytes) -> dict[str, Any] | None:
    """The event that the bytes hold; None where they were changed so that they hold none."""
    try:
        event: dict[str, Any] = json.loads(payload)
        times.from_text(event["at"])
        shape = (event["act"], event["subject"], event["reason"], event["prev"], event["actor"]["name"])
        for _ in (*event["detail"].items(), *event["refs"].items(), *shape):
            pass
        for row in event["rows"]:
            row["table"], row["values"].items()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return event


def _object(table: str, stored: Mapping[str, Any]) -> Any:
    """The domain object that the stored values describe; None where there is none, or it cannot be read."""
    if table not in _RECORDS:
        return None
    kind, row = _RECORDS[table]
    try:
        columns = {column.name: column for column in row.__table__.columns}
        return kind(**{name: _read(columns[name], value) for name, value in stored.items()})
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def _read(column: Any, value: Any) -> Any:
    convert = getattr(column.type, "process_result_value", None)
    return convert(value, None) if convert else value


def act_words(act: str) -> str:
    """An act in words, without what it was about."""
    return ACTS.get(act) or act.replace(".", " ").replace("_", " ").capitalize()


def events_page(
    page: BatchPage, before: int | None, size: int, subject: str = ""
) -> tuple[list[EventView], bool]:
    """The events before a number, the newest first, of one step or all, and whether there are older ones."""
    query = _events(page).order_by(TrailEvent.__table__.c.seq.desc()).limit(size + 1)
    if before is not None:
        query = query.where(TrailEvent.__table__.c.seq < before)
    if subject:
        query = query.where(TrailEvent.__table__.c.subject.in_((subject, f"timer/{subject}")))
    found = _viewed(page, query)
    return found[:size], len(found) > size


def events_after(page: BatchPage, seq: int) -> list[EventView]:
    """What was added to the batch since a number, the oldest first."""
    table = TrailEvent.__table__
    return _viewed(page, _events(page).where(table.c.seq > seq).order_by(table.c.seq).limit(NEWS))


def event_numbered(page: BatchPage, seq: int) -> EventView | None:
    """One event of the batch, or None."""
    return next(iter(_viewed(page, _events(page).where(TrailEvent.__table__.c.seq == seq))), None)


def _events(page: BatchPage) -> Select[Any]:
    table = TrailEvent.__table__
    return select(table.c.seq, table.c.payload).where(table.c.chain == page.record.head.chain)


def _viewed(page: BatchPage, query: Select[Any]) -> list[EventView]:
    unseen, hidden = kept_from_reader(page)
    return [
        EventView(page, row.seq, as_bytes(row.payload), unseen, hidden) for row in db.session.execute(query)
    ]


def kept_from_reader(page: BatchPage) -> tuple[frozenset[str], frozenset[str]]:
    """Keys of the steps, and codes on new labels, that are kept back from whoever is signed in."""
    whole, reader = whole_batch_or_404(page.record.batch.number).record, signed_in_actor().person_id
    return unseen_steps(whole, reader), frozenset(unseen_codes(whole, reader))
