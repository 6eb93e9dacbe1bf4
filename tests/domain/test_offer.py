"""Custody that is offered: the giver holds it until it is taken, and the receiver alone takes or refuses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from labrecords.domain.custody.acts import receiving_step
from labrecords.domain.custody.batch_chain import breaks, offers, segments
from labrecords.domain.entries import GIVEN, Wanted
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.investigation import may_be_investigated
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.handover import Handover
from labrecords.domain.steps.offer import Offer
from tests.support.clean import acted, altered, clean, entry_of, person_id, played

OFFER, REFUSAL = "offer-5", "refusal-6"


def taken(receiver: str = "tess") -> BatchRecord:
    """The bag offered by Paula before the hand-over to the laboratory, which Tess then records."""
    example = played("harvest")
    example.wait(2)
    paula = person_id(example.record, "paula")
    receives = person_id(example.record, receiver)
    example.step("offer-1", container_code="BAG-7", receiver=receives, place="Theatre 2")
    example.wait(3)
    example.step("handover_laboratory")
    return altered(example.record, "offer-1", performed_by=paula, recorded_by=paula)


def test_the_giver_holds_it_and_the_offer_stands_until_it_is_answered() -> None:
    record = acted(OFFER)
    (offer,) = offers(record)
    names = [record.name(person) for person in (offer.person, offer.receiver)]
    assert (offer.container, names, offer.place) == (
        "SYR-7A",
        ["Vic Vermeer", "Paula Pereira"],
        "Hatch to theatre",
    )
    holder = [part.holder for part in segments(record) if part.container == "SYR-7A" and part.end is None]
    assert holder == ["Vic Vermeer"]
    assert breaks(record) == ()


def test_who_took_the_offer_needs_no_word_of_the_giver_any_more() -> None:
    record = taken()
    handover = entry_of(record, "handover_laboratory")
    assert handover.wanted(record) == ()
    assert (offers(record), breaks(record)) == ((), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"recorded_by": "vic"},
        {"container_code": "BAG-8"},
        {"performed_at": timedelta(hours=1)},
    ],
)
def test_an_offer_that_the_giver_did_not_make_of_this_container_confirms_nothing(
    changes: dict[str, object],
) -> None:
    record = taken()
    offer = entry_of(record, "offer-1")
    if "recorded_by" in changes:
        changes = {"recorded_by": person_id(record, "vic")}
    if "performed_at" in changes:
        changes = {"performed_at": offer.performed_at + timedelta(hours=1)}
    record = altered(record, "offer-1", **changes)
    handover = entry_of(record, "handover_laboratory")
    assert handover.wanted(record) == (Wanted(GIVEN, person_id(record, "paula")),)


@pytest.mark.parametrize("changes", [{"place_from": "Street"}, {"given_at": timedelta(minutes=-30)}])
def test_what_is_stated_in_the_givers_name_agrees_with_the_offer(changes: dict[str, object]) -> None:
    record = taken()
    handover = entry_of(record, "handover_laboratory")
    assert isinstance(handover, Handover)
    if isinstance(changes.get("given_at"), timedelta):
        changes = {"given_at": handover.given_at - timedelta(minutes=30)}
    assert replace(handover, **changes).wanted(record) == (Wanted(GIVEN, person_id(record, "paula")),)  # type: ignore[arg-type]


def test_an_offer_is_answered_once_and_a_later_hand_over_needs_its_own_word() -> None:
    example = played("receipt")
    tess, vic = (person_id(example.record, name) for name in ("tess", "vic"))
    example.wait(3)
    example.step("offer-1", container_code="BAG-7", receiver=vic, place="Laboratory")
    places = {"place_from": "Laboratory", "place_to": "Laboratory", "seal_whole": True}
    for key, needed in (("handover-2", ()), ("handover-3", (Wanted(GIVEN, tess),))):
        example.wait(3)
        example.step(key, container_code="BAG-7", giver=tess, given_at=example.now, **places)
        record = altered(example.record, key, performed_by=vic, recorded_by=vic, seal_number=None)
        assert entry_of(record, key).wanted(record) == needed


def test_a_stranger_cannot_answer_an_offer_and_a_sample_leaves_it_standing() -> None:
    record = acted()
    stranger = altered(record, REFUSAL, performed_by=person_id(record, "tess"))
    assert [offer.container for offer in offers(stranger)] == ["SYR-7A"]


def test_where_it_waits_is_where_it_is_taken() -> None:
    record = taken()
    assert (
        breaks(altered(altered(record, "offer-1", place="Hatch"), "handover_laboratory", place_from="Hatch"))
        == ()
    )


def test_what_happened_to_the_material_can_be_investigated() -> None:
    (finding,) = [item for item in findings(acted()) if item.rule == "custody refused"]
    assert may_be_investigated(finding)


def test_another_one_than_it_was_offered_to_is_named() -> None:
    (broken,) = breaks(taken("vic"))
    assert broken.rule == "receiver"
    assert broken.sentence == "It was offered to Vic Vermeer, and Tess Tamm took it."
    assert len(broken.people) == 3


def test_an_offer_of_the_same_minute_as_the_hand_over_is_taken_by_it() -> None:
    """Acts beside the process come after its steps within one minute; the hand-over was recorded to the minute."""
    record = taken()
    handover = entry_of(record, "handover_laboratory")
    assert isinstance(handover, Handover)
    record = altered(record, "offer-1", performed_at=handover.performed_at)
    assert (offers(record), breaks(record)) == ((), ())


@pytest.mark.req("HCT-265")
def test_a_refusal_is_a_finding_and_the_giver_goes_on_holding_it() -> None:
    record = acted()
    (broken,) = breaks(record)
    assert broken.sentence == "Paula Pereira did not take it from Vic Vermeer: The label cannot be read."
    assert [item.step_key for item in findings(record) if item.rule == "custody refused"] == [REFUSAL]
    assert offers(record) == ()
    assert [part.holder for part in segments(record) if part.container == "SYR-7A"][-1] == "Vic Vermeer"


def test_it_is_received_in_the_step_of_the_process_or_in_one_beside_it() -> None:
    assert receiving_step(clean("harvest")).key == "handover_laboratory"
    assert receiving_step(acted(OFFER)).key == "handover-6"


def test_nobody_offers_to_themselves_nor_another_patients_container() -> None:
    record = acted(OFFER)
    offer = entry_of(record, OFFER)
    assert isinstance(offer, Offer)
    assert offer.stops(record) == ()
    wrong = replace(offer, receiver=offer.performed_by, container_code="BAG-8")
    assert [stop.rule for stop in wrong.stops(record)] == ["identity", "same person"]


def test_what_they_say_in_one_line() -> None:
    record = acted()
    lines = [entry_of(record, key).summary(record) for key in (OFFER, REFUSAL)]
    assert lines == [
        "SYR-7A offered to Paula Pereira, Hatch to theatre, box BOX-3, 20.5 °C",
        "SYR-7A of Vic Vermeer not taken: The label cannot be read.",
    ]
    handover = replace(entry_of(clean("handover_laboratory"), "handover_laboratory"), transport_box="BOX-3")  # type: ignore[call-arg]
    assert handover.summary(record).endswith("Theatre 2 to Laboratory, box BOX-3, 21.0 °C")
    assert Decimal("20.5") == entry_of(record, OFFER).temperature_c  # type: ignore[attr-defined]
