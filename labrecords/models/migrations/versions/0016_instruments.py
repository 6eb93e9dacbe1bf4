"""Registered equipment in steps that named none: balance, cabinet, incubator, analyser, device, instrument."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NAMED = (
    ("line_clearance", "registered_cabinet"),
    ("receipt", "balance"),
    ("wash", "centrifuge"),
    ("wash", "balance"),
    ("enzymatic_digestion", "balance"),
    ("enzymatic_digestion", "incubator"),
    ("mechanical_processing", "registered_device"),
    ("analyser_count", "registered_analyser"),
    ("gram_stain", "registered_instrument"),
    ("endotoxin", "registered_instrument"),
    ("sterility", "registered_instrument"),
    ("mycoplasma", "registered_instrument"),
    ("cfu_f", "registered_instrument"),
    ("flow_panel", "registered_instrument"),
)


def upgrade() -> None:
    for table, column in NAMED:
        # SQLite takes a reference only where the column is declared.
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT REFERENCES equipment (id)")
        op.create_index(f"ix_{table}_{column}", table, [column, "performed_at"], unique=False)
