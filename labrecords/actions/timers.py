"""Timers of the bench: started and ended on the batch's chain, beside the steps, so that no open form grows stale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.actions.door import BatchRef, Invalid, Refused, StepRef, Tx, action
from labrecords.actions.mixups import Stopped
from labrecords.actions.readings import Reading
from labrecords.actions.steps import definition_of, writable
from labrecords.domain.entries import Entry
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.bypass import not_bypassed
from labrecords.domain.review.release import Blocker
from labrecords.domain.rules.begun import act_so_far, stops_so_far
from labrecords.domain.timers import CANCELLED, FINISHED, LONGEST_S, Timer, TimerEnd, end_of, timers_of
from labrecords.domain.values.text import NotText, clean_text
from labrecords.models.batch_record import with_act

LABEL_LENGTH = 60


def timer_ref(batch_id: str, step_key: str) -> BatchRef:
    """The timers of a step as the subject of an act: the step itself stays as its open forms have seen it."""
    return BatchRef(batch_id, subject=f"timer/{step_key}")


def _kind_permission(given: Mapping[str, Any]) -> Permission:
    kind: type[Entry] = given["kind"]
    return kind.needs


def _permission_to_begin(given: Mapping[str, Any]) -> Permission:
    reading: Reading = given["reading"]
    return reading.kind.needs


@action("timer.started", needs=_permission_to_begin)
def start_timer(
    tx: Tx, *, about: BatchRef, step_key: str, reading: Reading, label: str, seconds: int | None
) -> str:
    """Start a timer for a step, now by the server's clock. Returns its id.

    `seconds` is the planned time, None to count up. `reading` is what is stated of the step so far: raises Stopped
    where that speaks against the act (an untrained performer, overdue equipment, a lot that may not be used), unless
    it was said to have begun already. Raises Invalid for a time that is none, or a label that is no text.
    """
    step = StepRef(about.batch_id, step_key)
    record = writable(tx, step)
    definition_of(record, step, reading.kind)
    if seconds is not None and not 1 <= seconds <= LONGEST_S:
        raise Invalid({"timer_minutes": "A timer runs for 1 second to 14 days. Leave it empty to count up."})
    try:
        label = clean_text(label, limit=LABEL_LENGTH)
    except NotText as error:
        raise Invalid({"timer_label": str(error)}) from error
    _refuse_to_begin(tx, record, step_key, reading)
    timer = Timer(tx.new_id(), about.batch_id, step_key, label, seconds, tx.actor.person_id, tx.now)
    tx.add(timer)
    return timer.id


def _refuse_to_begin(tx: Tx, record: BatchRecord, step_key: str, reading: Reading) -> None:
    if happened := (reading.happened_reason or "").strip():
        if wrong := reason_problem(happened):
            raise Invalid({"happened_reason": wrong})
        tx.reason = happened
        return
    act = act_so_far(
        reading.kind,
        reading.facts,
        batch_id=record.batch.id,
        step_key=step_key,
        performed_by=reading.performed_by or tx.actor.person_id,
        recorded_by=tx.actor.person_id,
        performed_at=tx.now,
        now=tx.now,
    )
    known = with_act(tx.session, record, act)
    if stops := not_bypassed(known, act, stops_so_far(known, act)):
        raise Stopped(stops, step_key)


@action("timer.ended", needs=_kind_permission)
def end_timer(
    tx: Tx, *, about: BatchRef, step_key: str, kind: type[Entry], timer_id: str, outcome: str
) -> str:
    """End a timer, as finished or as cancelled. Returns the id of its end."""
    step = StepRef(about.batch_id, step_key)
    record = writable(tx, step)
    definition_of(record, step, kind)
    timer = next((one for one in timers_of(record, step_key) if one.id == timer_id), None)
    if timer is None or outcome not in (FINISHED, CANCELLED):
        raise Refused(Blocker("timer", "This step has no such timer.", "Open the step again.", step_key))
    if end_of(record, timer):
        raise Refused(
            Blocker("timer", "This timer was ended already.", "Nothing needs to be done.", step_key)
        )
    end = TimerEnd(tx.new_id(), about.batch_id, timer.id, outcome, tx.actor.person_id, tx.now)
    tx.act = f"timer.{outcome}"
    tx.add(end)
    return end.id
