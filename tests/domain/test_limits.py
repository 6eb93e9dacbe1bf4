"""Limits: rounded once by the printed rule, compared with ends included, every outcome in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.values.limits import Limit, Outcome, impossible, judge, round_half_up, unusual

VIABILITY = Limit(
    unit="%", decimals=0, hard=(Decimal(0), Decimal(100)), acceptance=(Decimal(70), Decimal(100))
)
HOLD_MIN = Limit(unit="min", decimals=1, acceptance=(None, Decimal(60)))


@pytest.mark.parametrize(
    ("value", "outcome", "rounded"),
    [
        ("69.5", Outcome.PASS, "70"),
        ("69.49999", Outcome.FAIL, "69"),
        ("69", Outcome.FAIL, "69"),
        ("70", Outcome.PASS, "70"),
        ("100", Outcome.PASS, "100"),
    ],
)
def test_viability_is_rounded_half_up_before_it_is_compared(
    value: str, outcome: Outcome, rounded: str
) -> None:
    judgement = judge(Decimal(value), VIABILITY)
    assert judgement.outcome is outcome
    assert str(judgement.rounded) == rounded
    assert judgement.value == Decimal(value)
    assert judgement.rule == "rounded half-up to 0 decimals, then compared with 70 to 100 %"


def test_69_5_fails_when_compared_unrounded() -> None:
    judgement = judge(Decimal("69.5"), Limit(unit="%", acceptance=(Decimal(70), None)))
    assert judgement.outcome is Outcome.FAIL
    assert judgement.rule == "not rounded, compared with at least 70 %"


def test_half_even_is_a_property_of_the_limit() -> None:
    limit = Limit(unit="%", decimals=0, acceptance=(Decimal(65), None), rounding="half-even")
    assert judge(Decimal("64.5"), limit).outcome is Outcome.FAIL
    assert judge(Decimal("65.5"), limit).rounded == 66
    assert judge(Decimal("64.5"), limit).rule.startswith("rounded half-even to 0 decimals")


@pytest.mark.parametrize(
    ("minutes", "outcome"), [("60.0", Outcome.PASS), ("60.1", Outcome.FAIL), ("57", Outcome.PASS)]
)
def test_the_end_of_a_range_belongs_to_it(minutes: str, outcome: Outcome) -> None:
    assert judge(Decimal(minutes), HOLD_MIN).outcome is outcome


@pytest.mark.parametrize(
    ("value", "limit", "sentence"),
    [
        ("69.4", VIABILITY, "69 % (69.4 before rounding) is below 70 %, the lowest value."),
        ("66.666666666", VIABILITY, "67 % (66.66… before rounding) is below 70 %, the lowest value."),
        ("80", VIABILITY, "80 % is within the limit: 70 to 100 %."),
        ("60.1", HOLD_MIN, "60.1 min is above 60 min, the highest value."),
        (
            "-0.04",
            Limit(decimals=1, acceptance=(Decimal(0), None)),
            "0.0 (-0.04 before rounding) is within the limit: at least 0.",
        ),
        ("5", Limit(unit="mL"), "5 mL; no limit is set."),
    ],
)
def test_sentences(value: str, limit: Limit, sentence: str) -> None:
    assert judge(Decimal(value), limit).sentence == sentence


def test_alert_comes_after_acceptance() -> None:
    limit = Limit(unit="%", decimals=0, alert=(Decimal(80), None), acceptance=(Decimal(70), None))
    assert judge(Decimal(69), limit).outcome is Outcome.FAIL
    assert judge(Decimal(80), limit).outcome is Outcome.PASS
    judgement = judge(Decimal(75), limit)
    assert judgement.outcome is Outcome.ALERT
    assert judgement.sentence == "75 % is accepted, but below 80 %, the lowest value for an alert."
    assert judgement.rule == (
        "rounded half-up to 0 decimals, then compared with at least 70 % and alert limit at least 80 %"
    )


def test_an_alert_limit_alone_never_fails() -> None:
    limit = Limit(unit="%", decimals=0, alert=(Decimal(80), None))
    assert judge(Decimal(5), limit).outcome is Outcome.ALERT
    assert judge(Decimal(80), limit).outcome is Outcome.PASS


def test_no_value_and_no_limit_are_outcomes_of_their_own() -> None:
    assert judge(None, VIABILITY).outcome is Outcome.NOT_DONE
    assert judge(None, None).outcome is Outcome.NOT_DONE
    assert judge(Decimal(5), None).outcome is Outcome.NO_LIMIT
    assert judge(Decimal(5), None).rule == "not compared with a limit"


def test_impossible_values_are_compared_unrounded() -> None:
    assert impossible(Decimal("100.4"), VIABILITY) == (
        "100.4 % cannot be right: possible is 0 to 100 %. Check the number and the unit."
    )
    assert impossible(Decimal(-1), Limit(unit="mL", hard=(Decimal(0), None))) == (
        "-1 mL cannot be right: possible is at least 0 mL. Check the number and the unit."
    )
    assert impossible(Decimal(100), VIABILITY) is None
    assert impossible(Decimal(-5), Limit()) is None


def test_unusual_values_ask_for_a_reason() -> None:
    limit = Limit(unit="mL", soft=(Decimal(30), Decimal(240)))
    assert unusual(Decimal(300), limit) == (
        "300 mL is unusual: usual is 30 to 240 mL. If it is right, confirm it and give the reason."
    )
    assert unusual(Decimal(30), limit) is None


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("64.5", 0, "65"),
        ("2.675", 2, "2.68"),
        ("-0.5", 0, "-1"),
        ("1234", -2, "1.2E+3"),
        ("1", 3, "1.000"),
        ("123456789012345678901234567890.5", 0, "123456789012345678901234567891"),
        ("999999999999999999999999999999.95", 1, "1000000000000000000000000000000.0"),
    ],
)
def test_round_half_up_is_not_the_round_of_python(value: str, decimals: int, expected: str) -> None:
    assert str(round_half_up(Decimal(value), decimals)) == expected


finite = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)


@given(finite, st.integers(0, 6))
def test_rounding_moves_a_value_by_at_most_half_a_place(value: Decimal, decimals: int) -> None:
    assert abs(round_half_up(value, decimals) - value) <= Decimal(1).scaleb(-decimals) / 2


@given(finite, finite, finite, st.integers(0, 3))
def test_a_judgement_follows_the_rounded_value(a: Decimal, b: Decimal, value: Decimal, decimals: int) -> None:
    low, high = sorted((a, b))
    judgement = judge(value, Limit(decimals=decimals, acceptance=(low, high)))
    passed = low <= round_half_up(value, decimals) <= high
    assert judgement.outcome is (Outcome.PASS if passed else Outcome.FAIL)


def test_values_that_are_no_numbers_are_not_rounded() -> None:
    with pytest.raises(ValueError, match="finite"):
        round_half_up(Decimal("NaN"), 1)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"hard": (Decimal(2), Decimal(1))}, "wrong order"),
        ({"decimals": -1}, "0 or more"),
        ({"rounding": "up"}, "half-up, half-even"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(spec: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Limit(**spec)  # type: ignore[arg-type]
