"""The rows of the trail, as the verifier knows them, are those of the database."""

from __future__ import annotations

from decimal import Decimal

from labrecords.documents.verifying.replay import PARTS, stored
from labrecords.domain.kinds import KINDS
from labrecords.models.records import ROW_OF, DocumentRow
from labrecords.models.session import stored_form
from tests.support.example import example_record


def test_tables_are_named_as_in_the_database() -> None:
    tables = {row.__tablename__ for row in ROW_OF.values()} | {DocumentRow.__tablename__}
    assert tables == {"batch", "equipment", "lot", "training", "document", *KINDS, *PARTS.values()}


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
