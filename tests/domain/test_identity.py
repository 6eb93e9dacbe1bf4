"""The identity check: the system compares, nobody ticks a box."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labrecords.domain.steps.identity import mismatch
from tests.support.clean import clean, entry_of

RECORD = clean("identity_harvest")
CHECK = entry_of(RECORD, "identity_harvest")


def test_codes_that_agree_stop_nothing() -> None:
    assert CHECK.stops(RECORD) == ()
    assert CHECK.summary(RECORD) == "codes match, identity not compared, wristband scanned"


@pytest.mark.parametrize("typed", ["P-2048", "p-2048", "P 2048", "p2048"])
def test_spaces_hyphens_and_case_make_no_other_code(typed: str) -> None:
    assert mismatch("patient", "P-2048", typed) is None


@pytest.mark.parametrize("typed", ["P-2049", "P-20480", "", "P-2O48"])
def test_another_code_is_a_critical_stop_with_both_codes(typed: str) -> None:
    stop = mismatch("patient", "P-2048", typed)
    assert stop is not None
    assert (stop.rule, stop.critical, stop.expected, stop.found) == ("identity", True, "P-2048", typed)
    assert stop.sentence == f"Wrong patient: this batch belongs to P-2048, and {typed} was given."
    assert stop.way_out.startswith("Stop.")


@pytest.mark.req("HCT-290")
@pytest.mark.parametrize(
    ("fact", "what"), [("patient_code", "Wrong patient"), ("identity_code", "Wrong chain of identity")]
)
def test_a_wrong_patient_or_chain_of_identity_stops_the_therapy(fact: str, what: str) -> None:
    wrong = replace(CHECK, **{fact: "X-1"})  # type: ignore[arg-type]
    (stop,) = wrong.stops(RECORD)
    assert stop.sentence.startswith(what)
    assert stop.critical
    assert wrong.summary(RECORD) == "identifiers do not match, wristband scanned"


def test_two_wrong_codes_are_two_stops() -> None:
    wrong = replace(CHECK, patient_code="X-1", identity_code="X-2")  # type: ignore[call-arg]
    assert len(wrong.stops(RECORD)) == 2
