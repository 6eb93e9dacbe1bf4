"""Who the patient is, compared inside the act that records it: what was typed is forgotten, the outcome kept.

A wristband bears record number, name and day of birth, and whoever stands at a bed scans and types these. None of them
may reach an entry, a draft, the access chain or a document, which cannot forget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labrecords.actions.door import Invalid, Refused, Tx
from labrecords.actions.identity_vault import RECORD_NUMBER as BY_NUMBER
from labrecords.actions.identity_vault import opened, with_mac
from labrecords.domain.custody.container_ids import is_own
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.patients import Identity, Patient, record_key
from labrecords.domain.registers.stated import (
    RECORD_NUMBER,
    UNKNOWN,
    Unclear,
    outcome,
    stated_identifier,
)
from labrecords.domain.values.codes import normalise
from labrecords.models.codes import batches_with
from labrecords.models.patients import find_patient, patient_carrying

if TYPE_CHECKING:
    from labrecords.actions.readings import Reading


@dataclass(frozen=True)
class _Resolved:
    """What a record keeps in place of a private text, and which identifier it was, where a code stands for it."""

    value: str
    was: str = ""


def resolved(tx: Tx, record: BatchRecord, reading: Reading, before: Entry | None) -> Reading:
    """The reading, with what came of each comparison in place of every private text. Raises Invalid, without the text.

    `before` is the version that is corrected: what it keeps, and was left as it stood, was compared then.
    """
    private = private_facts(reading.kind)
    given = {fact.name: str(reading.facts.get(fact.name) or "").strip() for fact in private}
    values: dict[str, Any] = dict(reading.facts)
    was = {name: text for name, text in reading.as_entered.items() if name not in given}
    problems = {}
    for fact in private:
        text = given[fact.name]
        if not text:
            continue
        if before is not None and text == getattr(before, fact.name):
            was |= {name: said for name, said in before.as_entered.items() if name == fact.name}
            continue
        try:
            found = _resolved(tx, record, fact, text)
        except Unclear as asked:
            problems[fact.name] = str(asked)
            continue
        values[fact.name] = found.value
        if found.was:
            was[fact.name] = found.was
    if problems:
        raise Invalid(problems)
    return replace(reading, facts=values, as_entered=was)


def compared_again(
    tx: Tx, record: BatchRecord, kind: type[Entry], values: Mapping[str, Any], typed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a second person entered unseen, values and texts, with codes known here in place of private texts."""
    kept, said = dict(values), dict(typed)
    for fact in private_facts(kind):
        if values.get(fact.name):
            kept[fact.name] = said[fact.name] = _whose(tx, record, str(values[fact.name])).value
    return kept, said


def private_names(kind: type[Entry]) -> frozenset[str]:
    """Names of the entries of a step of which no text is kept."""
    return frozenset(fact.name for fact in private_facts(kind))


def private_facts(kind: type[Entry]) -> tuple[Fact, ...]:
    """The facts of a step of which what came of a comparison is kept, and no text."""
    return tuple(fact for fact in facts_of(kind) if fact.private)


def _resolved(tx: Tx, record: BatchRecord, fact: Fact, text: str) -> _Resolved:
    if fact.type is FactType.TEXT:
        return _Resolved(outcome(stated_identifier(text), _identity(tx, record)))
    return _whose(tx, record, text)


def _whose(tx: Tx, record: BatchRecord, text: str) -> _Resolved:
    """A code that is known here as it was given; the pseudonym of whose record number it is; or that nobody has it."""
    code, batch = normalise(text), record.batch
    if code in (normalise(batch.patient_code), normalise(batch.identity_code)):
        return _Resolved(text)
    keys = tx.by.keys
    numbered = with_mac(tx, keys, BY_NUMBER, record_key(text)) if keys else []
    if numbered:
        return _Resolved(numbered[0].pseudonym, RECORD_NUMBER)
    known = (
        is_own(text, record.laboratory.site_code)
        or patient_carrying(tx.session, code) is not None
        or batches_with(tx.session, code)
    )
    return _Resolved(text if known else UNKNOWN)


def _identity(tx: Tx, record: BatchRecord) -> Identity | None:
    """Who the patient of a batch is; None where nobody here knows, it was erased, or it cannot be opened."""
    patient, keys = patient_of(tx, record), tx.by.keys
    if patient is None or patient.erased_at is not None or keys is None:
        return None
    try:
        return opened(tx, keys, patient)
    except Refused:
        return None


def patient_of(tx: Tx, record: BatchRecord) -> Patient | None:
    """The patient of a batch as registered here, or None."""
    return find_patient(tx.session, record.batch.patient_code)
