"""Recalling one of several lots that have the same number: which it is, what is told apart, and what cannot be."""

from __future__ import annotations

from decimal import Decimal

from labrecords.actions import lots
from labrecords.actions.recalls import end_recall, mark_batches
from labrecords.domain.custody.recalls import LEFT_RECALL, NOT_TOLD_APART
from labrecords.domain.registers.lots import LOT_RECALLED, QUARANTINE, key_of, which
from labrecords.domain.rules.findings import findings
from labrecords.models.lots import deliveries_of
from tests.actions.test_recalls import WHY, about_recall, of, recalled
from tests.support.lab import Lab, refusal
from tests.support.reading import words

NUMBER = "AC778"
INTO = "/recalls/new?subject=lot&key=ac-778"


def receive(lab: Lab, material: str, maker: str, catalogue: str = "H-1") -> str:
    facts = lots.LotFacts(material, maker, catalogue, NUMBER, Decimal(10), "pieces")
    return lots.receive_lot(lab.by("tess"), facts=facts)


def standing(lab: Lab) -> dict[str, tuple[str, str]]:
    """Key and status of each delivery, by its maker and material."""
    with lab.store.read() as session:
        return {
            f"{lot.maker} {lot.material}": (which(lot), lot.status) for lot in deliveries_of(session, NUMBER)
        }


def played(lab: Lab) -> tuple[str, str]:
    """A batch that names the number, and what its record calls the material."""
    number = lab.play("anticoagulant")
    materials = (item for entry in lab.record(number).entries for item in entry.materials())
    return number, next(item.name for item in materials if item.lot and key_of(item.lot) == NUMBER)


def end(lab: Lab, one: str) -> None:
    lab.clock.tick()
    end_recall(lab.by("quentin"), recall_id=one, reason="It was not meant.", proof=lab.proof("quentin"))
    mark_batches(lab.by("quentin"), one)


def test_a_recall_of_one_lot_leaves_another_material_with_the_number_alone(lab: Lab) -> None:
    number, material = played(lab)
    receive(lab, material, "Alpha")
    receive(lab, "Collagenase", "Beta")
    recalled(lab, of("lot", standing(lab)["Beta Collagenase"][0]))
    assert about_recall(lab, number) == []
    recalled(lab, of("lot", standing(lab)[f"Alpha {material}"][0]))
    (found,) = about_recall(lab, number)
    assert NOT_TOLD_APART not in found.sentence
    assert {status for _, status in standing(lab).values()} == {LOT_RECALLED}


def test_what_is_registered_after_the_recall_may_tell_lots_apart_and_is_looked_into(lab: Lab) -> None:
    number, material = played(lab)
    receive(lab, "Collagenase", "Alpha")
    receive(lab, "Collagenase", "Beta")
    recalled(lab, of("lot", standing(lab)["Beta Collagenase"][0]))
    (found,) = about_recall(lab, number)
    assert NOT_TOLD_APART in found.sentence
    lab.clock.tick()
    receive(lab, material, "Gamma")
    assert about_recall(lab, number) == []
    assert LEFT_RECALL in [one.rule for one in findings(lab.record(number))]


def test_a_lot_that_is_named_by_its_number_alone_falls_under_the_recall_and_says_so(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, material = played(lab)
    deliveries = [receive(lab, material, maker) for maker in ("Alpha", "Beta")]
    one = recalled(lab, of("lot", standing(lab)[f"Beta {material}"][0]))
    (found,) = about_recall(lab, number)
    assert f"Lot AC778 of Beta, {material}, catalogue number H-1 is recalled" in found.sentence
    assert NOT_TOLD_APART in found.sentence
    assert [status for _, status in standing(lab).values()] == [QUARANTINE, LOT_RECALLED]
    proof = lab.proof("vic")
    lots.release_lot(lab.by("vic"), delivery_id=deliveries[0], seen=1, proof=proof)
    assert "recalled" in refusal(
        lambda: lots.release_lot(lab.by("vic"), delivery_id=deliveries[1], seen=2, proof=lab.proof("vic"))
    )
    every = recalled(lab, of("lot", NUMBER))
    end(lab, one)
    assert {status for _, status in standing(lab).values()} == {LOT_RECALLED}
    end(lab, every)
    assert {status for _, status in standing(lab).values()} == {QUARANTINE}


def test_where_several_lots_have_the_number_the_page_asks_which(lab: Lab) -> None:
    number, material = played(lab)
    receive(lab, material, "Alpha")
    client = lab.client("quentin")
    assert "Which lot" not in words(client.get(INTO))
    delivery = receive(lab, material, "Beta", "B-7")
    page = words(client.get(INTO))
    for said in (f"Lot AC778 of Beta, {material}, catalogue number B-7", "Every lot with this number"):
        assert said in page
    signed = {"reason": WHY, "username": "quentin", "password": lab.cast["quentin"].password}
    lab.clock.tick()
    assert "Choose which lot: several have this number." in words(
        client.submit(INTO, signed, having="reason")
    )
    answer = client.submit(INTO, signed | {"which": delivery}, having="reason")
    assert answer.status_code == 303, words(answer)
    shown = client.get(str(answer.location))
    assert number in words(shown)
    assert "Cannot be told apart" in words(shown)
    assert ",no," in client.get(f"{answer.location}.csv").text
    assert f"Lot AC778 of Beta, {material}, catalogue number B-7 is recalled." in words(
        client.get("/trace?subject=lot&key=ac-778")
    )


def test_a_day_is_recalled_as_it_is(lab: Lab) -> None:
    number = lab.play("harvest")
    client = lab.client("quentin")
    lab.clock.tick()
    into = f"/recalls/new?subject=day&key={lab.today()}"
    assert "From the day" not in words(client.get(into))
    signed = {"reason": WHY, "username": "quentin", "password": lab.cast["quentin"].password}
    assert client.submit(into, signed, having="reason").status_code == 303
    assert len(about_recall(lab, number)) == 1
