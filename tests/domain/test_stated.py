"""What somebody states of who they are: how it is read, how it is compared, what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from labrecords.domain.registers.patients import Identity, name_words
from labrecords.domain.registers.stated import Unclear, outcome, same_name, stated_identifier
from labrecords.domain.steps.identity import second_stop
from tests.support.clean import clean, entry_of

BORN = date(1968, 4, 30)
ZOFIA = Identity("Zofia Łukasiewicz-Żak", BORN, "0044-17")


@pytest.mark.parametrize(
    "text",
    ["1968-04-30", "19680430", "1968/4/30", "30.04.1968", "30/4/1968", "04/30/1968", "30 April 1968",
     "April 30, 1968", "30. apr 1968", "\uff11\uff19\uff16\uff18-04-30"],
)  # fmt: skip
def test_a_day_of_birth_is_read_where_it_can_be_read_in_one_way(text: str) -> None:
    assert stated_identifier(text) == BORN


def test_the_same_number_twice_is_one_day_in_either_order() -> None:
    assert stated_identifier("04.04.1968") == date(1968, 4, 4)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("04/05/1968", "two ways"),
        ("4.5.1968", "two ways"),
        ("30.04.68", "no date"),
        ("1968-02-30", "no date"),
        ("0044-17", "no date"),
        ("30 ma 1968", "no date"),
        ("...", "full name"),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_asked_back_without_the_text(
    text: str, asked: str
) -> None:
    with pytest.raises(Unclear, match=asked) as raised:
        stated_identifier(text)
    assert text not in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "zofia lukasiewicz zak",
        "LUKASIEWICZ-ŻAK, ZOFIA",
        "Zofia  Łukasiewicz\u2010Żak",
        "Z\u00f3fia Lukasiewiczzak",
    ],
)
def test_case_order_spaces_hyphens_and_diacritics_make_no_other_name(name: str) -> None:
    assert same_name(name, ZOFIA.name)


@pytest.mark.parametrize("name", ["Zofia Łukasiewicz", "Zofja Łukasiewicz-Żak", "Zak", "Zofia Zofia Zak"])
def test_other_letters_and_half_a_name_are_another_name(name: str) -> None:
    assert not same_name(name, ZOFIA.name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Jörg", "Mueller Joerg"),
        ("Müller Jörg", "MULLER, JORG"),
        ("Åse Ø", "Aase Oe"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_letters_that_passports_write_out_and_marks_that_many_leave_out_make_no_other_name(
    one: str, other: str
) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("राम", "रमा"), ("ダナカ", "タナカ"), ("すずき", "すすき"), ("सीता", "सत"), ("Muller", "Mueller")],
)
def test_vowels_and_voices_written_as_marks_make_another_name(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert name_words(one) != name_words(other)
    assert same_name(one, one)


def test_the_record_keeps_which_identifier_it_was_and_what_came_of_it() -> None:
    assert outcome(BORN, ZOFIA) == "date of birth agrees"
    assert outcome(date(1968, 4, 3), ZOFIA) == "date of birth differs"
    assert outcome("Zofia Lukasiewicz Zak", ZOFIA) == "full name agrees"
    assert outcome("Maria Nowak", ZOFIA) == "full name differs"
    assert outcome(BORN, None) == "date of birth not compared"


def test_a_second_identifier_that_differs_is_a_critical_stop_that_names_no_identity() -> None:
    stop = second_stop(clean("identity_harvest"), "full name differs")
    assert stop is not None
    assert stop.critical
    assert stop.sentence == "Wrong patient: the full name that was stated is not that of P-2048."


def test_whose_identity_a_hospital_keeps_is_not_asked_for_a_second_identifier() -> None:
    record = clean("identity_harvest")
    check = entry_of(record, "identity_harvest")
    assert check.stops(record) == ()
    assert "identity not compared" in check.summary(record)
    assert check.remarks(replace(record, head=record.head)) == ()
