"""Lists at size: the page of batches among 100,000, and the page of the trail among a million events."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text

from benchmarks.pages import asking, signed_in
from benchmarks.timing import interleaved
from labrecords.demo.story import Story
from labrecords.domain.evidence import trail
from labrecords.domain.values import times
from labrecords.installation import Installation
from labrecords.models.trail import TrailEvent

EVENTS, AT_ONCE, CHAINS, PEOPLE = 1_000_000, 20_000, 10_000, 40
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
ACTS = (
    "spin.recorded",
    "harvest.recorded",
    "step.verified",
    "receipt.corrected",
    "signed in",
    "identity.read",
)


def fill_trail(place: Installation) -> int:
    """A million events of many batches, past the door: only found and shown, never verified. Returns how many."""
    for first in range(0, EVENTS, AT_ONCE):
        with place.store.write() as session:
            events = [_event(number) for number in range(first, first + AT_ONCE)]
            session.execute(insert(TrailEvent.__table__), events)
            session.commit()
    with place.store.write() as session:
        session.execute(text("ANALYZE"))
        session.commit()
    return EVENTS


def _event(number: int) -> dict[str, object]:
    at, chain = BEGIN + timedelta(minutes=3 * number), f"batch/{number % CHAINS:032x}"
    who, act = f"{number * 7 % PEOPLE:032x}", ACTS[number * 11 % len(ACTS)]
    reason = f"The scale was read upside down, {number}." if act.endswith("corrected") else ""
    seq = number // CHAINS + 1
    payload = trail.event_bytes(
        chain=chain,
        seq=seq,
        at=at,
        actor={"id": who, "name": "Tess Tamm", "username": "tess"},
        act=act,
        subject="spin",
        reason=reason or None,
        rows=[],
        refs={},
        detail={},
        prev=trail.GENESIS,
    )
    beside = {"at": times.to_text(at), "actor": who, "act": act, "reason": reason}
    digest = trail.digest(payload)
    return {"chain": chain, "seq": seq, "subject": "spin", "payload": payload, "digest": digest} | beside


def trail_ms(place: Installation, story: Story) -> dict[str, float]:
    """Median CPU milliseconds of pages of 100 events, in process."""
    client = signed_in(place, story, "ada")
    paths = {
        "newest": "/trail",
        "of one person": f"/trail?who={7:032x}",
        "of one act": "/trail?act=step.verified",
        "of one person and act": f"/trail?who={8:032x}&act=receipt.corrected",
        "of one month": "/trail?begins=2023-03-01&ends=2023-03-31",
        "words of a reason": "/trail?why=upside",
        "words that no reason has": "/trail?why=nowhere",
    }

    return interleaved({name: asking(client, path) for name, path in paths.items()}, 15, time.process_time)
