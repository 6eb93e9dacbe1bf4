"""The entries of a step's form: what is understood, what is asked back, and that what was typed is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from labrecords.domain.facts import Fact, FactType, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import Equipment, Person
from labrecords.web.forms.fields import FIELDS, RowsField, Surroundings, field_for, parse_day

NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
PEOPLE = (
    Person("1" * 32, "paula", "Paula Reyes", ("physician",)),
    Person("2" * 32, "tess", "Tess Arden", ("technician",)),
    Person("3" * 32, "ivan", "Ivan Ilić", ("administrator",)),
)


def piece(
    number: str, code: str, category: str, *, check: str | None = None, in_service: bool = True
) -> Equipment:
    return Equipment(number * 32, code, category, "Model 1", None, None, None, check, in_service, NOW)


SURROUNDINGS = Surroundings(
    ZoneInfo("Europe/Warsaw"),
    NOW,
    PEOPLE,
    (
        piece("a", "CF-01", "centrifuge", in_service=False),
        piece("b", "CF-02", "centrifuge", check="2027-01-11"),
        piece("c", "RT-01", "rotor"),
    ),
    site_code="KRK",
)


def entry(fact: Fact, typed: str | Mapping[str, str], **surroundings: Any) -> Any:
    """The entry for a fact with something typed into it."""
    around = Surroundings(**{**vars(SURROUNDINGS), **surroundings})
    form_class = type("AForm", (Form,), {fact.name: field_for(fact), "surroundings": around})
    values = {fact.name: typed} if isinstance(typed, str) else typed
    form = form_class(formdata=MultiDict(values))
    form.validate()
    return form[fact.name]


def fact(type_: FactType, **more: Any) -> Fact:
    return Fact("asked", type_, "Asked", **more)


def test_every_type_of_fact_has_an_entry() -> None:
    assert set(FIELDS) == set(FactType)


@pytest.mark.parametrize(
    ("type_", "typed", "meant"),
    [
        (FactType.NUMBER, "23,6", Decimal("23.6")),
        (FactType.NUMBER, " 1 000.50 ", Decimal("1000.50")),
        (FactType.NUMBER, "-4", Decimal(-4)),
        (FactType.WHOLE, "0", 0),
        (FactType.TEXT, "  Theatre 2 ", "Theatre 2"),
        (FactType.NOTE, "one\r\ntwo", "one\ntwo"),
        (FactType.CODE, "bag-7", "bag-7"),
        (FactType.CODE, "]d1BAG-7", "BAG-7"),
        (FactType.MOMENT, "2026-11-22 14:30", NOW),
        (FactType.MOMENT, "2026-11-22T13:30:00Z", NOW),
        (FactType.MOMENT, "14:30", NOW),
        (FactType.DATE, "2026-11-22", date(2026, 11, 22)),
        (FactType.YESNO, "yes", True),
        (FactType.YESNO, "no", False),
    ],
)
def test_what_is_typed_is_understood(type_: FactType, typed: str, meant: object) -> None:
    found = entry(fact(type_), typed)
    assert (found.data, list(found.errors), found.typed) == (meant, [], typed)


@pytest.mark.parametrize("type_", [each for each in FactType if each is not FactType.ROWS])
@pytest.mark.parametrize("typed", ["", "   ", "\t"])
def test_an_entry_left_empty_is_none_and_never_a_guess(type_: FactType, typed: str) -> None:
    found = entry(fact(type_, choices=("one", "two"), register="centrifuge"), typed)
    assert found.data is None
    assert not found.errors
    assert found.blank


@pytest.mark.parametrize(
    ("type_", "typed", "said"),
    [
        (FactType.NUMBER, "1,000", "one thousand or one"),
        (FactType.WHOLE, "12.5", "whole number"),
        (FactType.WHOLE, "1000000000", "more than can be counted"),
        (FactType.MOMENT, "14:31", "Write the date, for example 2026-11-21 14:31"),
        (FactType.MOMENT, "1:05", "Write the date: 2026-11-22 01:05 if it was today"),
        (FactType.MOMENT, "2026-03-29 02:30", "the clocks were put forward"),
        (FactType.MOMENT, "2026-10-25 02:30", "+01:00 for the second"),
        (FactType.DATE, "22.11.2026", "year-month-day"),
        (FactType.DATE, "2026-02-30", "no day 2026-02-30"),
        (FactType.DATE, "0026-02-03", "year 0026"),
        (FactType.CODE, "---", "letters or digits"),
        (FactType.CODE, "KRKXX 26 000001 X", "two were swapped"),
        (FactType.CODE, "=A99992600012368", "do not agree"),
        (FactType.CODE, "x" * 61, "too long"),
        (FactType.TEXT, "one\ntwo", "one line"),
        (FactType.CHOICE, "three", "Choose one of: one, two"),
        (FactType.YESNO, "maybe", "Choose one of: yes, no"),
        (FactType.YESNO, "True", "Choose one of: yes, no"),
        (FactType.PERSON, "4" * 32, "Choose a person"),
        (FactType.EQUIPMENT, "d" * 32, "Choose a registered piece"),
    ],
)
def test_what_is_unclear_is_asked_back_and_kept_as_typed(type_: FactType, typed: str, said: str) -> None:
    found = entry(fact(type_, choices=("one", "two"), register="centrifuge"), typed)
    assert said in found.errors[0]
    assert found.data is None
    assert found.typed == typed


def test_the_second_of_two_equal_hours_can_be_written_with_its_offset() -> None:
    found = entry(fact(FactType.MOMENT), "2026-10-25 02:30:00 +01:00")
    assert found.data == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "typed", "kept"),
    [
        (FactType.NUMBER, " 23,6 ", "23,6"),
        (FactType.NUMBER, "1\u202f234", "1 234"),
        (FactType.WHOLE, "007", "007"),
        (FactType.MOMENT, "2026-11-22 14:30", "2026-11-22 14:30"),
        (FactType.DATE, "2026-11-22", "2026-11-22"),
        (FactType.TEXT, "Theatre 2", None),
        (FactType.CODE, "C-2", None),
        (FactType.NUMBER, "1,000", None),
        (FactType.NUMBER, "", None),
    ],
)
def test_the_text_is_kept_where_it_was_interpreted(type_: FactType, typed: str, kept: str | None) -> None:
    assert entry(fact(type_), typed).as_entered() == kept


def test_people_who_can_be_named_are_those_who_can_attest_it() -> None:
    offered = [words for _, words in entry(fact(FactType.PERSON), "").choices]
    assert offered == ["Paula Reyes · paula", "Tess Arden · tess"]
    offered = [words for _, words in entry(fact(FactType.PERSON, register="physician"), "").choices]
    assert offered == ["Paula Reyes · paula"]


def test_who_is_named_in_what_is_corrected_can_be_named_again() -> None:
    found = entry(fact(FactType.PERSON, register="physician"), "3" * 32, kept=frozenset({"3" * 32}))
    assert found.data == "3" * 32


def test_equipment_is_offered_by_its_category_and_what_is_in_service_first() -> None:
    found = entry(fact(FactType.EQUIPMENT, register="centrifuge"), "b" * 32)
    assert [words for _, words in found.choices] == [
        "CF-02 · Model 1 · next check 2027-01-11",
        "CF-01 · Model 1 · out of service",
    ]
    assert found.data == "b" * 32
    assert found.words() == "CF-02 · Model 1 · next check 2027-01-11"


def test_nothing_is_chosen_beforehand() -> None:
    written = str(entry(fact(FactType.CHOICE, choices=tuple("abcdef")), "")())
    assert "selected" not in written
    few = entry(fact(FactType.CHOICE, choices=("a", "b")), "")
    answers = entry(fact(FactType.YESNO), "")
    assert [str(option()) for each in (few, answers) for option in each if " checked" in option()] == []


@pytest.mark.parametrize(
    ("choices", "kind"),
    [(("off", "soft", "full"), "segments"), (("a" * 20, "b" * 20), "choices"), (tuple("abcdef"), "select")],
)
def test_choices_stand_side_by_side_below_each_other_or_in_a_list(
    choices: tuple[str, ...], kind: str
) -> None:
    assert entry(fact(FactType.CHOICE, choices=choices), "").entry_kind == kind


# ---- rows -----------------------------------------------------------------------------------------------------


def draws() -> Fact:
    return next(fact for fact in facts_of(KINDS["harvest"]) if fact.name == "draws")


def rows(typed: Mapping[str, str]) -> RowsField:
    found = entry(draws(), typed)
    assert isinstance(found, RowsField)
    return found


def test_rows_begin_with_as_many_as_are_usual() -> None:
    begun = {
        (kind.kind, fact.name): len(entry(fact, {}).entries)
        for kind in KINDS.values()
        for fact in facts_of(kind)
        if fact.type is FactType.ROWS
    }
    assert {table: rows for table, rows in begun.items() if rows != 2} == {
        ("harvest", "draws"): 6,
        ("cell_count", "squares"): 5,
    }


def test_rows_left_wholly_empty_are_no_rows() -> None:
    found = rows({"draws-0-volume_ml": "8", "draws-1-volume_ml": " ", "draws-2-volume_ml": "9,5"})
    assert [row.volume_ml for row in found.rows()] == [Decimal(8), Decimal("9.5")]


def test_a_row_filled_in_partly_is_a_row() -> None:
    found = rows({"draws-3-drawn_at": "2026-11-22 14:30"})
    assert [(row.volume_ml, row.drawn_at) for row in found.rows()] == [(None, NOW)]


@pytest.mark.parametrize("number", ["²", "00", "-1", "99999", "", "1e1"])
def test_names_of_rows_that_are_none_of_ours_are_passed_over(number: str) -> None:
    assert rows({f"draws-{number}-volume_ml": "8", "draws-": "8", "draws": "8"}).rows() == ()


def test_more_rows_than_can_be_recorded_are_refused_and_not_dropped() -> None:
    found = rows({f"draws-{number}-volume_ml": "1" for number in range(101)})
    assert found.errors == ["At most 100 rows can be recorded in one step."]
    assert len(found.entries) == 101
    assert not rows({f"draws-{number}-volume_ml": "1" for number in range(100)}).errors
    assert rows({f"draws-{number}-volume_ml": "1" for number in range(100, 102)}).errors == []
    assert rows({"draws-400-volume_ml": "1"}).errors


# ---- hostile input, in every entry of every kind ----------------------------------------------------------------

HOSTILE = {
    "not a number": "NaN",
    "infinity": "Infinity",
    "an exponent": "1e309",
    "a unit": "5 mL",
    "Arabic digits": "\u0663\u0665",
    "10,000 characters": "9" * 10_000,
    "a NUL": "1\x002",
    "a direction override": "\u202e12",
    "a zero-width space": "1\u200b2",
    "HTML": "<script>alert(1)</script>",
    "SQL": "'; DROP TABLE person; --",
    "a template": "{{7*7}}",
    "markup": "<b>1</b>",
    "a formula": "=1+1",
    "a lone surrogate": "\ud800",
}
PRINTABLE = {
    "not a number",
    "infinity",
    "an exponent",
    "a unit",
    "HTML",
    "SQL",
    "a template",
    "markup",
    "a formula",
}
"""What a text may hold: it is recorded and printed as it was typed."""
WRITTEN = (FactType.TEXT, FactType.NOTE, FactType.CODE)


def every_fact() -> Iterator[tuple[str, Fact]]:
    for kind in KINDS.values():
        for each in facts_of(kind):
            if each.row is None:
                yield f"{kind.kind}.{each.name}", each
            else:
                yield from (
                    (f"{kind.kind}.{each.name}.{column.name}", column) for column in facts_of(each.row)
                )


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("asked", [each for _, each in every_fact()], ids=[name for name, _ in every_fact()])
def test_hostile_input_gets_a_sentence_or_is_plain_text(asked: Fact, what: str) -> None:
    found = entry(asked, HOSTILE[what])
    assert found.typed == HOSTILE[what]
    # Of who the patient is, what has digits is a day of birth or asked back.
    no_day = asked.private and asked.type is FactType.TEXT and any(sign.isdigit() for sign in found.typed)
    if asked.type in WRITTEN and what in PRINTABLE and not no_day:
        assert (found.data, list(found.errors)) == (HOSTILE[what], [])
    else:
        assert found.data is None
        assert len(found.errors) == 1
        assert found.errors[0].endswith((".", "?"))


@pytest.mark.parametrize("what", sorted(set(HOSTILE) - {"a lone surrogate"}))
@pytest.mark.parametrize(
    "type_", [FactType.NUMBER, FactType.TEXT, FactType.NOTE, FactType.CODE, FactType.MOMENT]
)
def test_what_was_typed_is_shown_again_escaped(type_: FactType, what: str) -> None:
    written = str(entry(fact(type_), HOSTILE[what])())
    assert "<script" not in written
    assert "<b>" not in written
    assert HOSTILE[what].replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;") in written


def test_a_day_is_read_strictly() -> None:
    assert parse_day(" 2026-11-22 ") == date(2026, 11, 22)
    with pytest.raises(ValueError, match="year-month-day"):
        parse_day("2026-11-2")
