"""Whoever changes the database past the system is found out: every table, every column, every row, every chain."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.orm import Session

from labrecords.actions import projections, verification
from labrecords.actions.checkpoints import heads_at, leaves_of, make_checkpoint
from labrecords.actions.verification import verify_hashes, verify_trail
from labrecords.documents.sealing.authority import create_authority, load_authority
from labrecords.documents.sealing.checkpoint import sign_checkpoint
from labrecords.domain.evidence import merkle, trail
from labrecords.domain.evidence.canonical import canonical_bytes, sha256_hex
from labrecords.domain.evidence.trail import Report
from labrecords.domain.values import times
from labrecords.models import guards
from labrecords.models.base import NEVER, Base
from labrecords.models.batch_record import batch_chain
from labrecords.models.trail_filling import beside
from tests.support.clean import REVIEWED
from tests.support.everything import fill_every_table
from tests.support.lab import Lab
from tests.support.tampering import (
    add_row,
    count,
    intruder,
    key_of,
    other,
    rows_of,
    set_value,
    table_named,
    this,
    verified,
)

RECORDS = [table.__tablename__ for table in guards.record_tables()]

NOT_IN_THE_TRAIL = {
    "batch_code": "which codes lead to which batch: rebuilt from the records and compared with them",
    "visit_due": "which follow-up visits are waited for: rebuilt from the records and compared with them",
    "batch_overview": "rebuilt from the records and compared with them",
    "batch_trace": "what batches are connected with: rebuilt from the records and compared with them",
    "ceremony": "what is begun and not finished, for minutes; no record",
    "factor_state": "seeds, sealed by a key outside, and counters; each use is an access event",
    "recovery_code": "hashes of codes that are used once; each use is an access event",
    "credential.salt": "bound by the commitment to the password hash, whose problem it shows as",
    "idempotency_key": "answers a repeated form; no record",
    "identity_vault": "who a patient is, encrypted and erasable; the trail holds a commitment",
    "lot_use": "what entries used of lots: rebuilt from the records and compared with them",
    "step_draft": "what was typed and not recorded; no record",
    "sign_in_failure": "slows down guessing; each failure is an access event too",
    "web_session": "who is signed in now; signing in and out are access events",
    "trail_event": "the trail itself",
    "trail_head": "the end of each chain, compared with its events",
    "checkpoint": "signed, and compared with the file outside",
    "checkpoint_head": "its leaves give the signed root",
}


def named(report: Report) -> set[tuple[str, str, str]]:
    return {(problem.table, problem.row_id, problem.column) for problem in report.problems}


def sentences(report: Report) -> str:
    return "\n".join(problem.sentence for problem in report.problems)


def untouched(lab: Lab, connection: Connection) -> None:
    report = verified(lab, connection, with_file=True)
    assert report.sound, report.problems


# ---- every table, every column, every row ------------------------------------------------------------------------


def test_the_list_of_what_the_trail_does_not_hold_is_complete() -> None:
    outside = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.info["trail"] == NEVER
    }
    said = {
        name for name in outside if name in NOT_IN_THE_TRAIL or name.partition(".")[0] in NOT_IN_THE_TRAIL
    }
    assert outside == said
    assert not set(NOT_IN_THE_TRAIL) & set(RECORDS)


@pytest.mark.req("P11-10a", "P11-10e")
def test_a_changed_value_is_named_by_table_row_and_column(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    pending = {
        name: [column.name for column in table_named(name).columns if not column.primary_key]
        for name in RECORDS
    }
    missed: list[str] = []
    with intruder(lab) as connection:
        untouched(lab, connection)
        chosen = {name: rows_of(connection, name)[-1] for name in RECORDS}
        while any(pending.values()):
            expected = {}
            for name, columns in pending.items():
                if columns:
                    column, row = columns.pop(), chosen[name]
                    changed = other(row[column], table_named(name).c[column])
                    set_value(connection, name, row, column, changed)
                    shown_as = "password_hash" if (name, column) == ("credential", "salt") else column
                    expected[name, key_of(name, row), shown_as] = column
            found = named(verified(lab, connection))
            missed += [f"{place[0]}.{column}" for place, column in expected.items() if place not in found]
            extra = {place for place in found if place not in expected and place[0] != ""}
            assert not extra, "nothing else is accused"
            connection.rollback()
        untouched(lab, connection)
    assert missed == []


@pytest.mark.req("P11-10a")
def test_a_changed_key_shows_as_one_row_too_many_and_one_missing(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    with intruder(lab) as connection:
        expected = set()
        for name in RECORDS:
            row = rows_of(connection, name)[-1]
            (key,) = (column.name for column in table_named(name).primary_key)
            set_value(connection, name, row, key, other(row[key]))
            expected |= {(name, row[key], ""), (name, other(row[key]), "")}
        assert named(verified(lab, connection)) == expected


@pytest.mark.req("P11-10a")
def test_a_row_that_was_added_is_named(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    with intruder(lab) as connection:
        expected = set()
        for name in RECORDS:
            table, row = table_named(name), dict(rows_of(connection, name)[-1])
            unique = {column.name for index in table.indexes if index.unique for column in index.columns}
            unique |= {
                column.name
                for constraint in table.constraints
                for column in getattr(constraint, "columns", ())
                if constraint.__visit_name__ in ("unique_constraint", "primary_key_constraint")
            }
            for column in unique & {key for key, value in row.items() if isinstance(value, str)}:
                row[column] = other(row[column])
            add_row(connection, name, row)
            expected.add((name, key_of(name, row), ""))
        report = verified(lab, connection)
        assert named(report) == expected
        assert {problem.sentence for problem in report.problems} == {
            "This row stands in no event: it was inserted past the system."
        }


@pytest.mark.req("P11-10e")
def test_a_row_that_was_deleted_is_named_with_the_event_that_recorded_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    with intruder(lab) as connection:
        expected = set()
        for name in RECORDS:
            row = rows_of(connection, name)[-1]
            connection.execute(delete(table_named(name)).where(this(name, row)))
            expected.add((name, key_of(name, row), ""))
        report = verified(lab, connection)
        assert named(report) == expected
        assert all(problem.chain and problem.seq for problem in report.problems)


STRANGE = {
    "another type": b"\x00\x01",
    "a number": 12,
    "text that is no text": text("CAST(x'c328' AS TEXT)"),
    "markup": "<script>alert(1)</script>",
    "nothing at all": "",
}


@pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE.keys())
def test_whatever_stands_in_a_value_it_is_found_and_nothing_fails(lab: Lab, value: Any) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        row = next(row for row in rows_of(connection, "harvest"))
        expression = value if not isinstance(value, (str, int, bytes)) else None
        if expression is None:
            set_value(connection, "harvest", row, "place", value)
        else:
            table = table_named("harvest")
            connection.execute(update(table).where(table.c.id == row["id"]).values(place=expression))
        report = verified(lab, connection)
    assert named(report) == {("harvest", row["id"], "place")}
    assert report.problems[0].chain == batch_chain(lab.record(number).batch.id)


def test_text_in_the_place_of_a_document_is_found(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        connection.execute(text("UPDATE document SET pdf = 'no document'"))
        report = verified(lab, connection)
    assert {(problem.table, problem.column) for problem in report.problems} == {("document", "pdf")}


def test_the_decimals_of_a_number_are_part_of_it(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        connection.execute(
            text("UPDATE harvest SET total_volume_ml = '60.00' WHERE total_volume_ml = '60.0'")
        )
        report = verified(lab, connection)
    assert {(problem.table, problem.column) for problem in report.problems} == {
        ("harvest", "total_volume_ml")
    }


def test_the_overview_is_compared_with_the_records(lab: Lab) -> None:
    number = fill_every_table(lab)
    lab.tampered = True
    with intruder(lab) as connection:
        connection.execute(text("UPDATE batch_overview SET status = 'released'"))
        connection.execute(text("DELETE FROM batch_overview WHERE number = :number"), {"number": number})
        connection.commit()
        everyone = sorted(row["number"] for row in rows_of(connection, "batch"))
    with lab.store.read() as session:
        assert projections.differences(session) == everyone


# ---- the trail itself --------------------------------------------------------------------------------------------


def batch_events(lab: Lab, connection: Connection, number: str) -> tuple[str, list[dict[str, Any]]]:
    chain = batch_chain(lab.record(number).batch.id)
    events = [row for row in rows_of(connection, "trail_event") if row["chain"] == chain]
    return chain, sorted(events, key=lambda row: row["seq"])


@pytest.mark.req("P11-10e")
@pytest.mark.parametrize("column", ["chain", "seq", "subject", "payload", "digest"])
def test_a_changed_event_is_found(lab_on_both: Lab, column: str) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain, events = batch_events(lab, connection, number)
        for event in (events[0], events[7], events[-1]):
            value = event["seq"] + 1000 if column == "seq" else other(event[column])
            set_value(connection, "trail_event", event, column, value)
            report = verified(lab, connection)
            assert any(problem.chain == chain for problem in report.problems)
            assert "trail_event" in {problem.table for problem in report.problems}
            connection.rollback()


@pytest.mark.parametrize("place", [0, 7, -1])
def test_a_missing_event_is_found(lab: Lab, place: int) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain, events = batch_events(lab, connection, number)
        connection.execute(delete(table_named("trail_event")).where(this("trail_event", events[place])))
        report = verified(lab, connection)
    lost = [problem for problem in report.problems if problem.table == "trail_event"]
    assert {problem.chain for problem in lost} == {chain}
    assert events[place]["seq"] in {problem.seq for problem in lost}


def test_an_event_that_was_added_is_found(lab: Lab) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        _, events = batch_events(lab, connection, number)
        add_row(connection, "trail_event", events[-1] | {"seq": events[-1]["seq"] + 1})
        assert not verified(lab, connection).sound


@pytest.mark.req("P11-10a")
@pytest.mark.parametrize("chain", ["batch", "people", "equipment"])
def test_an_event_that_inserts_a_row_a_second_time_is_found(lab_on_both: Lab, chain: str) -> None:
    """Who changes a row and adds an event with the new values has not made them true."""
    lab = lab_on_both
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        own, events = batch_events(lab, connection, number)
        row = [item for item in rows_of(connection, "cell_count") if own.endswith(item["batch_id"])][-1]
        said = next(
            item
            for event in events
            for item in json.loads(bytes(event["payload"]))["rows"]
            if item["id"] == row["id"]
        )
        forged = trail.Row("cell_count", row["id"], said["values"] | {"live": 190})
        set_value(connection, "cell_count", row, "live", 190)
        append_event(connection, own if chain == "batch" else chain, forged)
        found = {(item.table, item.row_id) for item in verified(lab, connection).problems}
    assert found == {("cell_count", row["id"])}


def append_event(connection: Connection, chain: str, row: trail.Row) -> None:
    """What somebody does who knows the format: one more event, in order, and the head moved on."""
    head = next(item for item in rows_of(connection, "trail_head") if item["chain"] == chain)
    payload = trail.event_bytes(
        chain=chain,
        seq=head["seq"] + 1,
        at=times.from_text(head["at"]),
        actor={"id": "", "name": "labrecords", "username": "system"},
        act="page viewed",
        subject="",
        reason=None,
        rows=[row],
        refs={},
        detail={},
        prev=head["digest"],
    )
    digest = trail.digest(payload)
    event = {"chain": chain, "seq": head["seq"] + 1, "subject": "", "payload": payload, "digest": digest}
    event |= beside(payload)
    add_row(connection, "trail_event", event)
    set_value(connection, "trail_head", head, "digest", digest)
    set_value(connection, "trail_head", head, "seq", head["seq"] + 1)


def test_an_event_with_a_row_of_a_strange_table_is_found(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        append_event(connection, "people", trail.Row("nowhere", "1", {"a": 1}))
        assert "a table that holds no records" in sentences(verified(lab, connection))


def test_two_events_that_changed_places_are_found(lab: Lab) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        _, events = batch_events(lab, connection, number)
        for one, another in ((events[3], events[4]), (events[4], events[3])):
            for column in ("payload", "digest", "subject"):
                set_value(connection, "trail_event", one, column, another[column])
        assert "it was moved here" in sentences(verified(lab, connection))


NO_EVENTS = [
    b"", b"{}", b"[]", b"null", b"1", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"at":1}', b'{"rows":[{}]}',
    b'{"at":"","chain":"","prev":"","refs":{"a":"b"},"rows":[],"seq":1,"subject":""}',
    b'{"at":"","chain":"","prev":"","refs":{},"rows":[{"table":"harvest","id":"x","values":{"a":1.5}}],'
    b'"seq":1,"subject":""}',
]  # fmt: skip


@pytest.mark.parametrize("payload", NO_EVENTS, ids=range(len(NO_EVENTS)))
def test_bytes_that_are_no_event_are_found_and_nothing_fails(lab: Lab, payload: bytes) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        _, events = batch_events(lab, connection, number)
        set_value(connection, "trail_event", events[4], "payload", payload)
        assert not verified(lab, connection).sound


@pytest.mark.parametrize("column", ["seq", "digest", "payload", "chain"])
def test_an_event_of_another_type_is_found_and_nothing_fails(lab: Lab, column: str) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        _, events = batch_events(lab, connection, number)
        set_value(connection, "trail_event", events[4], column, "text" if column != "digest" else b"bytes")
        assert not verified(lab, connection).sound


@pytest.mark.parametrize("column", ["chain", "seq", "digest", "at"])
def test_a_changed_head_is_found(lab_on_both: Lab, column: str) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain = batch_chain(lab.record(number).batch.id)
        head = next(row for row in rows_of(connection, "trail_head") if row["chain"] == chain)
        set_value(connection, "trail_head", head, column, other(head[column]))
        assert chain in {problem.chain for problem in verified(lab, connection).problems}


def test_missing_heads_are_found(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        connection.execute(delete(table_named("trail_head")))
        report = verified(lab, connection)
    assert len(report.problems) == report.chains


def test_an_empty_trail_is_no_sound_trail(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        for name in ("trail_event", "trail_head", "checkpoint", "checkpoint_head"):
            connection.execute(delete(table_named(name)))
        report = verified(lab, connection, with_file=True)
    assert {problem.table for problem in report.problems} == {*RECORDS, "checkpoints.jsonl"}


# ---- histories rewritten so that they hang together --------------------------------------------------------------


def put_head(connection: Connection, chain: str, event: dict[str, Any]) -> None:
    head = table_named("trail_head")
    values = {"seq": event["seq"], "digest": event["digest"], "at": json.loads(event["payload"])["at"]}
    statement = text("UPDATE trail_head SET seq = :seq, digest = :digest, at = :at WHERE chain = :chain")
    assert set(values) < set(head.c.keys())
    connection.execute(statement, {**values, "chain": chain})


def delete_events(connection: Connection, chain: str, after: int) -> None:
    """Take the last events of a chain away together with the rows that they recorded."""
    for event in rows_of(connection, "trail_event"):
        if event["chain"] != chain or event["seq"] <= after:
            continue
        for row in json.loads(event["payload"])["rows"]:
            (key,) = table_named(row["table"]).primary_key
            connection.execute(delete(table_named(row["table"])).where(key == row["id"]))
        connection.execute(delete(table_named("trail_event")).where(this("trail_event", event)))


def rehash(connection: Connection, chain: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change events of a chain, and make every later event, digest and the head fit again."""
    prev, last = trail.GENESIS, None
    events = sorted(
        (row for row in rows_of(connection, "trail_event") if row["chain"] == chain),
        key=lambda row: row["seq"],
    )
    for event in events:
        content = json.loads(event["payload"])
        change(content)
        payload = canonical_bytes(content | {"prev": prev})
        prev = trail.digest(payload)
        set_value(connection, "trail_event", event, "payload", payload)
        for name, said in ({"digest": prev} | beside(payload)).items():
            set_value(connection, "trail_event", event, name, said)
        last = event | {"payload": payload, "digest": prev}
    assert last is not None
    put_head(connection, chain, last)


