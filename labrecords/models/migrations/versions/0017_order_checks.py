"""The order's prescriber, exclusion checks and infectious markers; body mass index and history of a liposuction."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ADDED = {
    "order": (
        "prescriber",
        "infection",
        "malignancy",
        "anticoagulant_drugs",
        "allergy",
        "exclusion_words",
        "hiv",
        "hbv",
        "hcv",
        "syphilis",
        "markers_tested_on",
    ),
    "liposuction": ("bmi_kg_per_m2", "previous_liposuction"),
}


def upgrade() -> None:
    for table, names in ADDED.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))
