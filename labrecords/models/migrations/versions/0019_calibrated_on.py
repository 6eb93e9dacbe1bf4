"""When a piece was last calibrated, and its UDI. What was registered before states neither."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("equipment", sa.Column("last_check", sa.Text(), nullable=True))
    op.add_column("equipment", sa.Column("udi", sa.Text(), nullable=True))
