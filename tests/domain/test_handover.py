"""The hand-over: two people, two instants, one container."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from labrecords.domain.entries import GIVEN, RECEIVED, VERIFIED, Wanted
from labrecords.domain.steps.handover import Handover
from tests.support.clean import clean, entry_of, person_id

RECORD = clean("handover_laboratory")
TESS, PAULA, VIC = (person_id(RECORD, name) for name in ("tess", "paula", "vic"))


def handover(**changes: Any) -> Handover:
    entry = entry_of(RECORD, "handover_laboratory")
    assert isinstance(entry, Handover)
    return replace(entry, **changes)


def test_the_receiver_who_recorded_it_has_confirmed_by_that_and_the_giver_confirms() -> None:
    assert handover().wanted(RECORD) == (Wanted(GIVEN, PAULA),)


def test_the_giver_who_recorded_it_has_confirmed_by_that_and_the_receiver_confirms() -> None:
    assert handover(recorded_by=PAULA).wanted(RECORD) == (Wanted(RECEIVED, TESS),)


@pytest.mark.req("DI-ATT")
def test_when_a_third_person_recorded_it_both_confirm() -> None:
    assert handover(recorded_by=VIC).wanted(RECORD) == (Wanted(GIVEN, PAULA), Wanted(RECEIVED, TESS))


def test_a_second_person_verifies_where_the_process_wants_that() -> None:
    steps = tuple(replace(step, second_person=True) for step in RECORD.process.steps)
    seen = replace(RECORD, process=replace(RECORD.process, steps=steps))
    assert handover().wanted(seen) == (Wanted(GIVEN, PAULA), Wanted(VERIFIED, None))


def test_a_good_handover_stops_nothing() -> None:
    assert handover().stops(RECORD) == ()


def test_the_wrong_container_is_a_critical_stop() -> None:
    (stop,) = handover(container_code="BAG-8").stops(RECORD)
    assert (stop.rule, stop.critical, stop.expected, stop.found) == ("identity", True, "BAG-7", "BAG-8")


def test_nobody_gives_to_themselves() -> None:
    (stop,) = handover(giver=TESS).stops(RECORD)
    assert (stop.rule, stop.sentence) == ("same person", "Giver and receiver are the same person.")


@pytest.mark.req("HCT-265")
def test_a_product_that_is_not_released_does_not_leave_the_laboratory() -> None:
    record = clean("handover_theatre")
    leaving = entry_of(record, "handover_theatre")
    assert leaving.stops(record) == ()
    (stop,) = leaving.stops(replace(record, decisions=()))
    assert (stop.rule, stop.critical, stop.sentence) == ("release", True, "This product is not released.")


@pytest.mark.req("GMP-137")
def test_an_expired_product_does_not_leave_the_laboratory() -> None:
    record = clean("handover_theatre")
    leaving = entry_of(record, "handover_theatre")
    (stop,) = replace(leaving, performed_at=leaving.performed_at + timedelta(hours=5)).stops(record)
    assert (stop.rule, stop.critical) == ("expired", True)


def test_the_harvest_comes_to_the_laboratory_without_a_release() -> None:
    assert RECORD.decisions == ()
    assert handover().stops(RECORD) == ()


def test_the_summary_says_who_gave_what_to_whom_and_that_a_seal_was_broken() -> None:
    whole = "BAG-7: Paula Pereira to Tess Tamm, Theatre 2 to Laboratory, 21.0 °C"
    assert handover().summary(RECORD) == whole
    assert handover(seal_whole=False, temperature_c=None).summary(RECORD) == (
        "BAG-7: Paula Pereira to Tess Tamm, Theatre 2 to Laboratory, seal or container broken"
    )
