"""The training of the demonstration: technician and second operator on every procedure that its masters name."""

from __future__ import annotations

from datetime import date, timedelta

from labrecords.actions.training import record_training
from labrecords.demo.cast import Cast
from labrecords.domain.registers.training import procedure
from labrecords.models.batch_record import process_of
from labrecords.models.masters import versions

TRAINED_BY = {"tess": "vic", "vic": "quentin"}
"""Who works at the bench, by username, and who assessed them."""
BEFORE, COUNTS = timedelta(days=30), timedelta(days=365)
"""How long before the first batch they were trained, and how long it counts."""


def train_cast(cast: Cast, today: date) -> None:
    """Quality assurance records who was trained on what. Nobody else may do the steps that name a procedure."""
    with cast.store.read() as session:
        processes = [process_of(session, item.digest) for item in versions(session)]
    for sop, version in sorted({procedure(step.sop) for one in processes for step in one.steps if step.sop}):
        for username, assessor in TRAINED_BY.items():
            record_training(
                cast.by("quentin"),
                person_id=cast.id(username),
                sop=sop,
                sop_version=version,
                trained_on=today - BEFORE,
                expires_on=today - BEFORE + COUNTS,
                assessor=cast.members[assessor].name,
            )
