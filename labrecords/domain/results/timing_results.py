"""The numbers of time: until when the product may be used, and how long each limited part of the work took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labrecords.domain.calculations.derived import Derived
from labrecords.domain.once import once
from labrecords.domain.results.expiry import use_before
from labrecords.domain.rules.time_limits import intervals

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@once
def timing_results(record: BatchRecord) -> tuple[Derived, ...]:
    """What can be computed from what is recorded: the use-before time, then each interval that has ended."""
    limit = use_before(record)
    ended = (interval.derived for interval in intervals(record))
    return (*((limit.derived,) if limit else ()), *(derived for derived in ended if derived is not None))
