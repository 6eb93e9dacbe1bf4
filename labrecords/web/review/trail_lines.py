"""Events of any chain as lines that people read: who, what, about what, when and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for
from sqlalchemy import select

from labrecords.domain.evidence import trail
from labrecords.domain.values import times
from labrecords.models.batch_record import batch_chain, record_of
from labrecords.models.overview import BatchOverview
from labrecords.models.session import db
from labrecords.models.trail_list import FoundEvent
from labrecords.web.batches.events import FLAGGED, UNREADABLE, act_words, event_in, tells_values
from labrecords.web.batches.unseen import KEPT_BACK, unseen_steps
from labrecords.web.signed_in import signed_in_actor

CHAINS = {
    "access": "Access",
    "equipment": "Equipment",
    "laboratory": "Laboratory",
    "masters": "Master records",
    "materials": "Lots",
    "patients": "Patients",
    "people": "People",
    "places": "Places",
    "recalls": "Recalls",
    "system": "System",
}
"""The registers with a chain of their own, in words."""
_BATCH = batch_chain("")
AWAITED = " verified "
"""Stands in the overview of a batch in which somebody has still to confirm a step as second person."""


@dataclass(frozen=True)
class TrailLine:
    """One event. Everything shown is taken from its bytes."""

    found: FoundEvent
    event: dict[str, Any]
    number: str = ""
    """Of the batch whose chain it stands in."""
    kept_back: bool = False
    """Whether the event holds values that the reader must not see yet."""

    @property
    def at(self) -> datetime | None:
        return times.from_text(self.event["at"]) if self.event is not UNREADABLE else None

    @property
    def who(self) -> str:
        return str(self.event["actor"]["name"])

    @property
    def act(self) -> str:
        return str(self.event["act"])

    @property
    def words(self) -> str:
        return act_words(self.act)

    @property
    def subject(self) -> str:
        return str(self.event["subject"])

    @property
    def chain(self) -> str:
        """The batch by its number, or the register in words."""
        return self.number or CHAINS.get(self.found.chain, self.found.chain)

    @property
    def why(self) -> str:
        return KEPT_BACK if self.kept_back else str(self.event["reason"] or "")

    @property
    def detail(self) -> dict[str, Any]:
        return {} if self.kept_back else self.event["detail"]

    @property
    def purpose(self) -> str:
        """What somebody looked at an identity for, or by what they searched."""
        return str(self.detail.get("purpose") or self.detail.get("by") or self.why)

    @property
    def source(self) -> str:
        """From where they did."""
        return str(self.detail.get("source", ""))

    @cached_property
    def digest(self) -> str:
        """The hash of the bytes, computed now: a stored one is not trusted."""
        return trail.digest(self.found.payload)

    @property
    def text(self) -> str:
        """The bytes that were hashed."""
        return KEPT_BACK if self.kept_back else self.found.payload.decode("utf-8", "replace")

    @property
    def url(self) -> str:
        """Where the event stands in full."""
        if self.number:
            return url_for("trail.event", number=self.number, seq=self.found.seq)
        if self.found.chain in CHAINS:
            return url_for("whole_trail.event", register=self.found.chain, seq=self.found.seq)
        return ""

    @property
    def history_url(self) -> str:
        """Everything about the same thing."""
        if not self.subject or self.found.chain not in CHAINS:
            return ""
        return url_for("whole_trail.listing", register=self.found.chain, subject=self.subject)

    @property
    def kind(self) -> str:
        if self.event is UNREADABLE:
            return "bad"
        return "flag" if self.act.endswith((*FLAGGED, " refused")) else ""


def trail_lines(found: Iterable[FoundEvent]) -> list[TrailLine]:
    """Events as lines, with what is kept back for a second entry kept back here too."""
    events = [(item, event_in(item.payload) or UNREADABLE) for item in found]
    batches = _batches(
        {item.chain.removeprefix(_BATCH) for item, _ in events if item.chain.startswith(_BATCH)}
    )
    unseen: dict[str, frozenset[str]] = {}
    lines = []
    for item, event in events:
        batch = batches.get(item.chain.removeprefix(_BATCH))
        steps = [str(row["values"].get("step_key")) for row in event["rows"] if tells_values(row["table"])]
        kept = False
        if batch is not None and AWAITED in batch.outstanding and steps:
            if batch.batch_id not in unseen:
                record = record_of(db.session(), batch.batch_id)
                unseen[batch.batch_id] = unseen_steps(record, signed_in_actor().person_id)
            kept = not unseen[batch.batch_id].isdisjoint(steps)
        lines.append(TrailLine(item, event, batch.number if batch is not None else "", kept))
    return lines


def _batches(ids: set[str]) -> dict[str, Any]:
    """Number of each batch, and which confirmations it awaits."""
    table = BatchOverview.__table__
    query = select(table.c.batch_id, table.c.number, table.c.outstanding).where(
        table.c.batch_id.in_(sorted(ids))
    )
    return {row.batch_id: row for row in db.session.execute(query)} if ids else {}
