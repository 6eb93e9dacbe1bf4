"""Numbers, durations and digests as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labrecords.domain.values import typography


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("0", "0"),
        ("999", "999"),
        ("2740", "2\u00a0740"),
        ("-2740.50", "−2\u00a0740.50"),
        ("1234567.1234567", "1\u00a0234\u00a0567.1234567"),
        ("0012", "0012"),
        ("1.20 × 10⁸", "1.20 × 10⁸"),
        ("F-2207", "F-2207"),
        ("", ""),
    ],
)
def test_thousands_stand_apart_and_decimals_do_not(plain: str, shown: str) -> None:
    assert typography.grouped(plain) == shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("2740 rpm is above 2500 rpm.", "2\u00a0740 rpm is above 2\u00a0500 rpm."),
        ("(797.4123 before rounding)", "(797.4123 before rounding)"),
        ("expired on 2026-10-31 at 14:3000", "expired on 2026-10-31 at 14:3000"),
        ("The seal is 41880, and was 41881 before.", "The seal is 41880, and was 41881 before."),
        ("P 7777 was given", "P 7777 was given"),
        (
            "2100000 /mL is outside 20000000 to 40000000 /mL",
            "2\u00a0100\u00a0000 /mL is outside 20\u00a0000\u00a0000 to 40\u00a0000\u00a0000 /mL",
        ),
        ("1500.5 × g", "1\u00a0500.5 × g"),
        ("rotor R-2740 and BM-26-0117", "rotor R-2740 and BM-26-0117"),
    ],
)
def test_only_free_standing_numbers_of_a_sentence_are_grouped(sentence: str, shown: str) -> None:
    assert typography.grouped_within(sentence) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(0), "0\u00a0s"),
        (timedelta(seconds=59, microseconds=999_999), "59\u00a0s"),
        (timedelta(minutes=59, seconds=59), "59\u00a0min"),
        (timedelta(hours=1), "1\u00a0h\u00a000"),
        (timedelta(hours=47, minutes=59), "47\u00a0h\u00a059"),
        (timedelta(hours=76), "3\u00a0d\u00a04\u00a0h"),
        (timedelta(minutes=-12), "−12\u00a0min"),
    ],
)
def test_a_duration_is_cut_to_whole_minutes(span: timedelta, shown: str) -> None:
    assert typography.duration(span) == shown


def test_a_number_never_leaves_its_unit() -> None:
    assert typography.with_unit("797", "× g") == "797\u00a0×\u00a0g"
    assert typography.with_unit("12", "") == "12"


def test_a_digest_is_read_in_groups_of_four() -> None:
    assert typography.digest_groups("c41d90be77a20e5c0d9f") == "c41d 90be 77a2 0e5c"
    assert typography.digest_groups("c41d90be77", 0) == "c41d 90be 77"


@pytest.mark.parametrize(
    ("title", "within"),
    [
        ("Volume drawn", "volume drawn"),
        ("Gram stain by QA", "gram stain by QA"),
        ("CFU-F colonies", "CFU-F colonies"),
        ("SHA-256 of the file", "SHA-256 of the file"),
        ("A sample", "a sample"),
        ("Łódź centrifuge", "łódź centrifuge"),
        ("pH", "pH"),
        ("mL/min", "mL/min"),
        ("", ""),
    ],
)
def test_a_title_within_a_sentence_keeps_its_abbreviations(title: str, within: str) -> None:
    assert typography.mid_sentence(title) == within


def test_sentences_in_one_line_keep_the_last_full_stop() -> None:
    assert typography.one_after_another(["Step 8: open.", "Step 9: open."]) == "Step 8: open; Step 9: open."
    assert typography.one_after_another([]) == ""
