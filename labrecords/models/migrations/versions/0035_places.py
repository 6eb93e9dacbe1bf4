"""Places keep at temperatures, and take so many containers."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("equipment", sa.Column("low_c", sa.Text(), nullable=True))
    op.add_column("equipment", sa.Column("high_c", sa.Text(), nullable=True))
    op.add_column("equipment", sa.Column("capacity", sa.Integer(), nullable=True))
