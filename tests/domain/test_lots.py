"""The register of lots: which lot may be used at an act, what the register does not know, and what is left of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.entries import Entry
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.lot_release import rejection_blockers, release_blockers
from labrecords.domain.registers.lots import (
    LOT_REJECTED,
    LOT_RELEASED,
    QUARANTINE,
    UNITS,
    Lot,
    LotUse,
    key_of,
    lot_findings,
    lot_stops,
    lots_at,
    reconciled,
)
from labrecords.domain.rules.findings import findings, stops_of
from tests.support.clean import clean, entry_of

RECORD = clean("harvest")
HARVEST = entry_of(RECORD, "harvest")
(USED,) = HARVEST.materials()
BEFORE = HARVEST.performed_at - timedelta(days=2)
DAY = HARVEST.performed_at.date()


def lot(**changes: Any) -> Lot:
    given: dict[str, Any] = {
        "id": "1" * 32, "delivery_id": "1" * 32, "material": USED.name, "maker": "Maker", "catalogue_number": "C-1",
        "lot": USED.lot, "expiry": USED.expiry, "quantity": Decimal(100), "unit": "mL", "place": "",
        "certificate": "", "certificate_sha256": "", "status": LOT_RELEASED, "reason": "", "person_id": "p",
        "by_name": "Vic", "signature_id": None, "registered_at": BEFORE,
    }  # fmt: skip
    given |= changes
    return Lot(**given, material_key=key_of(given["material"]), lot_key=key_of(given["lot"]))


def having(*lots: Lot) -> BatchRecord:
    return replace(RECORD, lots=lots)


def rules(*lots: Lot, entry: Entry = HARVEST) -> list[str]:
    return [stop.rule for stop in lot_stops(having(*lots), entry)]


def test_a_released_lot_in_date_stops_nothing() -> None:
    assert rules(lot()) == []
    assert lot_findings(having(lot()), HARVEST) == []


@pytest.mark.req("HCT-210", "GMP-184")
@pytest.mark.parametrize(
    ("status", "words"), [(QUARANTINE, "is in quarantine."), (LOT_REJECTED, "was rejected (It leaks).")]
)
def test_a_lot_that_is_not_released_stops_the_act(status: str, words: str) -> None:
    (stop,) = stops_of(having(lot(status=status, reason="It leaks")), HARVEST)
    assert (stop.rule, stop.sentence) == ("lot", f"Lot {USED.lot} of {USED.name} {words}")
    assert stop.way_out


def test_the_lot_is_found_however_its_number_is_written() -> None:
    assert USED.lot == "AC-778"
    for written in ("AC-778", "ac 778", "AC778"):
        assert rules(lot(lot=written, status=QUARANTINE)) == ["lot"]
    assert rules(lot(lot="AC-779", status=QUARANTINE)) == []


def test_a_lot_is_judged_as_it_was_registered_at_the_act() -> None:
    later = HARVEST.performed_at + timedelta(hours=1)
    quarantined = lot(status=QUARANTINE)
    assert rules(quarantined, lot(id="2" * 32, registered_at=later)) == ["lot"]
    assert rules(lot(), lot(id="2" * 32, status=LOT_REJECTED, registered_at=later)) == []


def test_of_two_deliveries_one_that_is_released_is_enough() -> None:
    other = lot(
        id="2" * 32, delivery_id="2" * 32, status=QUARANTINE, registered_at=BEFORE + timedelta(hours=1)
    )
    assert rules(lot(), other) == []
    assert rules(lot(status=LOT_REJECTED), other) == ["lot"]


def test_of_two_materials_with_one_number_the_one_by_the_name_counts() -> None:
    needle = lot(id="2" * 32, delivery_id="2" * 32, material="needle", status=LOT_REJECTED)
    assert rules(lot(), needle) == []
    assert rules(needle) == ["lot"]


@pytest.mark.parametrize(("days", "found"), [(-1, ["expired lot"]), (0, []), (1, [])])
def test_a_lot_that_has_expired_by_the_register_stops_the_act(days: int, found: list[str]) -> None:
    assert rules(lot(expiry=DAY + timedelta(days=days))) == found
    assert rules(lot(expiry=None)) == []


def test_an_expiry_that_the_entry_states_too_is_not_said_twice() -> None:
    past = DAY - timedelta(days=3)
    entry = replace(HARVEST, anticoagulant_expiry=past)  # type: ignore[call-arg]
    assert [stop.rule for stop in stops_of(having(lot(expiry=past)), entry)] == ["expired lot"]


def test_a_lot_that_the_register_does_not_know_is_looked_at_where_it_knows_the_material() -> None:
    another = lot(lot="AC-1", status=LOT_REJECTED)
    (found,) = lot_findings(having(another), HARVEST)
    assert found.rule == "lot not registered"
    assert f"lot {USED.lot} of {USED.name} is not in the register of lots" in found.sentence
    assert lot_findings(having(lot(lot="AC-1", material="needle")), HARVEST) == []
    assert lot_findings(having(), HARVEST) == []


def test_a_register_that_was_begun_after_the_act_says_nothing_about_it() -> None:
    assert (
        lot_findings(
            having(lot(lot="AC-1", registered_at=HARVEST.performed_at + timedelta(hours=1))), HARVEST
        )
        == []
    )


def test_a_lot_that_was_registered_after_its_use_is_said_to_be() -> None:
    later = lot(id="2" * 32, delivery_id="2" * 32, registered_at=HARVEST.performed_at + timedelta(hours=1))
    (found,) = lot_findings(having(lot(lot="AC-1"), later), HARVEST)
    assert "was registered only after the act" in found.sentence


def test_an_expiry_that_differs_from_the_register_is_looked_at() -> None:
    assert USED.expiry is not None
    record = having(lot(expiry=USED.expiry + timedelta(days=31)))
    (found,) = lot_findings(record, HARVEST)
    assert found.rule == "lot differs"
    assert found in findings(record)


def test_lots_at_an_act_are_those_of_its_minute() -> None:
    (found,) = lots_at(
        having(lot(registered_at=HARVEST.performed_at.replace(second=59))), USED, HARVEST.performed_at
    )
    assert found.lot == USED.lot


@pytest.mark.req("GMP-184")
def test_a_lot_in_millilitres_is_reconciled_with_the_volumes_used() -> None:
    uses = [LotUse(Decimal("5.5"), 1), LotUse(Decimal("4.5"), 1)]
    found = reconciled(Decimal(100), "mL", uses)
    assert (found.used, found.left, found.acts) == (Decimal("10.0"), Decimal("90.0"), 2)
    assert reconciled(Decimal(1), "L", uses).left == Decimal("0.99")


def test_packs_are_counted_by_their_uses() -> None:
    assert reconciled(Decimal(10), "pieces", [LotUse(None, 2), LotUse(Decimal(4), 1)]).left == 7


def test_what_is_not_stated_is_not_taken_for_nothing() -> None:
    assert reconciled(Decimal(100), "mL", [LotUse(None, 1), LotUse(Decimal(5), 1)]).left is None
    assert reconciled(Decimal(100), "mg", [LotUse(Decimal(5), 1)]).left is None
    assert reconciled(Decimal(100), "mL", []).left == 100


@given(st.lists(st.decimals(0, 1000, places=2)), st.sampled_from(UNITS))
def test_received_is_what_was_used_and_what_is_left(volumes: list[Decimal], unit: str) -> None:
    found = reconciled(Decimal(500), unit, [LotUse(volume, 1) for volume in volumes])
    assert found.used is None or found.left == Decimal(500) - found.used


@pytest.mark.req("GMP-101d")
def test_who_received_or_changed_a_delivery_cannot_release_it() -> None:
    received, changed = lot(status=QUARANTINE, person_id="tess"), lot(status=QUARANTINE, person_id="vic")
    for person in ("tess", "vic"):
        (blocker,) = release_blockers((received, changed), {person}, DAY)
        assert blocker.rule == "same person"
    assert release_blockers((received, changed), {"quentin"}, DAY) == ()
    assert release_blockers((received, changed), {"quentin", "other account of tess", "tess"}, DAY)


def test_only_what_is_in_quarantine_and_in_date_is_released() -> None:
    assert [item.rule for item in release_blockers((lot(),), {"quentin"}, DAY)] == ["lot"]
    old = lot(status=QUARANTINE, expiry=date(2026, 1, 1))
    assert [item.rule for item in release_blockers((old,), {"quentin"}, DAY)] == ["expired lot"]


def test_a_delivery_is_rejected_once_also_after_its_release() -> None:
    assert rejection_blockers((lot(),)) == ()
    assert [item.rule for item in rejection_blockers((lot(), lot(status=LOT_REJECTED)))] == ["lot"]
