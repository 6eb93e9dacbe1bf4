"""What a scanner sends: one code is read from it, or it is asked back with what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.custody.container_ids import new_code, shown
from labrecords.domain.custody.scans import copy_code, misread_id, read_scan, unknown_code
from labrecords.domain.values import codes

SITE = "KRK"
OURS, NEXT = new_code(SITE, 2026, 1), new_code(SITE, 2026, 2)
ELSEWHERE = new_code("GDN", 2026, 1)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("BAG-7", "BAG7"),
        ("BAG-7\r\n", "BAG7"),
        ("\tBAG-7\t", "BAG7"),
        ("\x02BAG-7\x03\x04", "BAG7"),
        ("]d1BAG-7", "BAG7"),
        ("\x02]d1]d1BAG-7\r", "BAG7"),
        (f"]d1{OURS.lower()}", OURS),
        (shown(OURS), OURS),
        ("=A99992600012300", "A999926000123P"),
        ("]C0=A99992600012385\r", "A999926000123P"),
        ("=<D0001100", "=<D0001100"),
        (" \r\n", ""),
    ],
)
def test_what_a_scanner_adds_around_a_code_is_no_part_of_it(sent: str, code: str) -> None:
    assert read_scan(sent).code == code


@pytest.mark.parametrize(
    ("sent", "lot"),
    [
        ("]d2010123456789012817270101\x1d10AB-12\x1d21777", "AB12"),
        ("]d2010123456789012810AB-12\x1d17270101", "AB12"),
        ("01012345678901281727010110AB-12", "AB12"),
        ("]d20101234567890128", "0101234567890128"),
        ("]d201short", "01SHORT"),
    ],
)
def test_a_pack_with_a_code_of_gs1_is_found_by_its_lot(sent: str, lot: str) -> None:
    assert read_scan(sent).code == lot


@pytest.mark.parametrize(
    "sent",
    [
        "BAG-7\rBAG-8",
        "BAG-7\tBAG-7\r",
        OURS + NEXT,
        f"{OURS}\n{NEXT}\n",
        f"]d1{OURS}]d1{NEXT}",
        "=A99992600012300=A99992600012400",
    ],
)
def test_two_codes_in_one_burst_are_asked_back(sent: str) -> None:
    with pytest.raises(codes.NotACode, match="Two codes came at once"):
        read_scan(sent)


def test_flags_that_contradict_the_number_are_refused() -> None:
    with pytest.raises(codes.NotACode, match="do not agree"):
        read_scan("=A99992600012368")


def test_a_label_tells_which_copy_it_is() -> None:
    assert (read_scan(copy_code(OURS, 12)).code, read_scan(copy_code(OURS, 12)).copy) == (OURS, 12)
    # Codes of makers are printed as they are: a point and digits may be part of one.
    assert copy_code("BAG-7", 2) == "BAG7"
    assert read_scan("BAG7.2").code == "BAG7.2"


@given(st.integers(1, 999_999), st.data())
def test_every_wrong_character_and_every_swap_is_found_and_never_mended_into_another_id(
    sequence: int, data: st.DataObject
) -> None:
    code = new_code(SITE, 2026, sequence)
    place = data.draw(st.integers(0, 13))
    wrong = data.draw(st.sampled_from(codes.CHECK_ALPHABET).filter(lambda c: c != code[place]))
    misread = code[:place] + wrong + code[place + 1 :]
    told = misread_id(misread, SITE)
    assert told
    assert told.meant in ("", code)
    swapped = code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
    if place > 0 and swapped != code:
        told = misread_id(swapped, SITE)
        assert told
        assert not told.meant


@pytest.mark.parametrize("place", [7, 8, 9])
def test_o_is_taken_for_0_only_where_the_check_character_proves_it_and_that_is_said(place: int) -> None:
    code = new_code(SITE, 2026, 10)
    assert code[place] == "0"
    misread = code[:place] + "O" + code[place + 1 :]
    told = misread_id(misread, SITE)
    assert told
    assert told.meant == code
    assert shown(code) in told.sentence
    assert "the check character proves it" in told.sentence
    # With another character wrong too nothing is proved, and nothing is mended.
    twice = misread_id(misread[:12] + "7" + misread[13:], SITE)
    assert twice
    assert not twice.meant


def test_a_zero_in_a_site_part_is_proved_the_same_way() -> None:
    code = new_code("OSLO", 2026, 1)
    told = misread_id(code.replace("O", "0"), "OSLO")
    assert told
    assert told.meant == code


def test_a_missing_check_character_is_told_as_that() -> None:
    told = misread_id(OURS[:-1], SITE)
    assert told
    assert told.sentence.startswith("The check character is missing")


def test_an_id_of_another_site_and_a_wrong_check_are_named() -> None:
    other = unknown_code(ELSEWHERE, SITE)
    assert other
    assert "an id of another site: it begins with GDNXX" in other.sentence
    wrong = unknown_code(ELSEWHERE[:-1] + ("A" if ELSEWHERE[-1] != "A" else "B"), SITE)
    assert wrong
    assert wrong.sentence.startswith("The check character ")
    doubled = unknown_code("BAG7BAG7", SITE)
    assert doubled
    assert doubled.sentence == "BAG7 was read twice at once. Scan it once."


@pytest.mark.parametrize(
    "code", ["BAG7", "KRK260001", "KRKXX", "A999926000123Q", "W123426000001", ELSEWHERE, OURS]
)
def test_a_code_of_another_origin_can_be_recorded_as_it_is(code: str) -> None:
    assert misread_id(code, SITE) is None
