"""What a batch is connected with: lots, equipment, people, places, containers, days. Read both ways it is the trace.

From a lot to every batch that it went into, and from a batch to everything that went into it (domain 6.5, GMP Part IV
on traceability, 1271.290).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from labrecords.domain.custody.batch_chain import segments
from labrecords.domain.entries import Entry
from labrecords.domain.facts import facts_of
from labrecords.domain.registers.equipment import CATEGORY, named_equipment
from labrecords.domain.registers.lots import key_of, lots_meant, which
from labrecords.domain.registers.place_tree import at_instant, registered_within, up_from, words
from labrecords.domain.registers.places import called, is_called, place_key, stated_places
from labrecords.domain.status import OVER, status
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.storage import Storage
from labrecords.domain.values import codes

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord, Equipment

LOT, EQUIPMENT, PERSON, PLACE, CONTAINER, DAY, PATIENT = (
    "lot",
    "equipment",
    "person",
    "place",
    "container",
    "day",
    "patient",
)
INJECTED_BY = "injected by"
"""Who has to be told where something is wrong with a product that was used."""
LOT_OF = "lot of"
"""A registered lot that an act may have meant: known by the register as it is now, and so in no list."""
STORED = "stored"
"""A place that keeps a container of the batch now: by both, so that each container has a line of its own."""
IN_HAND = "in hand since"
"""The day since which somebody or a place has held material of the batch that nothing has ended yet: it covers every
day from then on, and so is in no list."""
SUBJECTS = (LOT, EQUIPMENT, PERSON, PLACE, CONTAINER, DAY, PATIENT)
"""What can be traced."""
CONTAINERS = ("container_code", "source_container_code")
"""Facts that name a container, also one that is of another batch: where it went wrong the trace must lead there."""
LONGEST_KEY = 200
"""What people type may be longer than a database compares quickly; nothing differs only beyond so much."""


@dataclass(frozen=True)
class Trace:
    """One thing that a batch is connected with."""

    subject: str
    key: str
    """As it is compared: a lot number without spaces and hyphens, the code of equipment, a person's id."""
    words: str
    """As people read it."""
    at: datetime
    """When it was first named in the batch."""


@dataclass(frozen=True)
class Stay:
    """What a batch had to do with for a time, and not only when an act names it."""

    trace: Trace
    until: datetime | None
    """None while it lasts."""
    begun_at: datetime | None = None
    """When it began, where that was before it was named."""

    @property
    def since(self) -> datetime:
        return self.begun_at or self.trace.at


def traces_of(record: BatchRecord) -> tuple[Trace, ...]:
    """Everything that a batch is connected with, each once, in the order in which it came in.

    What was corrected counts as it was corrected; a run that was repeated was an act all the same.
    """
    found: dict[tuple[str, str], Trace] = {}
    for trace in sorted((naming.trace for naming in namings(record)), key=lambda trace: trace.at):
        if trace.subject == LOT_OF or (trace.subject == IN_HAND and not _lasts(record, trace)):
            continue
        found.setdefault((trace.subject, trace.key), trace)
    return tuple(found.values())


def namings(record: BatchRecord) -> Iterator[Stay]:
    """Like `traces_of`, and everything as often as it was named, from when to when."""
    patient = record.batch.patient_code
    yield _at_once(Trace(PATIENT, codes.normalise(patient), patient, record.batch.opened_at))
    for entry in sorted(_happened(record), key=lambda entry: entry.performed_at):
        yield from named_by(record, entry)
    for key, said, at in _kept_now(record):
        yield _at_once(Trace(STORED, key, said, at))
    yield from _kept(record)
    yield from _held(record)
    yield from _days(record)
    decided = [(item.person_id, item.decided_at) for item in record.decisions]
    for person, at in (*decided, *((item.person_id, item.recorded_at) for item in record.investigations)):
        yield _at_once(Trace(PERSON, person, record.name(person), at))


def _held(record: BatchRecord) -> Iterator[Stay]:
    """Who held a container, and where they had it in hand, for as long as they did: no act needs to name them.

    What was taken out of a place is no longer in it, and nobody has said where it is.
    """
    for segment in segments(record):
        if not segment.holder_id:
            continue
        name = record.name(segment.holder_id)
        yield Stay(Trace(PERSON, segment.holder_id, name, segment.start), segment.end)
        if not segment.place or isinstance(record.current(segment.begun_by), Storage):
            continue
        for subject, key, said in _places(record.equipment, segment.place, segment.start):
            if key := key[:LONGEST_KEY]:
                yield Stay(Trace(subject, key, said, segment.start), segment.end)


def _days(record: BatchRecord) -> Iterator[Stay]:
    """Every day on which somebody or a place held material of the batch, as far as anything is recorded; and from when
    on that lasts."""
    held = [segment for segment in segments(record) if not segment.gap]
    known = max((entry.performed_at for entry in record.entries), default=record.batch.opened_at)
    days: dict[str, datetime] = {}
    for segment in held:
        first, last = record.day_of(segment.start), record.day_of(segment.end or max(known, segment.start))
        for number in range((last - first).days + 1):
            days.setdefault((first + timedelta(days=number)).isoformat(), segment.start)
        since = first.isoformat()
        yield Stay(Trace(IN_HAND, since, f"in hand since {since}", segment.start), segment.end)
    for day, at in days.items():
        yield _at_once(Trace(DAY, day, day, at))


