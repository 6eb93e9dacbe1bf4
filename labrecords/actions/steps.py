"""What a person does with a step: record it, correct it, say that it was not done, confirm it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.actions.door import Invalid, Refused, StepRef, Tx, action
from labrecords.actions.mixups import Stopped, locks_mixed_up
from labrecords.actions.projections import project
from labrecords.actions.readings import Reading, entry_of
from labrecords.actions.step_drafts import RECORDED, end_draft
from labrecords.actions.telling import told_in
from labrecords.domain.custody.acts import can_be_open
from labrecords.domain.entries import CORRECTED, INVALIDATED, REPEATED, Entry
from labrecords.domain.evidence.serial import to_plain
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import Step
from labrecords.domain.reasons import reason_problem, told
from labrecords.domain.record import BatchRecord, NotDone
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.repeats import CAUSES
from labrecords.domain.review.bypass import not_bypassed
from labrecords.domain.review.corrections import Impact, impact
from labrecords.domain.review.decisions import being_sealed
from labrecords.domain.review.release import Blocker, state_blockers
from labrecords.domain.rules.findings import stops_of
from labrecords.models.batch_record import batch_by_id, load_record


class Unaccepted(Exception):
    """A correction changes more than the value, and who corrects has not been shown what. Nothing is kept."""

    def __init__(self, found: Impact) -> None:
        super().__init__("This correction changes more than the value.")
        self.impact = found


def open_record(tx: Tx, batch_id: str) -> BatchRecord:
    """The record of a batch inside a write transaction. Refused when there is no such batch."""
    batch = batch_by_id(tx.session, batch_id)
    if batch is None:
        raise Refused(Blocker("batch", "There is no such batch.", "Open it from the list of batches."))
    return load_record(tx.session, batch)


def _kind_permission(given: Mapping[str, Any]) -> Permission:
    reading: Reading = given["reading"]
    return reading.kind.needs


@locks_mixed_up
@action("step.recorded", needs=_kind_permission)
def record_step(tx: Tx, *, step: StepRef, reading: Reading) -> str:
    """Record what was done in a step. Returns the entry's id.

    Raises Invalid for what cannot be a fact, Stopped for what must not begin and has not happened.
    """
    record = writable(tx, step)
    definition = definition_of(record, step, reading.kind)
    if record.current(step.step_key):
        raise Refused(Blocker("recorded", "This step is recorded already.", "Correct it, with the reason."))
    entry, record = entry_of(tx, record, definition, reading)
    refuse_stops(record, entry)
    tx.act = f"{reading.kind.kind}.recorded"
    tx.add(entry)
    end_draft(tx, step, RECORDED)
    project(tx.session, record)
    return entry.id


@locks_mixed_up
@action("step.corrected", needs=_kind_permission)
def correct_step(
    tx: Tx, *, step: StepRef, replaces: str, reading: Reading, reason: str, accepted: str | None = None
) -> str:
    """Record a new version of an entry, with the reason. The old version stays. Returns the new entry's id.

    `accepted` is the digest of the Impact that a person was shown, empty where none was: raises Unaccepted when it
    is another by now. None where nobody looks at a page.
    """
    record = writable(tx, step)
    definition = definition_of(record, step, reading.kind)
    old = record.current(step.step_key)
    if old is None or old.id != replaces:
        raise Refused(Blocker("corrected", "This entry was corrected already.", "Open the step again."))
    if isinstance(old, Assay) and old.state == INVALIDATED:
        raise Refused(Blocker("invalidated", "This result was invalidated.", "Report the repeated test."))
    wrong = reason_problem(reason)
    entry, after = entry_of(tx, record, definition, reading, replaces=old, reason=reason)
    if wrong:
        raise Invalid({"reason": wrong})
    if not changed_facts(old, entry):
        raise Invalid({"reason": "Nothing was changed."})
    refuse_stops(after, entry)
    if accepted is not None and (found := impact(record, after, step.step_key)) and accepted != found.digest:
        raise Unaccepted(found)
    tx.act, tx.reason = f"{reading.kind.kind}.corrected", reason
    tx.add(entry)
    end_draft(tx, step, RECORDED, CORRECTED)
    project(tx.session, after)
    return entry.id


@locks_mixed_up
@action("step.repeated", needs=_kind_permission)
def repeat_step(tx: Tx, *, step: StepRef, replaces: str, reading: Reading, cause: str, reason: str) -> str:
    """Record a measurement that was done again: a result of its own. The one before stays a result.

    `cause` is one of domain/repeats.CAUSES, `reason` says it in words. Returns the new entry's id. Refused for a
    kind that cannot be repeated, Invalid where the repeat is stated to have ended before what it repeats.
    """
    record = writable(tx, step)
    definition = definition_of(record, step, reading.kind)
    if not reading.kind.repeatable:
        raise Refused(Blocker("not repeatable", "This step has no repeats.", "Correct it, with the reason."))
    old = record.current(step.step_key)
    if old is None or old.id != replaces:
        raise Refused(Blocker("corrected", "This entry is not the last one.", "Open the step again."))
    text = told(cause, reason)
    entry, record = entry_of(tx, record, definition, reading, replaces=old, reason=text, follows_as=REPEATED)
    wrong = {}
    if cause not in CAUSES:
        wrong["cause"] = "Choose why it is repeated."
    if problem := reason_problem(reason, cause):
        wrong["reason"] = problem
    if entry.performed_at < old.performed_at:
        wrong["performed_at"] = "A repeat ends after the result that it repeats. Correct the time."
    if wrong:
        raise Invalid(wrong)
    refuse_stops(record, entry)
    tx.act, tx.reason = f"{reading.kind.kind}.repeated", text
    tx.add(entry)
    end_draft(tx, step, REPEATED)
    project(tx.session, record)
    return entry.id


@action("step.not_done", needs=_kind_permission)
def note_not_done(tx: Tx, *, step: StepRef, reading: Reading, reason: str) -> str:
    """Note that a step was not performed, and why. Returns the note's id. `reading` only names the kind."""
    record = writable(tx, step)
    if not definition_of(record, step, reading.kind).planned:
        raise Refused(
            Blocker(
                "step", "No process asks for this act.", "Nothing needs to be said where it was not done."
            )
        )
    if record.current(step.step_key):
        raise Refused(Blocker("recorded", "This step is recorded already.", "Correct it, with the reason."))
    if record.not_done_reason(step.step_key):
        raise Refused(
            Blocker("not done", "This step was said not to have been done already.", "Read the reason.")
        )
    wrong = reason_problem(reason)
    found = {"reason": wrong} if wrong else told_in(tx, record, {"reason": reason})
    if found:
        raise Invalid(found)
    item = NotDone(tx.new_id(), record.batch.id, step.step_key, reason, tx.actor.person_id, tx.now)
    tx.reason = reason
    tx.add(item)
    project(tx.session, load_record(tx.session, record.batch))
    return item.id


