"""Files that were attached by mistake are withdrawn."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GUARDED = ("withdrawal",)


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("attachment_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("attachment_id"),
    )
    op.create_index(op.f("ix_withdrawal_batch_id"), "withdrawal", ["batch_id"], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
