"""Ids of containers, given out by the system."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

GUARDED = ("container_id",)


def upgrade() -> None:
    op.create_table(
        "container_id",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("given_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_container_id_batch_id"), "container_id", ["batch_id"], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
