"""The register of equipment read page by page, and the use log that nobody writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.models.equipment import acts_with, list_equipment, use_log
from tests.support.lab import Lab
from tests.support.statements import counted

FRIDGE = EquipmentFacts("FR-00", "fridge", "Fridge at 2 to 8 °C", serial="Ł-77")


def fridges(lab: Lab, count: int) -> list[str]:
    codes = [f"FR-{number:02}" for number in range(1, count + 1)]
    for code in codes:
        register_equipment(lab.by("quentin"), facts=replace(FRIDGE, code=code))
    return codes


@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_pages_by_key_show_every_piece_once_by_its_code(lab_on_both: Lab, size: int) -> None:
    lab = lab_on_both
    made, seen, after = fridges(lab, 5), [], ""
    with lab.store.read() as session:
        while True:
            page = list_equipment(session, "fridge", after, size)
            assert len(page.items) <= size
            seen += [item.code for item in page.items]
            after = page.next
            if not after:
                break
        everything = list_equipment(session)
    assert seen == made
    assert {item.code for item in everything.items} == {*made, "CC-01", "CF-01", "RT-01"}


def test_the_list_shows_each_piece_as_it_is_registered_now(lab: Lab) -> None:
    fridges(lab, 1)
    register_equipment(
        lab.by("quentin"), facts=replace(FRIDGE, code="FR-01", place="Room 2", next_clean=date(2027, 1, 31))
    )
    with lab.store.read() as session:
        (item,) = list_equipment(session, "fridge").items
    assert (item.place, item.next_clean, item.serial) == ("Room 2", "2027-01-31", "Ł-77")


@pytest.mark.req("GMP-182")
def test_every_use_stands_in_the_log_with_batch_step_time_and_person(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("spin_1")
    spin = lab.record(number).current("spin_1")
    assert spin is not None
    for code in ("CF-01", "RT-01"):
        with lab.store.read() as session:
            (use,) = use_log(session, code).uses
        assert (use.number, use.step_key, use.performed_at) == (number, "spin_1", spin.performed_at)
        assert use.performed_by == lab.record(number).name(spin.performed_by)


@pytest.mark.req("GMP-182")
def test_a_use_of_an_earlier_version_of_the_piece_is_a_use(lab: Lab) -> None:
    lab.play("spin_1")
    register_equipment(
        lab.by("quentin"), facts=EquipmentFacts("CF-01", "centrifuge", "Hettich Rotina 380", place="Room 3")
    )
    with lab.store.read() as session:
        assert len(use_log(session, "CF-01").uses) == 1


def test_a_corrected_use_is_one_use_and_a_piece_named_in_error_has_none(lab: Lab) -> None:
    other = register_equipment(
        lab.by("quentin"), facts=EquipmentFacts("CF-02", "centrifuge", "The other one")
    )
    number = lab.play("spin_1", lab.open_batch())
    lab.correct_step(number, "spin_1", duration_min=Decimal("4.5"))
    with lab.store.read() as session:
        assert len(use_log(session, "CF-01").uses) == 1
    lab.correct_step(number, "spin_1", centrifuge=other)
    with lab.store.read() as session:
        assert use_log(session, "CF-01").uses == ()
        assert [use.number for use in use_log(session, "CF-02").uses] == [number]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_log_pages_by_key_the_newest_first(lab: Lab, size: int) -> None:
    numbers = [lab.play("spin_1", lab.open_batch()) for _ in range(3)]
    seen, before = [], ""
    with lab.store.read() as session:
        while True:
            page = use_log(session, "RT-01", before, size)
            seen += [use.number for use in page.uses]
            before = page.next
            if not before:
                break
    twice = len(seen) // 3
    assert seen == [number for number in numbers[::-1] for _ in range(twice)]


def test_pages_send_as_many_statements_for_many_pieces_and_uses_as_for_few(lab: Lab) -> None:
    lab.play("spin_1", lab.open_batch())
    counts = []
    for more in (0, 12):
        fridges(lab, more)
        if more:
            lab.play("spin_1", lab.open_batch())
        client = lab.client("quentin")
        for path in ("/equipment", "/equipment/RT-01"):
            client.get(path)
            with counted() as seen:
                assert client.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 12


@pytest.mark.req("GMP-182")
def test_the_log_finds_its_acts_by_an_index_on_both_databases(lab_on_both: Lab) -> None:
    with lab_on_both.store.read() as session:
        connection = session.connection()
        query = acts_with("RT-01").compile(dialect=connection.dialect)
        if connection.dialect.name == "postgresql":
            # A table of a few rows is read whole, whatever indexes it has.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {query}", query.params)
        else:
            given = tuple(query.params[name] for name in query.positiontup or ())
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", given)
        told = "\n".join(str(row) for row in plan)
    for index in (
        "ix_centrifugation_centrifuge",
        "ix_centrifugation_rotor",
        "ix_automated_count_counter",
        "ix_equipment_code",
    ):
        assert index in told, told
