"""The chain of custody of a batch: what its record says of its containers, from the harvest to the injection."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from labrecords.domain.custody.chain import walk
from labrecords.domain.custody.collection import Collection
from labrecords.domain.custody.containers import (
    container_at,
    containers_at,
    filled_by,
    filled_codes,
    order_of,
)
from labrecords.domain.custody.events import (
    Collected,
    CustodyEvent,
    Declined,
    Discarded,
    Drawn,
    Filled,
    HandedOver,
    Injected,
    LabelledOver,
    Offered,
    Pooled,
    PutAway,
    Sampled,
    TakenOut,
)
from labrecords.domain.custody.holders import Chain, CustodyBreak, Segment
from labrecords.domain.custody.names import key_of
from labrecords.domain.entries import Entry
from labrecords.domain.once import once
from labrecords.domain.registers.place_tree import owner_of
from labrecords.domain.status import not_administered
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.harvest import Harvest
from labrecords.domain.steps.label_over import LabelOver
from labrecords.domain.steps.liposuction import Liposuction
from labrecords.domain.steps.offer import Offer, Refusal
from labrecords.domain.steps.pool import Pool
from labrecords.domain.steps.residual import Residual
from labrecords.domain.steps.sampling import Sample
from labrecords.domain.steps.storage import PUT_AWAY, Storage
from labrecords.domain.values import codes, times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


def segments(record: BatchRecord) -> tuple[Segment, ...]:
    """The holders of every container in the order of time, with a gap wherever nobody held it."""
    return chain_of(record).segments


def breaks(record: BatchRecord) -> tuple[CustodyBreak, ...]:
    """Every place where the chain of custody does not hold."""
    return chain_of(record).breaks


def offers(record: BatchRecord) -> tuple[Offered, ...]:
    """What is offered at this moment, and neither taken nor refused."""
    return chain_of(record).offers


def offers_to(record: BatchRecord, person_id: str) -> tuple[Offered, ...]:
    """What this person was offered, by whichever account, and has neither taken nor refused."""
    return tuple(offer for offer in offers(record) if record.same_human(offer.receiver, person_id))


def handovers(record: BatchRecord) -> tuple[Handover, ...]:
    """The hand-overs that count, in the order of time."""
    return tuple(sorted(record.of_kind(Handover), key=lambda handover: handover.performed_at))


@once
def chain_of(record: BatchRecord) -> Chain:
    """Who held each container, and every break; of what a place keeps also who owns the place."""
    found = walk(
        events_of(record),
        tolerance=record.process.custody_gap,
        name=record.name,
        same_person=record.same_human,
    )
    if not any(item.owner for item in record.equipment):
        return found
    return replace(found, segments=tuple(_owned(record, found.segments)))


def _owned(record: BatchRecord, found: tuple[Segment, ...]) -> Iterator[Segment]:
    """The stretches with who owns the places. A place is looked up once for each state that the register had."""
    registered = sorted(item.registered_at for item in record.equipment)
    owners: dict[tuple[str, int], str] = {}
    for segment in found:
        if not segment.kept:
            yield segment
            continue
        key = segment.place, bisect_right(registered, times.end_of_minute(segment.start))
        if key not in owners:
            owners[key] = owner_of(record.equipment, segment.place, segment.start)
        yield replace(segment, owner=owners[key])


@once
def events_of(record: BatchRecord) -> tuple[CustodyEvent, ...]:
    """What the entries that count say of the batch's containers, in the order in which it happened."""
    known = filled_codes(record)
    found = []
    for entry in record.current_entries():
        step = record.process.step(entry.step_key)
        for event in _events(entry, record, known):
            found.append((order_of(step, event.at), event))
    return tuple(event for _, event in sorted(found, key=lambda pair: pair[0]))


