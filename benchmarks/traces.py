"""The trace from a lot to all recipients, in a database of 100,000 batches."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from labrecords.domain.custody.traces import (
    CONTAINER,
    DAY,
    EQUIPMENT,
    INJECTED_BY,
    LOT,
    PATIENT,
    PERSON,
    PLACE,
)
from labrecords.installation import Installation
from labrecords.models.overview import BatchOverview, TraceRow
from labrecords.models.traces import all_traced, traced

BATCHES, AT_ONCE = 100_000, 5_000
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
IN_A_LOT = 400
"""So many batches share a lot."""


def fill(place: Installation) -> int:
    """Give the lists and traces of 100,000 batches. Returns how many traces there are."""
    count = 0
    for first in range(0, BATCHES, AT_ONCE):
        batches = range(first, first + AT_ONCE)
        traces = [trace for number in batches for trace in _traces(number)]
        count += len(traces)
        with place.store.write() as session:
            session.execute(insert(BatchOverview.__table__), [_overview(number) for number in batches])
            session.execute(insert(TraceRow.__table__), traces)
            session.commit()
    return count


def seconds(place: Installation, lot: int = 100) -> dict[str, float]:
    """Wall-clock seconds from a lot to its recipients: the first page of them, and all for the file."""
    found = {}
    with place.store.read() as session:
        begun = time.perf_counter()
        page = traced(session, LOT, f"LOT{lot}")
        found["first page"] = time.perf_counter() - begun
        assert page.next
        begun = time.perf_counter()
        everything = list(all_traced(session, LOT, f"LOT{lot}"))
        found["all recipients"] = time.perf_counter() - begun
        assert len(everything) == IN_A_LOT
    return found


def _overview(number: int) -> dict[str, object]:
    at = BEGIN + timedelta(minutes=30 * number)
    return {
        "batch_id": f"{number:032x}",
        "number": f"TST-{at:%y}-{number:06d}",
        "patient_code": f"P-{number // 2}",
        "identity_code": f"{number // 2:012d}",
        "product": "Bone marrow concentrate, autologous",
        "status": "closed",
        "next_step": "",
        "next_title": "",
        "harvested_at": at,
        "use_before": at + timedelta(hours=4),
        "opened_at": at,
        "exceptions": 0,
        "blocking": 0,
        "late_tests": "",
        "tests_due": None,
        "outstanding": "",
    }


def _traces(number: int) -> list[dict[str, object]]:
    at = BEGIN + timedelta(minutes=30 * number)
    named = [
        (PATIENT, f"P{number // 2}"),
        (DAY, f"{at:%Y-%m-%d}"),
        (INJECTED_BY, f"{number % 7:032x}"),
        *((LOT, f"LOT{kind * 1000 + number // IN_A_LOT}") for kind in range(3)),
        *((EQUIPMENT, f"CF-{(number + kind) % 20}") for kind in range(2)),
        *((PERSON, f"{(number + kind) % 30:032x}") for kind in range(3)),
        *((PLACE, f"room {(number + kind) % 10}") for kind in range(2)),
        *((CONTAINER, f"C{number}{letter}") for letter in "ABCD"),
    ]
    return [
        {"batch_id": f"{number:032x}", "subject": subject, "key": key, "words": key, "at": at}
        for subject, key in named
    ]
