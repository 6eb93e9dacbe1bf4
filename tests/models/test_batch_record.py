"""Reading a batch record: every row straight into its frozen object, on both databases the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from labrecords.actions import people as people_actions
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.process import ProcessError
from labrecords.domain.record_form import record_from_plain, record_to_plain
from labrecords.models import batch_record
from labrecords.models.batch_record import (
    batch_by_id,
    batch_chain,
    equipment_now,
    events_of,
    find_batch,
    load_record,
    people,
    process_of,
    with_entry,
)
from labrecords.models.records import ENTRY_ROWS, ROW_OF
from tests.support import story
from tests.support.everything import fill_every_table
from tests.support.lab import Lab
from tests.support.tampering import intruder


def test_a_whole_record_comes_back_as_it_was_put_in(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    record = lab.record(number)
    assert {entry.kind for entry in record.entries} == {
        step.kind for step in (*record.process.steps, *record.acts)
    }
    for entry in record.current_entries():
        stated = story.facts_of_step(
            entry.step_key,
            now=entry.performed_at,
            patient=record.batch.patient_code,
            identity=record.batch.identity_code,
            people={member.username: member.id for member in lab.cast.values()},
            equipment={item.code: item.id for item in record.equipment},
        )
        kept = {name: getattr(entry, name) for name in stated}
        if entry.step_key == "receipt":
            stated["volume_ml"] = Decimal("59.5")
        assert kept == stated
        assert {str(value) for value in kept.values()} == {str(value) for value in stated.values()}


def test_a_record_travels_in_plain_form_and_comes_back(lab_on_both: Lab) -> None:
    lab = lab_on_both
    record = lab.record(fill_every_table(lab))
    assert record_from_plain(record_to_plain(record)) == record


def test_the_entries_stand_in_the_order_in_which_they_were_recorded(lab: Lab) -> None:
    record = lab.record(fill_every_table(lab))
    assert [entry.recorded_at for entry in record.entries] == sorted(
        entry.recorded_at for entry in record.entries
    )


def test_the_head_is_that_of_the_chain_and_each_step_knows_its_last_event(lab: Lab) -> None:
    number = lab.play("receipt")
    record = lab.record(number)
    with lab.store.read() as session:
        assert record.head.seq == len(events_of(session, record.head.chain))
        assert len(events_of(session, record.head.chain, until=3)) == 3
    assert record.step_version("receipt") == record.head.seq
    assert record.step_version("residual") == 0


def test_a_record_names_everybody_who_took_part_and_nobody_else(lab: Lab) -> None:
    number = lab.play("receipt")
    assert {person.username for person in lab.record(number).people} == {"tess", "vic", "paula"}


def test_a_record_with_one_more_entry_is_what_is_read_afterwards(lab: Lab) -> None:
    number = lab.play("harvest")
    before = lab.record(number)
    lab.record_step(number, "handover_laboratory", performed_by="vic")
    after = lab.record(number)
    with lab.store.read() as session:
        joined = with_entry(session, before, after.entries[-1])
    assert replace(joined, head=after.head, step_heads=after.step_heads, people=()) == replace(
        after, people=()
    )
    assert set(joined.people) == set(after.people)


def test_a_batch_is_found_by_number_and_by_id(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    with lab.store.read() as session:
        batch = find_batch(session, number)
        assert batch is not None
        assert batch_by_id(session, batch.id) == batch
        assert find_batch(session, "KRK-26-9999") is None
        assert batch_by_id(session, "x") is None
        assert load_record(session, batch).head.chain == batch_chain(batch.id)


def test_people_are_listed_with_the_roles_they_hold_now(lab: Lab) -> None:
    people_actions.grant_role(lab.by("ivan"), person_id=lab.id("vic"), role="technician")
    with lab.store.read() as session:
        listed = {person.username: person.roles for person in people(session)}
        assert listed["vic"] == ("process owner", "second operator", "technician")
    people_actions.revoke_role(
        lab.by("ivan"), person_id=lab.id("vic"), role="technician", reason="Only for one day."
    )
    with lab.store.read() as session:
        assert {person.username: person.roles for person in people(session)}["vic"] == (
            "process owner",
            "second operator",
        )
        assert [person.username for person in people(session, {lab.id("ada")})] == ["ada"]
        assert people(session, set()) == ()


def test_the_register_shows_the_newest_version_of_each_piece(lab: Lab) -> None:
    with lab.store.read() as session:
        listed = {item.code: item.category for item in equipment_now(session)}
    assert listed == {story.CENTRIFUGE: "centrifuge", story.ROTOR: "rotor", story.COUNTER: "counter"}


def test_a_process_is_the_text_whose_digest_the_batch_names(lab: Lab) -> None:
    record = lab.record(lab.open_batch())
    with lab.store.read() as session:
        assert process_of(session, record.batch.process_digest).digest == record.batch.process_digest


def test_a_process_whose_stored_text_was_changed_is_not_used(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.tampered = True
    number = lab.open_batch()
    with intruder(lab) as connection:
        connection.execute(text("UPDATE master_version SET text = replace(text, '\"70\"', '\"20\"')"))
        connection.commit()
    monkeypatch.setattr(batch_record, "_PROCESSES", {})
    with pytest.raises(ProcessError, match=r"was changed in the database\. Run `labrecords trail verify`"):
        lab.record(number)


def test_every_kind_of_step_has_its_table() -> None:
    assert {row.record for row in ENTRY_ROWS} == set(KINDS.values())
    assert all(ROW_OF[kind].__tablename__ == kind.kind for kind in KINDS.values())


def test_one_read_sees_one_state_although_somebody_writes_meanwhile(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    with lab.store.read() as session:
        batch = find_batch(session, number)
        assert batch is not None
        before = load_record(session, batch)
        lab.record_step(number, "order")
        assert load_record(session, batch) == before
    assert lab.record(number).current("order")
