"""Reasons that people state: for a correction, a step not done, a decision, an act on an account (domain 6.4)."""

from __future__ import annotations

BLANK_REASONS = ("not applicable", "not measured", "not known")
"""Why a fact that may stay empty was left empty (PI 041 8.6: unused fields are closed, with the reason)."""

_SAYS_NOTHING = frozenset(
    {
        "a", "an", "and", "because", "by", "correct", "corrected", "correction", "corrections", "data",
        "entry", "error", "errors", "false", "fix", "fixed", "in", "incorrect", "it", "mistake", "mistakes",
        "number", "of", "reason", "see", "slip", "the", "this", "to", "typed", "typing", "typo", "typos",
        "value", "values", "was", "wrong",
    }
)  # fmt: skip
"""Words of which alone no reason is made."""


def told(cause: str, words: str) -> str:
    """A reason as it is recorded where its cause is chosen from a list: the cause, and what happened in words."""
    return f"{cause[:1].upper()}{cause[1:]}: {words}"


def reason_problem(reason: str, cause: str = "") -> str | None:
    """Why a reason says too little, or None: "error" alone is no reason, nor is what the chosen cause says already."""
    words = _words(reason)
    telling = [word for word in words if word not in _SAYS_NOTHING | set(_words(cause))]
    letters = {sign for word in telling for sign in word if sign.isalpha()}
    if len(letters) < 3 or len(reason.strip()) < 5:
        return "Say what happened and why, in a few words that another person understands."
    return None


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
