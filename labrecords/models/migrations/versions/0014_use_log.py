"""Indexes by which the use log finds the acts of a piece of equipment, and a piece its newest version."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NAMING = (
    ("automated_count", "counter"),
    ("centrifugation", "centrifuge"),
    ("centrifugation", "rotor"),
)


def upgrade() -> None:
    for table, column in NAMING:
        op.create_index(f"ix_{table}_{column}", table, [column, "performed_at"], unique=False)
    op.drop_index("ix_equipment_code", table_name="equipment")
    op.create_index("ix_equipment_code", "equipment", ["code", "registered_at", "id"], unique=False)
