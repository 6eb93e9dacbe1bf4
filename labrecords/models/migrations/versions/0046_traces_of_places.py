"""What a place stood in is traced too: `labrecords migrate` writes the traces of every batch anew from its record."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM batch_trace")
