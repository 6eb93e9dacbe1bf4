"""Master records: versions of a process, who signed them, and which of them a batch may be opened with.

draft -> in review -> approved -> effective -> superseded -> retired; or withdrawn before its approval (domain 6.6).
Nobody signs twice: one person prepares, another one checks and approves (21 CFR 211.186(a); EU GMP Part IV 6.2).
What differs between two versions is told by domain/processes/differences.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from labrecords.domain.evidence.signatures import APPROVED, PREPARED, RETIRED
from labrecords.domain.record import Signature
from labrecords.domain.review.release import Blocker

WITHDRAWN = "withdrawn"
"""An act of the process owner; it is not signed."""
SHIPPED, FILE, PAGE = "shipped", "file", "page"
ORIGINS = (SHIPPED, FILE, PAGE)
"""Where the text of a version came from."""


class MasterState(Enum):
    DRAFT = "draft"
    REPLACED = "replaced"
    """A draft after which a newer draft of the same version was saved."""
    IN_REVIEW = "in review"
    APPROVED = "approved"
    """Its day has not come yet."""
    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class MasterText:
    """The text of one version, by its digest. The same text is kept once."""

    digest: str
    key: str
    version: str
    title: str
    text: str


@dataclass(frozen=True)
class MasterSave:
    """That a text was saved as the draft of its version: by a person, or by the system (None)."""

    id: str
    digest: str
    origin: str
    note: str
    saved_by: str | None
    saved_at: datetime


@dataclass(frozen=True)
class MasterAct:
    """What a person did with a version: prepared, approved, withdrew or retired it."""

    id: str
    digest: str
    act: str
    effective_from: date | None
    """For an approval."""
    reason: str | None
    """For a withdrawal or retirement."""
    person_id: str
    signature_id: str | None
    """None for a withdrawal."""
    acted_on: date
    """The day of the laboratory's calendar."""
    acted_at: datetime


@dataclass(frozen=True)
class Act:
    """An act with its signature, and the printed name of the person."""

    made: MasterAct
    name: str
    signature: Signature | None


@dataclass(frozen=True)
class MasterVersion:
    """One version of a master record, with the last time it was saved and everything done with it."""

    digest: str
    key: str
    version: str
    title: str
    origin: str
    note: str
    saved_by: str | None
    """Id of a person, or None for the system."""
    saved_by_name: str
    saved_at: datetime
    acts: tuple[Act, ...] = ()
    writers: frozenset[str] = frozenset()
    """Every account of everybody who saved this text."""
    preparers: frozenset[str] = frozenset()
    """Every account of who prepared it."""

    def act(self, name: str) -> Act | None:
        """The act of this name ("prepared", "approved", "withdrawn", "retired"), or None."""
        return next((act for act in self.acts if act.made.act == name), None)

    @property
    def effective_from(self) -> date | None:
        """From which day it may be used, once approved."""
        approved = self.act(APPROVED)
        return approved.made.effective_from if approved else None

    @property
    def approvals(self) -> tuple[Act, ...]:
        """The two signatures of approval, as far as they were given."""
        return tuple(act for act in self.acts if act.made.act in (PREPARED, APPROVED))


def state(version: MasterVersion, versions: Iterable[MasterVersion], today: date) -> MasterState:
    """The state of a version on a day of the laboratory's calendar, among all versions (of any key)."""
    if version.act(RETIRED):
        return MasterState.RETIRED
    if version.act(WITHDRAWN):
        return MasterState.WITHDRAWN
    others = [other for other in versions if other.key == version.key and other.digest != version.digest]
    if version.effective_from:
        if not _became_effective(version, today):
            return MasterState.APPROVED
        rank = _rank(version)
        later = any(_became_effective(other, today) and _rank(other) > rank for other in others)
        return MasterState.SUPERSEDED if later else MasterState.EFFECTIVE
    if version.act(PREPARED):
        return MasterState.IN_REVIEW
    same = [other for other in others if other.version == version.version]
    newer = any(other.act(PREPARED) or other.saved_at > version.saved_at for other in same)
    return MasterState.REPLACED if newer else MasterState.DRAFT