@singledispatch
def _events(entry: Entry, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    """What an entry says of containers. Most kinds say at most into which they moved the material."""
    filled = filled_by(record, entry)
    if filled is None:
        return
    (origin, *_), containers = filled
    if (read := entry.source()) and key_of(record, read) == key_of(record, origin):
        origin = read  # by the label that was read: an old one is told
    volumes = entry.held_after()
    left = key_of(record, origin) in {key_of(record, code) for code in entry.fills()}
    for container in containers:
        last = container == containers[-1]
        yield Filled(
            **_act(entry),
            container=container,
            origin=origin,
            emptied=not left and last,
            volume_ml=volumes.get(container),
            left_ml=volumes.get(entry.source() or "") if last else None,
        )


def _act(entry: Entry) -> dict[str, Any]:
    """When it was done, by whom, and which step says so."""
    return {"at": entry.performed_at, "person": entry.performed_by, "source": entry.step_key}


@_events.register(Harvest)
@_events.register(Liposuction)
def _collected(entry: Collection, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    yield Collected(
        **_act(entry), container=entry.container_code, place=entry.place, seal=entry.seal_number or ""
    )


@_events.register(Pool)
def _pooled(entry: Pool, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    """What was poured in and was never filled here is another finding (`container_stop`)."""
    out_of = tuple(
        Drawn(row.container_code, row.volume_ml, row.left_ml)
        for row in entry.poured
        if codes.normalise(row.container_code) in known
    )
    yield Pooled(**_act(entry), container=entry.container_code, out_of=out_of, volume_ml=entry.total_ml)


@_events.register(LabelOver)
def _labelled_over(entry: LabelOver, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    if codes.normalise(entry.container_code) in known:
        yield LabelledOver(**_act(entry), container=entry.container_code, code=entry.new_code)


@_events.register(Offer)
def _offered(entry: Offer, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    if container := _meant(record, entry, entry.container_code, known):
        seal = entry.seal_number or ""
        yield Offered(
            **_act(entry), container=container, receiver=entry.receiver, place=entry.place, seal=seal
        )


@_events.register(Refusal)
def _declined(entry: Refusal, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    if container := _meant(record, entry, entry.container_code, known):
        yield Declined(**_act(entry), container=container, giver=entry.giver, why=entry.why)


@_events.register(Handover)
def _handed_over(entry: Handover, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    if container := _meant(record, entry, entry.container_code, known):
        yield HandedOver(
            **_act(entry),
            container=container,
            giver=entry.giver,
            given_at=entry.given_at,
            place_from=entry.place_from,
            place_to=entry.place_to,
            seal=entry.seal_number or "",
            seal_whole=entry.seal_whole,
            temperature_c=entry.temperature_c,
        )


@_events.register(Storage)
def _moved(entry: Storage, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    if container := _meant(record, entry, entry.container_code, known):
        kind = PutAway if entry.movement == PUT_AWAY else TakenOut
        yield kind(**_act(entry), container=container, place=entry.place, temperature_c=entry.temperature_c)


@_events.register(Sample)
def _sampled(entry: Sample, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    if container := _meant(record, entry, entry.container_code, known):
        yield Sampled(**_act(entry), container=container, volume_ml=entry.volume_ml)


@_events.register(Residual)
def _discarded(entry: Residual, record: BatchRecord, known: set[str]) -> Iterator[CustodyEvent]:
    for container in _left_over(record, entry):
        yield Discarded(**_act(entry), container=container)


@_events.register(Injection)
def _injected(entry: Injection, record: BatchRecord, known: set[str]) -> Iterator[Injected]:
    """What was injected out of each container. A container ends with the last injection out of it."""
    injections = record.of_kind(Injection)
    later = injections[injections.index(entry) + 1 :]
    again = {key_of(record, code) for other in later for code in other.containers()}
    for stated, volume_ml in entry.containers().items():
        if container := _meant(record, entry, stated, known):
            yield Injected(
                **_act(entry),
                container=container,
                volume_ml=volume_ml,
                last=key_of(record, container) not in again,
            )


def _left_over(record: BatchRecord, entry: Residual) -> list[str]:
    """The containers that were destroyed with what was left: those of which nothing was injected."""
    used = {key_of(record, code) for one in record.of_kind(Injection) for code in one.containers()}
    if not used and not not_administered(record):
        return []
    holding = containers_at(record, entry.step_key)
    unused = [code for code in holding if key_of(record, code) not in used]
    # A code that this batch never filled was injected: it stood for the one container there was.
    return [] if used and len(unused) == len(holding) else unused


def _meant(record: BatchRecord, entry: Entry, stated: str, known: set[str]) -> str | None:
    """The container that an act was about; None before anything was collected.

    A code that this batch never filled is another finding (`container_stop`): here it stands for the one in use.
    """
    return stated if codes.normalise(stated) in known else container_at(record, entry.step_key)
