"""After an act: what the system says of the batch is what the model says, and its trail gives its rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from labrecords.domain.evidence.trail import ChainReader
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.balance import balance
from labrecords.domain.results.step_balance import StepBalance, step_balances
from labrecords.models.base import NEVER, Base
from labrecords.models.guards import record_tables
from labrecords.models.session import commit
from labrecords.models.stored import as_bytes, raw
from labrecords.models.trail import TrailEvent, TrailHead
from tests.any_order.model import Batch
from tests.any_order.readings import NOTHING, ORDER
from tests.support.lab import Lab


def check(lab: Lab, batch: Batch) -> None:
    """Fail where the batch is not as the model has it."""
    record = lab.record(batch.number)
    check_order(record, batch, {member.id: name for name, member in lab.cast.items()})
    check_balance(record, batch)
    check_trail(lab, batch)


def check_order(record: BatchRecord, batch: Batch, names: dict[str, str]) -> None:
    """Which steps are answered, by which versions, and who has confirmed them."""
    following = record.next_step()
    assert (following.key if following else None) == batch.next_step()
    for key in ORDER:
        versions = [(entry.id, entry.follows_as, names[entry.recorded_by]) for entry in record.history(key)]
        assert versions == [(one.id, one.how, one.by) for one in batch.versions[key]], key
        current = record.current(key)
        assert (current.id if current else None) == (versions[-1][0] if versions else None), key
        assert bool(record.not_done_reason(key)) == (bool(batch.notes[key]) and not versions), key
    for version in batch.standing():
        entry = record.current(version.key)
        assert entry is not None
        found = {(wanted.act, names.get(wanted.person_id or "", "")) for wanted in record.outstanding(entry)}
        assert found == batch.outstanding(version), version.key
    given = sum(len(items) for items in batch.confirmations.values())
    assert len(record.confirmations) == given
    assert {names[person] for person in record.participants()} == batch.people
    assert [decision.decision for decision in record.decisions] == [word for word, _, _ in batch.decisions]
    assert len(record.closures) == len(batch.closed_at)
    assert bool(record.voids) == batch.voided


def check_balance(record: BatchRecord, batch: Batch) -> None:
    """The volumes of every step, and over all steps: what was added is there, drawn, thrown away, kept or missing."""
    found, expected = step_balances(record), batch.lines()
    assert [_line(item) for item in found] == expected
    if expected and all(line["in"] is not None and line["out"] is not None for line in expected):
        assert sum(line["added"] for line in expected) == sum(_accounted(found), NOTHING)
    residual, injection = batch.current("residual"), batch.current("injection")
    left = batch.current("final_container")
    product = balance(record)
    if residual and injection and left:
        assert product is not None
        injected = injection.stated.injected_ml or NOTHING
        rest = left.stated.facts["volume_ml"] - injected - residual.stated.facts["volume_ml"]
        assert product.difference_ml == rest


def _line(item: StepBalance) -> dict[str, Any]:
    return {
        "step": item.step.key,
        "before": item.before_ml,
        "in": item.in_ml,
        "added": item.added_ml,
        "out": item.out_ml,
        "sample": item.sample_ml,
        "waste": item.waste_ml,
        "retained": item.retained_ml,
    }


def _accounted(items: tuple[StepBalance, ...]) -> Iterator[Decimal]:
    """Where every mL is by now: what a step took in beyond what was there had come from nowhere."""
    for item in items:
        yield from (item.sample_ml, item.waste_ml or NOTHING, item.retained_ml, item.difference_ml or NOTHING)
        yield item.taken_ml if item.taken_ml is not None else -(item.in_ml or NOTHING)
    yield items[-1].out_ml or NOTHING


def check_trail(lab: Lab, batch: Batch) -> None:
    """The chain of the batch holds together, ends where it must, and its events give the rows that are there."""
    chain, events, heads = f"batch/{batch.id}", TrailEvent.__table__, TrailHead.__table__
    reader, said = ChainReader(chain), dict[tuple[str, str], Any]()
    with lab.store.read() as session:
        connection = session.connection()
        query = select(events.c.seq, events.c.payload).where(events.c.chain == chain).order_by(events.c.seq)
        for row in connection.execute(query):
            event = reader.read(row.seq, as_bytes(row.payload))
            assert event is not None
            for one in event["rows"]:
                assert said.setdefault((one["table"], one["id"]), one["values"]) is one["values"]
        head = connection.execute(select(heads.c.seq, heads.c.digest).where(heads.c.chain == chain)).one()
        reader.end(head.seq, head.digest)
        stored = {}
        for table in record_tables():
            if (rows_of := _rows_of_batch(table)) is not None:
                for found in connection.execute(rows_of, {"batch": batch.id}).mappings():
                    stored[table.__tablename__, str(found["id" if "id" in found else "sha256"])] = _trailed(
                        table, found
                    )
    assert reader.problems == []
    assert reader.seq == batch.events
    assert said == stored


@cache
def _rows_of_batch(table: type[Base]) -> Select[Any] | None:
    """The rows of one batch in a table of records; None where the table has none of a batch."""
    columns = table.__table__.columns
    column = columns["id"] if table.__tablename__ == "batch" else columns.get("batch_id")
    if column is None:
        return None
    return select(*map(raw, columns)).where(column == bindparam("batch"))


def _trailed(table: type[Base], stored: Any) -> dict[str, Any]:
    """What the event of a row must hold, from the row as it is stored."""
    return {
        column.name: commit(column.info["trail"], stored[column.name], "")
        for column in table.__table__.columns
        if column.info["trail"] != NEVER
    }
