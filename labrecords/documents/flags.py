"""Flags: each finding of a record gets a short tag ("C1", "L2") that leads through the printed pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labrecords.domain.rules.finding import Finding, Severity

WORDS = {
    "S": "act that had begun although it must not, with reason",
    "B": "stop bypassed with a second person, with reason",
    "F": "result or value outside its limit",
    "G": "custody broken: a gap, another holder, or a broken seal",
    "Q": "recalled: not to be used",
    "D": "changed after a decision",
    "A": "to be looked at: alert limit, receipt, count, balance, hold",
    "R": "repeat: a result before, or one set aside, stands beside the one that counts",
    "U": "unusual value, with reason",
    "C": "correction: old value struck through, new value beside it",
    "E": "adverse event",
    "L": "late entry, with reason",
    "N": "step not done, with reason",
}
"""Letter of a tag, and what it stands for, the gravest first."""

_LETTERS = {
    "out of limits": "F",
    "yield out of limits": "F",
    "yield": "F",
    "investigate": "F",
    "time limit": "F",
    "mixed up": "G",
    "recalled": "Q",
    "recall and correction": "Q",
    "carried as recalled": "Q",
    "identity not compared": "A",
    "adverse event": "E",
    "differs from order": "F",
    "time limit in doubt": "L",
    "recorded in a burst": "L",
    "test failed": "F",
    "late test failed": "F",
    "test not valid": "F",
    "result invalidated": "R",
    "earlier report failed": "R",
    "changed after decision": "D",
    "alert": "A",
    "receipt": "A",
    "infectious markers": "A",
    "uneven count": "A",
    "few cells": "A",
    "too even": "A",
    "loadings apart": "A",
    "loadings disagree": "F",
    "methods differ": "A",
    "balance": "A",
    "volume balance": "A",
    "division": "A",
    "pool": "A",
    "dilution": "A",
    "endotoxin limit": "A",
    "exclusion check": "A",
    "clots": "A",
    "wash": "A",
    "alarm": "A",
    "aborted run": "A",
    "hold": "A",
    "label lost": "A",
    "label printed again": "A",
    "label count": "A",
    "code in use": "A",
    "blind entry": "A",
    "own work verified": "A",
    "bypassed": "B",
    "lot not registered": "A",
    "lot differs": "A",
    "place": "A",
    "place full": "A",
    "in quarantine": "A",
    "place temperature": "A",
    "temperature by hand": "A",
    "temperature excursion": "A",
    "temperature log": "A",
    "temperature log withdrawn": "F",
    "time out of range": "F",
    "transport temperature": "A",
    "training recorded late": "A",
    "registered late": "A",
    "no check date": "A",
    "released by a participant": "A",
    "not injected": "A",
    "volume ordered": "A",
    "complication": "A",
    "re-intervention": "A",
    "pain worse": "A",
    "long before": "A",
    "transitional level": "A",
    "late confirmation": "L",
    "recorded after all": "N",
    "repeat": "R",
    "repeated after a failing result": "R",
    "unusual value": "U",
    "correction": "C",
    "file withdrawn": "C",
    "late entry": "L",
    "not done": "N",
}


@dataclass(frozen=True)
class Flag:
    """A finding with its tag."""

    tag: str
    finding: Finding

    @property
    def inverted(self) -> bool:
        return self.finding.severity >= Severity.BLOCKING


def flags_of(findings: Sequence[Finding]) -> tuple[Flag, ...]:
    """The findings in the order of time, each with the letter of its rule and a number."""
    counts: dict[str, int] = {}
    flags = []
    for finding in sorted(findings, key=lambda found: found.at):
        letter = letter_of(finding.rule)
        counts[letter] = counts.get(letter, 0) + 1
        flags.append(Flag(f"{letter}{counts[letter]}", finding))
    return tuple(flags)


def letter_of(rule: str) -> str:
    """The letter of a rule. A rule that is not known here is a stop: an act that must not begin."""
    return "G" if rule.startswith("custody") else _LETTERS.get(rule, "S")
