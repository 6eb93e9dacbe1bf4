"""What stands in the way of releasing or rejecting a delivery: reasons, never a bare no (21 CFR 211.84, 211.101(d))."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from labrecords.domain.custody.recalls import RECALLED
from labrecords.domain.registers.lots import LOT_REJECTED, QUARANTINE, Lot
from labrecords.domain.review.release import Blocker


def release_blockers(
    versions: Sequence[Lot], accounts: Collection[str], today: date, recalled: bool = False
) -> tuple[Blocker, ...]:
    """Why the person with these accounts cannot release the delivery with these versions, the oldest first.

    `recalled`: whether a recall of this lot stands, also one that is older than the delivery.
    """
    lot, found = versions[-1], []
    if recalled:
        found.append(
            Blocker(
                RECALLED, "This lot is recalled.", "Quality assurance ends the recall, or rejects the lot."
            )
        )
    elif lot.status != QUARANTINE:
        found.append(
            Blocker(
                "lot", f"This delivery is {lot.status} already.", "Only what is in quarantine is released."
            )
        )
    if any(version.person_id in accounts for version in versions if version.status == QUARANTINE):
        found.append(
            Blocker(
                "same person",
                "You received this delivery, or changed what is registered of it.",
                "Another person compares pack and papers, and releases it.",
            )
        )
    if lot.expiry and lot.expiry < today:
        found.append(Blocker("expired lot", f"It expired on {lot.expiry}.", "Reject it."))
    return tuple(found)


def rejection_blockers(versions: Sequence[Lot]) -> tuple[Blocker, ...]:
    """Why the delivery with these versions cannot be rejected."""
    if versions[-1].status == LOT_REJECTED:
        return (Blocker("lot", "This delivery is rejected already.", "Nothing needs to be done."),)
    return ()
