"""Second factors: what each role may ask at sign-in, when a one-time code counts, and how recovery codes are written.

Sources: OWASP ASVS 6.3.3, 6.5.1, 6.5.5; RFC 6238; 21 CFR 11.300(c), (e).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum

CODES, PASSKEY, RECOVERY = "one-time codes", "passkey", "recovery codes"
"""The kinds of factor."""

CODE_LASTS_S, SKEW_STEPS, CODE_DIGITS = 30, 1, 6
"""A code belongs to one step of 30 s; those of the step before and after count too, since clocks differ."""
RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""31 letters and digits that are not taken for each other."""
RECOVERY_LENGTH = 20
"""Of a recovery code: 20 of 31 letters are 99 random bits, so that a plain SHA-256 of it cannot be searched."""

LONGEST_NOTICE = timedelta(days=90)
"""So far ahead a rule may begin."""


class Rule(Enum):
    """What a role asks of its people at sign-in besides the password."""

    NONE = "none"
    SECOND = "second factor"
    PASSKEY = "passkey only"


_STRICTNESS = (Rule.NONE, Rule.SECOND, Rule.PASSKEY)


def rule_for(
    roles: Iterable[str], rules: Mapping[str, tuple[Rule, datetime]], now: datetime
) -> tuple[Rule, datetime | None]:
    """The strictest rule of somebody's roles that has begun, and when the next stricter one begins, if one will.

    `rules` are by role: the rule and from when it counts.
    """
    mine = [rules[role] for role in roles if role in rules]
    present = max((rule for rule, since in mine if since <= now), key=_STRICTNESS.index, default=Rule.NONE)
    coming = [
        since for rule, since in mine if since > now and _STRICTNESS.index(rule) > _STRICTNESS.index(present)
    ]
    return present, min(coming, default=None)


def accepted(rule: Rule) -> frozenset[str]:
    """The kinds of factor that finish a sign-in under a rule. Who has set up a factor is asked for it in any case."""
    return frozenset({PASSKEY}) if rule is Rule.PASSKEY else frozenset({CODES, PASSKEY, RECOVERY})


def satisfied(rule: Rule, kinds: Iterable[str]) -> bool:
    """Whether somebody with these kinds of factor can sign in under a rule. Recovery codes alone are no factor."""
    return rule is Rule.NONE or bool((accepted(rule) - {RECOVERY}) & set(kinds))


def step_of(instant: datetime) -> int:
    """The number of the 30 s step that an instant lies in, counted from 1970 as RFC 6238 does."""
    return int(instant.timestamp()) // CODE_LASTS_S


def steps_open(instant: datetime, last_used: int) -> tuple[int, ...]:
    """The steps whose code counts now: those within the skew that lie after the last one used (ASVS 6.5.1)."""
    now = step_of(instant)
    return tuple(step for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1) if step > last_used)


def typed_code(text: str) -> str:
    """A one-time code as it is compared: six digits, however they were spaced; empty where it is none."""
    bare = "".join(text.split())
    return bare if len(bare) == CODE_DIGITS and bare.isascii() and bare.isdigit() else ""


def shown_recovery(code: str) -> str:
    """A recovery code in groups of five, as it is printed."""
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5))


def recovery_digest(typed: str) -> str:
    """What is kept of a recovery code, from whatever case and grouping it was typed in; empty where it is none."""
    bare = "".join(typed.split()).replace("-", "").lower()
    if len(bare) != RECOVERY_LENGTH or set(bare) - set(RECOVERY_LETTERS):
        return ""
    return hashlib.sha256(bare.encode()).hexdigest()
