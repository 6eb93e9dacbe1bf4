"""Recalling a place: what stands in it, code and name of it, a time between two acts, and who answers for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.recalls import mark_batches
from labrecords.domain.custody.notices import HOLDER, RECALL, holders_now, to_tell
from labrecords.domain.custody.traces import SUBJECTS, traces_of
from labrecords.models.recalls import all_naming, recall_by_id
from labrecords.models.traces import all_traced, traced
from tests.actions.test_recalls import about_recall, of, recalled
from tests.support.lab import Lab

FRIDGE = EquipmentFacts("FR-1", "fridge", "Cold 400", owner="Vic Vermeer")
SHELF = EquipmentFacts("SH-1", "shelf", "Upper shelf", place="FR-1")
SLOT = EquipmentFacts("SH-1-A", "position", "Slot A", place="upper shelf")


def furnish(lab: Lab, *places: EquipmentFacts) -> None:
    for facts in places:
        register_equipment(lab.by("quentin"), facts=facts)
    lab.clock.tick()


def put_away(lab: Lab, place: str = "SH-1-A") -> str:
    number = lab.play("harvest", lab.open_batch(patient="P-9000"))
    lab.clock.tick()
    lab.record_step(number, "storage-1", place=place, position="")
    lab.clock.tick()
    return number


def named(lab: Lab, subject: str, key: str) -> list[str]:
    with lab.store.read() as session:
        return [one.number for one in all_traced(session, subject, key)]


def under(lab: Lab, recall_id: str) -> int:
    with lab.store.read() as session:
        one = recall_by_id(session, recall_id)
        assert one is not None
        return len(list(all_naming(session, one)))


def test_a_recall_of_a_fridge_takes_in_what_was_kept_in_its_shelves_and_positions(lab_on_both: Lab) -> None:
    lab = lab_on_both
    furnish(lab, FRIDGE, SHELF, SLOT)
    number, elsewhere = put_away(lab), put_away(lab, "Cupboard 7")
    for subject, key in (
        ("place", "fr-1"),
        ("place", "upper shelf"),
        ("place", "sh-1"),
        ("equipment", "FR1"),
    ):
        assert named(lab, subject, key) == [number], key
    one = recalled(lab, of("place", "fr-1"))
    assert (len(about_recall(lab, number)), about_recall(lab, elsewhere)) == (1, [])
    assert under(lab, one) == 1


@pytest.mark.parametrize("key", ["cr-01", "laboratory", "wet room"])
def test_a_place_is_recalled_by_code_or_by_any_name_it_ever_had(lab: Lab, key: str) -> None:
    before = lab.play("receipt")
    furnish(lab, EquipmentFacts("CR-01", "clean room", "Laboratory"))
    within = lab.play("receipt", lab.open_batch(patient="P-9001"))
    furnish(lab, EquipmentFacts("CR-01", "clean room", "Wet room"))
    assert named(lab, "place", key) == [within, before]
    one = recalled(lab, of("place", key))
    assert [len(about_recall(lab, number)) for number in (before, within)] == [1, 1]
    assert under(lab, one) == 2


def test_a_long_trace_of_a_place_with_two_names_shows_each_batch_once(lab: Lab) -> None:
    furnish(lab, EquipmentFacts("TH-02", "theatre", "Theatre 2"))
    numbers = [lab.play("harvest", lab.open_batch(patient=f"P-90{n}")) for n in range(3)]
    with lab.store.read() as session:
        first = traced(session, "place", "theatre 2", size=2)
        rest = traced(session, "place", "theatre 2", first.next, size=2)
    assert [one.number for one in (*first.batches, *rest.batches)] == numbers[::-1]
    assert [one.words for one in first.batches] == ["Theatre 2", "Theatre 2"]


def test_what_lies_in_a_shelf_moves_with_it_into_another_fridge(lab: Lab) -> None:
    furnish(lab, FRIDGE, SHELF, SLOT)
    number = put_away(lab)
    furnish(lab, EquipmentFacts("FR-2", "fridge", "Cold 400"))
    furnish(lab, EquipmentFacts("SH-1", "shelf", "Upper shelf", place="FR-2"))
    assert named(lab, "place", "fr-2") == named(lab, "place", "fr-1") == [number]
    recalled(lab, of("place", "fr-2"))
    assert len(about_recall(lab, number)) == 1


def test_days_between_putting_away_and_taking_out_are_days_in_the_place(lab: Lab) -> None:
    furnish(lab, FRIDGE, SHELF, SLOT)
    number = put_away(lab)
    lab.clock.tick(60 * 48)
    between = lab.today() - timedelta(days=1)
    lab.record_step(number, "storage-2", place="SH-1-A", position="")
    later = lab.today() + timedelta(days=1)
    assert mark_batches(lab.by("quentin"), recalled(lab, of("place", "fr-1", since=later), marked=False)) == 0
    for subject, key in (("place", "fr-1"), ("patient", "P9000"), ("container", "BAG7")):
        one = recalled(lab, of(subject, key, since=between, until=between), marked=False)
        assert mark_batches(lab.by("quentin"), one) == 1, subject


def test_a_patient_is_recalled_from_a_day_on(lab: Lab) -> None:
    number = lab.play("harvest")
    first = lab.today()
    lab.clock.tick(60 * 24)
    since = recalled(lab, of("patient", "P2048", since=lab.today()), marked=False)
    assert mark_batches(lab.by("quentin"), since) == 1
    until = recalled(lab, of("patient", "P2048", until=first - timedelta(days=1)), marked=False)
    assert mark_batches(lab.by("quentin"), until) == 0
    assert len(about_recall(lab, number)) == 1


def test_of_what_a_place_keeps_the_one_who_answers_for_it_now_is_told(lab: Lab) -> None:
    furnish(lab, FRIDGE, SHELF, SLOT)
    number = put_away(lab)
    one = recalled(lab, of("place", "fr-1"))
    (line,) = to_tell(lab.record(number), RECALL, one)
    assert (line.role, line.whom) == (HOLDER, "Vic Vermeer")
    assert line.why == "answers for SH-1-A, which keeps BAG-7"
    (held,) = holders_now(lab.record(number))
    assert held.said == "SH-1-A (owner: Vic Vermeer)"
    furnish(lab, EquipmentFacts("FR-1", "fridge", "Cold 400", owner="Tess Tamm"))
    assert [item.whom for item in to_tell(lab.record(number), RECALL, one)] == ["Tess Tamm"]


def test_each_is_said_once_of_a_place_that_is_known_by_code_and_name(lab: Lab) -> None:
    furnish(lab, FRIDGE, SHELF, SLOT)
    number = put_away(lab)
    found = [trace for trace in traces_of(lab.record(number)) if trace.subject in SUBJECTS]
    places = [
        trace.words for trace in found if trace.key in ("sh-1-a", "slot a", "sh-1", "upper shelf", "fr-1")
    ]
    assert places == [
        "SH-1-A", "SH-1-A", "SH-1-A, in shelf SH-1, Upper shelf", "SH-1-A, in shelf SH-1, Upper shelf",
        "SH-1-A, in fridge FR-1",
    ]  # fmt: skip
    page = lab.client("quentin").get(f"/batches/{number}/inputs").text
    assert page.count(">SH-1-A, in shelf SH-1, Upper shelf<") == 1
