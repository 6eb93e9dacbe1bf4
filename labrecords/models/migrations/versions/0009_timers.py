"""Timers of the bench, and steps that were paused."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARDED = ("timer", "timer_end", "pause")


def upgrade() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_timer_batch_id"), "timer", ["batch_id"], unique=False)
    op.create_table(
        "timer_end",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("timer_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["timer_id"], ["timer.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("timer_id"),
    )
    op.create_index(op.f("ix_timer_end_batch_id"), "timer_end", ["batch_id"], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_pause_batch_id"), "pause", ["batch_id"], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
