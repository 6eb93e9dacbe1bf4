"""Who a patient is: pseudonyms, how identities are compared, what the trail commits to, what no reason may hold."""

from __future__ import annotations

import secrets
from datetime import date

import pytest

from labrecords.domain.registers.patients import (
    Identity,
    commitment_to,
    identity_problems,
    new_pseudonym,
    person_key,
    record_key,
    tells_identity,
)
from labrecords.domain.values import codes

MARIA = Identity("Maria Nowak-Żak", date(1968, 4, 30), "MRN 0044-17")
TODAY = date(2026, 11, 23)


def test_pseudonyms_are_random_checked_and_shorter_than_chain_of_identity_codes() -> None:
    made = {new_pseudonym(secrets.token_bytes) for _ in range(200)}
    assert len(made) == 200
    for pseudonym in made:
        assert pseudonym.startswith("P")
        assert codes.is_valid(pseudonym)
        assert len(codes.normalise(pseudonym)) < codes.IDENTITY_LENGTH
        assert set(codes.normalise(pseudonym)) <= set(codes.IDENTITY_ALPHABET)


@pytest.mark.parametrize(
    "name", ["nowak-żak maria", "MARIA  NOWAK ŻAK", "Nowak-Żak, Maria", "Maria Nowak\u2011Żak"]
)
def test_case_order_and_hyphens_of_a_name_make_no_difference(name: str) -> None:
    assert person_key(Identity(name, MARIA.birth_date, "")) == person_key(MARIA)


@pytest.mark.parametrize(
    "other",
    [
        Identity("Maria Nowak", MARIA.birth_date, ""),
        Identity("Mario Nowak-Żak", MARIA.birth_date, ""),
        Identity(MARIA.name, date(1968, 4, 3), ""),
    ],
)
def test_another_name_or_day_is_another_person(other: Identity) -> None:
    assert person_key(other) != person_key(MARIA)


def test_a_record_number_is_compared_as_every_code_and_a_letter_is_no_digit() -> None:
    assert record_key("mrn0044 17") == record_key(MARIA.record_number)
    assert record_key("MRN OO4417") != record_key(MARIA.record_number)


def test_the_commitment_follows_identity_and_salt() -> None:
    first = commitment_to(MARIA, "00" * 32)
    assert first == commitment_to(MARIA, "00" * 32)
    others = [
        commitment_to(MARIA, "01" * 32),
        commitment_to(Identity("Maria Nowak", MARIA.birth_date, MARIA.record_number), "00" * 32),
        commitment_to(Identity(MARIA.name, date(1968, 4, 29), MARIA.record_number), "00" * 32),
        commitment_to(Identity(MARIA.name, MARIA.birth_date, "MRN 0044-18"), "00" * 32),
    ]
    assert len({first, *others}) == 5


@pytest.mark.parametrize(
    ("identity", "field"),
    [
        (Identity("...", MARIA.birth_date, "1"), "name"),
        (Identity("Maria", date(2026, 11, 24), "1"), "birth_date"),
        (Identity("Maria", date(1868, 4, 30), "1"), "birth_date"),
        (Identity("Maria", MARIA.birth_date, " - "), "record_number"),
    ],
)
def test_what_cannot_be_an_identity_is_asked_back_at_its_field(identity: Identity, field: str) -> None:
    assert list(identity_problems(identity, TODAY)) == [field]


@pytest.mark.parametrize("born", [TODAY, date(1896, 1, 1)])
def test_a_newborn_and_the_very_old_are_patients(born: date) -> None:
    assert identity_problems(Identity("Maria", born, "1"), TODAY) == {}


@pytest.mark.parametrize(
    "text",
    [
        "It was NOWAK before.",
        "Born 1968-04-30, not later.",
        "Born 19680430.",
        "Number mrn0044-17 is hers.",
        "born 30.04.1968",
        "30/04/1968",
        "born 30 April 1968",
        "Nowakowa's letter",
        "Nowaks letter",
        "MRN 0044/17",
        "born 30.4.68",
        "30/4/1968",
        "4/30/68",
        "68-04-30",
        "born 300468",
        "30th Apr. 1968",
        "apr 30 68",
    ],
)
def test_a_text_that_stays_is_found_to_tell_the_identity(text: str) -> None:
    assert tells_identity(text, MARIA)


@pytest.mark.parametrize(
    "text",
    [
        "The letter was read wrongly.",
        "Born in 1968.",
        "Two digits were swapped.",
        "Lot 1300468",
        "30.4.6 mL",
        "Bag 3004-6",
    ],
)
def test_a_text_that_tells_nothing_passes(text: str) -> None:
    assert not tells_identity(text, MARIA)
