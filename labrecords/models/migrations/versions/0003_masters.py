"""Master records: who saved which text as a draft, and who prepared, approved, withdrew or retired it."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GUARDED = ("master_act", "master_save")


def upgrade() -> None:
    op.create_table(
        "master_save",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=32), nullable=True),
        sa.Column("saved_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["master_version.digest"]),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_master_save_digest"), "master_save", ["digest"], unique=False)
    op.create_table(
        "master_act",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("signature_id", sa.Text(), nullable=True),
        sa.Column("acted_on", sa.Text(), nullable=False),
        sa.Column("acted_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["master_version.digest"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["signature_id"], ["signature.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", "act"),
    )
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