@pytest.mark.req("P11-10e")
def test_a_tail_that_was_cut_off_is_found_even_when_the_head_was_adjusted(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain, events = batch_events(lab, connection, number)
        delete_events(connection, chain, after=len(events) - 8)
        put_head(connection, chain, events[-9])
        report = verified(lab, connection)
    assert {problem.table for problem in report.problems} == {"checkpoint_head"}
    assert {problem.chain for problem in report.problems} == {chain}


def test_a_tail_that_was_cut_off_without_the_head_is_counted(lab: Lab) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain, events = batch_events(lab, connection, number)
        delete_events(connection, chain, after=len(events) - 1)
        assert f"Events {len(events)} to {len(events)} were cut off at the end." in sentences(
            verified(lab, connection)
        )


def more_volume(content: dict[str, Any]) -> None:
    for row in content["rows"]:
        if row["table"] == "harvest":
            row["values"]["total_volume_ml"] = "160.0"


def rewrite_harvest(lab: Lab, connection: Connection, number: str) -> str:
    batch_id = lab.record(number).batch.id
    chain, harvest = batch_chain(batch_id), table_named("harvest")
    rehash(connection, chain, more_volume)
    connection.execute(
        update(harvest).where(harvest.c.batch_id == batch_id).values(total_volume_ml=Decimal("160.0"))
    )
    return chain


def name_no_blanks(content: dict[str, Any]) -> None:
    """As a version wrote its events that did not know these columns yet."""
    for row in content["rows"]:
        row["values"] = {name: value for name, value in row["values"].items() if value is not None}


def test_a_column_that_a_later_version_added_is_blank_in_an_older_row(lab_on_both: Lab) -> None:
    lab = lab_on_both
    lab.play("harvest")
    with intruder(lab) as connection:
        rehash(connection, "equipment", name_no_blanks)
        piece = next(row for row in rows_of(connection, "equipment") if row["udi"] is None)
        assert verified(lab, connection).problems == []
        set_value(connection, "equipment", piece, "udi", "forged")
        (found,) = verified(lab, connection).problems
    assert (found.table, found.row_id, found.column) == ("equipment", piece["id"], "udi")


@pytest.mark.req("P11-10a")
def test_a_chain_rewritten_without_a_fault_fails_against_the_checkpoints(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain = rewrite_harvest(lab, connection, number)
        report = verified(lab, connection)
    assert {(problem.table, problem.chain) for problem in report.problems} == {("checkpoint_head", chain)}


def test_rewritten_heads_of_the_checkpoints_do_not_give_the_signed_roots(lab: Lab) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain = rewrite_harvest(lab, connection, number)
        refit_checkpoint_heads(connection, chain)
        report = verified(lab, connection)
    assert {(problem.table, problem.column) for problem in report.problems} == {("checkpoint", "statement")}
    assert "do not give its root" in sentences(report)


def refit_checkpoint_heads(connection: Connection, chain: str) -> None:
    digests = {
        row["seq"]: row["digest"] for row in rows_of(connection, "trail_event") if row["chain"] == chain
    }
    for head in rows_of(connection, "checkpoint_head"):
        if head["chain"] == chain:
            set_value(connection, "checkpoint_head", head, "digest", digests[head["seq"]])


def resign_checkpoints(lab: Lab, connection: Connection, authority: Any) -> None:
    """Make every checkpoint fit the rewritten chains, signed with another key."""
    certificate = sha256_hex(authority.checkpoint_certificate_pem.encode())
    at: dict[str, tuple[int, str]] = {}
    previous = ""
    heads = rows_of(connection, "checkpoint_head")
    for row in sorted(rows_of(connection, "checkpoint"), key=lambda row: row["number"]):
        at |= {
            head["chain"]: (head["seq"], head["digest"]) for head in heads if head["number"] == row["number"]
        }
        leaves = leaves_of(at)
        content = json.loads(row["statement"]) | {"previous": previous, "root": merkle.root(leaves).hex()}
        statement, previous = canonical_bytes(content), content["root"]
        set_value(connection, "checkpoint", row, "statement", statement)
        set_value(connection, "checkpoint", row, "signature", sign_checkpoint(authority, statement))
        set_value(connection, "checkpoint", row, "certificate_sha256", certificate)


def test_checkpoints_signed_anew_with_another_key_are_not_the_laboratorys(lab: Lab, tmp_path: Any) -> None:
    number = fill_every_table(lab)
    create_authority(tmp_path / "forged", "Cell Laboratory Kraków", lab.clock())
    with intruder(lab) as connection:
        chain = rewrite_harvest(lab, connection, number)
        refit_checkpoint_heads(connection, chain)
        forger = load_authority(tmp_path / "forged")
        resign_checkpoints(lab, connection, forger)
        # Even with the forger's certificate registered in the database.
        row = next(row for row in rows_of(connection, "certificate") if row["purpose"] == "checkpoint")
        pem = forger.checkpoint_certificate_pem
        add_row(
            connection, "certificate", row | {"id": "f" * 32, "pem": pem, "sha256": sha256_hex(pem.encode())}
        )
        report = verified(lab, connection)
    places = {(problem.table, problem.column) for problem in report.problems}
    assert {("checkpoint", "certificate_sha256"), ("checkpoint", "signature")} <= places


def test_even_the_laboratorys_own_key_cannot_rewrite_the_file_outside(lab: Lab) -> None:
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        chain = rewrite_harvest(lab, connection, number)
        refit_checkpoint_heads(connection, chain)
        resign_checkpoints(lab, connection, lab.installation.authority)
        assert verified(lab, connection).sound, "with the key and the database everything can be rewritten"
        report = verified(lab, connection, with_file=True)
    assert {problem.table for problem in report.problems} == {"checkpoints.jsonl"}
    assert "it is older or was changed" in sentences(report)


def remove_batch(connection: Connection, batch_id: str) -> None:
    """Remove a batch with all its rows, its chain and its head."""
    for name in RECORDS:
        table = table_named(name)
        key = table.c.get("batch_id") if name != "batch" else table.c.id
        if key is not None:
            connection.execute(delete(table).where(key == batch_id))
    for name in ("trail_event", "trail_head"):
        connection.execute(
            delete(table_named(name)).where(table_named(name).c.chain == batch_chain(batch_id))
        )
    connection.execute(text("DELETE FROM batch_overview WHERE batch_id = :id"), {"id": batch_id})


@pytest.mark.req("P11-10e")
def test_a_batch_that_was_removed_whole_is_found_by_the_checkpoints(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    with intruder(lab) as connection:
        batch_id = lab.record(number).batch.id
        remove_batch(connection, batch_id)
        report = verified(lab, connection)
    assert {problem.chain for problem in report.problems} == {batch_chain(batch_id)}
    assert {"trail_event", "checkpoint_head"} == {problem.table for problem in report.problems}


def test_a_batch_that_was_removed_before_any_checkpoint_is_found_by_the_laboratorys_chain(lab: Lab) -> None:
    number = lab.play("order")
    with intruder(lab) as connection:
        batch_id = lab.record(number).batch.id
        remove_batch(connection, batch_id)
        report = verified(lab, connection)
    assert [problem.chain for problem in report.problems] == [batch_chain(batch_id)]
    assert "of laboratory refers to event 1 of this chain, which is missing" in sentences(report)


# ---- checkpoints, and the file outside ---------------------------------------------------------------------------


@pytest.mark.parametrize("column", [column.name for column in table_named("checkpoint").columns])
def test_a_changed_checkpoint_is_found(lab_on_both: Lab, column: str) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    with intruder(lab) as connection:
        row = max(rows_of(connection, "checkpoint"), key=lambda row: row["number"])
        value = row["number"] + 5 if column == "number" else other(row[column])
        set_value(connection, "checkpoint", row, column, value)
        report = verified(lab, connection)
    at = {problem.column for problem in report.problems if problem.table == "checkpoint"}
    assert column in at


@pytest.mark.parametrize("column", [column.name for column in table_named("checkpoint_head").columns])
def test_a_changed_head_of_a_checkpoint_is_found(lab_on_both: Lab, column: str) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    with intruder(lab) as connection:
        row = rows_of(connection, "checkpoint_head")[0]
        value = row["number"] + 5 if column == "number" else other(row[column])
        set_value(connection, "checkpoint_head", row, column, value)
        report = verified(lab, connection)
    assert {problem.table for problem in report.problems} & {"checkpoint", "checkpoint_head"}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("checkpoint", "statement"),
        ("checkpoint", "signature"),
        ("checkpoint_head", "number"),
        ("checkpoint_head", "chain"),
        ("checkpoint_head", "seq"),
        ("checkpoint_head", "digest"),
    ],
)
def test_a_checkpoint_of_another_type_is_found_and_nothing_fails(lab: Lab, name: str, column: str) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        value = b"bytes" if column in ("digest", "chain") else "text"
        set_value(connection, name, rows_of(connection, name)[0], column, value)
        assert not verified(lab, connection, with_file=True).sound


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint_head"])
def test_missing_checkpoints_are_found(lab: Lab, name: str) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        connection.execute(delete(table_named(name)))
        assert "checkpoint" in {problem.table for problem in verified(lab, connection).problems}


def test_checkpoints_that_were_removed_without_a_trace_are_missed_by_the_file(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        last = max(row["number"] for row in rows_of(connection, "checkpoint"))
        for name in ("checkpoint", "checkpoint_head"):
            connection.execute(delete(table_named(name)).where(table_named(name).c.number == last))
        assert verified(lab, connection).sound
        report = verified(lab, connection, with_file=True)
    assert named(report) == {("checkpoints.jsonl", str(last), "")}


FILES: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a line removed": (lambda lines: lines[1:], "is missing from the file"),
    "all lines removed": (lambda lines: [], "is missing from the file"),
    "a line that is no JSON": (
        lambda lines: ["nonsense", *lines],
        "Line 1 of the checkpoint file is not readable",
    ),
    "a deep line": (lambda lines: ["[" * 100_000, *lines], "Line 1 of the checkpoint file is not readable"),
    "a line cut off": (lambda lines: [*lines[:-1], lines[-1][:50]], "is not readable"),
    "another root": (
        lambda lines: [lines[0].replace('root\\":\\"', 'root\\":\\"0'), *lines[1:]],
        "does not hold",
    ),
    "another signature": (
        lambda lines: [lines[0].replace('"signature": "30', '"signature": "31'), *lines[1:]],
        "hold",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), FILES.values(), ids=FILES.keys())
def test_a_changed_file_of_checkpoints_is_found(
    lab: Lab, change: Callable[[list[str]], list[str]], sentence: str
) -> None:
    fill_every_table(lab)
    lab.tampered = True
    file = lab.installation.settings.checkpoint_file
    lines = file.read_text().splitlines()
    changed = change(lines)
    assert changed != lines
    file.write_text("".join(f"{line}\n" for line in changed))
    with intruder(lab) as connection:
        assert sentence in sentences(verified(lab, connection, with_file=True))


def test_a_file_that_is_gone_is_found(lab: Lab) -> None:
    fill_every_table(lab)
    lab.tampered = True
    lab.installation.settings.checkpoint_file.unlink()
    with intruder(lab) as connection:
        report = verified(lab, connection, with_file=True)
        assert len(report.problems) == count(connection, "checkpoint")


@pytest.mark.req("P11-10c")
def test_an_older_copy_of_the_database_is_recognised_by_the_file(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    lab.disconnect()
    older = lab.folder.parent / "older.sqlite3"
    shutil.copy(lab.folder / "labrecords.sqlite3", older)
    lab.play("closed", number)
    lab.disconnect()
    for file in lab.folder.glob("labrecords.sqlite3*"):
        file.unlink()
    shutil.copy(older, lab.folder / "labrecords.sqlite3")
    lab.tampered = True
    with intruder(lab) as connection:
        assert verified(lab, connection).sound
        assert "it is older or was changed" in sentences(verified(lab, connection, with_file=True))


def test_a_checkpoint_covers_every_chain_as_it_stands(lab_on_both: Lab) -> None:
    lab = lab_on_both
    lab.open_batch()
    place = lab.installation
    number = make_checkpoint(lab.store, place.authority, place.settings.checkpoint_file)
    with lab.store.read() as session:
        heads = heads_at(session, number)
    assert {chain: seq for chain, (seq, _) in heads.items()} == lab.chain_lengths()
    last = json.loads(place.settings.checkpoint_file.read_text().splitlines()[-1])
    stated = json.loads(last["statement"])
    assert stated["size"] == len(heads)
    assert stated["root"] == merkle.root(leaves_of(heads)).hex()


def test_a_checkpoint_stores_only_the_heads_that_moved(lab: Lab) -> None:
    place = lab.installation
    for _ in range(2):
        make_checkpoint(lab.store, place.authority, place.settings.checkpoint_file)
    lab.open_batch()
    last = make_checkpoint(lab.store, place.authority, place.settings.checkpoint_file)
    with intruder(lab) as connection:
        moved = [row for row in rows_of(connection, "checkpoint_head") if row["number"] >= last - 1]
    assert sorted(row["chain"].partition("/")[0] for row in moved) == ["batch", "laboratory"]


# ---- the quick check, and the damaged file -----------------------------------------------------------------------


def test_the_quick_check_reads_every_link(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = fill_every_table(lab)
    with lab.store.read() as session:
        report = verify_hashes(session)
    assert report.sound
    assert report.events == sum(lab.chain_lengths().values())
    with intruder(lab) as connection:
        _, events = batch_events(lab, connection, number)
        set_value(connection, "trail_event", events[4], "payload", other(events[4]["payload"]))
        with Session(bind=connection) as session:
            broken = verify_hashes(session)
    assert [problem.seq for problem in broken.problems] == [events[5]["seq"]]


def test_the_quick_check_reads_in_several_processes_what_it_reads_in_one(
    lab_on_both: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    monkeypatch.setattr(verification, "LEAST_SHARE", 5)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    with lab.store.read() as session:
        report = verify_hashes(session)
    assert report.sound
    assert report.events == sum(lab.chain_lengths().values())
    assert report.chains == len(lab.chain_lengths())


def test_the_quick_check_notices_a_tail_and_a_chain_that_are_missing(lab: Lab) -> None:
    fill_every_table(lab)
    with intruder(lab) as connection:
        delete_events(connection, "people", 5)
        connection.execute(text("DELETE FROM trail_event WHERE chain = 'equipment'"))
        with Session(bind=connection) as session:
            found = {(item.chain, item.sentence) for item in verify_hashes(session).problems}
    assert found == {
        ("people", "The last event and the head kept for this chain do not agree."),
        ("equipment", "All events of this chain are missing."),
    }


@pytest.mark.req("P11-10a")
def test_a_byte_flipped_in_the_file_of_the_database_is_found_wherever_it_holds_a_record(lab: Lab) -> None:
    """Every byte of a value that stands in the file: a stated volume, a name, a digest, a document, a key."""
    fill_every_table(lab)
    lab.tampered = True
    lab.disconnect()
    file = lab.folder / "labrecords.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        # What is computed from the records repeats them, and is no record.
        connection.execute("DELETE FROM batch_trace")
        connection.execute("DELETE FROM batch_code")
        connection.commit()
        connection.execute("VACUUM")
    whole = file.read_bytes()
    needles = [
        b"Theatre 2",
        b"Paula Pereira",
        b"41880",
        b"BEGIN CERTIFICATE",
        b"$argon2id$",
        b'"act":"harvest.recorded"',
    ]
    for needle in needles:
        place = whole.rindex(needle)
        for bit in (0x01, 0x80):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with lab.store.read() as session:
                report = verify_trail(session, lab.installation.authority.checkpoint_certificate_pem)
            lab.disconnect()
            assert not report.sound, (needle, bit)
    file.write_bytes(whole)


def test_whichever_byte_of_the_file_is_flipped_nothing_fails(lab: Lab) -> None:
    fill_every_table(lab)
    lab.tampered = True
    lab.disconnect()
    file = lab.folder / "labrecords.sqlite3"
    whole = file.read_bytes()
    places = [*range(0, 100, 9), *range(100, 4000, 300), *range(4096, len(whole), len(whole) // 25)]
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
        with lab.store.read() as session:
            verify_trail(session, lab.installation.authority.checkpoint_certificate_pem)
        lab.disconnect()
    file.write_bytes(whole)
