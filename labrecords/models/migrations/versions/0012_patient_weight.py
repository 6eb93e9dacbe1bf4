"""The patient's weight on the order, with the day on which it was measured."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("weight_kg", "weighed_on"):
        op.add_column("order", sa.Column(name, sa.Text(), nullable=True))
