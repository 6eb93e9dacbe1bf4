"""Locks on the products of two patients after a mix-up."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

GUARDED = ("mixup_lock",)


def upgrade() -> None:
    op.create_table(
        "mixup_lock",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("happened_in", sa.Text(), nullable=False),
        sa.Column("belongs_to", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("locked_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_mixup_lock_batch_id"), "mixup_lock", ["batch_id"], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
