"""Reasons that people state: for a correction, a step not done, a decision, an act on an account (domain 6.4)."""

from __future__ import annotations

BLANK_REASONS = ("not applicable", "not measured", "not known")
"""Why a fact that may stay empty was left empty (PI 041 8.6: unused fields are closed, with the reason)."""

_SAYS_NOTHING = ("error", "correction", "mistake", "typing error", "wrong")


def told(cause: str, words: str) -> str:
    """A reason as it is recorded where its cause is chosen from a list: the cause, and what happened in words."""
    return f"{cause[:1].upper()}{cause[1:]}: {words}"


def reason_problem(reason: str) -> str | None:
    """Why a reason says too little, or None: "error" alone is not a reason."""
    words = reason.strip().rstrip(".").lower()
    if len(words) < 5 or words in _SAYS_NOTHING:
        return "Say what happened and why, in a few words that another person understands."
    return None
