"""How much of the product is dispensed in a container that is offered, and which of how many it is."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offer", sa.Column("volume_ml", sa.Text(), nullable=True))
    op.add_column("offer", sa.Column("piece", sa.Integer(), nullable=True))
    op.add_column("offer", sa.Column("pieces", sa.Integer(), nullable=True))
