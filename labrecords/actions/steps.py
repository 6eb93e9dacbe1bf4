"""What a person does with a step: record it, correct it, say that it was not done, confirm it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from labrecords.actions.door import Invalid, Refused, StepRef, Tx, action, roles_at, roles_of
from labrecords.actions.projections import project
from labrecords.actions.signing import Proof, sign
from labrecords.domain import times
from labrecords.domain.codes import normalise
from labrecords.domain.decisions import being_sealed
from labrecords.domain.entries import (
    ATTESTED,
    GIVEN,
    RECEIVED,
    VERIFIED,
    Entry,
    Stop,
    Wanted,
    problems,
    unusual,
)
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.findings import is_late, stops_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.process import Step
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord, Confirmation, NotDone
from labrecords.domain.release import Blocker, state_blockers
from labrecords.domain.serial import to_plain
from labrecords.domain.status import OVER, status
from labrecords.models.batch_record import batch_by_id, equipment_now, load_record, with_entry
from labrecords.models.codes import in_other_batches

NOT_HERE = "Choose a person who works here now, or worked here then."


class Stopped(Refused):
    """The act must not begin. If it has happened already, the same form records it with the reason."""

    def __init__(self, stops: tuple[Stop, ...], step_key: str) -> None:
        super().__init__(*(Blocker(stop.rule, stop.sentence, stop.way_out, step_key) for stop in stops))
        self.stops = stops


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


def open_record(tx: Tx, batch_id: str) -> BatchRecord:
    """The record of a batch inside a write transaction. Refused when there is no such batch."""
    batch = batch_by_id(tx.session, batch_id)
    if batch is None:
        raise Refused(Blocker("batch", "There is no such batch.", "Open it from the list of batches."))
    return load_record(tx.session, batch)


def _kind_permission(given: Mapping[str, Any]) -> Permission:
    reading: Reading = given["reading"]
    return reading.kind.needs


@action("step.recorded", needs=_kind_permission)
def record_step(tx: Tx, *, step: StepRef, reading: Reading) -> str:
    """Record what was done in a step. Returns the entry's id.

    Raises Invalid for what cannot be a fact, Stopped for what must not begin and has not happened.
    """
    record = _writable(tx, step)
    definition = _definition(record, step, reading.kind)
    if record.current(step.step_key):
        raise Refused(Blocker("recorded", "This step is recorded already.", "Correct it, with the reason."))
    entry = _entry(tx, record, definition, reading)
    record = with_entry(tx.session, record, entry)
    _refuse_stops(record, entry)
    tx.act = f"{reading.kind.kind}.recorded"
    tx.add(entry)
    project(tx.session, record)
    return entry.id


@action("step.corrected", needs=_kind_permission)
def correct_step(tx: Tx, *, step: StepRef, replaces: str, reading: Reading, reason: str) -> str:
    """Record a new version of an entry, with the reason. The old version stays. Returns the new entry's id."""
    record = _writable(tx, step)
    definition = _definition(record, step, reading.kind)
    old = record.current(step.step_key)
    if old is None or old.id != replaces:
        raise Refused(Blocker("corrected", "This entry was corrected already.", "Open the step again."))
    wrong = reason_problem(reason)
    entry = _entry(tx, record, definition, reading, replaces=old, reason=reason)
    if wrong:
        raise Invalid({"reason": wrong})
    if not changed_facts(old, entry):
        raise Invalid({"reason": "Nothing was changed."})
    record = with_entry(tx.session, record, entry)
    _refuse_stops(record, entry)
    tx.act, tx.reason = f"{reading.kind.kind}.corrected", reason
    tx.add(entry)
    project(tx.session, record)
    return entry.id


@action("step.not_done", needs=_kind_permission)
def note_not_done(tx: Tx, *, step: StepRef, reading: Reading, reason: str) -> str:
    """Note that a step was not performed, and why. Returns the note's id. `reading` only names the kind."""
    record = _writable(tx, step)
    _definition(record, step, reading.kind)
    if record.current(step.step_key):
        raise Refused(Blocker("recorded", "This step is recorded already.", "Correct it, with the reason."))
    if record.not_done_reason(step.step_key):
        raise Refused(
            Blocker("not done", "This step was said not to have been done already.", "Read the reason.")
        )
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    item = NotDone(tx.new_id(), record.batch.id, step.step_key, reason, tx.actor.person_id, tx.now)
    tx.reason = reason
    tx.add(item)
    project(tx.session, load_record(tx.session, record.batch))
    return item.id


def _confirm_permission(given: Mapping[str, Any]) -> Permission:
    return Permission.VERIFY if given["act"] == VERIFIED else Permission.ATTEST


@action("step.confirmed", needs=_confirm_permission)
def confirm_step(tx: Tx, *, step: StepRef, entry_id: str, act: str, proof: Proof) -> str:
    """Confirm one version of an entry, by signature: verified, attested, given or received. Returns its id."""
    record = _writable(tx, step)
    entry = record.current(step.step_key)
    if entry is None or entry.id != entry_id:
        raise Refused(
            Blocker("corrected", "This entry was corrected in the meantime.", "Read it again, then sign.")
        )
    reasons = confirmation_blockers(record, entry, act, tx.actor.person_id)
    if reasons:
        raise Refused(*reasons)
    signature = sign(tx, proof, record, step.step_key, act)
    item = Confirmation(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step.step_key,
        entry_id=entry.id,
        act=act,
        person_id=tx.actor.person_id,
        signature_id=signature.id,
        recorded_at=tx.now,
    )
    tx.act = f"step.{act}"
    tx.add(item)
    project(tx.session, load_record(tx.session, record.batch))
    return item.id


