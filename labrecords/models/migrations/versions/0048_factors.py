"""Second factors, what roles ask, and steps of signing in under way."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

GUARDED = ("factor", "factor_end", "factor_rule")
PLAIN = ("factor_state", "recovery_code", "ceremony")


def upgrade() -> None:
    op.create_table(
        "factor",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("passkey_id", sa.Text(), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("added_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("passkey_id"),
    )
    op.create_index(op.f("ix_factor_person_id"), "factor", ["person_id"], unique=False)
    op.create_table(
        "factor_end",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("factor_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["factor_id"], ["factor.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("factor_id"),
    )
    op.create_table(
        "factor_rule",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=32), nullable=True),
        sa.Column("set_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "factor_state",
        sa.Column("factor_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("sealed_seed", sa.LargeBinary(), nullable=True),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["factor_id"], ["factor.id"]),
        sa.PrimaryKeyConstraint("factor_id"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("factor_id", sa.String(length=32), nullable=False),
        sa.Column("used_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["factor_id"], ["factor.id"]),
        sa.PrimaryKeyConstraint("code_sha256"),
    )
    op.create_index(op.f("ix_recovery_code_factor_id"), "recovery_code", ["factor_id"], unique=False)
    op.create_table(
        "ceremony",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("sealed_seed", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("token_sha256"),
    )
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), list(PLAIN))
