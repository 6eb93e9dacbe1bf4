"""A physician's word that a notice has come, and what was done."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

GUARDED = ("notice_receipt",)


def upgrade() -> None:
    op.create_table(
        "notice_receipt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("done", "person_id", "recorded_at")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice_id"),
    )
    op.create_index(op.f("ix_notice_receipt_batch_id"), "notice_receipt", ["batch_id"])
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
