"""What the system notes of its own upkeep, in its chain: backups, restoring, verification, upgrades."""

from __future__ import annotations

from collections.abc import Mapping

from labrecords.actions.door import SYSTEM, Invalid, Refused, Tx, action
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.models.upkeep import restored


def _note(tx: Tx, facts: Mapping[str, str], reason: str | None = None) -> None:
    tx.subject, tx.reason, tx.detail = tx.act, reason, dict(facts)


@action("backup.key_made", needs=None, chains=(SYSTEM,))
def note_backup_key(tx: Tx, *, facts: Mapping[str, str]) -> None:
    """Note for which public keys backups are encrypted from now on. The secret ones are never here."""
    _note(tx, facts)


@action("backup.proven", needs=None, chains=(SYSTEM,))
def note_backup(tx: Tx, *, facts: Mapping[str, str]) -> None:
    """Note a backup that was restored and proven (EU GMP Annex 11, 7.2): file, SHA-256, size, heads, documents."""
    _note(tx, facts)


@action("backup.failed", needs=None, chains=(SYSTEM,))
def note_backup_failed(tx: Tx, *, reason: str, facts: Mapping[str, str]) -> None:
    """Note that no proven backup came out, and why."""
    _note(tx, facts, reason)


@action("trail.verified", needs=None, chains=(SYSTEM,))
def note_verified(tx: Tx, *, facts: Mapping[str, str]) -> None:
    """Note that the whole trail was verified, with what result."""
    _note(tx, facts)


@action("installation.upgraded", needs=None, chains=(SYSTEM,))
def note_upgraded(tx: Tx, *, facts: Mapping[str, str]) -> None:
    """Note that a newer program and migration serve from now on, and by which backup one goes back."""
    _note(tx, facts)


@action("installation.restored", needs=None, chains=(SYSTEM,))
def note_restored(tx: Tx, *, facts: Mapping[str, str]) -> None:
    """Note that this installation is a restored copy: from which heads, and what is known to have come after."""
    _note(tx, facts)


@action("restore.acknowledged", needs=Permission.SEE_HEALTH, chains=(SYSTEM,))
def acknowledge_restore(tx: Tx, *, reason: str) -> None:
    """Acknowledge that a restored copy is in use, and say what became of what is not in it.

    The notice on every page ends with it. Raises Invalid for a reason that says too little; refused where nothing
    waits for it.
    """
    problem = reason_problem(reason)
    if problem:
        raise Invalid({"reason": problem})
    if restored(tx.session) is None:
        raise Refused(
            Blocker(
                "restored", "Nothing waits to be acknowledged: somebody did it already.", "Go on working."
            )
        )
    _note(tx, {}, reason)