def effective(versions: Iterable[MasterVersion], today: date) -> tuple[MasterVersion, ...]:
    """The versions that a batch can be opened with on this day: at most one of each key."""
    known = tuple(versions)
    return tuple(item for item in known if state(item, known, today) is MasterState.EFFECTIVE)


def _became_effective(version: MasterVersion, today: date) -> bool:
    """Whether the day of a version came before it was retired."""
    begins, retired = version.effective_from, version.act(RETIRED)
    if begins is None or begins > today:
        return False
    return retired is None or retired.made.acted_on >= begins


def _rank(version: MasterVersion) -> tuple[date, datetime]:
    """Of two effective versions the one whose day is later counts; of one day, the one approved later."""
    approved = version.act(APPROVED)
    assert approved is not None
    assert approved.made.effective_from is not None
    return approved.made.effective_from, approved.made.acted_at


# ---- what may be done ----------------------------------------------------------------------------------------------

_POSSIBLE = {
    PREPARED: (MasterState.DRAFT,),
    APPROVED: (MasterState.IN_REVIEW,),
    WITHDRAWN: (MasterState.DRAFT, MasterState.IN_REVIEW),
    RETIRED: (MasterState.APPROVED, MasterState.EFFECTIVE, MasterState.SUPERSEDED),
}
_WAY_OUT = {
    PREPARED: "Save a draft with a version number of its own.",
    APPROVED: "The process owner signs the draft as prepared first.",
    WITHDRAWN: "A version that was approved is retired by quality assurance.",
    RETIRED: "What was not approved is withdrawn by the process owner.",
}


def approval_blockers(
    version: MasterVersion, act: str, person_id: str, versions: Iterable[MasterVersion], today: date
) -> tuple[Blocker, ...]:
    """Every reason why this person cannot do this act with this version now.

    `act` is "prepared", "approved", "withdrawn" or "retired". Rights are checked apart, as everywhere.
    """
    found = []
    now = state(version, versions, today)
    if now not in _POSSIBLE[act]:
        sentence = f"Version {version.version} of {version.key} is {now.value}: it cannot be {act}."
        found.append(Blocker("state", sentence, _WAY_OUT[act]))
    if act == APPROVED and person_id in version.preparers:
        found.append(
            Blocker(
                "two people",
                "You prepared this version, and nobody checks what they prepared.",
                "Somebody else with the right checks and approves it.",
            )
        )
    elif act == APPROVED and person_id in version.writers:
        found.append(
            Blocker(
                "two people",
                "You wrote this version, and nobody checks what they wrote.",
                "Somebody else with the right checks and approves it.",
            )
        )
    return tuple(found)


def draft_problem(digest: str, key: str, version: str, versions: Iterable[MasterVersion], today: date) -> str:
    """Why a text cannot be saved as a draft, or "": once signed, a version number belongs to one text."""
    known = tuple(versions)
    for other in known:
        now = state(other, known, today)
        if other.digest == digest and now is MasterState.DRAFT:
            return "Nothing was changed: this text is saved already."
        if other.digest == digest and now is not MasterState.REPLACED:
            return (
                f"This very text is saved already, and {now.value}. Raise the version number to write anew."
            )
        if (other.key, other.version) == (key, version) and other.act(PREPARED):
            return f"Version {version} of {key} exists and was signed. Raise the version number."
    return ""


def effective_from_problem(
    version: MasterVersion, effective_from: date, versions: Iterable[MasterVersion], today: date
) -> str:
    """Why a version cannot become effective on a day, or ""."""
    if effective_from < today:
        return "A master record cannot become effective in the past. Choose today or a later day."
    for other in versions:
        day = other.effective_from
        if other.key == version.key and day and day > effective_from and not other.act(RETIRED):
            return (
                f"Version {other.version} becomes effective on {day.isoformat()} and would then take the place of "
                "this one. Choose that day or a later one, or retire it first."
            )
    return ""