def _lasts(record: BatchRecord, trace: Trace) -> bool:
    """Whether this is the first day since which something has been held that nothing has ended."""
    open_ = [segment.start for segment in segments(record) if segment.end is None and not segment.gap]
    return bool(open_) and trace.key == record.day_of(min(open_)).isoformat()


def is_day(text: str) -> bool:
    """Whether a key is that of a day."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _at_once(trace: Trace) -> Stay:
    return Stay(trace, trace.at)


def named_by(record: BatchRecord, entry: Entry) -> Iterator[Stay]:
    """Everything that one act names, from the earliest moment that it states to its end."""
    begun_at = min(_stated_moments(entry))
    for subject, key, said in _named_in(record, entry):
        if key := key[:LONGEST_KEY]:
            yield Stay(Trace(subject, key, said, entry.performed_at), entry.performed_at, begun_at)


def _stated_moments(entry: Entry) -> tuple[datetime, ...]:
    """The end of an act, and its beginning and every instant within it as far as they are stated."""
    began = entry.began_at()
    return (entry.performed_at, *entry.moments(), *((began,) if began else ()))


def stays(record: BatchRecord) -> Iterator[Stay]:
    """What lasts between two acts: the patient while the batch is under way, a container while there is material in it,
    and the places in which it stood."""
    patient, ended = record.batch.patient_code, None
    if status(record) in OVER:
        ended = max((entry.performed_at for entry in record.entries), default=record.batch.opened_at)
    yield Stay(Trace(PATIENT, codes.normalise(patient), patient, record.batch.opened_at), ended)
    for segment in segments(record):
        key = codes.normalise(segment.container)[:LONGEST_KEY]
        yield Stay(Trace(CONTAINER, key, segment.container, segment.start), segment.end)
    yield from _kept(record)


def stored_key(place: str, container: str = "") -> str:
    """The key of what a place keeps; of everything that it keeps, its beginning."""
    return f"{place_key(place)[: LONGEST_KEY // 2]}\n{codes.normalise(container)}"[:LONGEST_KEY]


def _kept(record: BatchRecord) -> Iterator[Stay]:
    """Each place that kept a container, with those in which it stood meanwhile: a place may be moved with what lies in
    it."""
    for segment in segments(record):
        if segment.kept:
            moved = registered_within(record.equipment, segment.start, segment.end)
            for since, until in zip((segment.start, *moved), (*moved, segment.end), strict=True):
                for subject, key, said in _places(record.equipment, segment.place, since):
                    if key := key[:LONGEST_KEY]:
                        yield Stay(Trace(subject, key, said, since), until)


def _places(register: Sequence[Equipment], place: str, at: datetime) -> Iterator[tuple[str, str, str]]:
    """A place that was named, by code and by name as it was registered then, and every place in which it stood."""
    yield PLACE, place_key(place), place
    for item in up_from(at_instant(register, at), place):
        said = place if is_called(item, place) else f"{place}, in {words(item)}"
        yield PLACE, place_key(item.code), said
        yield PLACE, place_key(called(item)), said
        if CATEGORY[item.category].made:
            yield EQUIPMENT, codes.normalise(item.code), f"{item.code}, {item.model}"


def _kept_now(record: BatchRecord) -> Iterator[tuple[str, str, datetime]]:
    """Each container that a place keeps: the key of both, container and place in words, and since when."""
    for segment in segments(record):
        if segment.kept and segment.end is None:
            act = record.current(segment.begun_by)
            position = f", {act.position}" if isinstance(act, Storage) and act.position else ""
            yield (
                stored_key(segment.place, segment.container),
                f"{segment.container} in {segment.place}{position}",
                segment.start,
            )


def _happened(record: BatchRecord) -> tuple[Entry, ...]:
    """Every act that happened: corrections instead of what they corrected; repeats and reports beside the first."""
    corrected = {entry.replaces_id for entry in record.entries if entry.corrects}
    return tuple(entry for entry in record.entries if entry.id not in corrected)


def key_as_typed(subject: str, typed: str) -> str:
    """The key that a text stands for, of everything but people, who are found by their accounts."""
    if subject in (LOT, CONTAINER, PATIENT, EQUIPMENT):
        return codes.normalise(typed)
    return place_key(typed) if subject == PLACE else typed


def _named_in(record: BatchRecord, entry: Entry) -> Iterator[tuple[str, str, str]]:
    for material in entry.materials():
        if material.lot:
            said = f"{material.name}, lot {material.lot}"
            yield LOT, key_of(material.lot), said
            for key in dict.fromkeys(map(which, lots_meant(record.lots, material))):
                yield LOT_OF, key, said
    for piece in map(record.equipment_item, named_equipment(entry)):
        yield EQUIPMENT, codes.normalise(piece.code), f"{piece.code}, {piece.model}"
    for fact in facts_of(type(entry)):
        if (fact.new or fact.name in CONTAINERS) and (code := getattr(entry, fact.name)):
            yield CONTAINER, codes.normalise(code), code
    also = entry.containers() if isinstance(entry, Injection) else ()
    for code in (*entry.sources(), *entry.fills(), *also):
        yield CONTAINER, codes.normalise(code), code
    for place in stated_places(entry):
        yield from _places(record.equipment, place, entry.performed_at)
    confirmed_by = {item.person_id for item in record.confirmations_of(entry)}
    for person in sorted(entry.people() | confirmed_by):
        yield PERSON, person, record.name(person)
    if isinstance(entry, Injection):
        yield INJECTED_BY, entry.performed_by, record.name(entry.performed_by)
    for day in sorted({record.day_of(at).isoformat() for at in _stated_moments(entry)}):
        yield DAY, day, day
