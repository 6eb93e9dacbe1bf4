"""Whatever is done to the material is done to the container that holds it: another one is a critical stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labrecords.domain.entries import Entry
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.findings import stops_of
from tests.support.clean import acted, clean
from tests.support.shipped import processed

RECORDS = (
    clean("residual"),
    acted(),
    *map(processed, ("bone_marrow_concentrate_one_spin", "bone_marrow_filtration")),
)
OF_FAT = ("svf_enzymatic", "svf_mechanical")
NAMES = ("container_code", "source_container_code")


def asked_for(kind: type[Entry]) -> list[str]:
    """The facts by which a kind names the container that it finds, and does not fill."""
    return [fact.name for fact in facts_of(kind) if fact.name in NAMES and not fact.new]


WITH_CONTAINER = {word: names for word, kind in KINDS.items() if (names := asked_for(kind))}


def entries_of(word: str) -> list[tuple[BatchRecord, Entry]]:
    records = (*RECORDS, *map(processed, OF_FAT))
    return [(record, entry) for record in records for entry in record.entries if entry.kind == word]


@pytest.mark.parametrize("word", WITH_CONTAINER)
def test_a_container_of_somebody_else_is_a_critical_stop_at_every_kind(word: str) -> None:
    record, entry = entries_of(word)[0]
    for name in WITH_CONTAINER[word]:
        assert not [stop for stop in stops_of(record, entry) if stop.critical]
        changes: dict[str, Any] = {name: "BAG-OF-ANOTHER"}
        (stop,) = [stop for stop in stops_of(record, replace(entry, **changes)) if stop.found]
        assert (stop.critical, stop.found) == (True, "BAG-OF-ANOTHER")
