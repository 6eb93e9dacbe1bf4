"""The entries of a step form: one Field class for each type of fact.

An entry keeps the text as it was typed, whatever that was. What was understood is its `data`; what was left empty
is None, and what cannot be understood is an error sentence. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from wtforms import Field, FieldList, Form, FormField, RadioField

from labrecords.domain.custody.scans import misread_id, read_scan
from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.permissions import Permission, Role, may_perform
from labrecords.domain.record import Equipment, Person
from labrecords.domain.registers.equipment import PLACES
from labrecords.domain.registers.lots import Lot
from labrecords.domain.registers.places import called, names_place
from labrecords.domain.registers.stated import stated_identifier
from labrecords.domain.values import codes
from labrecords.domain.values.numbers import NotANumber, parse_number, parse_whole
from labrecords.domain.values.text import NotText, clean_text
from labrecords.domain.values.times import EARLIEST_YEAR, LATEST_YEAR, parse_recent
from labrecords.web.drawn.widgets import Choices, Option, line, lines, options, select
from labrecords.web.forms.view import SEGMENT_CHARACTERS

CODE_LENGTH, LINE_LENGTH, NOTE_LENGTH = 60, 200, 2000
FIRST_BIRTH_YEAR = 1890
MOST_COUNTED = 999_999_999
"""More than anybody counts; what is larger is a slip, and would not fit the database."""
MOST_ROWS, SHOWN_ROWS = 100, 400
"""How many rows one step records, and how many are shown again where more were typed: none is dropped unseen."""
FIRST_ROWS = {"draws": 6, "squares": 5}
"""How many empty rows a table of entries begins with; 2 where it is not said."""
LOTS_OFFERED, PLACES_OFFERED = "lots-offered", "places-offered"
"""Ids of the lists of released lots and of places in use on the page of a step."""
SIDE_BY_SIDE = 5
"""Up to so many choices are all seen at once; more stand in a list."""
INTERPRETED = (FactType.NUMBER, FactType.WHOLE, FactType.MOMENT, FactType.DATE)
"""The types of which the text as typed is kept beside the value that was understood."""

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ROW = re.compile(r"0|[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Surroundings:
    """What a form must know besides what was typed: the clock, and who and what can be chosen."""

    zone: ZoneInfo
    now: datetime
    people: tuple[Person, ...]
    """Everybody who works here now, and who is named in what is being corrected."""
    equipment: tuple[Equipment, ...]
    """The newest version of every registered piece, and the versions named in what is being corrected."""
    kept: frozenset[str] = frozenset()
    """Ids named in what is being corrected: people leave and roles change, while what happened stays."""
    site_code: str = ""
    """Of the laboratory, by which its own container ids are known."""
    lots: tuple[Lot, ...] = ()
    """Lots that are released and in date, where the step names any."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The places in use: how a step states each, and what else is known of it."""
        return tuple(
            (called(item), f"{item.category} {item.code}" if called(item) != item.code else item.model)
            for item in self.equipment
            if item.category in PLACES and item.in_service
        )


