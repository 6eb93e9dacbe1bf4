"""An entry made of what a person stated about a step: what cannot be a fact is asked back, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from labrecords.actions.door import Invalid, Tx
from labrecords.actions.identifying import resolved
from labrecords.actions.places import place_at_odds
from labrecords.actions.rights import roles_at, roles_of
from labrecords.actions.telling import told_in_reading
from labrecords.domain.custody.own_ids import is_foreign_id
from labrecords.domain.entries import CORRECTED, Entry, left_empty, problems, unusual
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.pauses import authors
from labrecords.domain.permissions import Role, may_perform
from labrecords.domain.processes.process import Step
from labrecords.domain.reasons import BLANK_REASONS, reason_problem
from labrecords.domain.record import BatchRecord
from labrecords.domain.rules.findings import is_late
from labrecords.domain.status import OVER, status
from labrecords.domain.steps.storage import Storage
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise
from labrecords.domain.values.typography import mid_sentence
from labrecords.models.batch_record import equipment_now, load_record, with_entry
from labrecords.models.codes import in_other_batches

NOT_HERE = "Choose a person who works here now, or worked here then."


@dataclass(frozen=True)
class Reading:
    """What a person states about a step, parsed: the facts of its kind, and the circumstances.

    `facts` maps each fact's name to its value (Decimal, int, str, bool, datetime, date, tuple of rows or None),
    `as_entered` to the text as typed. `performed_at` None means: just now.
    """

    kind: type[Entry]
    facts: Mapping[str, Any]
    performed_by: str
    performed_at: datetime | None = None
    as_entered: Mapping[str, str] = field(default_factory=dict)
    confirmed: Mapping[str, str] = field(default_factory=dict)
    late_reason: str | None = None
    happened_reason: str | None = None
    note: str | None = None
    blank_reason: str | None = None
    """Why the facts that may stay empty were left empty: one of domain.reasons.BLANK_REASONS."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """The text of every entry by its name, to be compared with what was typed before a pause."""


def entry_of(
    tx: Tx,
    record: BatchRecord,
    step: Step,
    reading: Reading,
    replaces: Entry | None = None,
    reason: str | None = None,
    follows_as: str = CORRECTED,
) -> tuple[Entry, BatchRecord]:
    """The entry that a reading makes, and the record as it stands with it. Raises Invalid."""
    corrected = replaces if follows_as == CORRECTED else None
    reading = resolved(tx, record, reading, corrected)
    told, doubtful = told_in_reading(tx, record, reading, reason, corrected)
    found = {
        **problems(reading.kind, reading.facts, step),
        **open_blanks(reading, step),
        **_circumstances(tx, record, reading),
        **_unknown_references(tx, reading, corrected),
        **_thin_reasons(reading),
        **told,
    }
    if found:
        raise Invalid(found)
    asked = {**doubtful, **unusual(reading.kind, reading.facts, step), **_codes_in_use(tx, record, reading)}
    asked |= place_at_odds(tx, record, reading.facts) if reading.kind is Storage else {}
    reasons = {name: reading.confirmed.get(name) or "" for name in asked}
    _refuse_unexplained(asked, reasons)
    known = {item.name for item in fields(reading.kind)}
    entry = reading.kind(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step.key,
        performed_by=reading.performed_by,
        recorded_by=tx.actor.person_id,
        performed_at=reading.performed_at or (corrected.performed_at if corrected else tx.now),
        recorded_at=tx.now,
        replaces_id=replaces.id if replaces else None,
        follows_as=follows_as if replaces else None,
        reason=reason,
        late_reason=reading.late_reason,
        happened_reason=reading.happened_reason,
        note=reading.note,
        confirmed=reasons,
        as_entered=dict(reading.as_entered),
        blanks={
            fact.name: reading.blank_reason or "" for fact in left_empty(reading.kind, reading.facts, step)
        },
        authors=_authors(record, step, reading, corrected, tx.actor.person_id),
        **{name: value for name, value in reading.facts.items() if name in known},
    )
    if is_late(record, entry) and not (reading.late_reason or "").strip():
        raise Invalid(
            {
                "late_reason": f"This is recorded more than {record.process.late_after_min} min after the act. "
                "Say why it was not recorded at the time."
            }
        )
    return _beside_the_record(tx, record, reading, entry)


def _beside_the_record(
    tx: Tx, record: BatchRecord, reading: Reading, entry: Entry
) -> tuple[Entry, BatchRecord]:
    """The entry, with the reasons for what is hardly so beside the rest of the record; and the record with it."""
    whole = with_entry(tx.session, record, entry)
    if wrong := entry.contradictions_in(whole):
        raise Invalid(wrong)
    doubts = entry.doubts(whole)
    reasons = {name: reading.confirmed.get(name) or "" for name in doubts}
    _refuse_unexplained(doubts, reasons)
    if not reasons:
        return entry, whole
    entry = replace(entry, confirmed={**entry.confirmed, **reasons})
    return entry, replace(whole, entries=(*record.entries, entry))


def _refuse_unexplained(asked: Mapping[str, str], reasons: Mapping[str, str]) -> None:
    unexplained = {f"{name}-reason": asked[name] for name, reason in reasons.items() if not reason.strip()}
    if unexplained:
        raise Invalid(unexplained)


def _authors(
    record: BatchRecord, step: Step, reading: Reading, corrected: Entry | None, recorder: str
) -> dict[str, str]:
    """Who typed what the recorder took over: before a pause, or in the version that is corrected."""
    if corrected is None:
        return authors(record, step.key, reading.typed, recorder) if not record.history(step.key) else {}
    return {
        name: person_id
        for name, person_id in corrected.authors.items()
        if person_id != recorder and _untouched(reading, corrected, name)
    }


def _untouched(reading: Reading, corrected: Entry, name: str) -> bool:
    fact = name.partition("-")[0]
    now = reading.note if fact == "note" else reading.facts.get(fact)
    return bool(now == getattr(corrected, fact, None))


def open_blanks(reading: Reading, step: Step) -> dict[str, str]:
    """A blank is no statement: what was left empty is closed with a reason."""
    empty = left_empty(reading.kind, reading.facts, step)
    if not empty or reading.blank_reason in BLANK_REASONS:
        return {}
    names = ", ".join(mid_sentence(fact.label) for fact in empty)
    return {"blank_reason": f"Left empty: {names}. Choose why, or fill it in."}


def _thin_reasons(reading: Reading) -> dict[str, str]:
    """Reasons that say too little, where one is given."""
    given = {f"{name}-reason": text for name, text in reading.confirmed.items()}
    given |= {"late_reason": reading.late_reason or "", "happened_reason": reading.happened_reason or ""}
    wrong = {name: reason_problem(text) for name, text in given.items() if text.strip()}
    return {name: sentence for name, sentence in wrong.items() if sentence}


def _circumstances(tx: Tx, record: BatchRecord, reading: Reading) -> dict[str, str]:
    found = {}
    if reading.performed_at and reading.performed_at > tx.now:
        found["performed_at"] = "This time is in the future."
    today = record.day_of(tx.now)
    for fact in facts_of(reading.kind):
        value = reading.facts.get(fact.name)
        if fact.type is FactType.MOMENT and value and value > tx.now:
            found[fact.name] = "This time is in the future."
        if fact.type is FactType.DATE and fact.past and value and value > today:
            found[fact.name] = "This day is in the future."
        for index, row in enumerate(value or ()) if fact.type is FactType.ROWS else ():
            for column in facts_of(type(row)):
                moment = getattr(row, column.name)
                if column.type is FactType.MOMENT and moment and moment > tx.now:
                    found[f"{fact.name}-{index}-{column.name}"] = (
                        f"Row {index + 1}: this time is in the future."
                    )
    return found


def _unknown_references(tx: Tx, reading: Reading, replaces: Entry | None) -> dict[str, str]:
    """People and equipment that cannot be named now. What the version before named can: people leave, and a piece is
    registered anew, while what happened stays."""
    found = {}
    if replaces is None or replaces.performed_by != reading.performed_by:
        roles, wanted = _roles(tx, reading, reading.performed_by), reading.kind.performer_role
        if not roles:
            found["performed_by"] = NOT_HERE
        elif wanted and Role(wanted) not in roles:
            found["performed_by"] = f"This is done by a person with the role {wanted}."
        elif not may_perform(roles, reading.kind.needs):
            found["performed_by"] = (
                "This is done by a person who takes part in the work, not by who only carries it."
            )
    for fact in facts_of(reading.kind):
        value = reading.facts.get(fact.name)
        if not value or (replaces is not None and getattr(replaces, fact.name) == value):
            continue
        if fact.type is FactType.PERSON and not _roles(tx, reading, value):
            found[fact.name] = NOT_HERE
        if fact.type is FactType.EQUIPMENT:
            newest = {item.id for item in equipment_now(tx.session) if item.category == fact.register}
            if value not in newest:
                found[fact.name] = f"Choose a registered {fact.register}, as it is registered now."
    return found


def _codes_in_use(tx: Tx, record: BatchRecord, reading: Reading) -> dict[str, str]:
    """New containers and samples with a code that one of another batch carries, which may still stand somewhere.

    Where it is an id of this laboratory, no reason makes it right: that is a stop (domain/custody/own_ids.py).
    """
    found = {}
    for name, code in _new_codes(reading):
        if is_foreign_id(record, code):
            continue
        others = in_other_batches(tx.session, normalise(code), record.batch)
        standing = [other for other in others if status(load_record(tx.session, other)) not in OVER]
        if standing:
            found[name] = (
                f"{code} is on a container of batch {standing[0].number}. Compare the labels. "
                "If it is right all the same, say why."
            )
    return found


def _new_codes(reading: Reading) -> Iterator[tuple[str, str]]:
    """The codes that an act puts on containers and samples, each with the name of its fact."""
    for fact in facts_of(reading.kind):
        stated = reading.facts.get(fact.name)
        if fact.new and stated:
            yield fact.name, stated
        columns = facts_of(fact.row) if fact.row else ()
        for row in stated if stated and columns else ():
            yield from ((fact.name, getattr(row, column.name)) for column in columns if column.new)


def _roles(tx: Tx, reading: Reading, person_id: str) -> frozenset[Role]:
    """The roles a person held when the act was: people leave, and a role that is given later does not count back.

    Who had no role at all then has those of now: an account may be made after the fact.
    """
    then = (
        roles_at(tx.session, person_id, times.end_of_minute(reading.performed_at))
        if reading.performed_at
        else frozenset()
    )
    return then or roles_of(tx.session, person_id, tx.now)
