"""Alerts of possible misuse."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

GUARDED = ("misuse", "misuse_seen")


def upgrade() -> None:
    op.add_column(
        "sign_in_failure",
        sa.Column("asked_for", sa.Text(), server_default=sa.text("'sign-in'"), nullable=False),
    )
    op.create_table(
        "misuse",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("noticed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "misuse_seen",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("misuse_id", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["misuse_id"], ["misuse.id"]),
        sa.ForeignKeyConstraint(["seen_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("misuse_id"),
    )
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