def changed_facts(old: Entry, new: Entry) -> tuple[str, ...]:
    """Names of the facts, performer and time in which two versions differ: 60.0 and 60.00 are not the same reading."""
    names = [fact.name for fact in facts_of(type(new))] + ["performed_by", "performed_at", "note"]
    return tuple(name for name in names if to_plain(getattr(old, name)) != to_plain(getattr(new, name)))


def writable(tx: Tx, step: StepRef) -> BatchRecord:
    """What has happened can be recorded unless the batch is void, or its document is being made at this moment."""
    record = open_record(tx, step.batch_id)
    if record.voids or being_sealed(record, tx.now):
        raise Refused(*state_blockers(record))
    return record


def definition_of(record: BatchRecord, step: StepRef, kind: type[Entry]) -> Step:
    """The step of the process that a form is about. Refused where there is none, or where it is of another kind."""
    definition = known_step(record, step.step_key)
    if KINDS[definition.kind] is not kind:
        raise Refused(Blocker("step", "This form belongs to another step.", "Open the step again."))
    if not can_be_open(record, definition):
        sentence = "Something else was recorded under this number meanwhile."
        raise Refused(Blocker("step", sentence, "Open the batch, and begin the act again from there."))
    return definition


def known_step(record: BatchRecord, key: str) -> Step:
    """The step of the process with this key. Refused where there is none."""
    try:
        return record.process.step(key)
    except KeyError:
        raise Refused(Blocker("step", "This process has no such step.", "Open the batch again.")) from None


def refuse_stops(record: BatchRecord, entry: Entry) -> None:
    """Raises Stopped for an act that must not begin, unless it was said to have happened."""
    if (entry.happened_reason or "").strip():
        return
    stops = not_bypassed(record, entry, stops_of(record, entry))
    if stops:
        raise Stopped(stops, entry.step_key)
