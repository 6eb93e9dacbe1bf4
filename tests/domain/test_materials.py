"""The materials that acts name, and the rule that their lots were in date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from labrecords.domain.entries import Entry
from labrecords.domain.facts import facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.registers.materials import Material, expired_lots
from labrecords.domain.rules.findings import stops_of
from tests.support.clean import altered, clean, entry_of

RECORD = clean("resuspension")


def used(key: str, **changes: object) -> tuple[Material, ...]:
    return replace(entry_of(RECORD, key), **changes).materials()  # type: ignore[arg-type]


def test_the_harvest_uses_its_anticoagulant_and_the_filling_its_diluent() -> None:
    (acd,) = used(
        "harvest", anticoagulant="ACD-A", anticoagulant_lot="L1", anticoagulant_expiry=date(2027, 1, 31)
    )
    assert (acd.name, acd.lot, acd.expiry) == ("ACD-A", "L1", date(2027, 1, 31))
    (saline,) = used("resuspension", diluent="saline", diluent_lot="S-9", diluent_volume_ml=Decimal("2.0"))
    assert saline == Material("saline", "S-9", None, Decimal("2.0"))


@pytest.mark.parametrize(("key", "fact"), [("harvest", "anticoagulant"), ("resuspension", "diluent")])
def test_none_is_no_material(key: str, fact: str) -> None:
    assert used(key, **{fact: "none"}) == ()


def test_a_step_without_materials_uses_none() -> None:
    assert entry_of(RECORD, "spin_1").materials() == ()


@pytest.mark.req("GMP-80")
def test_a_lot_may_be_used_on_the_day_it_expires_on_the_clocks_of_the_laboratory() -> None:
    # In Warsaw it is half past one on 30 June.
    at = datetime(2026, 6, 29, 23, 30, tzinfo=UTC)

    def harvest(expiry: date | None) -> Entry:
        return replace(entry_of(RECORD, "harvest"), performed_at=at, anticoagulant_expiry=expiry)  # type: ignore[call-arg]

    assert expired_lots(RECORD, harvest(date(2026, 6, 30))) == expired_lots(RECORD, harvest(None)) == ()
    (stop,) = expired_lots(RECORD, harvest(date(2026, 6, 29)))
    assert (stop.rule, stop.critical) == ("expired lot", False)
    assert "expired on 2026-06-29" in stop.sentence


def test_an_expired_lot_stops_the_act_whatever_its_kind() -> None:
    record = altered(RECORD, "harvest", anticoagulant_expiry=date(2020, 1, 1))
    assert "expired lot" in {stop.rule for stop in stops_of(record, entry_of(record, "harvest"))}


WITH_LOT = [
    kind for kind in KINDS.values() if any(fact.name.rpartition("_")[2] == "lot" for fact in facts_of(kind))
]


@pytest.mark.parametrize("kind", WITH_LOT, ids=lambda kind: str(kind.kind))
def test_a_kind_that_states_a_lot_names_its_material(kind: type[Entry]) -> None:
    assert kind.materials is not Entry.materials
