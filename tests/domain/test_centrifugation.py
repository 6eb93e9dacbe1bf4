"""A spin: speed and force follow from each other by the rotor in the register (domain 3.1), and what stops it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.record import BatchRecord
from labrecords.domain.steps.centrifugation import CentrifugationRun
from labrecords.domain.values.limits import round_half_up
from tests.support.clean import clean, entry_of

RECORD = clean("spin_1")
ROTOR = "rotor"


def spin(**changes: Any) -> CentrifugationRun:
    entry = entry_of(RECORD, "spin_1")
    assert isinstance(entry, CentrifugationRun)
    return replace(entry, **changes)


def register(category: str, **changes: Any) -> BatchRecord:
    items = (replace(item, **changes) if item.category == category else item for item in RECORD.equipment)
    return replace(RECORD, equipment=tuple(items))


@pytest.mark.parametrize(
    ("radius", "speed", "force"),
    [("5", 10000, "5590.0"), ("16.1", 3200, "1843.2"), ("17.5", 1500, "440.2"), ("9.5", 2400, "611.8")],
)
def test_the_force_follows_from_the_speed_by_the_rotor_of_the_register(
    radius: str, speed: int, force: str
) -> None:
    record = register(ROTOR, r_max_cm=radius)
    (derived,) = spin(speed_rpm=Decimal(speed)).derived(record)
    assert (derived.key, derived.formula_id, derived.unit) == ("rcf_g", "rcf/1", "× g")
    assert str(round_half_up(derived.value, 1)) == force
    assert derived.reported == str(round_half_up(Decimal(derived.value), 0))
    assert [(part.symbol, part.value, part.unit) for part in derived.inputs] == [
        ("r", radius, "cm"),
        ("n", str(speed), "rpm"),
    ]


@pytest.mark.parametrize(
    ("radius", "force", "speed"),
    [("17.5", 400, "1429.8"), ("16.1", 1000, "2357.0"), ("8.4", 300, "1787.3"), ("9.5", 800, "2744.5")],
)
def test_the_speed_follows_from_the_force_by_the_rotor_of_the_register(
    radius: str, force: int, speed: str
) -> None:
    record = register(ROTOR, r_max_cm=radius)
    (derived,) = spin(speed_rpm=None, rcf_g=Decimal(force)).derived(record)
    assert (derived.key, derived.formula_id, derived.unit) == ("speed_rpm", "rpm/1", "rpm")
    assert str(round_half_up(derived.value, 1)) == speed


def test_the_radius_is_the_greatest_one_and_names_its_rotor() -> None:
    (derived,) = spin().derived(RECORD)
    assert derived.inputs[0].label == "greatest radius of the rotor, r max"
    assert (derived.inputs[0].value, derived.inputs[0].source) == ("17.2", "register, RT-01")


def test_a_good_spin_stops_nothing() -> None:
    assert spin().stops(RECORD) == ()


def test_a_rotor_does_not_turn_faster_than_it_may() -> None:
    (stop,) = spin(speed_rpm=Decimal(4501)).stops(RECORD)
    assert stop.rule == "rotor speed"
    assert stop.sentence == "4501 rpm is above the 4500 rpm that rotor RT-01 may turn."
    assert spin(speed_rpm=Decimal(4500)).stops(RECORD) == ()


def test_a_rotor_does_not_turn_faster_than_it_may_when_the_force_was_entered() -> None:
    (stop,) = spin(speed_rpm=None, rcf_g=Decimal(9000)).stops(RECORD)
    assert stop.rule == "rotor speed"


def test_a_centrifuge_does_not_turn_faster_than_it_may() -> None:
    record = register("centrifuge", max_speed_rpm="2000")
    (stop,) = spin(speed_rpm=Decimal(2001)).stops(record)
    assert stop.rule == "centrifuge speed"
    assert "2001 rpm is above the 2000 rpm that centrifuge CF-01 may turn." in stop.sentence
    assert spin(speed_rpm=Decimal(2000)).stops(record) == ()


def test_a_run_longer_than_a_week_is_no_fact() -> None:
    assert "duration_min" in CentrifugationRun.contradictions({"duration_min": Decimal("99999999999999")})
    assert CentrifugationRun.contradictions({"duration_min": Decimal(10_080)}) == {}


def test_a_rotor_without_a_greatest_speed_is_not_stopped() -> None:
    assert spin(speed_rpm=Decimal(20000)).stops(register(ROTOR, max_speed_rpm=None)) == ()


def test_the_summary_says_both_force_and_speed() -> None:
    assert spin().summary(RECORD) == "1108 × g (2400 rpm), 4.0 min, 21.5 °C, brake soft"
    by_force = spin(speed_rpm=None, rcf_g=Decimal(800))
    assert by_force.summary(RECORD).startswith("800 × g (2040 rpm)")


def test_of_a_speed_that_was_not_entered_no_force_is_computed() -> None:
    assert spin(speed_rpm=None, rcf_g=None).derived(RECORD) == ()
