"""The harvest: what cannot be true together, the lot in date, and the volumes that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.steps.harvest import Draw, Harvest
from tests.support.clean import clean, entry_of

RECORD = clean("harvest")


def harvest(**changes: Any) -> Harvest:
    entry = entry_of(RECORD, "harvest")
    assert isinstance(entry, Harvest)
    return replace(entry, **changes)


def contradictions(anticoagulant: str, volume: str, total: str = "60") -> dict[str, str]:
    return Harvest.contradictions(
        {
            "anticoagulant": anticoagulant,
            "anticoagulant_volume_ml": Decimal(volume),
            "total_volume_ml": Decimal(total),
        }
    )


def test_there_is_not_more_anticoagulant_than_there_is_in_the_container() -> None:
    sentence = "There cannot be more anticoagulant than there is in the container."
    assert contradictions("heparin", "60.1") == {"anticoagulant_volume_ml": sentence}
    assert contradictions("heparin", "60") == {}


def test_without_anticoagulant_its_volume_is_zero() -> None:
    assert contradictions("none", "1") == {
        "anticoagulant_volume_ml": "Without anticoagulant its volume is 0."
    }
    assert contradictions("none", "0") == {}


def test_marrow_is_what_is_in_the_container_without_the_anticoagulant() -> None:
    net, _ = harvest().derived(RECORD)
    assert (net.key, net.value, net.reported, net.unit) == ("net_volume_ml", Decimal("52.0"), "52.0", "mL")
    assert [(part.symbol, part.value) for part in net.inputs] == [("V", "60.0"), ("Va", "8.0")]


def test_the_draws_are_added_up_with_each_of_them_shown() -> None:
    draws = tuple(Draw(volume_ml=Decimal(volume)) for volume in ("10.5", "9.25"))
    _, drawn = harvest(draws=draws).derived(RECORD)
    assert (drawn.value, drawn.formula) == (Decimal("19.75"), "drawn = Σd")
    assert [part.value for part in drawn.inputs] == ["10.5 + 9.25"]


@pytest.mark.req("HCT-290")
def test_without_a_second_person_at_the_identity_check_no_harvest_begins() -> None:
    assert harvest().stops(RECORD) == ()
    kept = tuple(item for item in RECORD.confirmations if item.step_key != "identity_harvest")
    (stop,) = harvest().stops(replace(RECORD, confirmations=kept))
    assert (stop.rule, stop.critical) == ("identity check", False)
    assert stop.sentence == "The identity check is not confirmed by a second person."


def test_an_identity_check_that_was_confirmed_after_the_harvest_came_too_late() -> None:
    late = harvest().recorded_at + timedelta(seconds=1)
    confirmed = tuple(
        replace(item, recorded_at=late) if item.step_key == "identity_harvest" else item
        for item in RECORD.confirmations
    )
    (stop,) = harvest().stops(replace(RECORD, confirmations=confirmed))
    assert stop.rule == "identity check"


def test_without_an_expiry_date_no_lot_is_stopped() -> None:
    assert harvest(anticoagulant_expiry=None).stops(RECORD) == ()


def test_the_summary_says_site_side_volumes_and_container() -> None:
    assert harvest().summary(RECORD) == "posterior iliac crest, left; 60.0 mL in BAG-7, 8.0 mL ACD-A"
