"""The harvest: what cannot be true together, the lot in date, and the volumes that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.facts import facts_of
from labrecords.domain.registers.materials import Material
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.harvest import Draw, Harvest
from tests.support.clean import altered, clean, entry_of

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


@pytest.mark.req("HCT-290")
def test_no_harvest_begins_after_an_identity_check_that_found_somebody_else() -> None:
    """It was recorded as having happened, and confirmed."""
    record = altered(
        RECORD, "identity_harvest", second_identifier="date of birth differs", happened_reason="Seen later."
    )
    (stop,) = harvest().stops(record)
    assert (stop.rule, stop.critical) == ("identity check", True)
    assert "the date of birth that was stated is not that of" in stop.sentence


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


# ---- what else is recorded ----------------------------------------------------------------------------------------


def test_draws_that_add_up_to_what_is_in_the_container_are_no_question() -> None:
    assert harvest().doubts(RECORD) == {}
    assert harvest(draws=(Draw(volume_ml=Decimal("50.0")),)).doubts(RECORD) == {}


def test_draws_that_do_not_are_asked_back() -> None:
    doubts = harvest(draws=(Draw(volume_ml=Decimal("40.0")),)).doubts(RECORD)
    assert list(doubts) == ["draws"]
    assert "add up to 40.0 mL, and the container holds 52.0 mL of marrow" in doubts["draws"]


def test_clots_at_the_harvest_are_shown() -> None:
    (finding,) = findings(altered(RECORD, "harvest", clots=True))
    assert (finding.rule, finding.severity) == ("clots", Severity.EXCEPTION)


def test_needle_and_local_anaesthetic_are_materials_with_their_lots() -> None:
    used = harvest(
        needle="Jamshidi", needle_lot="N-1", local_anaesthetic="lidocaine 1 %", local_anaesthetic_lot="L-1",
        local_anaesthetic_ml=Decimal(10),
    ).materials()  # fmt: skip
    assert used[1:] == (
        Material("Jamshidi", "N-1"),
        Material("lidocaine 1 %", "L-1", None, Decimal(10)),
    )
    assert len(harvest(anticoagulant="none").materials()) == 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"punctures": 0}, "punctures"), ({"local_anaesthetic_ml": Decimal(10)}, "local_anaesthetic")],
)
def test_what_cannot_be_at_a_harvest_is_refused(changes: dict[str, Any], name: str) -> None:
    stated = {fact.name: getattr(harvest(), fact.name) for fact in facts_of(Harvest)}
    assert list(Harvest.contradictions(stated | changes)) == [name]
