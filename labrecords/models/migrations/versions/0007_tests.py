"""Quality-control tests: a table for each kind, with what every test states."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GUARDED = ("gram_stain", "endotoxin", "sterility", "mycoplasma", "cfu_f", "flow_panel")


def upgrade() -> None:
    own: dict[str, list[sa.Column[Any]]] = {
        "gram_stain": [
            sa.Column("fields_read", sa.Integer(), nullable=True),
            sa.Column("controls_right", sa.Integer(), nullable=True),
            sa.Column("result", sa.Text(), nullable=True),
            sa.Column("organism", sa.Text(), nullable=True),
        ],
        "endotoxin": [
            sa.Column("kit_lot", sa.Text(), nullable=False),
            sa.Column("kit_expiry", sa.Text(), nullable=True),
            sa.Column("lambda_eu_per_ml", sa.Text(), nullable=False),
            sa.Column("sample_part", sa.Text(), nullable=False),
            sa.Column("diluent_part", sa.Text(), nullable=False),
            sa.Column("spike_recovery_percent", sa.Text(), nullable=True),
            sa.Column("below_lambda", sa.Integer(), nullable=True),
            sa.Column("measured_eu_per_ml", sa.Text(), nullable=True),
        ],
        "sterility": [
            sa.Column("bottles", sa.Text(), nullable=False),
            sa.Column("incubation_days", sa.Integer(), nullable=False),
            sa.Column("temperature_c", sa.Text(), nullable=True),
            sa.Column("reads", sa.Text(), nullable=False),
            sa.Column("growth", sa.Integer(), nullable=True),
            sa.Column("organism", sa.Text(), nullable=True),
        ],
        "mycoplasma": [
            sa.Column("technique", sa.Text(), nullable=False),
            sa.Column("controls_right", sa.Integer(), nullable=True),
            sa.Column("result", sa.Text(), nullable=True),
            sa.Column("organism", sa.Text(), nullable=True),
        ],
        "cfu_f": [
            sa.Column("cells_per_dish", sa.Integer(), nullable=False),
            sa.Column("colony_cells", sa.Integer(), nullable=False),
            sa.Column("day", sa.Integer(), nullable=True),
            sa.Column("stain", sa.Text(), nullable=True),
            sa.Column("dishes", sa.Text(), nullable=False),
        ],
        "flow_panel": [
            sa.Column("panel", sa.Text(), nullable=False),
            sa.Column("viability_percent", sa.Text(), nullable=True),
            sa.Column("markers", sa.Text(), nullable=False),
        ],
    }
    for name in GUARDED:
        op.create_table(
            name,
            sa.Column("replaces_id", sa.String(length=32), nullable=True),
            sa.Column("id", sa.String(length=32), nullable=False),
            sa.Column("batch_id", sa.Text(), nullable=False),
            sa.Column("step_key", sa.Text(), nullable=False),
            sa.Column("performed_by", sa.Text(), nullable=False),
            sa.Column("recorded_by", sa.Text(), nullable=False),
            sa.Column("performed_at", sa.Text(), nullable=False),
            sa.Column("recorded_at", sa.Text(), nullable=False),
            sa.Column("follows_as", sa.Text(), nullable=True),
            sa.Column("reason", sa.Text(), nullable=True),
            sa.Column("late_reason", sa.Text(), nullable=True),
            sa.Column("happened_reason", sa.Text(), nullable=True),
            sa.Column("note", sa.Text(), nullable=True),
            sa.Column("confirmed", sa.Text(), nullable=False),
            sa.Column("as_entered", sa.Text(), nullable=False),
            sa.Column("blanks", sa.Text(), nullable=False),
            sa.Column("authors", sa.Text(), nullable=False),
            sa.Column("state", sa.Text(), nullable=False),
            sa.Column("sample_code", sa.Text(), nullable=False),
            sa.Column("received_at", sa.Text(), nullable=False),
            sa.Column("amount_ml", sa.Text(), nullable=False),
            sa.Column("method", sa.Text(), nullable=False),
            sa.Column("method_version", sa.Text(), nullable=False),
            sa.Column("instrument", sa.Text(), nullable=True),
            sa.Column("reagents", sa.Text(), nullable=False),
            sa.Column("started_at", sa.Text(), nullable=False),
            sa.Column("finished_at", sa.Text(), nullable=True),
            sa.Column("file_name", sa.Text(), nullable=True),
            *own[name],
            sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
            sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
            sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
            sa.ForeignKeyConstraint(["replaces_id"], [f"{name}.id"]),
            sa.PrimaryKeyConstraint("id"),
            sa.UniqueConstraint("replaces_id"),
        )
        op.create_index(op.f(f"ix_{name}_batch_id"), name, ["batch_id"], unique=False)
        op.create_index(
            f"uq_{name}_first",
            name,
            ["batch_id", "step_key"],
            unique=True,
            sqlite_where=sa.text("replaces_id IS NULL"),
            postgresql_where=sa.text("replaces_id IS NULL"),
        )
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
