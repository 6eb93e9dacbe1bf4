"""Column types: what is stored is the text that the trail holds, on both databases, and comes back as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from labrecords.domain.steps.counts import Square
from labrecords.domain.steps.harvest import Draw
from labrecords.models.base import COMMITMENT, DIGEST, Day, DecimalText, Instant, PlainJson, YesNo
from labrecords.models.guards import record_tables
from labrecords.models.session import commit, stored_form
from tests.support import story
from tests.support.everything import fill_every_table
from tests.support.lab import Lab
from tests.support.tampering import intruder, rows_of

DIALECT: Any = None

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)
instants = st.datetimes(datetime(1980, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def round_trip(kind: Any, value: Any) -> Any:
    stored = kind.process_bind_param(value, DIALECT)
    assert stored is None or isinstance(stored, (str, int))
    return kind.process_result_value(stored, DIALECT)


@given(decimals)
def test_a_decimal_comes_back_with_its_decimals(value: Decimal) -> None:
    again = round_trip(DecimalText(), value)
    assert again == value
    assert again.as_tuple().exponent == value.as_tuple().exponent


@pytest.mark.parametrize(
    "entered", ["0", "0.00", "-0.5", "1E+3", "60.000", "123456789012345678901234567890.5"]
)
def test_a_decimal_is_stored_in_plain_digits(entered: str) -> None:
    stored = DecimalText().process_bind_param(Decimal(entered), DIALECT)
    assert stored is not None
    assert "E" not in stored
    assert Decimal(stored) == Decimal(entered)


@given(instants)
def test_an_instant_comes_back_to_the_microsecond(value: datetime) -> None:
    assert round_trip(Instant(), value) == value


@given(instants, instants)
def test_stored_instants_sort_as_time_does(one: datetime, other: datetime) -> None:
    stored = [Instant().process_bind_param(value, DIALECT) or "" for value in (one, other)]
    assert (stored[0] < stored[1]) == (one < other)


def test_an_instant_of_another_offset_is_stored_in_utc() -> None:
    from datetime import timezone

    local = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    assert Instant().process_bind_param(local, DIALECT) == "2026-11-23T08:30:00.000000Z"


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        Instant().process_bind_param(datetime(2026, 11, 23), DIALECT)  # noqa: DTZ001


@given(st.dates())
def test_a_day_comes_back(value: date) -> None:
    assert round_trip(Day(), value) == value


@pytest.mark.parametrize("value", [True, False, None])
def test_yes_no_and_no_answer_are_three_things(value: bool | None) -> None:
    assert round_trip(YesNo(), value) is value


def test_rows_come_back_as_their_objects() -> None:
    draws = (
        Draw(volume_ml=Decimal("18.0")),
        Draw(volume_ml=Decimal("2"), drawn_at=datetime(2026, 1, 2, tzinfo=UTC)),
    )
    assert round_trip(PlainJson(tuple[Draw, ...]), draws) == draws
    assert round_trip(PlainJson(tuple[Square, ...]), ()) == ()
    assert round_trip(PlainJson(dict[str, str]), {"a": "ż", "b": ""}) == {"a": "ż", "b": ""}


def test_what_the_trail_holds_is_what_stands_in_the_database(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fill_every_table(lab)
    with intruder(lab) as connection:
        stored = {table.__tablename__: rows_of(connection, table.__tablename__) for table in record_tables()}
    with lab.store.read() as session:
        for table in record_tables():
            columns = table.__table__.columns
            for item in session.query(table):
                key = next(iter(columns)).table.primary_key.columns[0].name
                row = next(row for row in stored[table.__tablename__] if row[key] == getattr(item, key))
                assert {name: stored_form(columns[name], getattr(item, name)) for name in row} == row


def test_a_commitment_hides_its_value_and_depends_on_its_salt() -> None:
    one, other = commit(COMMITMENT, "secret", "a"), commit(COMMITMENT, "secret", "b")
    assert one != other
    assert len(one) == 64
    assert commit(COMMITMENT, "secret", "a") == one
    assert commit(COMMITMENT, None, "a") is None


def test_the_trail_holds_the_digest_of_a_document() -> None:
    assert commit(DIGEST, b"abc", "") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_password_stands_in_no_event(lab: Lab) -> None:
    with lab.store.read() as session:
        hashes = session.execute(text("SELECT password_hash FROM credential")).scalars().all()
        payloads = session.execute(text("SELECT payload FROM trail_event")).scalars().all()
    assert len(hashes) == len(story.CAST)
    assert not any(found.encode() in bytes(payload) for found in hashes for payload in payloads)
