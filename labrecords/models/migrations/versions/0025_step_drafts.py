"""What people have typed in the forms of steps and not recorded yet."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import roles

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

PLAIN = ("step_draft",)


def upgrade() -> None:
    op.create_table(
        "step_draft",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(length=32), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("batch_id", "step_key", "person_id", "form"),
    )
    op.create_index(op.f("ix_step_draft_kept_at"), "step_draft", ["kept_at"], unique=False)
    roles.grant(op.get_bind(), [], list(PLAIN))