class FactField(Field):
    """An entry for one fact."""

    entry_kind = "text"
    typed = ""
    """The text as it was typed."""
    parse: Callable[[str], Any]
    """What a text means, which each type of entry knows. Raises ValueError with a sentence for the user."""

    def __init__(self, fact: Fact, hint: str = "", **options: Any) -> None:
        super().__init__(fact.label, description=hint or fact.hint, **options)
        self.fact = fact

    def __call__(self, **attributes: Any) -> Any:
        """The entry as HTML, by our own widgets: what WTForms does to the names of attributes is not needed."""
        return self.widget(self, **((self.render_kw or {}) | attributes))

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read what was sent. An entry has neither default nor filter, which WTForms would ask each of them for."""
        self.process_errors, self.object_data = [], None
        self.raw_data = formdata.getlist(self.name) if formdata is not None else []
        try:
            self.process_formdata(self.raw_data)
        except ValueError as problem:
            self.process_errors.append(problem.args[0])

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed, self.data = valuelist[0] if valuelist else "", None
        if not self.blank:
            self.data = self.parse(self.typed)

    @property
    def blank(self) -> bool:
        """Whether nothing was typed or chosen."""
        return not self.typed.strip()

    @property
    def surroundings(self) -> Surroundings:
        form = self._form
        while form._parent_form is not None:
            form = form._parent_form
        return cast(Surroundings, form.surroundings)

    def as_entered(self) -> str | None:
        """The text that was interpreted, with plain spaces; None where the value is the text itself."""
        understood = self.fact.type in INTERPRETED and self.data is not None
        return " ".join(self.typed.split()) if understood else None


class TypedField(FactField):
    """An entry that is typed on one line."""

    widget = staticmethod(line)


class NumberField(TypedField):
    entry_kind = "number"

    def parse(self, typed: str) -> Decimal:
        return parse_number(typed)


class WholeField(TypedField):
    entry_kind = "number"

    def parse(self, typed: str) -> int:
        value = parse_whole(typed)
        if abs(value) > MOST_COUNTED:
            raise NotANumber("This is more than can be counted. Check the number.")
        return value


class TextField(TypedField):
    def parse(self, typed: str) -> str:
        return clean_text(typed, limit=LINE_LENGTH)

    def __call__(self, **attributes: Any) -> Any:
        """The entry; released lots and registered places are offered where one is asked for; any other can be typed."""
        offered = {"list": LOTS_OFFERED} if names_lot(self.fact) else {}
        offered |= {"list": PLACES_OFFERED} if names_place(self.fact) else {}
        return super().__call__(**offered, **attributes)


class StatedField(TextField):
    """A name or a day of birth, as somebody states it: what can be read in two ways is asked back while it is typed."""

    def parse(self, typed: str) -> str:
        text = super().parse(typed)
        stated_identifier(text)
        return text


class NoteField(TypedField):
    widget = staticmethod(lines)
    entry_kind = "note"

    def parse(self, typed: str) -> str:
        return clean_text(typed, limit=NOTE_LENGTH, multiline=True)


class CodeField(TypedField):
    entry_kind = "code"

    def parse(self, typed: str) -> str:
        code = clean_text(read_scan(typed).text, limit=CODE_LENGTH)
        if not codes.normalise(code):
            raise NotText("A code has letters or digits. Scan it, or type it as it is printed.")
        if problem := misread_id(codes.normalise(code), self.surroundings.site_code):
            raise NotText(problem.sentence)
        return code


class MomentField(TypedField):
    """A date and time on the clocks of the laboratory's zone; a time of day alone is today's."""

    entry_kind = "moment"

    def parse(self, typed: str) -> datetime:
        return parse_recent(typed, self.surroundings.zone, self.surroundings.now)


class DayField(TypedField):
    entry_kind = "day"

    def parse(self, typed: str) -> date:
        return parse_day(typed)


class ChosenField(FactField):
    """An entry that is chosen from a list. Nothing is chosen beforehand."""

    widget = staticmethod(select)
    entry_kind = "select"
    refusal = "Choose one of the list."

    def __init__(self, fact: Fact, hint: str = "", **more: Any) -> None:
        super().__init__(fact, hint, **more)
        self.choices = self.offered()

    def offered(self) -> Choices:
        """What can be chosen: what is sent, and the words that are seen."""
        return _words(self.fact.choices)

    def parse(self, typed: str) -> Any:
        chosen = typed.strip()
        if not any(value == chosen for value, _ in self.choices):
            raise ValueError(self.refusal)
        return chosen

    def words(self) -> str:
        """What was chosen, as it is seen."""
        return next((words for value, words in self.choices if value == self.typed.strip()), "")


class SegmentsField(ChosenField, RadioField):
    """A few choices, all seen at once."""

    def __init__(self, fact: Fact, hint: str = "", **more: Any) -> None:
        super().__init__(fact, hint, **more)
        words = sum(len(words) for _, words in self.choices)
        self.entry_kind = "segments" if words <= SEGMENT_CHARACTERS and len(self.choices) <= 4 else "choices"

    @property
    def refusal(self) -> str:  # type: ignore[override]
        return f"Choose one of: {', '.join(value for value, _ in self.choices)}."

    def __iter__(self) -> Iterator[Option]:
        return options(self)

    def pre_validate(self, form: Any) -> None:
        """What cannot be chosen was refused when it was read."""


class YesNoField(SegmentsField):
    def offered(self) -> Choices:
        return (("yes", "Yes"), ("no", "No"))

    def parse(self, typed: str) -> bool:
        return bool(super().parse(typed) == "yes")


class PersonField(ChosenField):
    """Somebody who works here, with the role that the fact asks for; of a performer, who can have done the act."""

    refusal = "Choose a person of the list: somebody who works here now."

    def __init__(
        self, fact: Fact, hint: str = "", *, needs: Permission = Permission.ATTEST, **more: Any
    ) -> None:
        self.needs = needs
        super().__init__(fact, hint, **more)

    def offered(self) -> Choices:
        kept, role = self.surroundings.kept, self.fact.register
        people = (
            who for who in self.surroundings.people if who.id in kept or may_be_named(who, role, self.needs)
        )
        return tuple((who.id, f"{who.name} · {who.username}") for who in people)


class EquipmentField(ChosenField):
    """A registered piece, those in service first."""

    refusal = "Choose a registered piece. If the register has changed meanwhile, choose again."

    def offered(self) -> Choices:
        pieces = [piece for piece in self.surroundings.equipment if piece.category == self.fact.register]
        pieces.sort(key=lambda piece: (not piece.in_service, piece.code))
        return tuple((piece.id, equipment_words(piece)) for piece in pieces)


class RowsField(FieldList):
    """Several rows of facts. A row that was left wholly empty is no row."""

    entry_kind = "rows"

    def __init__(self, fact: Fact, hint: str = "", **options: Any) -> None:
        assert fact.row is not None
        inner = FormField(row_form(fact.row))
        super().__init__(inner, fact.label, description=hint or fact.hint, **options)
        self.fact = fact
        self.too_many = False

    def process(self, formdata: Any, *data: Any, **more: Any) -> None:
        """Read the rows that were sent, and add empty ones up to the usual number."""
        super().process(formdata, *data, **more)
        while len(self.entries) < FIRST_ROWS.get(self.fact.name, 2):
            self._add_entry()

    def filled(self) -> list[FormField]:
        """The rows in which something was typed or chosen."""
        return [row for row in self.entries if any(not cell.blank for cell in row.form)]

    def rows(self) -> tuple[Any, ...]:
        """The rows as the record keeps them."""
        assert self.fact.row is not None
        return tuple(
            self.fact.row(**{cell.short_name: cell.data for cell in row.form}) for row in self.filled()
        )

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        super().validate(form, extra_validators)
        if self.too_many or len(self.filled()) > MOST_ROWS:
            self.errors = [f"At most {MOST_ROWS} rows can be recorded in one step."]
        return not self.errors

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """The numbers of the rows that were sent; names that are none of ours are passed over."""
        for name in formdata:
            if name.startswith(f"{prefix}-") and _ROW.fullmatch(number := name.split("-")[1]):
                if int(number) < SHOWN_ROWS:
                    yield int(number)
                else:
                    self.too_many = True


FIELDS: dict[FactType, type[FactField] | type[RowsField]] = {
    FactType.NUMBER: NumberField,
    FactType.WHOLE: WholeField,
    FactType.CHOICE: ChosenField,
    FactType.TEXT: TextField,
    FactType.NOTE: NoteField,
    FactType.CODE: CodeField,
    FactType.MOMENT: MomentField,
    FactType.DATE: DayField,
    FactType.YESNO: YesNoField,
    FactType.PERSON: PersonField,
    FactType.EQUIPMENT: EquipmentField,
    FactType.ROWS: RowsField,
}


def field_for(fact: Fact, hint: str = "", *, in_row: bool = False) -> Any:
    """The entry for a fact, not yet bound to a form. In a row a choice is always a list, which is narrow."""
    few = fact.type is FactType.CHOICE and len(fact.choices) <= SIDE_BY_SIDE and not in_row
    stated = fact.private and fact.type is FactType.TEXT
    chosen: Any = SegmentsField if few else StatedField if stated else FIELDS[fact.type]
    return chosen(fact, hint)


_ROW_FORMS: dict[type, type[Form]] = {}


def row_form(row: type) -> type[Form]:
    """The form of one row, made from its facts."""
    if row not in _ROW_FORMS:
        cells = {column.name: field_for(column, in_row=True) for column in facts_of(row)}
        _ROW_FORMS[row] = type(f"{row.__name__}Form", (Form,), cells)
    return _ROW_FORMS[row]


def parse_birth_day(typed: str) -> date:
    """A day of birth: a calendar day of any year in which a patient can have been born."""
    return parse_day(typed, FIRST_BIRTH_YEAR)


def parse_day(typed: str, earliest: int = EARLIEST_YEAR) -> date:
    """A calendar day written as 2026-11-22. Raises ValueError with a sentence for the user."""
    match = _DAY.fullmatch(typed.strip())
    if not match:
        raise ValueError("Write the day as year-month-day, for example 2026-11-22.")
    year, month, day = map(int, match.groups())
    if not earliest <= year <= LATEST_YEAR:
        raise ValueError(f"The year {match[1]} cannot be right. Check it; a day looks like 2026-11-22.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"There is no day {match[0]} in the calendar. Check it.") from None


def names_lot(fact: Fact) -> bool:
    """Whether a fact is the number of a lot."""
    return fact.type is FactType.TEXT and (fact.name == "lot" or fact.name.endswith("_lot"))


def asks_lots(kind: type) -> bool:
    """Whether a step kind, or a row of it, names the lot of a material."""
    return any(names_lot(fact) or (fact.row is not None and asks_lots(fact.row)) for fact in facts_of(kind))


def may_be_named(person: Person, role: str = "", needs: Permission = Permission.ATTEST) -> bool:
    """Whether a person can be named for an act that needs this permission, and hold the role, if one is asked."""
    roles = frozenset(Role(held) for held in person.roles)
    return may_perform(roles, needs) and (not role or role in person.roles)


def equipment_words(piece: Equipment) -> str:
    """A piece of equipment as it is chosen: code, model, how long its check is valid."""
    words = [piece.code, piece.model]
    if piece.next_check:
        words.append(f"next check {piece.next_check}")
    if piece.next_clean:
        words.append(f"cleaning due {piece.next_clean}")
    if not piece.in_service:
        words.append("out of service")
    return " · ".join(words)


@cache
def _words(choices: tuple[str, ...]) -> Choices:
    """The choices as they are shown: with a capital, but for a symbol, as in "r max"."""
    return tuple((word, word if word[1:2] == " " else word[:1].upper() + word[1:]) for word in choices)
