"""Putting a container into a place that is full, or has another temperature than it should: asked back for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.actions.door import Tx
from labrecords.domain.custody.traces import stored_key
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.place_tree import range_kept, takes
from labrecords.domain.registers.places import called, is_called
from labrecords.domain.rules.temperature_findings import range_words
from labrecords.domain.steps.storage import PUT_AWAY
from labrecords.domain.values.numbers import plain
from labrecords.models.batch_record import equipment_now
from labrecords.models.places import stored_now


def place_at_odds(tx: Tx, record: BatchRecord, facts: Mapping[str, Any]) -> dict[str, str]:
    """What is asked back before a container is put away or taken out, by the name of the fact: a place that is full,
    and a temperature that its place should not have."""
    return {**place_taken(tx, record, facts), **_other_temperature(tx, facts)}


def _other_temperature(tx: Tx, facts: Mapping[str, Any]) -> dict[str, str]:
    place, celsius = facts.get("place"), facts.get("temperature_c")
    if not place or celsius is None:
        return {}
    kept = range_kept(equipment_now(tx.session), place, tx.now)
    if kept is None or kept.holds(celsius):
        return {}
    return {
        "temperature_c": f"{place} is kept at {range_words(kept)}, and {plain(celsius)} °C were read in it. Read it "
        "again. If it is right, say what was done about it."
    }


def place_taken(tx: Tx, record: BatchRecord, facts: Mapping[str, Any]) -> dict[str, str]:
    """Why this container hardly fits into this place, by the name of the fact; nothing where there is room.

    What happened is recordable all the same: with its reason, which then is a finding.
    """
    place, container = facts.get("place"), facts.get("container_code")
    if facts.get("movement") != PUT_AWAY or not place or not container:
        return {}
    item = next((one for one in equipment_now(tx.session) if is_called(one, place)), None)
    limit = takes(item) if item else None
    if item is None or limit is None:
        return {}
    names = {item.code, called(item)}
    mine = {(record.batch.number, stored_key(name, container)) for name in names}
    there = [one for one in stored_now(tx.session, names) if (one.number, one.key) not in mine]
    if len(there) < limit:
        return {}
    first = there[0]
    more = f", and {len(there) - 1} more" if len(there) > 1 else ""
    return {
        "place": f"{place} is full: it takes {limit}, and keeps {first.words} of batch {first.number}{more}. "
        "Take another place. If it is right all the same, say why."
    }
