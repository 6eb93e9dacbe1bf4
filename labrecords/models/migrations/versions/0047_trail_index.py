"""When, who, what and why of each event beside its bytes, with indexes: filled for old events from what was hashed."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import trail_filling

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

INDEXES = {
    "at": ["at", "chain", "seq"],
    "chain": ["chain", "at", "seq"],
    "actor": ["actor", "at", "chain", "seq"],
    "act": ["act", "at", "chain", "seq"],
}


def upgrade() -> None:
    for name in trail_filling.COLUMNS:
        op.add_column("trail_event", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    trail_filling.fill(op.get_bind())
    for name, columns in INDEXES.items():
        op.create_index(f"ix_trail_event_{name}", "trail_event", columns, unique=False)
    stated = sa.text("reason <> ''")
    op.create_index(
        "ix_trail_event_reason",
        "trail_event",
        ["at", "chain", "seq"],
        unique=False,
        sqlite_where=stated,
        postgresql_where=stated,
    )
