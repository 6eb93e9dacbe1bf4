"""The temperature log of places, and how often it is read and reviewed."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

GUARDED = ("place_reading", "place_review")


def upgrade() -> None:
    op.add_column("equipment", sa.Column("read_every_h", sa.Integer(), nullable=True))
    op.add_column("equipment", sa.Column("review_every_d", sa.Integer(), nullable=True))
    op.create_table(
        "place_reading",
        sa.Column("id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("place_code", "read_at", "now_c")),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("min_c", "max_c", "low_c", "high_c")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("note", "done")),
        sa.Column("replaces_id", sa.String(length=32), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "person_id", "by_name")),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["replaces_id"], ["place_reading.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index("ix_place_reading_place", "place_reading", ["place_code", "read_at", "id"])
    op.create_table(
        "place_review",
        sa.Column("id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("place_code", "start_at", "end_at")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("readings", "outside")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("comment", "person_id", "by_name")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("signature_id", "reviewed_at")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["signature_id"], ["signature.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_place_review_place", "place_review", ["place_code", "reviewed_at", "id"])
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
