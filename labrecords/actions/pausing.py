"""Pausing a step: what was typed so far is kept as a record of who typed what. Nothing of it is judged yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.actions.door import Invalid, Refused, StepRef, Tx, action
from labrecords.actions.identifying import private_names
from labrecords.actions.step_drafts import RECORDED, end_draft
from labrecords.actions.steps import definition_of, writable
from labrecords.actions.telling import told_in_typed
from labrecords.domain.entries import Entry
from labrecords.domain.pauses import Pause
from labrecords.domain.permissions import Permission
from labrecords.domain.review.release import Blocker
from labrecords.domain.values.text import NotText, clean_text

NOTE_LENGTH, MOST_TYPED = 500, 2000
"""How long a note and the text of one entry may be."""


def _kind_permission(given: Mapping[str, Any]) -> Permission:
    kind: type[Entry] = given["kind"]
    return kind.needs


@action("step.paused", needs=_kind_permission)
def pause_step(tx: Tx, *, step: StepRef, kind: type[Entry], typed: Mapping[str, str], note: str) -> str:
    """Keep what is typed so far in the form of a step that is not recorded yet. Returns the id of the pause.

    Raises Invalid for text that no record can hold, and where there is nothing to keep.
    """
    record = writable(tx, step)
    definition = definition_of(record, step, kind)
    if not definition.planned:
        way_out = "Record it once it has happened."
        raise Refused(Blocker("step", "This act has no place in the process, and is not paused.", way_out))
    if record.current(step.step_key):
        raise Refused(Blocker("recorded", "This step is recorded already.", "Correct it, with the reason."))
    problems = {}
    clean: dict[str, str] = {}
    for name, text in typed.items():
        try:
            clean[name] = clean_text(text, limit=MOST_TYPED, multiline=True)
        except NotText as error:
            problems[name] = str(error)
    try:
        note = clean_text(note, limit=NOTE_LENGTH, multiline=True)
    except NotText as error:
        problems["pause_note"] = str(error)
    private = private_names(kind)
    kept = {name: text for name, text in clean.items() if text and name not in private}
    problems |= told_in_typed(tx, record, kind, {**kept, "pause_note": note})
    if not kept and not note and not problems:
        problems["pause_note"] = "Nothing is typed yet. Say why the step is paused."
    if problems:
        raise Invalid(problems)
    tx.reason = note or None
    pause = Pause(tx.new_id(), record.batch.id, step.step_key, kept, note or None, tx.actor.person_id, tx.now)
    tx.add(pause)
    end_draft(tx, step, RECORDED)
    return pause.id
