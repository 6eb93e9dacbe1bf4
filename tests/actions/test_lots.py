"""Lots through their actions: received, released by another, rejected, changed; and what a step then may use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from labrecords.actions.attaching import file_of
from labrecords.actions.door import Acting, Invalid, Stale
from labrecords.actions.lots import LotFacts, change_lot, receive_lot, reject_lot, release_lot
from labrecords.actions.mixups import Stopped
from labrecords.actions.projections import rebuild
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.registers.lots import LOT_REJECTED, LOT_RELEASED, QUARANTINE, LotUse
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.harvest import Harvest
from labrecords.models.lists import BatchQuery, list_batches
from labrecords.models.lots import (
    LotQuery,
    acts_of_use,
    certificate_bytes,
    delivery_versions,
    list_lots,
    uses_of,
)
from tests.support.lab import Lab, refusal

COA = b"%PDF-1.7 a certificate\n%%EOF\n"
ACD = LotFacts(
    "ACD-A", "Maker of anticoagulants", "A-100", "AC-778", Decimal(100), "mL", expiry=date(2027, 5, 31),
    place="Fridge 1", certificate=file_of("coa.pdf", COA),
)  # fmt: skip
KEY = "AC778"


def receive(lab: Lab, facts: LotFacts = ACD, by: str = "tess") -> str:
    lab.clock.tick(1)
    return receive_lot(lab.by(by), facts=facts)


def signing(lab: Lab, by: str) -> dict[str, Any]:
    proof = lab.proof(by)
    return {"by": Acting(lab.store, proof.actor, source="test"), "proof": proof}


def release(lab: Lab, delivery: str, by: str = "vic", seen: int = 1) -> str:
    lab.clock.tick(1)
    given = signing(lab, by)
    return release_lot(given["by"], delivery_id=delivery, seen=seen, proof=given["proof"])


def reject(
    lab: Lab, delivery: str, by: str = "vic", seen: int = 1, reason: str = "The seal is broken."
) -> str:
    given = signing(lab, by)
    return reject_lot(given["by"], delivery_id=delivery, seen=seen, reason=reason, proof=given["proof"])


def states(lab: Lab, delivery: str) -> list[str]:
    with lab.store.read() as session:
        return [version.status for version in delivery_versions(session, delivery)]


@pytest.mark.req("GMP-101d", "HCT-210")
def test_a_delivery_is_received_into_quarantine_and_released_by_another_person(lab_on_both: Lab) -> None:
    lab = lab_on_both
    delivery = receive(lab)
    assert states(lab, delivery) == [QUARANTINE]
    release(lab, delivery)
    assert states(lab, delivery) == [QUARANTINE, LOT_RELEASED]
    with lab.store.read() as session:
        (now,) = list_lots(session, LotQuery()).lots
    assert (now.by_name, now.expiry, now.quantity) == ("Vic Vermeer", date(2027, 5, 31), Decimal(100))
    assert now.signature_id


@pytest.mark.req("GMP-101d")
def test_who_received_a_delivery_cannot_release_it(lab: Lab) -> None:
    delivery = receive(lab, by="vic")
    assert refusal(partial(release, lab, delivery, by="vic")) == ("same person",)
    release(lab, delivery, by="quentin")


def test_only_who_may_receives_and_releases(lab: Lab) -> None:
    for username in ("paula", "ada", "ivan"):
        assert refusal(partial(receive, lab, by=username)) == ("permission",)
    delivery = receive(lab)
    assert refusal(partial(release, lab, delivery, by="tess")) == ("permission",)
    assert refusal(partial(reject, lab, delivery, by="tess")) == ("permission",)


@pytest.mark.req("ASVS-7.5.3")
def test_a_signature_of_somebody_else_releases_nothing(lab: Lab) -> None:
    delivery = receive(lab)
    with_another = partial(
        release_lot, lab.by("vic"), delivery_id=delivery, seen=1, proof=lab.proof("quentin")
    )
    assert refusal(with_another) == ("signature",)


def test_a_change_brings_a_released_lot_back_into_quarantine(lab: Lab) -> None:
    delivery = receive(lab)
    release(lab, delivery)
    facts = replace(ACD, expiry=date(2027, 4, 30))
    change = partial(change_lot, lab.by("tess"), delivery_id=delivery)
    with pytest.raises(Stale):
        change(facts=facts, reason="The label says April.", seen=1)
    with pytest.raises(Invalid, match="Nothing was changed"):
        change(facts=ACD, reason="The label says April.", seen=2)
    with pytest.raises(Invalid, match="Say what happened"):
        change(facts=facts, reason="error", seen=2)
    change(facts=facts, reason="The label says April.", seen=2)
    assert states(lab, delivery) == [QUARANTINE, LOT_RELEASED, QUARANTINE]


def test_a_released_lot_can_be_rejected_with_a_reason_and_only_once(lab: Lab) -> None:
    delivery = receive(lab)
    release(lab, delivery)
    with pytest.raises(Invalid):
        reject(lab, delivery, seen=2, reason="error")
    reject(lab, delivery, seen=2)
    assert states(lab, delivery)[-1] == LOT_REJECTED
    assert refusal(partial(reject, lab, delivery, seen=3)) == ("lot",)


def test_a_delivery_that_is_not_there_is_refused(lab: Lab) -> None:
    assert refusal(partial(release, lab, "0" * 32)) == ("lot",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"material": " - "}, "material"),
        ({"maker": ""}, "maker"),
        ({"lot": "--"}, "lot"),
        ({"quantity": None}, "quantity"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"quantity": Decimal(1000001)}, "quantity"),
        ({"unit": "spoons"}, "unit"),
    ],
)
def test_what_no_delivery_can_be_is_asked_back(lab: Lab, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as invalid:
        receive(lab, replace(ACD, **changes))
    assert set(invalid.value.problems) == {field}


@pytest.mark.req("DI-ORI", "GMP-184")
def test_the_certificate_is_stored_as_it_came_and_once_and_a_change_without_a_file_keeps_it(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    delivery = receive(lab)
    receive(lab, replace(ACD, lot="AC-779"))
    moved = replace(ACD, place="Fridge 2", certificate=None)
    change_lot(lab.by("tess"), delivery_id=delivery, facts=moved, reason="Moved to the other fridge.", seen=1)
    other = replace(moved, certificate=file_of("second.csv", b"test;result\npH;5.0\n"))
    change_lot(lab.by("tess"), delivery_id=delivery, facts=other, reason="The maker sent another.", seen=2)
    with lab.store.read() as session:
        versions = delivery_versions(session, delivery)
        assert [lot.certificate for lot in versions] == ["coa.pdf", "coa.pdf", "second.csv"]
        assert versions[1].certificate_sha256 == sha256_hex(COA)
        assert certificate_bytes(session, sha256_hex(COA)) == COA
        assert certificate_bytes(session, versions[2].certificate_sha256) == b"test;result\npH;5.0\n"
    lab.check()


@pytest.mark.req("HCT-210", "GMP-184")
def test_a_step_does_not_begin_with_a_lot_in_quarantine_and_does_once_it_is_released(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    number = lab.play("identity_harvest", lab.open_batch())
    delivery = receive(lab)
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "harvest")
    assert [stop.rule for stop in stopped.value.stops] == ["lot"]
    release(lab, delivery)
    lab.record_step(number, "harvest")
    assert lab.record(number).lots[-1].status == LOT_RELEASED


def test_a_rejected_lot_that_was_used_already_is_recorded_and_stays_a_finding(lab: Lab) -> None:
    number = lab.play("identity_harvest", lab.open_batch())
    reject(lab, receive(lab))
    lab.record_step(number, "harvest", happened_reason="Noticed after the needle was out.")
    found = {finding.rule: finding for finding in findings(lab.record(number))}
    assert "was rejected (The seal is broken.)" in found["lot"].sentence


def test_a_lot_that_nobody_registered_is_looked_at_once_the_material_is_in_the_register(lab: Lab) -> None:
    receive(lab, replace(ACD, lot="AC-1"))
    number = lab.play("identity_harvest", lab.open_batch())
    lab.record_step(number, "harvest")
    assert "lot not registered" in {finding.rule for finding in findings(lab.record(number))}


@pytest.mark.req("GMP-184")
def test_every_use_is_added_up_and_leads_to_its_batch(lab_on_both: Lab) -> None:
    lab = lab_on_both
    numbers = [lab.play("harvest", lab.open_batch()) for _ in range(2)]
    volume = lab.record(numbers[0]).current("harvest").materials()[0].volume_ml  # type: ignore[union-attr]
    with lab.store.read() as session:
        assert uses_of(session, KEY) == (LotUse(volume, 1), LotUse(volume, 1))
        first = acts_of_use(session, KEY, size=1)
        second = acts_of_use(session, KEY, first.next, size=1)
    assert [act.number for act in (*first.acts, *second.acts)] == numbers[::-1]
    assert second.next == ""


def test_a_harvest_with_another_lot_than_was_drawn_up_uses_that_too(lab: Lab) -> None:
    number = lab.play("identity_harvest", lab.open_batch())
    lab.record_step(number, "harvest", anticoagulant_lot="AC-779")
    with lab.store.read() as session:
        assert [act.step_key for act in acts_of_use(session, "AC779").acts] == ["harvest"]
        assert [act.step_key for act in acts_of_use(session, KEY).acts] == ["anticoagulant"]


def test_a_correction_moves_the_use_to_the_other_lot_and_rebuilding_finds_the_same(lab: Lab) -> None:
    number = lab.play("anticoagulant", lab.open_batch())
    lab.correct_step(number, "anticoagulant", lot="AC-779")
    for again in (False, True):
        if again:
            rebuild(lab.store)
        with lab.store.read() as session:
            assert uses_of(session, KEY) == ()
            assert [act.number for act in acts_of_use(session, "AC779").acts] == [number]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_lots_are_listed_by_key_the_last_changed_first_and_found_by_part_of_them(lab: Lab, size: int) -> None:
    made = [receive(lab, replace(ACD, lot=f"L-{n}")) for n in range(4)]
    release(lab, made[0])
    seen, before = [], ""
    with lab.store.read() as session:
        while True:
            page = list_lots(session, LotQuery(before=before), size)
            seen += [lot.delivery_id for lot in page.lots]
            before = page.next
            if not before:
                break
        assert seen == [made[0], *made[:0:-1]]
        for words, status, count in (("l2", "", 1), ("acd-a", "", 4), ("%", "", 0), ("", LOT_RELEASED, 1)):
            assert len(list_lots(session, LotQuery(words, status)).lots) == count, words


def test_a_lot_registered_in_the_minute_of_its_use_is_judged_in_the_lists_at_once(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("harvest")
    used = next(item.lot for item in lab.record(number).of_kind(Harvest)[0].materials() if item.lot)
    before = listed(lab, number)
    delivery = receive_lot(lab.by("tess"), facts=replace(ACD, lot=used))
    quarantined = listed(lab, number)
    assert quarantined != before
    given = signing(lab, "vic")
    release_lot(given["by"], delivery_id=delivery, seen=1, proof=given["proof"])
    assert listed(lab, number) != quarantined
    change_lot(
        lab.by("tess"),
        delivery_id=delivery,
        facts=replace(ACD, lot=used, place="Fridge 2"),
        reason="The box was opened.",
        seen=2,
    )
    assert listed(lab, number) == quarantined
    lab.check()


def listed(lab: Lab, number: str) -> tuple[int, int]:
    """How many exceptions and blocking findings the list of batches shows."""
    with lab.store.read() as session:
        (row,) = [row for row in list_batches(session, BatchQuery()).rows if row.number == number]
    return row.exceptions, row.blocking
