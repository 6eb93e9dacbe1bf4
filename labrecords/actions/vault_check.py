"""Proving the sealed identities: each must open with its key, and be the one that the trail commits to."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from labrecords.actions.identity_keys import IdentityKeys, load_identity_keys
from labrecords.actions.identity_vault import key_problem, unreadable
from labrecords.documents.sealing.authority import KeyUnreadable
from labrecords.domain.evidence.trail import Problem


def identity_problems(session: Session, folder: Path) -> list[Problem]:
    """What is wrong with keys and sealed identities, for the report on the trail. Never says who anybody is."""
    try:
        return _found(session, folder)
    except (DBAPIError, UnicodeError):
        return [_problem("", "The sealed identities cannot be read.")]


def _found(session: Session, folder: Path) -> list[Problem]:
    try:
        keys = load_identity_keys(folder)
    except KeyUnreadable as problem:
        return [] if not unreadable(session, IdentityKeys({})) else [_problem("", str(problem))]
    if wrong := key_problem(session, keys):
        return [_problem("", wrong)]
    sentence = "This identity does not open, or is not the one that was registered."
    return [_problem(version, sentence) for version in unreadable(session, keys)]


def _problem(version: str, sentence: str) -> Problem:
    return Problem("patients", None, "identity_vault", version, "", sentence)
