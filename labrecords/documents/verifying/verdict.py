"""What a verification comes to: one word, one sentence, and the checks behind them."""

from __future__ import annotations

from dataclasses import dataclass

VALID, CHANGED, SIGNER_UNKNOWN, NOT_SIGNED, SUPERSEDED = (
    "valid",
    "changed",
    "signer unknown",
    "not signed",
    "superseded",
)
PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not checked"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `outcome` is passed, failed or not checked; `sentence` says what was found."""

    name: str
    outcome: str
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """`kind` is valid, changed, signer unknown, not signed or superseded. Only "valid" is a good answer."""

    kind: str
    sentence: str
    checks: tuple[Check, ...]
    sha256: str = ""
    """Of the whole file, in lower-case hex: by it the register knows the document."""


class Rejected(Exception):
    """A check failed, and with it the document. Carries the kind of verdict and the check."""

    def __init__(self, kind: str, check: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind, self.check = kind, Check(check, FAILED, sentence)
