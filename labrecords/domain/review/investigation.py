"""A discrepancy that quality assurance investigated, and accepted by signature with the reason (21 CFR 211.192).

Some findings are no verdict on the product: a yield that is not as expected, a time limit that was broken, and what the
registers or the master record held against an act that has happened (an overdue piece, an untrained person, an expired
lot). They block the release until somebody who took no part writes what was looked into and found, and signs. The
finding stays, with that text beside it. Where the finding changes afterwards, it is investigated anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from labrecords.domain.custody import holders
from labrecords.domain.custody.mixups import MIXED_UP
from labrecords.domain.custody.recalls import LEFT_RECALL
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.labels.rules import LOST_COPY, UNCHECKED
from labrecords.domain.results.results import JudgedResult, sentence_of
from labrecords.domain.review.bypass import BYPASSABLE
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import times

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

UNEXPECTED_RECOVERY, YIELD, YIELD_OUT_OF_LIMITS = "investigate", "yield", "yield out of limits"
YIELDS = ("recovery_percent", "yield_percent")
"""Results that compare what came out with what went in: outside their limits they are investigated (211.103)."""
OUT_OF_RANGE, TRANSPORT_TEMPERATURE = "time out of range", "transport temperature"
LOG_WITHDRAWN = "temperature log withdrawn"
AGAINST_REGISTERS = (*BYPASSABLE, "rotor speed", "centrifuge speed", "other material", "other equipment")
INVESTIGABLE = (
    UNEXPECTED_RECOVERY,
    YIELD,
    YIELD_OUT_OF_LIMITS,
    "time limit",
    # A lost copy, and a container that was used too early: neither can be undone.
    LOST_COPY,
    UNCHECKED,
    OUT_OF_RANGE,
    TRANSPORT_TEMPERATURE,
    LOG_WITHDRAWN,
    LEFT_RECALL,
    *AGAINST_REGISTERS,
    # What happened to the material cannot be undone: it is explained, or the product is not used.
    *(f"custody {rule}" for rule in holders.RULES),
)
WAY_OUT = (
    "Correct it if it was entered wrongly. Otherwise quality assurance investigates it on the review page: what was "
    "looked into and found, signed. Or it rejects the batch or holds it."
)


@dataclass(frozen=True)
class Investigation:
    """What was looked into and found about one finding, by whom, with which signature."""

    id: str
    batch_id: str
    step_key: str
    rule: str
    sentence: str
    """The finding as it was worded."""
    reason: str
    """What was looked into, what was found, and why it is accepted."""
    person_id: str
    signature_id: str
    recorded_at: datetime


def may_be_investigated(finding: Finding) -> bool:
    """Whether an investigation takes this finding out of the way of release. Harm never is; a lock is lifted so."""
    if finding.rule == MIXED_UP:
        return finding.severity is Severity.CRITICAL
    return finding.rule in INVESTIGABLE and finding.severity is Severity.BLOCKING


def name_of(finding: Finding) -> str:
    """A short name for a finding, the same as long as it says the same. Two locks never have one."""
    said = f"{finding.rule}\n{finding.step_key}\n{finding.sentence}"
    if finding.rule == MIXED_UP:
        said += f"\n{times.to_text(finding.at)}"
    return sha256_hex(said.encode())[:16]


def of_finding(record: BatchRecord, finding: Finding) -> Investigation | None:
    """The investigation of exactly this finding, or None. A lock is lifted only by one that was signed after it."""
    about = (finding.rule, finding.step_key, finding.sentence)
    return next(
        (
            one
            for one in record.investigations
            if about == (one.rule, one.step_key, one.sentence)
            and (finding.rule != MIXED_UP or one.recorded_at > finding.at)
        ),
        None,
    )


def accepted(record: BatchRecord, result: JudgedResult) -> bool:
    """Whether a result that is out of its limits was investigated, and accepted as it stands."""
    return any(
        one.rule == YIELD_OUT_OF_LIMITS and one.sentence == sentence_of(result)
        for one in record.investigations
    )


def with_investigation(record: BatchRecord, finding: Finding) -> Finding:
    """The finding as it stands: with its investigation it is to be looked at, without one it says the way out."""
    if not may_be_investigated(finding):
        return finding
    found = of_finding(record, finding)
    if found is None:
        return replace(finding, way_out=finding.way_out or WAY_OUT)
    sentence = f"{finding.sentence} {words(record, found)}"
    return replace(finding, severity=Severity.EXCEPTION, sentence=sentence)


def words(record: BatchRecord, found: Investigation) -> str:
    """Who investigated it and what was found, in one sentence."""
    return f"Investigated and accepted by {record.name(found.person_id)}: {found.reason}"
