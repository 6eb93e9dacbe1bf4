"""How somebody's identity was checked before they may sign (21 CFR 11.100(b))."""

from __future__ import annotations

from datetime import date

WAYS = ("passport", "identity card", "driving licence", "residence permit", "known in person for years")
"""By what the identity was established. The number of a document is not kept."""
EARLIEST = date(1990, 1, 1)


def proofing_problems(checked_by: str, how: str, checked_on: date, today: date) -> dict[str, str]:
    """What cannot be true of a check of identity, as a sentence for each entry."""
    problems = {}
    if len(checked_by.strip()) < 2:
        problems["checked_by"] = "Enter the name of who compared the person with the document."
    if how not in WAYS:
        problems["how"] = "Choose by what the identity was established."
    if not EARLIEST <= checked_on <= today:
        problems["checked_on"] = "The day of the check cannot lie in the future or that far back."
    return problems
