"""The form of a step, made from the facts of its kind, and what a person stated in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField

from labrecords.actions.readings import Reading, open_blanks
from labrecords.actions.telling import is_looked_through
from labrecords.domain.entries import Entry, problems, unusual
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import KINDS, facts_in
from labrecords.domain.processes.process import Step
from labrecords.domain.reasons import BLANK_REASONS
from labrecords.domain.results.repeats import CAUSES
from labrecords.domain.review.corrections import MISTAKES
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import mid_sentence
from labrecords.web.drawn.widgets import hidden
from labrecords.web.forms.fields import (
    INTERPRETED,
    FactField,
    MomentField,
    NoteField,
    PersonField,
    RowsField,
    Surroundings,
    field_for,
)
from labrecords.web.forms.shared import WritingForm

CARRIED = ("seen", "opened_by", "replaces", "accepted")
"""What a form carries unseen besides its key: the version of the step it was rendered with, who opened it, the id
of the entry that it corrects, and which consequences of the correction were shown."""
AS_TYPED = {FactType.DATE: "Such as 2027-03-31", FactType.MOMENT: "14:30 alone is today's"}
"""How an entry is typed, where its unit does not say it."""
JUST_NOW = "Leave empty if it was just now. 14:30 alone is today's"

_CELL = re.compile(r"(\w+)-([0-9]+)-(\w+)")
_ROW_WORDS = re.compile(r"Row [0-9]+: ")


class StepForm(WritingForm):
    """The form of one step. `step_form` adds the entries."""

    def __init__(self, typed: Mapping[str, str], surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        super().__init__(formdata=typed if isinstance(typed, MultiDict) else MultiDict(typed))

    def explain(self, problems: Mapping[str, str]) -> None:
        """Put each sentence at the entry it is about, cells of rows included; an entry that has one keeps it."""
        for name, sentence in problems.items():
            field = self._entry_named(name)
            if field is None:
                self.form_errors.append(sentence)
            elif not field.errors:
                # The number of a row stands beside it; whoever made the sentence did not count the empty rows.
                said = _ROW_WORDS.sub("", sentence) if _CELL.fullmatch(name) else sentence
                field.errors = [said[:1].upper() + said[1:]]

    def _entry_named(self, name: str) -> Field | None:
        if name in self:
            return self[name]
        cell = _CELL.fullmatch(name)
        if not cell or cell[1] not in self:
            return None
        rows = self[cell[1]].filled()
        return rows[int(cell[2])].form[cell[3]] if int(cell[2]) < len(rows) else self[cell[1]]


def step_form(step: Step) -> type[StepForm]:
    """The form class of a step, made once for all steps that ask for the same."""
    kind, facts = KINDS[step.kind], facts_in(step)
    if (kind, facts) not in _FORMS:
        _FORMS[kind, facts] = type(f"{kind.__name__}Form", (StepForm,), _entries(kind, facts))
    return _FORMS[kind, facts]


_FORMS: dict[tuple[type[Entry], tuple[Fact, ...]], type[StepForm]] = {}


def _entries(kind: type[Entry], facts: tuple[Fact, ...]) -> dict[str, Any]:
    """An entry for each fact, then those for the circumstances of the act."""
    entries: dict[str, Any] = {fact.name: field_for(fact, _hint(fact, facts)) for fact in facts}
    for fact in facts:
        if fact.type in (FactType.NUMBER, FactType.WHOLE, FactType.ROWS):
            entries[f"{fact.name}-reason"] = _note(
                f"{fact.name}-reason", f"{fact.label}: why it is so unusual"
            )
        elif fact.new:
            entries[f"{fact.name}-reason"] = _note(
                f"{fact.name}-reason", f"{fact.label}: why it has the code of another batch"
            )
        elif fact.type is not FactType.NOTE and is_looked_through(fact):
            entries[f"{fact.name}-reason"] = _note(
                f"{fact.name}-reason", f"{fact.label}: why it is right all the same"
            )
    who = Fact("performed_by", FactType.PERSON, kind.performer_label, register=kind.performer_role)
    entries["performed_by"] = PersonField(who, needs=kind.needs)
    needless = kind.answered(dict.fromkeys(fact.name for fact in facts))
    if any(not (fact.required or fact.one_of or fact.private or fact.name in needless) for fact in facts):
        why = Fact(
            "blank_reason", FactType.CHOICE, "What was left empty", choices=BLANK_REASONS, required=False
        )
        entries["blank_reason"] = field_for(why, "Why, where something above stays empty")
    entries["performed_at"] = MomentField(Fact("performed_at", FactType.MOMENT, kind.ended_label), JUST_NOW)
    entries["late_reason"] = _note("late_reason", "Why it was not recorded at the time")
    entries["happened_reason"] = _note("happened_reason", "It has already happened: what and why")
    entries["note"] = _note("note", "Note")
    mistake = Fact("what_was_wrong", FactType.CHOICE, "What was wrong", choices=MISTAKES, required=False)
    entries["what_was_wrong"] = field_for(mistake)
    entries["reason"] = _note("reason", "Reason for the correction")
    if kind.repeatable:
        cause = Fact("cause", FactType.CHOICE, "Why it is repeated", choices=CAUSES, required=False)
        entries["cause"] = field_for(cause)
    return entries | {name: HiddenField(widget=hidden) for name in CARRIED}


def _note(name: str, label: str) -> Any:
    return NoteField(Fact(name, FactType.NOTE, label, required=False))


def _hint(fact: Fact, facts: tuple[Fact, ...]) -> str:
    others = [
        mid_sentence(other.label)
        for other in facts
        if fact.one_of and other.one_of == fact.one_of and other != fact
    ]
    words, which = " or the ".join(others), "or both" if fact.both else "not both"
    instead = f"Enter this or the {words}, {which}" if others else ""
    return ". ".join(filter(None, (fact.hint, AS_TYPED.get(fact.type), instead)))


def reading_of(form: StepForm, kind: type[Entry], step: Step) -> Reading:
    """What was stated. Entries that were not understood are None here, and have their errors on the form."""
    values: dict[str, Any] = {}
    as_entered: dict[str, str] = {}
    for fact in facts_in(step):
        field = form[fact.name]
        values[fact.name] = field.rows() if isinstance(field, RowsField) else field.data
        as_entered |= _as_entered(field)
    names = [fact.name for fact in facts_in(step) if f"{fact.name}-reason" in form]
    reasons = {name: form[f"{name}-reason"].data for name in names}
    return Reading(
        kind=kind,
        facts=values,
        performed_by=form["performed_by"].data or "",
        performed_at=form["performed_at"].data,
        as_entered=as_entered,
        confirmed={name: reason for name, reason in reasons.items() if reason},
        late_reason=form["late_reason"].data,
        happened_reason=form["happened_reason"].data,
        note=form["note"].data,
        typed=text_to_keep(form),
        blank_reason=form["blank_reason"].data if "blank_reason" in form else None,
    )


def _as_entered(field: Any) -> dict[str, str]:
    if not isinstance(field, RowsField):
        typed = field.as_entered()
        return {field.fact.name: typed} if typed is not None else {}
    return {
        f"{field.fact.name}-{number}-{cell.short_name}": typed
        for number, row in enumerate(field.filled())
        for cell in row.form
        if (typed := cell.as_entered()) is not None
    }


def problems_so_far(form: StepForm, step: Step, reading: Reading) -> dict[str, str]:
    """What else is missing or cannot be, besides what was not understood: so that everything is asked back at once."""
    found = problems(reading.kind, reading.facts, step) | open_blanks(reading, step)
    for fact in facts_of(reading.kind):
        # The other of the two may be the one that was not understood: that is said there.
        group = [
            other.name for other in facts_of(reading.kind) if fact.one_of and other.one_of == fact.one_of
        ]
        if any(form[name].errors for name in group):
            found.pop(fact.name, None)
    asked = unusual(reading.kind, reading.facts, step)
    return found | {f"{name}-reason": said for name, said in asked.items() if name not in reading.confirmed}


def typed_in(form: StepForm) -> dict[str, str]:
    """Everything that was typed or chosen, by the name of its entry; unseen fields left out."""
    typed: dict[str, str] = {}
    for field in form:
        if isinstance(field, FactField):
            typed[field.name] = field.typed
        elif isinstance(field, RowsField):
            typed |= {cell.name: cell.typed for row in field.entries for cell in row.form}
    return typed


def text_to_keep(form: StepForm) -> dict[str, str]:
    """What stands in the form, by the name of its entry; rows are numbered without the empty ones between them."""
    found: dict[str, str] = {}
    for entry in form:
        if isinstance(entry, RowsField):
            for number, row in enumerate(entry.filled()):
                found |= {f"{entry.name}-{number}-{cell.short_name}": text_of(cell) for cell in row.form}
        elif isinstance(entry, FactField):
            found[entry.name] = text_of(entry)
    return {name: text for name, text in found.items() if text}


def text_of(entry: FactField) -> str:
    """The text of an entry as it is kept; a time of day with its date, as another day it would be another time."""
    if (
        isinstance(entry, MomentField)
        and times.is_time_of_day(entry.typed)
        and isinstance(entry.data, datetime)
    ):
        return times.show(entry.data, entry.surroundings.zone)
    return entry.typed.strip()


def as_typed(entry: Entry, zone: ZoneInfo) -> dict[str, str]:
    """An entry as one would type it: the text as it was typed, where that was kept."""
    typed: dict[str, str] = {}
    for fact in facts_of(type(entry)):
        value = getattr(entry, fact.name)
        if fact.type is not FactType.ROWS:
            typed[fact.name] = _as_typed(entry, fact, fact.name, value, zone)
            continue
        for number, row in enumerate(value):
            for column in facts_of(type(row)):
                name = f"{fact.name}-{number}-{column.name}"
                typed[name] = _as_typed(entry, column, name, getattr(row, column.name), zone)
    typed |= {f"{name}-reason": reason for name, reason in entry.confirmed.items()}
    typed["blank_reason"] = next(iter(entry.blanks.values()), "")
    return typed | {"performed_by": entry.performed_by, "note": entry.note or ""}


def _as_typed(entry: Entry, fact: Fact, name: str, value: Any, zone: ZoneInfo) -> str:
    kept = entry.as_entered.get(name) if fact.type in INTERPRETED else None
    # "14:30" was today's when it was typed; read again it would be another day's.
    return _text(value, zone) if kept is None or times.is_time_of_day(kept) else kept


def _text(value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return times.show(value, zone)
    return value.isoformat() if isinstance(value, date) else str(value)


def keep_untouched(reading: Reading, old: Entry, form: StepForm, zone: ZoneInfo) -> dict[str, Any]:
    """The facts of a correction: where the text was left as it stood, the value is the old one to the last digit."""
    before, now = as_typed(old, zone), typed_in(form)
    kept = dict(reading.facts)
    for fact in facts_of(reading.kind):
        names = [name for name in {*before, *now} if name == fact.name or name.startswith(f"{fact.name}-")]
        cells = [name for name in names if not name.endswith("-reason")]
        if all(before.get(name, "") == now.get(name, "") for name in cells):
            kept[fact.name] = getattr(old, fact.name)
    return kept
