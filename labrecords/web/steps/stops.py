"""What already speaks against an act while its step is being filled in, and at which entry that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.bypass import not_bypassed
from labrecords.domain.rules.begun import stops_so_far
from labrecords.models.batch_record import with_act
from labrecords.models.session import db

WHERE = {
    "equipment": (FactType.EQUIPMENT,),
    "other equipment": (FactType.EQUIPMENT,),
    "rotor speed": (FactType.NUMBER,),
    "centrifuge speed": (FactType.NUMBER,),
    "lot": (FactType.TEXT,),
    "expired lot": (FactType.TEXT, FactType.DATE),
    "other material": (FactType.TEXT, FactType.CHOICE),
}
"""The types of the facts at which a stop of each rule is said."""
PERFORMER = "performed_by"


def stops_at(record: BatchRecord, act: Entry) -> tuple[Mapping[str, Stop], tuple[Stop, ...]]:
    """The stops of an act as far as it is stated: by the entry that each is about, and those about no single entry."""
    known = with_act(db.session(), record, act)
    placed: dict[str, Stop] = {}
    others = []
    for stop in not_bypassed(known, act, stops_so_far(known, act)):
        name = PERFORMER if stop.rule == "training" else _about(known, act, stop)
        if name and name not in placed:
            placed[name] = stop
        else:
            others.append(stop)
    return placed, tuple(others)


def _about(record: BatchRecord, act: Entry, stop: Stop) -> str:
    """The last fact of the rule's types without which the stop would not stand; empty where there is none."""
    found = [
        fact.name
        for fact in facts_of(type(act))
        if fact.type in WHERE.get(stop.rule, ())
        and getattr(act, fact.name) is not None
        and stop not in stops_so_far(record, _without(act, fact.name))
    ]
    return found[-1] if found else ""


def _without(act: Entry, name: str) -> Entry:
    blank: dict[str, Any] = {name: None}
    return replace(act, **blank)
