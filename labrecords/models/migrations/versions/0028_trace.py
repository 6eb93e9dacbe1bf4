"""What each batch is connected with, for traces. Computed from the records: `labrecords overview rebuild` fills it."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import roles

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch_trace",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "subject", "key"),
    )
    op.create_index("ix_batch_trace_key", "batch_trace", ["subject", "key", "at", "batch_id"], unique=False)
    roles.grant(op.get_bind(), [], ["batch_trace"])
