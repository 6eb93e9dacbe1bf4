"""Two people wrote the same step: what one saved and what the other typed, side by side, field by field."""

from __future__ import annotations

import secrets
from typing import Any

from labrecords.actions.door import Actor
from labrecords.domain.entries import Entry
from labrecords.domain.review.corrections import MISTAKES
from labrecords.domain.values.typography import mid_sentence
from labrecords.web.filters import instant
from labrecords.web.forms.fields import ChosenField, FactField, RowsField
from labrecords.web.parts import Conflict, ConflictField, Text
from labrecords.web.steps.forms import StepForm, as_typed, step_form
from labrecords.web.steps.in_hand import StepPage

NOT_COMPARED = ("late_reason", "happened_reason", "cause", "what_was_wrong", "reason")


def conflict_of(at: StepPage, saved: Entry, yours: StepForm, actor: Actor) -> Conflict:
    """Both versions. What is chosen is sent as a correction of the saved one."""
    theirs = step_form(at.step)(as_typed(saved, at.batch.zone), at.surroundings)
    by, found = at.record.name(saved.recorded_by), []
    for label, one, other in _pairs(theirs, yours):
        shown, own = _shown(one), _shown(other)
        if one.name == "performed_at":
            # Left empty, a correction keeps the time that was saved.
            shown = instant(saved.performed_at, at.batch.zone)
            own = own or shown
        found.append(ConflictField(other.name, label, one.typed, other.typed, shown, own))
    return Conflict(
        title=f"{by} saved this step while you were writing",
        saved_by=by,
        saved_at=saved.recorded_at,
        fields=tuple(item for item in found if item.theirs or item.yours or item.theirs_shown),
        hidden=(
            ("form_key", secrets.token_hex(16)),
            ("seen", str(at.version)),
            ("opened_by", actor.person_id),
            ("replaces", saved.id),
            ("happened_reason", yours["happened_reason"].typed),
        ),
        action_url=at.url("correct"),
        causes=MISTAKES,
        cause=yours["what_was_wrong"].typed,
        reason=yours["reason"].typed,
    )


def _pairs(theirs: StepForm, yours: StepForm) -> list[tuple[str, Any, Any]]:
    """Label, saved entry and typed entry, for every entry and every cell of a table."""
    found: list[tuple[str, Any, Any]] = []
    for field in yours:
        if isinstance(field, RowsField):
            most = max(len(theirs[field.name].entries), len(field.entries))
            for table in (theirs[field.name], field):
                while len(table.entries) < most:
                    table.append_entry()
            for number, (one, other) in enumerate(zip(theirs[field.name], field, strict=True), start=1):
                found += [
                    (f"{field.label.text} {number}, {mid_sentence(cell.label.text)}", saved, cell)
                    for saved, cell in zip(one.form, other.form, strict=True)
                ]
        elif isinstance(field, FactField) and field.name not in NOT_COMPARED:
            found.append((field.label.text, theirs[field.name], field))
    return found


def _shown(field: FactField) -> Text:
    """What stands in an entry, in the words of the list where it was chosen from one."""
    return field.words() if isinstance(field, ChosenField) else field.typed