def confirmation_blockers(record: BatchRecord, entry: Entry, act: str, person_id: str) -> tuple[Blocker, ...]:
    """Why this person cannot confirm this entry with this meaning (domain 9, finding 12: never the same person)."""
    open_for = [wanted for wanted in record.outstanding(entry) if wanted.act == act]
    if not open_for:
        return (Blocker("confirmed", f"Nobody needs to have this {act} now.", "Nothing needs to be done."),)
    if act == VERIFIED and person_id in (entry.performed_by, entry.recorded_by):
        return (
            Blocker(
                "same person",
                "Who performed or recorded a step cannot verify it.",
                "Another person who may verify signs.",
            ),
        )
    if act in (ATTESTED, GIVEN, RECEIVED) and Wanted(act, person_id) not in open_for:
        names = ", ".join(record.name(wanted.person_id) for wanted in open_for if wanted.person_id)
        return (Blocker("another person", f"{names} must sign this.", f"Ask {names} to sign on this page."),)
    return ()


def changed_facts(old: Entry, new: Entry) -> tuple[str, ...]:
    """Names of the facts, performer and time in which two versions differ: 60.0 and 60.00 are not the same reading."""
    names = [fact.name for fact in facts_of(type(new))] + ["performed_by", "performed_at", "note"]
    return tuple(name for name in names if to_plain(getattr(old, name)) != to_plain(getattr(new, name)))


def _writable(tx: Tx, step: StepRef) -> BatchRecord:
    """What has happened can be recorded unless the batch is void, or its document is being made at this moment."""
    record = open_record(tx, step.batch_id)
    if record.voids or being_sealed(record, tx.now):
        raise Refused(*state_blockers(record))
    return record


def _definition(record: BatchRecord, step: StepRef, kind: type[Entry]) -> Step:
    try:
        definition = record.process.step(step.step_key)
    except KeyError:
        raise Refused(Blocker("step", "This process has no such step.", "Open the batch again.")) from None
    if KINDS[definition.kind] is not kind:
        raise Refused(Blocker("step", "This form belongs to another step.", "Open the step again."))
    return definition


def _entry(
    tx: Tx,
    record: BatchRecord,
    step: Step,
    reading: Reading,
    replaces: Entry | None = None,
    reason: str | None = None,
) -> Entry:
    found = {
        **problems(reading.kind, reading.facts, step),
        **_circumstances(tx, record, reading),
        **_unknown_references(tx, reading, replaces),
        **_thin_reasons(reading),
    }
    if found:
        raise Invalid(found)
    asked = {**unusual(reading.kind, reading.facts, step), **_codes_in_use(tx, record, reading)}
    reasons = {name: reading.confirmed.get(name) or "" for name in asked}
    unexplained = {name: asked[name] for name, reason in reasons.items() if not reason.strip()}
    if unexplained:
        raise Invalid({f"{name}-reason": sentence for name, sentence in unexplained.items()})
    known = {item.name for item in fields(reading.kind)}
    entry = reading.kind(
        id=tx.new_id(),
        batch_id=record.batch.id,
        step_key=step.key,
        performed_by=reading.performed_by,
        recorded_by=tx.actor.person_id,
        performed_at=reading.performed_at or (replaces.performed_at if replaces else tx.now),
        recorded_at=tx.now,
        replaces_id=replaces.id if replaces else None,
        reason=reason,
        late_reason=reading.late_reason,
        happened_reason=reading.happened_reason,
        note=reading.note,
        confirmed=reasons,
        as_entered=dict(reading.as_entered),
        **{name: value for name, value in reading.facts.items() if name in known},
    )
    if is_late(record, entry) and not (reading.late_reason or "").strip():
        raise Invalid(
            {
                "late_reason": f"This is recorded more than {record.process.late_after_min} min after the act. "
                "Say why it was not recorded at the time."
            }
        )
    return entry


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
    today = times.local(tx.now, ZoneInfo(record.laboratory.zone)).date()
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
    """New containers and samples with a code that one of another batch carries, which may still stand somewhere."""
    found = {}
    for fact in facts_of(reading.kind):
        code = reading.facts.get(fact.name)
        if not fact.new or not code:
            continue
        others = in_other_batches(tx.session, normalise(code), record.batch)
        standing = [other for other in others if status(load_record(tx.session, other)) not in OVER]
        if standing:
            found[fact.name] = (
                f"{code} is on a container of batch {standing[0].number}. Compare the labels. "
                "If it is right all the same, say why."
            )
    return found


def _roles(tx: Tx, reading: Reading, person_id: str) -> frozenset[Role]:
    """The roles a person held when the act was: people leave, and a role that is given later does not count back.

    Who had no role at all then has those of now: an account may be made after the fact.
    """
    then = (
        roles_at(tx.session, person_id, times.end_of_minute(reading.performed_at))
        if reading.performed_at
        else frozenset()
    )
    return then or roles_of(tx.session, person_id)


def _refuse_stops(record: BatchRecord, entry: Entry) -> None:
    if (entry.happened_reason or "").strip():
        return
    stops = stops_of(record, entry)
    if stops:
        raise Stopped(stops, entry.step_key)
