"""How much each container held when it was dispensed, and what became of it: a balance of each (domain B22, 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.containers import order_of
from labrecords.domain.custody.names import key_of, name_now
from labrecords.domain.entries import Entry
from labrecords.domain.once import once
from labrecords.domain.processes.process import ADMINISTRATION
from labrecords.domain.steps.sampling import Sample

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Held:
    """A container with what it held before anything was injected, in mL; None where nobody stated how much."""

    code: str
    volume_ml: Decimal | None


@once
def held(record: BatchRecord) -> dict[str, Held]:
    """Every container that held product for the patient, by the code on its label now, in one spelling.

    What is stated last counts: a filled container, a part of a division, a pool, what was left, less the samples out
    of it; or what was dispensed.
    """
    found: dict[str, Held] = {}
    for entry in _in_time(record):
        if after := entry.held_after():
            _put(record, found, entry, after)
        elif entry.pours_into():
            flow = entry.flow()
            _put(record, found, entry, dict.fromkeys(entry.fills(), flow.out_ml if flow else None))
        elif isinstance(entry, Sample) and (one := found.get(key_of(record, entry.container_code))):
            left = None if one.volume_ml is None else one.volume_ml - entry.volume_ml
            found[key_of(record, one.code)] = Held(one.code, left)
        elif (given := entry.dispensed()) and (key := key_of(record, given[0])) in found:
            found[key] = Held(name_now(record, given[0]), given[1])
    return {key: one for key, one in found.items() if one.volume_ml is None or one.volume_ml > 0}


def volume_in(record: BatchRecord, code: str) -> Decimal | None:
    """The volume (mL) in a container or a sample tube, as the record has it: what its label says, what is dispensed and
    what the balance begins with. None where nothing states it, and where nothing is in it any more."""
    key = key_of(record, code)
    if one := held(record).get(key):
        return one.volume_ml
    drawn = (item.volume_ml for item in record.of_kind(Sample) if key_of(record, item.sample_code) == key)
    return sum(drawn, Decimal(0)) or None


def _in_time(record: BatchRecord) -> list[Entry]:
    """What counts, in the order in which it happened, but for what was done to the patient."""
    steps = {entry.step_key: record.process.step(entry.step_key) for entry in record.current_entries()}
    done = [
        entry
        for entry in record.current_entries()
        if steps[entry.step_key].phase != ADMINISTRATION or entry.pours_into()
    ]
    return sorted(done, key=lambda entry: order_of(steps[entry.step_key], entry.performed_at))


def _put(
    record: BatchRecord, found: dict[str, Held], entry: Entry, after: Mapping[str, Decimal | None]
) -> None:
    """Material moved into others: out of containers, or out of all that there was where none of them is named.

    What comes from the patient is beside what there was. What was poured in and is none of this batch's is none now.
    """
    known = {key_of(record, code) for code in entry.sources()} & found.keys()
    if not known and not entry.collects:
        found.clear()
    for key in known:
        del found[key]
    filled = known | {key_of(record, code) for code in entry.pours_into()}
    for code, volume in after.items():
        if (key := key_of(record, code)) in filled:
            found[key] = Held(name_now(record, code), volume)
