"""Putting a container into a place that is full: asked back with what lies there, and recorded with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.actions.door import Tx
from labrecords.domain.custody.traces import stored_key
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.place_tree import takes
from labrecords.domain.registers.places import called, is_called
from labrecords.domain.steps.storage import PUT_AWAY
from labrecords.models.batch_record import equipment_now
from labrecords.models.places import stored_now


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
