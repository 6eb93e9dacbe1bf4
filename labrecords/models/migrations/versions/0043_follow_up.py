"""Follow-up visits, and those that are due (computed from the records, empty until a master record names visits)."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

GUARDED = ("follow_up",)


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("replaces_id", sa.String(length=32), nullable=True),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("performed_by", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("performed_at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("follows_as", sa.Text(), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("happened_reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("confirmed", sa.Text(), nullable=False),
        sa.Column("as_entered", sa.Text(), nullable=False),
        sa.Column("blanks", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("why_not", sa.Text(), nullable=True),
        sa.Column("pain_nrs", sa.Integer(), nullable=True),
        sa.Column("pain_vas_mm", sa.Text(), nullable=True),
        sa.Column("score_name", sa.Text(), nullable=True),
        sa.Column("score", sa.Text(), nullable=True),
        sa.Column("score_of", sa.Text(), nullable=True),
        sa.Column("score_direction", sa.Text(), nullable=True),
        sa.Column("function", sa.Text(), nullable=True),
        sa.Column("mobility", sa.Text(), nullable=True),
        sa.Column("analgesics", sa.Text(), nullable=True),
        sa.Column("analgesics_taken", sa.Text(), nullable=True),
        sa.Column("imaging", sa.Text(), nullable=True),
        sa.Column("imaging_grade", sa.Text(), nullable=True),
        sa.Column("reintervention", sa.Integer(), nullable=True),
        sa.Column("reintervention_what", sa.Text(), nullable=True),
        sa.Column("reintervention_on", sa.Text(), nullable=True),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["follow_up.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index(op.f("ix_follow_up_batch_id"), "follow_up", ["batch_id"], unique=False)
    op.create_index(
        "uq_follow_up_first",
        "follow_up",
        ["batch_id", "step_key"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )
    op.create_table(
        "visit_due",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("visit", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Text(), nullable=False),
        sa.Column("last_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "visit"),
    )
    op.create_index("ix_visit_due_last", "visit_due", ["last_on", "batch_id", "visit"], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), ["visit_due"])
