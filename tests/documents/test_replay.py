"""The rows of the trail, as the verifier knows them, are those of the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from labrecords.documents.verifying.replay import PARTS, row_problems, stored
from labrecords.domain.kinds import KINDS
from labrecords.models.records import ROW_OF, DocumentRow
from labrecords.models.session import stored_form
from tests.support.example import example_record


def test_tables_are_named_as_in_the_database() -> None:
    tables = {row.__tablename__ for row in ROW_OF.values()} | {DocumentRow.__tablename__}
    registers = {"equipment", "lot", "training", "therapy_order", "order_withdrawal", "recall", "recall_end"}
    registers |= {"place_reading", "place_review"}
    assert tables == {"batch", "document", *registers, *KINDS, *PARTS.values()}


def test_values_are_stored_as_in_the_database() -> None:
    record = example_record()
    for item in (record.batch, *record.entries, *(part for name in PARTS for part in getattr(record, name))):
        row = ROW_OF[type(item)].of(item)
        columns = row.__table__.columns
        assert stored(item) == {
            column.name: stored_form(column, getattr(row, column.key)) for column in columns
        }


def test_numbers_keep_their_decimals() -> None:
    record = example_record()
    draw = next(entry for entry in record.entries if entry.kind == "sample")
    assert stored(draw)["volume_ml"] == str(draw.volume_ml)  # type: ignore[attr-defined]
    assert Decimal(stored(draw)["volume_ml"]) == draw.volume_ml  # type: ignore[attr-defined]


def test_what_a_later_version_records_besides_is_blank_in_an_older_row() -> None:
    record = example_record()
    named: list[tuple[str, Any]] = [("batch", record.batch), *((item.kind, item) for item in record.entries)]
    named += [(table, item) for part, table in PARTS.items() for item in getattr(record, part)]
    rows = [{"table": table, "id": item.id, "values": stored(item)} for table, item in named]
    older = [
        row | {"values": {name: value for name, value in row["values"].items() if value is not None}}
        for row in rows
    ]
    assert older != rows
    now, then = (row_problems(record, [{"seq": 1, "rows": each}]) for each in (rows, older))
    assert now == then
    assert not [problem for problem in now if "differs" in problem]
    count = next(row for row in older if row["table"] == "cell_count")
    count["values"].pop("performed_by")
    assert "A cell count differs from event 1 in: performed_by." in row_problems(
        record, [{"seq": 1, "rows": older}]
    )
