"""What a finding is: a rule that was not kept, how grave that is, where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Severity(IntEnum):
    EXCEPTION = 1
    """To be looked at; does not stand in the way."""
    BLOCKING = 2
    """Stands in the way of release."""
    CRITICAL = 3
    """A person may have been harmed."""


@dataclass(frozen=True)
class Finding:
    rule: str
    severity: Severity
    sentence: str
    step_key: str
    at: datetime
    entry_id: str = ""
    way_out: str = ""
    """What would clear it, where the rule knows."""
