"""Who held the material, where, and through which days is traced too: `labrecords migrate` writes the traces of every
batch anew from its record."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM batch_trace")
