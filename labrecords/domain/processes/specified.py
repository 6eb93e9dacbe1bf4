"""What the master record says a step is done with: materials and equipment that it names (21 CFR 211.186(b)(4), (9)).

A step that names none may be done with anything that the other rules allow. Names are compared as lots are: capitals,
spaces and hyphens aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from labrecords.domain.entries import Stop
from labrecords.domain.registers.equipment import named_equipment
from labrecords.domain.registers.materials import named_materials
from labrecords.domain.values.codes import normalise

if TYPE_CHECKING:
    from labrecords.domain.entries import Entry
    from labrecords.domain.record import BatchRecord


def specified_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop for every material, and every piece of equipment, that the step names none of."""
    return (*_of_materials(record, entry), *_of_equipment(record, entry))


def _of_materials(record: BatchRecord, entry: Entry) -> Iterator[Stop]:
    wanted = record.process.step(entry.step_key).materials
    for name in dict.fromkeys(material.name for material in named_materials(entry)):
        if wanted and not _among((name,), wanted):
            yield Stop(
                "other material", f"{name} is not what the master record names here.", _way_out(wanted)
            )


def _of_equipment(record: BatchRecord, entry: Entry) -> Iterator[Stop]:
    wanted = record.process.step(entry.step_key).equipment
    for item in map(record.equipment_item, named_equipment(entry)) if wanted else ():
        if not _among((item.category, item.model, item.code), wanted):
            sentence = f"{item.code} ({item.model}) is not what the master record names here."
            yield Stop("other equipment", sentence, _way_out(wanted))


def _among(names: Sequence[str], wanted: Sequence[str]) -> bool:
    return not {normalise(name) for name in names}.isdisjoint(map(normalise, wanted))


def _way_out(wanted: Sequence[str]) -> str:
    return f"Take {' or '.join(wanted)}, or have the master record changed."
