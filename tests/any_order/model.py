"""The model beside the system: what is recorded of a batch, in plain lists, and what follows for the next act.

It is written from the rules and not from the code, and shares nothing with it but the words for rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.any_order.readings import FILLS, ORDER, Flow, Stated

PROCESSING, ADMINISTRATION = ORDER[: ORDER.index("bedside")], ORDER[ORDER.index("bedside") :]
VERIFY = frozenset(
    {"identity_harvest", "receipt", "spin_1", "fractions", "count_after", "final_container", *ADMINISTRATION}
)
OPTIONAL, COUNTS = "room_temperature", ("count_before", "count_after")
REPEATABLE = frozenset({*COUNTS, "spin_1"})
CRITICAL = frozenset({"identity", "release", "bedside check", "appearance"})
CLINICAL = frozenset({"identity_harvest", "harvest", *ADMINISTRATION})
MAY = {
    "tess": {"processing", "clinical", "verify", "attest", "open"},
    "tina": {"processing", "verify", "attest"},
    "vic": {"processing", "verify", "attest"},
    "paula": {"clinical", "verify", "attest", "close"},
    "quentin": {"decide", "attest", "open"},
    "ada": set(),
}
"""What each person has the right to do."""
SAME = ("tess", "tina")
"""Two accounts of one human."""


def humans(person: str) -> set[str]:
    """All accounts of the human that this one belongs to."""
    return set(SAME) if person in SAME else {person}


def right_for(key: str) -> str:
    """The right that recording a step needs."""
    return "clinical" if key in CLINICAL else "processing"


def floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def ceiling(moment: datetime) -> datetime:
    return floor(moment) + timedelta(seconds=59, microseconds=999999)


@dataclass
class Version:
    """One version of what was recorded for a step."""

    key: str
    stated: Stated
    by: str
    performer: str
    performed_at: datetime
    recorded_at: datetime
    how: str | None = None
    happened: bool = False
    note: str | None = None
    typed_by: set[str] = field(default_factory=set)
    id: str = ""
    was_critical: set[str] = field(default_factory=set)

    def wanted(self) -> set[tuple[str, str]]:
        """Confirmations that it needs: the meaning, and the person where it must be a certain one."""
        attest = {("attested", self.performer)} if self.performer != self.by else set()
        return attest | ({("verified", "")} if self.key in VERIFY else set())

    def hands(self) -> set[str]:
        return {account for one in {self.by, self.performer, *self.typed_by} for account in humans(one)}


@dataclass
class Batch:
    """What was recorded of one batch."""

    number: str
    id: str
    patient: str
    opened_by: str
    versions: dict[str, list[Version]] = field(default_factory=lambda: {key: [] for key in ORDER})
    notes: dict[str, list[datetime]] = field(default_factory=lambda: {key: [] for key in ORDER})
    confirmations: dict[str, list[tuple[str, str, datetime]]] = field(default_factory=dict)
    """By the id of a version: meaning, person, instant."""
    differed: set[str] = field(default_factory=set)
    """Ids of versions that were entered otherwise the second time."""
    pauses: dict[str, tuple[str, str]] = field(default_factory=dict)
    """For each step that was paused: the text, and who typed it first."""
    paused: set[str] = field(default_factory=set)
    bypasses: list[tuple[str, str, datetime]] = field(default_factory=list)
    """Step, who asked, when."""
    people: set[str] = field(default_factory=set)
    decisions: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """The word, when it was signed, when its document was sealed."""
    closed_at: list[datetime] = field(default_factory=list)
    voided: bool = False
    events: int = 1
    events_of: dict[str, int] = field(default_factory=dict)
    acts: int = 0
    care: float = 0
    """How likely an act goes by the rules, until the batch is closed or voided."""
    told: list[str] = field(default_factory=list)

    # ---- what stands -------------------------------------------------------------------------------------------

    def current(self, key: str) -> Version | None:
        return self.versions[key][-1] if self.versions[key] else None

    def standing(self) -> list[Version]:
        return [version for key in ORDER if (version := self.current(key))]

    def answered(self, key: str) -> bool:
        return bool(self.versions[key] or self.notes[key])

    def next_step(self) -> str | None:
        return next((key for key in ORDER if not self.answered(key)), None)

    def held(self, key: str) -> str | None:
        """The container that the material is in before a step."""
        found = None
        for earlier in ORDER[: ORDER.index(key)]:
            if self.current(earlier) and earlier in FILLS:
                found = FILLS[earlier]
        return found

    def there(self, key: str) -> Decimal | None:
        """The mL that the steps before this one left."""
        found = None
        for line in self.lines():
            if ORDER.index(line["step"]) < ORDER.index(key):
                found = line["out"]
        return found

    def lines(self) -> list[dict[str, Any]]:
        """The balance: for each step of the processing that moves or counts something, its volumes in mL."""
        found, there = [], None
        for version in self.standing():
            flow: Flow | None = version.stated.flow
            if flow is None or version.key not in PROCESSING:
                continue
            into = flow.into if flow.into is not None else there
            out = flow.out
            if out is None and into is not None:
                out = into + flow.added - flow.sample - flow.waste - flow.retained
            found.append(
                {
                    "step": version.key, "before": there, "in": into, "added": flow.added, "out": out,
                    "sample": flow.sample, "waste": flow.waste, "retained": flow.retained,
                }
            )  # fmt: skip
            if version.key not in COUNTS:
                there = out
        return found

    def outstanding(self, version: Version, by: datetime | None = None) -> set[tuple[str, str]]:
        given = [item for item in self.confirmations.get(version.id, []) if by is None or item[2] <= by]
        return {
            (act, who)
            for act, who in version.wanted()
            if not any(act == given_act and who in ("", person) for given_act, person, _ in given)
        }

    def was_confirmed(self, key: str, by: datetime) -> bool:
        return any(
            version.recorded_at <= by and not self.outstanding(version, by) for version in self.versions[key]
        )

    def took_part(self, person: str) -> bool:
        return any(account in self.people for account in humans(person))

    def decision(self, at: datetime) -> str | None:
        """The decision that stood at an instant."""
        made = [item for item in self.decisions if item[2] <= at]
        if any(word == "rejected" for word, _, _ in made):
            return "rejected"
        if not made or any(made[-1][1] < moment <= at for key in PROCESSING for moment in self.moments(key)):
            return None
        return made[-1][0]

    def moments(self, key: str) -> list[datetime]:
        """When something was recorded about a step."""
        return [version.recorded_at for version in self.versions[key]] + self.notes[key]

    def not_administered(self) -> bool:
        return bool(self.notes["injection"]) and not self.versions["injection"]
