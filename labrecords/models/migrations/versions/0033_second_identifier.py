"""The second identifier of a patient at identity checks: which one was asked for, and whether it agreed."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("identity_check", "bedside_check"):
        op.add_column(name, sa.Column("second_identifier", sa.Text(), nullable=True))
