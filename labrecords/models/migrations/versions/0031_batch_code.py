"""The codes that each batch carries, by an index. Computed from the records: `labrecords migrate` fills it."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import roles

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch_code",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "kind", "code"),
    )
    op.create_index("ix_batch_code_code", "batch_code", ["code", "kind", "batch_id"], unique=False)
    roles.grant(op.get_bind(), [], ["batch_code"])
