"""What stands beside the bytes of events, by which they are found: filled for old events as new ones have it."""

from __future__ import annotations

from sqlalchemy import text

from labrecords.models import guards, trail_filling
from labrecords.models.trail_list import known_acts
from tests.support.lab import Lab
from tests.support.tampering import intruder

SAID = text("SELECT chain, seq, at, actor, act, reason FROM trail_event ORDER BY chain, seq")


def test_old_events_are_filled_from_their_bytes_and_stay_guarded(lab_on_both: Lab) -> None:
    lab = lab_on_both
    lab.play("order")
    with intruder(lab) as connection:
        before = connection.execute(SAID).all()
        blank = ", ".join(f"{name} = ''" for name in trail_filling.COLUMNS)
        connection.execute(text(f"UPDATE trail_event SET {blank}"))
        trail_filling.AT_ONCE, kept = 3, trail_filling.AT_ONCE
        guards.install(connection, ["trail_event"]) if not _guarded(connection) else None
        trail_filling.fill(connection)
        trail_filling.AT_ONCE = kept
        assert connection.execute(SAID).all() == before
        assert _guarded(connection)
        connection.rollback()


def _guarded(connection) -> bool:  # type: ignore[no-untyped-def]
    return not [name for name in guards.missing(connection) if "trail_event" in name]


def test_the_acts_of_the_trail_are_known_by_name(lab_on_both: Lab) -> None:
    lab_on_both.play("order")
    with lab_on_both.store.read() as session:
        acts = known_acts(session)
        assert acts == sorted(acts)
        assert set(acts) == set(session.execute(text("SELECT DISTINCT act FROM trail_event")).scalars())
