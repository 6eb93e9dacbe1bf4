"""How recorded facts are shown: one place that turns each type of fact into what a person reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from labrecords.actions.steps import changed_facts
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import facts_in
from labrecords.domain.record import BatchRecord
from labrecords.domain.values.typography import mid_sentence
from labrecords.web import filters
from labrecords.web.batches.unseen import KEPT_BACK
from labrecords.web.parts import Correction, Text

READ_WITHOUT_NAMES = 9
"""A row of so many values is understood as it stands; with more each is named."""


@dataclass(frozen=True)
class Shown:
    """Turns facts of one record into text. People and equipment are named, instants are in the laboratory's zone."""

    record: BatchRecord
    zone: ZoneInfo

    def value(self, fact: Fact, value: Any) -> Text:
        """One fact as a person reads it; empty where it was not answered."""
        return "" if value is None else self._WAYS.get(fact.type, Shown._plain)(self, fact, value)

    def facts(self, entry: Entry) -> list[tuple[str, Text]]:
        """Label and value of every fact that was answered, in the order in which they are asked."""
        pairs = [(fact.label, self.value(fact, getattr(entry, fact.name))) for fact in self.asked(entry)]
        pairs += self.left_empty(entry)
        if entry.note:
            pairs.append(("Note", entry.note))
        return [(label, value) for label, value in pairs if value != ""]

    def left_empty(self, entry: Entry) -> list[tuple[str, Text]]:
        """What stays empty on purpose: the facts by the reason they share."""
        by_reason: dict[str, list[str]] = {}
        for fact in self.asked(entry):
            if fact.name in entry.blanks:
                by_reason.setdefault(entry.blanks[fact.name], []).append(mid_sentence(fact.label))
        return [(f"Left empty, {why}", ", ".join(labels)) for why, labels in by_reason.items()]

    def asked(self, entry: Entry) -> tuple[Fact, ...]:
        """What the step of an entry asks for."""
        return facts_in(self.record.process.step(entry.step_key))

    def circumstances(self, entry: Entry) -> list[tuple[str, Text]]:
        """Who and when: performer, recorder and both times, with the reasons that had to be given."""
        pairs: list[tuple[str, Text]] = [
            (type(entry).performer_label, self._who(entry.performed_by, entry.performed_at))
        ]
        pairs.append(("Recorded by", self._who(entry.recorded_by, entry.recorded_at)))
        if entry.late_reason:
            pairs.append(("Why late", entry.late_reason))
        if entry.happened_reason:
            pairs.append(("Why it happened", entry.happened_reason))
        labels = {fact.name: mid_sentence(fact.label) for fact in self.asked(entry)}
        for name, reason in entry.confirmed.items():
            pairs.append((f"Why unusual: {labels[name]}", reason))
        return pairs

    def correction(self, old: Entry, new: Entry) -> list[Correction]:
        """One line for each fact in which a later version differs from the one it replaces."""
        step = self.record.process.step(new.step_key)
        facts = {fact.name: fact for fact in facts_in(step)}
        return [
            Correction(
                label=f"Step {step.number}, {self._name(facts, name, new)}",
                old=self._fact_of(facts, name, old) or "not answered",
                new=self._fact_of(facts, name, new) or "not answered",
                reason=new.reason or "",
                by=self.record.name(new.recorded_by),
                at=new.recorded_at,
            )
            for name in changed_facts(old, new)
        ]

    def _name(self, facts: dict[str, Fact], name: str, entry: Entry) -> str:
        if name in facts:
            return mid_sentence(facts[name].label)
        return {"performed_by": mid_sentence(type(entry).performer_label), "performed_at": "time"}.get(
            name, name
        )

    def _fact_of(self, facts: dict[str, Fact], name: str, entry: Entry) -> Text:
        value = getattr(entry, name)
        if name in facts:
            return self.value(facts[name], value)
        if name == "performed_by":
            return filters.person(self.record.name(value))
        return filters.instant(value, self.zone) if isinstance(value, datetime) else str(value or "")

    def _who(self, person_id: str, at: datetime) -> Markup:
        name, when = filters.person(self.record.name(person_id)), filters.instant(at, self.zone)
        return Markup("{}, {}").format(name, when)

    def _plain(self, fact: Fact, value: Any) -> Text:
        return str(value)

    def _number(self, fact: Fact, value: Any) -> Text:
        return filters.unit(value, fact.unit)

    def _code(self, fact: Fact, value: Any) -> Text:
        return filters.code(value)

    def _moment(self, fact: Fact, value: Any) -> Text:
        return filters.instant(value, self.zone)

    def _day(self, fact: Fact, value: Any) -> Text:
        return filters.day(value)

    def _yes_no(self, fact: Fact, value: Any) -> Text:
        return "yes" if value else "no"

    def _person(self, fact: Fact, value: Any) -> Text:
        return filters.person(self.record.name(value))

    def _equipment(self, fact: Fact, value: Any) -> Text:
        item = self.record.equipment_item(value)
        return Markup("{}, {}").format(filters.code(item.code), item.model)

    def _rows(self, fact: Fact, value: Any) -> Text:
        lines = []
        for number, row in enumerate(value, start=1):
            cells = [
                (column, text)
                for column in facts_of(type(row))
                if (text := self.value(column, getattr(row, column.name))) != ""
            ]
            many, units = len(facts_of(type(row))) > READ_WITHOUT_NAMES, [column.unit for column, _ in cells]
            line = Markup(", ").join(
                _cell(column, text, len(cells), many or (bool(column.unit) and units.count(column.unit) > 1))
                for column, text in cells
            )
            lines.append(Markup("{}. {}").format(number, line))
        return Markup("<br>").join(lines)

    _WAYS: ClassVar[dict[FactType, Callable[[Shown, Fact, Any], Text]]] = {
        FactType.NUMBER: _number,
        FactType.WHOLE: _number,
        FactType.CODE: _code,
        FactType.MOMENT: _moment,
        FactType.DATE: _day,
        FactType.YESNO: _yes_no,
        FactType.PERSON: _person,
        FactType.EQUIPMENT: _equipment,
        FactType.ROWS: _rows,
    }


def _cell(column: Fact, text: Text, of: int, named: bool) -> Text:
    """A cell of a row; named where the row has many, or two in one unit, and where it is a bare number among others."""
    if named or (of > 1 and not column.unit and str(text).isdigit()):
        return Markup("{} {}").format(mid_sentence(column.label), text)
    return escape(text)


def corrections(
    record: BatchRecord, zone: ZoneInfo, unseen: frozenset[str] = frozenset()
) -> list[Correction]:
    """Everything that was corrected in a record, the oldest first; of the unseen steps only by whom and when."""
    shown, found = Shown(record, zone), []
    for entry in record.entries:
        old = record.replaced(entry) if entry.corrects else None
        if old is not None and entry.step_key in unseen:
            label = f"Step {record.process.step(entry.step_key).number}"
            who = record.name(entry.recorded_by)
            found.append(Correction(label, KEPT_BACK, KEPT_BACK, "", who, entry.recorded_at))
        elif old is not None:
            found += shown.correction(old, entry)
    return found
