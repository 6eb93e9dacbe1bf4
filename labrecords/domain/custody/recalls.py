"""Recalls: what must not be used any more, and every product that had to do with it (domain 6.1, 6.5; GMP P4-14).

A recall is a line of a register: a lot, a piece of equipment, a person, a place, a container, a patient or a day, from
when to when, why. Each batch reads in its own snapshot which recalls its acts fall under, so that a batch that names
the recalled thing later falls under the recall at once. Nothing that was recorded changes by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody.mixups import ASIDE, to_quality_assurance
from labrecords.domain.custody.names import codes_of
from labrecords.domain.custody.traces import (
    CONTAINER,
    DAY,
    EQUIPMENT,
    IN_HAND,
    LONGEST_KEY,
    LOT,
    LOT_OF,
    PLACE,
    Stay,
    is_day,
    named_by,
    namings,
    stays,
)
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.processes.process import ADMINISTRATION
from labrecords.domain.registers.lots import key_of, lots_meant, told_apart
from labrecords.domain.registers.place_tree import known_as
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.storage import TAKEN_OUT, Storage

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

RECALLED, RECALL_ENDED = "recalled", "recall ended"
LEFT_RECALL = "recall and correction"
"""The rule of a finding: after a recall, a correction took the batch out of it."""
GIVEN_AWAY = ("offer", "handover")
"""Kinds of acts by which a product leaves who holds it: a recalled one goes to quality assurance alone."""
STILL_DONE = ("identity_check", "residual")
"""Kinds of the administration that go on: finding out whose it is, and destroying it with a witness."""
NAMED = (LOT, LOT_OF, EQUIPMENT, PLACE, CONTAINER)
"""What an act must not take up while it is recalled."""
NOT_TOLD_APART = (
    "The record names the lot by its number, and other registered lots have that number too: "
    "they cannot be told apart."
)
WAY_OUT = (
    "Put it aside and mark it: it is put away, destroyed, or given to quality assurance, and to nobody else. Quality "
    "assurance says what becomes of it, and ends the recall by signature, with the reason, where it need not stand any "
    "longer."
)


@dataclass(frozen=True)
class Recall:
    """One line of the register. `since` and `until` are days on the calendar of the laboratory; None: no bound."""

    id: str
    subject: str
    """What kind of thing: one of traces.SUBJECTS."""
    key: str
    """As it is compared, the key of its trace. Of one of several lots with a number, as domain.registers.lots.which
    writes it."""
    words: str
    """As people read it."""
    since: date | None
    until: date | None
    reason: str
    person_id: str
    by_name: str
    """Printed name of who recalled it."""
    signature_id: str
    recalled_at: datetime

    @property
    def of_one_lot(self) -> bool:
        """Whether it is about one of the lots that have a number, and not about every lot with it."""
        return self.subject == LOT and "\n" in self.key

    @property
    def traced_key(self) -> str:
        """Under which key lists have what may fall under it: of a lot its number."""
        return self.key.partition("\n")[0] if self.of_one_lot else self.key

    def takes_in(self, first: date, last: date | None) -> bool:
        """Whether what was done or lasted from one day to another (None: it lasts) falls under it."""
        begun_in_time = self.until is None or first <= self.until
        return begun_in_time and (self.since is None or last is None or self.since <= last)


@dataclass(frozen=True)
class RecallEnd:
    """That a recall stands no longer, and why."""

    id: str
    recall_id: str
    reason: str
    person_id: str
    by_name: str
    signature_id: str
    ended_at: datetime


@dataclass(frozen=True)
class Recalled:
    """A recall as one batch sees it: the line, and its end where it has one."""

    recall: Recall
    end: RecallEnd | None = None

    def stood_at(self, instant: datetime) -> bool:
        return self.recall.recalled_at < instant and (self.end is None or instant < self.end.ended_at)

    def said(self) -> str:
        """What is recalled, and why, in one sentence."""
        return f"{self.recall.words} is recalled: {self.recall.reason.rstrip('.')}."


@dataclass(frozen=True)
class RecallMark:
    """In a batch's own trail: that it fell under a recall, or that this recall was ended."""

    id: str
    batch_id: str
    recall_id: str
    act: str
    """RECALLED or RECALL_ENDED."""
    words: str
    reason: str
    person_id: str
    marked_at: datetime


def words_of(subject: str, key: str) -> str:
    """What is recalled, as people read it: "Lot AC778"."""
    return f"{subject[:1].upper()}{subject[1:]} {key}"


def concerning(record: BatchRecord, known: tuple[Recalled, ...]) -> tuple[Recalled, ...]:
    """Those recalls that something in this record falls under. What was first named after the end of one does not."""
    if not known:
        return ()
    named = (*namings(record), *stays(record))
    return tuple(one for one in known if any(_falls_under(record, one, stay) for stay in named))


def _falls_under(record: BatchRecord, one: Recalled, stay: Stay) -> bool:
    recall, trace = one.recall, stay.trace
    if trace.subject == IN_HAND:
        return recall.subject == DAY and _covers(record, stay, recall.key) and _named_in_time(one, stay)
    return (
        trace.subject == (LOT_OF if recall.of_one_lot else recall.subject)
        and trace.key in _keys(record, recall)
        and recall.takes_in(record.day_of(stay.since), record.day_of(stay.until) if stay.until else None)
        and _named_in_time(one, stay)
    )


