"""Material that is handed over before it is released travels as quarantine (21 CFR 1271.60(a), 211.110(d))."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.review.decisions import RELEASED, standing_decision
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

IN_QUARANTINE = "in quarantine"


def in_quarantine(record: BatchRecord, at: datetime) -> bool:
    """Whether the process wants a release and none stood at an instant: before it, on hold, rejected."""
    if not record.process.release_required:
        return False
    decision = standing_decision(record, times.end_of_minute(at))
    return decision is None or decision.decision != RELEASED
