"""What whoever measures should know of the result: shown while it is typed in, on the step's page, and printed."""

from __future__ import annotations

from dataclasses import dataclass

from labrecords.domain.rules.finding import Severity


@dataclass(frozen=True)
class Remark:
    """One sentence about a measurement, and what to do. With a severity it is a finding of the record as well."""

    rule: str
    sentence: str
    way_out: str
    severity: Severity | None = Severity.EXCEPTION
    repeat: bool = False
    """Whether the measurement is no good as it is and should be done again."""
