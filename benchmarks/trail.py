"""Verification of the trail: events per second for the hashes alone, and with replay and comparison of every row."""

from __future__ import annotations

import hashlib
import time

from sqlalchemy import insert, select

from labrecords.actions.door import transaction
from labrecords.actions.verification import verify_hashes, verify_trail
from labrecords.domain.evidence import trail
from labrecords.domain.values import times
from labrecords.installation import Installation
from labrecords.models.people import AgreementRow, PersonRow
from labrecords.models.store import server_clock
from labrecords.models.trail import TrailEvent, TrailHead

EVENTS, CHAINS = 200_000, 200


def fill(place: Installation) -> int:
    """Add many chained events, each with one row that stands in its table too. Returns how many."""
    now = server_clock()
    table, head = TrailEvent.__table__, TrailHead.__table__
    with transaction(place.store) as session:
        person = session.execute(select(PersonRow.id).limit(1)).scalar_one()
        for number in range(CHAINS):
            chain, prev, events, rows = f"measured/{number}", trail.GENESIS, [], []
            for seq in range(1, EVENTS // CHAINS + 1):
                values = {
                    "id": f"{number:06d}{seq:06d}",
                    "person_id": person,
                    "version": f"measured {number} {seq}",
                    "statement": "Measured.",
                }
                row = values | {"agreed_at": now}
                stored = values | {"agreed_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
                payload = trail.event_bytes(
                    chain=chain,
                    seq=seq,
                    at=now,
                    actor={"id": person, "name": "Tess Arden", "username": "tess"},
                    act="measured",
                    subject="",
                    reason=None,
                    rows=[trail.Row("agreement", values["id"], stored)],
                    refs={},
                    detail={},
                    prev=prev,
                )
                prev = trail.digest(payload)
                found = {"at": times.to_text(now), "actor": person, "act": "measured", "reason": ""}
                event = {"chain": chain, "seq": seq, "subject": "", "payload": payload, "digest": prev}
                events.append(event | found)
                rows.append(row)
            session.execute(insert(table), events)
            # Past the session, which refuses bulk statements on records: the events above hold these rows.
            session.connection().execute(insert(AgreementRow.__table__), rows)
            at = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            last = {"chain": chain, "seq": len(events), "digest": prev, "at": at}
            session.execute(insert(head).values(last))
    return EVENTS


def rates(place: Installation) -> dict[str, float]:
    """Thousands of events per second, and what this machine hashes in memory, which no reading can surpass."""
    found = {}
    with place.store.read() as session:
        table = TrailEvent.__table__
        some = list(session.execute(select(table.c.payload).limit(50_000)).scalars())
        start = time.perf_counter()
        for payload in some:
            hashlib.sha256(payload).hexdigest()
        found["the bare hash of bytes in memory on one core"] = (
            len(some) / (time.perf_counter() - start) / 1000
        )
        found["bytes of an event"] = sum(map(len, some)) / len(some)
    with place.store.read() as session:
        start = time.perf_counter()
        report = verify_hashes(session)
        found["hashes"] = report.events / (time.perf_counter() - start) / 1000
        assert report.sound, report.problems[:3]
    with place.store.read() as session:
        start = time.perf_counter()
        report = verify_trail(session, place.authority.checkpoint_certificate_pem)
        found["with replay and rows"] = report.events / (time.perf_counter() - start) / 1000
        assert report.sound, report.problems[:3]
    return found
