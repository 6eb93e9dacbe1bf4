"""Texts and codes that tell who a patient is are asked back before an act judges or keeps anything.

What is kept cannot forget: notes, reasons and lines are looked through for name, day of birth and record number, and
codes for the number of a wristband that was scanned at the wrong entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labrecords.actions.door import Tx
from labrecords.actions.identifying import patient_of, private_facts
from labrecords.actions.identity_vault import all_opened, record_numbers
from labrecords.actions.patients import TELLS
from labrecords.domain.entries import Entry
from labrecords.domain.facts import PLACE, Fact, FactType, fact_at, facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.patients import (
    FEWEST_SIGNS,
    Identity,
    names_or_dates,
    record_key,
    tells_identity,
)
from labrecords.domain.values.codes import normalise
from labrecords.models.batch_record import find_batch
from labrecords.models.patients import patient_carrying

if TYPE_CHECKING:
    from labrecords.actions.readings import Reading

WRISTBAND = (
    "This is the record number of a patient. Scan or type the code of what is asked for. If it bears this number all "
    "the same, say why."
)
OF_STAFF = ("prescriber",)
"""Texts that name somebody of the staff, who may have the same name."""


def told_in(tx: Tx, record: BatchRecord, texts: Mapping[str, str | None]) -> dict[str, str]:
    """Which of these texts tell who a patient of this batch is: a sentence for each, to be asked back.

    That is its own patient, and those with whom it was mixed up.
    """
    return _told(texts, _concerned(tx, record)) if any(texts.values()) else {}


def told_in_reading(
    tx: Tx, record: BatchRecord, reading: Reading, reason: str | None, before: Entry | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What tells who a patient is: the sentences for what is asked back, and for what is kept with a reason only.

    A text in one line or a code may be right as it is, as a maker can be called as a patient is and a seal be numbered
    as a wristband; words of one's own can be others. `reading` is resolved already. What stood so in the
    version `before` is not looked through again.
    """
    codes = [fact.name for fact in private_facts(reading.kind) if fact.type is FactType.CODE]
    identities = _concerned(
        tx, record, [str(reading.facts[name]) for name in codes if reading.facts.get(name)]
    )
    earlier = dict(_entered(type(before), vars(before))) if before else {}
    new = {name: found for name, found in _entered(reading.kind, reading.facts) if earlier.get(name) != found}
    notes = {name: text for name, (fact, text) in new.items() if fact.type is FactType.NOTE}
    refused = _told({**notes, **_circumstances(reading, reason)}, identities)
    doubtful = {
        name: TELLS
        for name, (fact, text) in new.items()
        if any(_tells(fact, text, one) for one in identities)
    }
    entered = {name: text for name, (fact, text) in new.items() if fact.type is FactType.CODE}
    doubtful |= numbers_in(tx, entered)
    return refused, {name.partition("-")[0]: sentence for name, sentence in doubtful.items()}


def told_in_typed(tx: Tx, record: BatchRecord, kind: type[Entry], typed: Mapping[str, str]) -> dict[str, str]:
    """The same for what was typed so far, by the names of the entries: each sentence is asked back."""
    facts = {name: fact_at(kind, name) for name in typed}
    codes = {name: typed[name] for name, fact in facts.items() if fact and fact.type is FactType.CODE}
    words = {name: typed[name] for name, fact in facts.items() if fact is None or is_looked_through(fact)}
    words = {name: text for name, text in words.items() if name not in codes}
    return told_in(tx, record, words) | numbers_in(tx, codes)


def _told(texts: Mapping[str, str | None], identities: list[Identity]) -> dict[str, str]:
    said = {name: text for name, text in texts.items() if text and text.strip()}
    return {
        name: TELLS for name, text in said.items() if any(tells_identity(text, one) for one in identities)
    }


def numbers_in(tx: Tx, codes: Mapping[str, str]) -> dict[str, str]:
    """Which of these codes are the record number of a patient who is registered here: a sentence for each."""
    keys = tx.by.keys
    long = {name: text for name, text in codes.items() if len(record_key(text)) >= FEWEST_SIGNS}
    found = record_numbers(tx.session, keys, set(long.values())) if keys else set()
    return {name: WRISTBAND for name, text in long.items() if text in found}


def _circumstances(reading: Reading, reason: str | None) -> dict[str, str | None]:
    """The texts beside the facts, by the name of the entry in which each stands."""
    return {
        **{f"{name}-reason": text for name, text in reading.confirmed.items()},
        "late_reason": reading.late_reason,
        "happened_reason": reading.happened_reason,
        "note": reading.note,
        "reason": reason,
    }


def _entered(kind: type, values: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Fact, str]]]:
    """The texts and codes of facts and rows that are kept as they were entered, each with the name of its entry."""
    for fact in facts_of(kind):
        value = values.get(fact.name)
        if fact.row is not None:
            for number, row in enumerate(value or ()):
                for name, found in _entered(fact.row, vars(row)):
                    yield f"{fact.name}-{number}-{name}", found
        elif value and is_looked_through(fact):
            yield fact.name, (fact, str(value))


def is_looked_through(fact: Fact) -> bool:
    """Whether what is entered may tell who a patient is, and is kept. Lots, places and staff are called as they are."""
    if fact.type is FactType.TEXT:
        lot = fact.name.rpartition("_")[2] == "lot"
        return not (lot or fact.private or fact.register == PLACE or fact.name in OF_STAFF)
    return fact.type in (FactType.NOTE, FactType.CODE) and not fact.private


def _tells(fact: Fact, text: str, identity: Identity) -> bool:
    """Of a code only name and day of birth are looked for: part of a record number stands in many codes by chance."""
    if fact.type is FactType.CODE:
        return names_or_dates(text, identity)
    return fact.type is FactType.TEXT and tells_identity(text, identity)


def _concerned(tx: Tx, record: BatchRecord, given: Collection[str] = ()) -> list[Identity]:
    """Every version of the identities of those whom a batch, its mix-ups or the codes given now are about."""
    keys = tx.by.keys
    if keys is None:
        return []
    numbers = {number for lock in record.locks for number in (lock.happened_in, lock.belongs_to) if number}
    mixed_up = [find_batch(tx.session, number) for number in sorted(numbers - {record.batch.number})]
    named = {*given, *(lock.found for lock in record.locks), *(one.patient_code for one in mixed_up if one)}
    own = {normalise(record.batch.patient_code), normalise(record.batch.identity_code)}
    others = sorted({normalise(code) for code in named} - own)
    found = [patient_carrying(tx.session, code) for code in others]
    found += [patient_of(tx, record)] if record.orders else []
    patients = {patient.id: patient for patient in found if patient is not None}
    return [one for patient in patients.values() for one in all_opened(tx, keys, patient)]
