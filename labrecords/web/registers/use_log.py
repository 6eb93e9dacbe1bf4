"""Logs of use: how a step of some batch is named in a list that is not that batch's."""

from __future__ import annotations

from labrecords.domain.values.typography import mid_sentence
from labrecords.models.batch_record import process_of
from labrecords.models.session import db


def step_words(process_digest: str, step_key: str) -> str:
    """Number and title of a step in the process that its batch was opened with."""
    step = process_of(db.session(), process_digest).step(step_key)
    return f"Step {step.number}, {mid_sentence(step.title)}"
