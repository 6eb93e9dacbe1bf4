"""Who verified an entry, in one line, for tables that put several entries together."""

from __future__ import annotations

from labrecords.documents.edition import Edition
from labrecords.domain.entries import VERIFIED, Entry

NOBODY_ASKED, AWAITED = "no second person asked", "not verified yet"


def verified_words(edition: Edition, entry: Entry, *, when: bool = True) -> str:
    """ "Vic Vermeer, 2026-11-23 08:06:00 +01:00"; or that nobody did, and whether somebody has to.

    Without `when` the name alone, where the step beside it prints the time.
    """
    given = [
        edition.name(item.person_id) + (f", {edition.when(item.recorded_at)}" if when else "")
        for item in edition.record.confirmations_of(entry)
        if item.act == VERIFIED
    ]
    if given:
        return "; ".join(given)
    wanted = any(item.act == VERIFIED for item in edition.record.outstanding(entry))
    return AWAITED if wanted else NOBODY_ASKED
