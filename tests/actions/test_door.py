"""The one door through which everything is written: rights, locks, repeats, stale forms, rollback."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from labrecords.actions import batches, steps
from labrecords.actions.door import (
    LABORATORY,
    Acting,
    Actor,
    BatchRef,
    ClockWentBack,
    Invalid,
    Refused,
    Stale,
    Tx,
    action,
    note_access,
)
from labrecords.domain.permissions import Permission
from labrecords.domain.record import NotDone
from labrecords.models.batch_record import events_of
from labrecords.models.people import PersonRow
from labrecords.models.records import BatchRow, NotDoneRow
from labrecords.models.session import WriteRefused, db
from labrecords.models.trail import TrailEvent
from tests.support import story
from tests.support.lab import Lab, refusal
from tests.support.threads import at_once


def rows_in(lab: Lab, table: Any) -> int:
    with lab.store.read() as session:
        return int(session.execute(select(func.count()).select_from(table.__table__)).scalar_one())


def events(lab: Lab, chain: str) -> list[dict[str, Any]]:
    with lab.store.read() as session:
        return [json.loads(payload) for payload in events_of(session, chain)]


def open_arguments(lab: Lab, patient: str = "P-1") -> dict[str, str]:
    return {"process_digest": lab.master().digest, "patient_code": patient, "identity_code": ""}


# ---- rights ------------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-10d", "P11-10g")
@pytest.mark.parametrize("name", ["vic", "paula", "ada", "ivan"])
def test_who_lacks_the_right_is_refused_and_only_the_access_chain_grows(lab_on_both: Lab, name: str) -> None:
    lab = lab_on_both
    before = len(events(lab, LABORATORY))
    with pytest.raises(Refused, match="does not have the right: open a batch"):
        lab.open_batch(by=name)
    assert rows_in(lab, BatchRow) == 0
    assert len(events(lab, LABORATORY)) == before
    last = events(lab, "access")[-1]
    assert last["act"] == "batch.opened refused"
    assert last["actor"]["username"] == name
    assert "does not have the right" in last["reason"]
    assert last["detail"]["source"] == "test"
    assert last["rows"] == []


@pytest.mark.req("P11-10g")
def test_a_right_is_read_at_the_act_and_not_from_what_the_caller_claims(lab: Lab) -> None:
    ada = lab.actor("ada")
    pretender = Actor(ada.person_id, ada.username, ada.name, lab.actor("tess").roles)
    assert pretender.may(Permission.OPEN_BATCH)
    with pytest.raises(Refused, match="does not have the right"):
        batches.open_batch(Acting(lab.store, pretender), **open_arguments(lab))


def test_nobody_but_the_system_does_what_needs_no_permission(lab: Lab) -> None:
    @action("system.act", needs=None, chains=(LABORATORY,))
    def act(tx: Tx) -> None: ...

    with pytest.raises(Refused, match="Only the system does this"):
        act(lab.by("ivan"))
    act(lab.system)


def test_an_actor_who_calls_himself_the_system_is_not_the_system(lab: Lab) -> None:
    with pytest.raises(Refused, match="does not have the right"):
        batches.open_batch(Acting(lab.store, Actor("", "system", "labrecords")), **open_arguments(lab))


# ---- repeats -----------------------------------------------------------------------------------------------------


def test_a_repeated_form_gets_the_first_result_and_nothing_is_added(lab_on_both: Lab) -> None:
    lab = lab_on_both
    by, given = lab.by("tess"), open_arguments(lab)
    first = batches.open_batch(by, **given)
    grown = len(events(lab, LABORATORY))
    assert batches.open_batch(by, **given) == first
    assert rows_in(lab, BatchRow) == 1
    assert len(events(lab, LABORATORY)) == grown


def test_twenty_equal_forms_at_once_open_one_batch(lab_on_both: Lab) -> None:
    lab = lab_on_both
    by, given = lab.by("tess"), open_arguments(lab)
    numbers = at_once([partial(batches.open_batch, by, **given)] * 20)
    assert len(set(numbers)) == 1
    assert rows_in(lab, BatchRow) == 1


def test_a_repeat_is_answered_although_the_page_is_stale_by_then(lab: Lab) -> None:
    number = lab.open_batch()
    step, reading, by = lab.step(number, "order"), lab.reading(number, "order"), lab.by("tess")
    first = steps.record_step(by, step=step, reading=reading)
    assert steps.record_step(by, step=step, reading=reading) == first


def test_a_form_key_of_one_act_is_refused_for_another(lab: Lab) -> None:
    number, key = lab.open_batch(), "a" * 32
    steps.record_step(
        lab.by("tess", key), step=lab.step(number, "order"), reading=lab.reading(number, "order")
    )
    assert refusal(
        lambda: steps.note_not_done(
            lab.by("tess", key),
            step=lab.step(number, "spin_2"),
            reading=lab.reading(number, "spin_2"),
            reason="None.",
        )
    ) == ("form",)


def test_the_same_key_of_two_people_means_two_forms(lab: Lab) -> None:
    given, key = open_arguments(lab), "b" * 32
    first = batches.open_batch(lab.by("tess", key), **given)
    assert batches.open_batch(lab.by("quentin", key), **given) != first


def test_a_refused_form_can_be_sent_again_with_its_key(lab: Lab) -> None:
    by = lab.by("tess")
    with pytest.raises(Invalid):
        batches.open_batch(by, **(open_arguments(lab) | {"patient_code": ""}))
    assert batches.open_batch(by, **open_arguments(lab))


# ---- stale forms -------------------------------------------------------------------------------------------------


def test_a_form_rendered_before_another_changed_the_step_is_stale(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("anticoagulant")
    seen = lab.step(number, "identity_harvest")
    reading = lab.reading(number, "identity_harvest")
    steps.record_step(lab.by("paula"), step=seen, reading=reading)
    with pytest.raises(Stale) as stale:
        steps.record_step(lab.by("tess"), step=seen, reading=reading)
    assert stale.value.seen == 0
    assert stale.value.now == lab.record(number).step_version("identity_harvest") > 0


def test_two_people_on_two_steps_do_not_disturb_each_other(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    one, other = lab.step(number, "harvest"), lab.step(number, "order")
    steps.record_step(lab.by("tess"), step=one, reading=lab.reading(number, "harvest"))
    old = lab.record(number).current("order")
    assert old is not None
    steps.correct_step(
        lab.by("tess"),
        step=other,
        replaces=old.id,
        reading=replace(lab.reading(number, "order", order_code="O-2"), performed_at=None),
        reason="The order was copied with a wrong code.",
    )


def test_whoever_decides_on_a_batch_must_have_seen_its_last_event(lab: Lab) -> None:
    number = lab.open_batch()
    seen = lab.batch(number)
    lab.record_step(number, "order")
    with pytest.raises(Stale):
        batches.void_batch(lab.by("tess"), batch=seen, reason="Opened for nobody.", proof=lab.proof("tess"))


# ---- chains and locks --------------------------------------------------------------------------------------------


@action("pair.noted", needs=Permission.READ_BATCHES)
def note_on_two(tx: Tx, *, one: BatchRef, other: BatchRef) -> str:
    """An act on two batches, for the tests: what it inserts belongs to the first."""
    item = NotDone(tx.new_id(), one.batch_id, "spin_2", "Noted on two.", tx.actor.person_id, tx.now)
    tx.add(item)
    return item.id


def test_an_act_on_two_chains_has_its_rows_in_one_and_is_named_in_the_other(lab_on_both: Lab) -> None:
    lab = lab_on_both
    lab.tampered = True  # the overview knows nothing of this act
    one, other = (BatchRef(lab.record(lab.open_batch()).batch.id) for _ in range(2))
    made = note_on_two(lab.by("tess"), one=one, other=other)
    primary, second = events(lab, one.chain)[-1], events(lab, other.chain)[-1]
    assert [row["id"] for row in primary["rows"]] == [made]
    assert primary["refs"] == {other.chain: second["seq"]}
    assert second["refs"] == {one.chain: primary["seq"]}
    assert second["rows"] == []
    assert primary["at"] == second["at"]


def test_acts_that_name_two_chains_in_either_order_never_wait_for_each_other_for_ever(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    lab.tampered = True
    one, other = (BatchRef(lab.record(lab.open_batch()).batch.id) for _ in range(2))
    pairs = [(one, other), (other, one)] * 6
    acts = [partial(note_on_two, lab.by("tess"), one=first, other=second) for first, second in pairs]
    made = at_once(acts)
    assert len(set(made)) == len(pairs)
    for chain in (one.chain, other.chain):
        assert [event["seq"] for event in events(lab, chain)] == list(range(1, len(pairs) + 2))


def test_many_people_at_once_leave_a_sound_trail(lab_on_both: Lab) -> None:
    lab = lab_on_both
    forms = [open_arguments(lab, f"P-{n}") for n in range(16)]
    numbers = at_once([partial(batches.open_batch, lab.by("tess"), **form) for form in forms])
    assert sorted(numbers) == [f"KRK-26-{n:04d}" for n in range(1, 17)]


def test_the_laboratory_refers_to_every_batch_that_was_opened(lab: Lab) -> None:
    number = lab.open_batch()
    opened = events(lab, LABORATORY)[-1]
    assert opened["detail"] == {"batch": number}
    assert opened["refs"] == {f"batch/{lab.record(number).batch.id}": 1}


def test_an_event_holds_every_column_of_every_row_it_inserted(lab: Lab) -> None:
    number = lab.open_batch()
    entry = lab.record_step(number, "order")
    event = events(lab, lab.record(number).head.chain)[-1]
    assert event["act"] == "order.recorded"
    assert event["subject"] == "order"
    row = event["rows"][0]
    assert (row["table"], row["id"]) == ("order", entry)
    assert row["values"]["consent_date"] == "2026-11-20"
    assert json.loads(row["values"]["targets"])[0]["volume_ml"] == "2.0"
    assert row["values"]["replaces_id"] is None


# ---- nothing half-kept -------------------------------------------------------------------------------------------


@action("half.done", needs=Permission.READ_BATCHES)
def fail_after_writing(tx: Tx, *, batch: BatchRef) -> None:
    """Adds a row and then fails, for the tests."""
    tx.add(NotDone(tx.new_id(), batch.batch_id, "spin_2", "Half done.", tx.actor.person_id, tx.now))
    raise RuntimeError("in the middle")


def test_a_failure_in_the_middle_leaves_nothing(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch()
    batch, by = lab.batch(number), lab.by("tess")
    with pytest.raises(RuntimeError, match="in the middle"):
        fail_after_writing(by, batch=batch)
    assert rows_in(lab, NotDoneRow) == 0
    assert lab.record(number).head.seq == batch.seen
    with pytest.raises(RuntimeError):  # its key was not kept either
        fail_after_writing(by, batch=batch)


def test_an_unknown_batch_begins_no_chain(lab: Lab) -> None:
    step = replace(lab.step(lab.open_batch(), "order"), batch_id="f" * 32, seen=None)
    number = lab.open_batch()
    with pytest.raises(Refused, match="There is no such batch"):
        steps.record_step(lab.by("tess"), step=step, reading=lab.reading(number, "order"))
    assert step.chain not in lab.chain_lengths()


def test_a_refusal_is_kept_although_the_act_is_not(lab: Lab) -> None:
    number = lab.open_batch()
    with pytest.raises(Refused):
        lab.record_step(number, "harvest")
    last = events(lab, "access")[-1]
    assert last["act"] == "step.recorded refused"
    assert last["detail"]["chain"] == lab.record(number).head.chain
    assert last["detail"]["subject"] == "harvest"


def test_input_that_cannot_be_a_fact_is_no_event(lab: Lab) -> None:
    before = lab.chain_lengths()
    with pytest.raises(Invalid):
        batches.open_batch(lab.by("tess"), **(open_arguments(lab) | {"patient_code": " "}))
    assert lab.chain_lengths() == before


# ---- the clock ---------------------------------------------------------------------------------------------------


@pytest.mark.req("P11-10e")
def test_nothing_is_recorded_while_the_clock_is_behind_the_last_event(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, right = lab.open_batch(), lab.clock.now
    lab.clock.set(right - timedelta(minutes=10))
    with pytest.raises(ClockWentBack, match=r"clock .* is behind the last event"):
        lab.record_step(number, "order")
    lab.clock.set(right)
    lab.record_step(number, "order")


def test_the_clock_may_stand_still(lab: Lab) -> None:
    number = lab.open_batch()
    lab.clock.set(lab.clock.now - timedelta(microseconds=1))
    note_access(lab.by("tess"), "looked")
    assert lab.record(number).head.seq == 1


# ---- what cannot write -------------------------------------------------------------------------------------------


def test_a_session_for_reading_cannot_write(lab_on_both: Lab) -> None:
    lab = lab_on_both
    row = {"id": "x" * 32, "username": "mallory", "name": "Mallory", "added_at": lab.clock()}
    statements = [
        insert(PersonRow.__table__).values(row),
        update(PersonRow.__table__).values(name="Mallory"),
        delete(PersonRow.__table__),
    ]
    for statement in statements:
        with lab.store.read() as session, pytest.raises(DBAPIError, match=r"readonly|read-only"):
            session.execute(statement)
    assert rows_in(lab, PersonRow) == len(story.CAST)


def test_the_session_of_the_pages_cannot_write(lab_on_both: Lab) -> None:
    lab = lab_on_both
    with lab.app.app_context():
        db.session.add(PersonRow(id="x" * 32, username="mallory", name="Mallory", added_at=lab.clock()))
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            db.session.flush()
        db.session.rollback()
    assert rows_in(lab, PersonRow) == len(story.CAST)


def test_a_row_that_was_changed_is_refused_at_the_flush(lab: Lab) -> None:
    with lab.store.write() as session:
        person = session.get_one(PersonRow, lab.id("tess"))
        person.name = "Somebody Else"
        with pytest.raises(WriteRefused, match="A person is a record"):
            session.flush()


def test_a_row_that_was_deleted_is_refused_at_the_flush(lab: Lab) -> None:
    with lab.store.write() as session:
        session.delete(session.get_one(PersonRow, lab.id("ada")))
        with pytest.raises(WriteRefused, match="A person is a record"):
            session.flush()


@pytest.mark.parametrize(
    "statement",
    [
        update(PersonRow).values(name="Somebody Else"),
        delete(PersonRow),
        insert(PersonRow).values(id="x" * 32, username="mallory", name="Mallory", added_at="now"),
    ],
    ids=["update", "delete", "insert"],
)
def test_bulk_statements_on_records_are_refused(lab: Lab, statement: Any) -> None:
    with lab.store.write() as session, pytest.raises(WriteRefused, match="Bulk statements on records"):
        session.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        update(PersonRow.__table__).values(name="Somebody Else"),
        delete(PersonRow.__table__),
        insert(PersonRow.__table__).values(id="x" * 32, username="mallory", name="Mallory", added_at="now"),
    ],
    ids=["update", "delete", "insert"],
)
def test_statements_on_the_tables_of_records_are_refused_too(lab: Lab, statement: Any) -> None:
    with lab.store.write() as session, pytest.raises(WriteRefused, match="Bulk statements on records"):
        session.execute(statement)


def test_an_event_cannot_be_added_twice(lab: Lab) -> None:
    with lab.store.write() as session:
        event = session.execute(select(TrailEvent.__table__).limit(1)).one()
        with pytest.raises((IntegrityError, DBAPIError), match=r"append-only|UNIQUE"):
            session.execute(insert(TrailEvent.__table__).values(**event._mapping))