def _named_in_time(one: Recalled, stay: Stay) -> bool:
    """Whether it was named before the recall was ended."""
    return one.end is None or stay.trace.at <= one.end.ended_at


def _covers(record: BatchRecord, stay: Stay, day: str) -> bool:
    """Whether something lasted through a day, or for a part of it."""
    last = record.day_of(stay.until).isoformat() if stay.until else ""
    return is_day(day) and stay.trace.key <= day and (not last or day <= last)


def _keys(record: BatchRecord, recall: Recall) -> frozenset[str]:
    """Under which keys the record names what is recalled: a place under each of its codes and names, a container under
    every code that stood on it."""
    if recall.subject == PLACE:
        return known_as(record.equipment, recall.key)
    if recall.subject == CONTAINER:
        return frozenset(key[:LONGEST_KEY] for key in codes_of(record, recall.key))
    return frozenset({recall.key[:LONGEST_KEY]})


def cannot_be_told_apart(record: BatchRecord, recall: Recall) -> bool:
    """Whether everything in a batch that falls under the recall of a lot may also have been another maker's, or another
    material's, with the same number: the record names it by no more than the number."""
    if not recall.of_one_lot:
        return False
    named = [
        told_apart(lots_meant(record.lots, material))
        for entry in record.entries
        for material in entry.materials()
        if material.lot and key_of(material.lot) == recall.traced_key
    ]
    return all(len(lots) > 1 for lots in named if recall.key in lots)


def standing(record: BatchRecord) -> tuple[Recalled, ...]:
    """The recalls that this product falls under and that nobody has ended."""
    return tuple(one for one in record.recalls if one.end is None)


def product_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Why a recalled product must not be used or given away. Nothing overrides it; it asks for no fact of the act.

    What counts is what stood when the act was first recorded.
    """
    step, at = record.process.step(entry.step_key), record.first_recorded_at(entry)
    used = step.phase == ADMINISTRATION and step.kind not in STILL_DONE
    if not (used or step.kind in GIVEN_AWAY) or to_quality_assurance(record, step.kind, entry):
        return ()
    return tuple(
        Stop(RECALLED, f"The product is recalled. {one.said()}", WAY_OUT, critical=used)
        for one in concerning(record, tuple(one for one in record.recalls if one.stood_at(at)))
    )


def recalled_things(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """Why an act must not take up what it names: it was recalled when the act was first recorded."""
    at = record.first_recorded_at(entry)
    stood = [one for one in record.recalls if one.stood_at(at)]
    named = list(_taken_up(record, entry)) if stood else []
    return tuple(
        Stop(RECALLED, one.said(), f"Use another one. {WAY_OUT}")
        for one in stood
        if any(_falls_under(record, one, naming) for naming in named)
    )


def _taken_up(record: BatchRecord, entry: Entry) -> Iterator[Stay]:
    """What an act takes up: not the place that something leaves, nor the container that is put aside by it."""
    step = record.process.step(entry.step_key)
    aside = step.kind in (*ASIDE, *STILL_DONE) or to_quality_assurance(record, step.kind, entry)
    if isinstance(entry, Storage) and entry.movement == TAKEN_OUT:
        entry = replace(entry, place="")
    elif isinstance(entry, Handover):
        entry = replace(entry, place_from="")
    for naming in named_by(record, entry):
        if naming.trace.subject in NAMED and not (aside and naming.trace.subject == CONTAINER):
            yield naming


def recall_findings(record: BatchRecord) -> list[Finding]:
    """A finding for each recall: critical where the product was injected, to be looked at once the recall is ended.

    Where what was recalled is named no more, a correction said otherwise after the recall: that is investigated first.
    """
    return [*_findings(record), *_left(record)]


def _findings(record: BatchRecord) -> Iterator[Finding]:
    grave = Severity.CRITICAL if record.of_kind(Injection) else Severity.BLOCKING
    for one in record.recalls:
        sentence = f"Recalled by {one.recall.by_name}. {one.said()}"
        if cannot_be_told_apart(record, one.recall):
            sentence += f" {NOT_TOLD_APART}"
        if one.end is not None:
            sentence += f" The recall was ended by {one.end.by_name}: {one.end.reason}"
        severity = grave if one.end is None else Severity.EXCEPTION
        yield Finding(RECALLED, severity, sentence, "", one.recall.recalled_at, way_out=WAY_OUT)


def _left(record: BatchRecord) -> Iterator[Finding]:
    """The marks of recalls that nobody ended, and that nothing in the record falls under any more."""
    known = {one.recall.id for one in record.recalls}
    ended = {mark.recall_id for mark in record.recall_marks if mark.act == RECALL_ENDED}
    for mark in record.recall_marks:
        if mark.act == RECALLED and mark.recall_id not in known | ended:
            yield Finding(
                LEFT_RECALL,
                Severity.BLOCKING,
                f"{mark.words} was recalled when this batch named it: {mark.reason.rstrip('.')}. What was "
                "corrected, or registered of lots since, says otherwise.",
                "",
                mark.marked_at,
                way_out="Quality assurance looks into the correction on the review page, and signs what it found.",
            )
