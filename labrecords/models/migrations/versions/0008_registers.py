"""Registers: lots of materials and how much of each was used; training; bypasses of their stops."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDED = ("bypass", "lot", "training")
PLAIN = ("lot_use",)


def upgrade() -> None:
    op.create_table(
        "lot",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("material_key", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("catalogue_number", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("lot_key", sa.Text(), nullable=False),
        sa.Column("expiry", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("certificate_sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("signature_id", sa.Text(), nullable=True),
        sa.Column("registered_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["signature_id"], ["signature.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lot_delivery", "lot", ["delivery_id"], unique=False)
    op.create_index("ix_lot_key", "lot", ["lot_key"], unique=False)
    op.create_index("ix_lot_material", "lot", ["material_key", "registered_at"], unique=False)
    op.create_table(
        "lot_use",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("lot_key", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("volume_ml", sa.Text(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("performed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "lot_key"),
    )
    op.create_index(op.f("ix_lot_use_batch_id"), "lot_use", ["batch_id"], unique=False)
    op.create_index("ix_lot_use_lot", "lot_use", ["lot_key", "performed_at", "entry_id"], unique=False)
    op.create_table(
        "training",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sop", sa.Text(), nullable=False),
        sa.Column("sop_version", sa.Text(), nullable=False),
        sa.Column("trained_on", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Text(), nullable=True),
        sa.Column("assessor", sa.Text(), nullable=False),
        sa.Column("withdraws_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_training_person", "training", ["person_id", "recorded_at"], unique=False)
    op.create_table(
        "bypass",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("step_key", sa.Text(), nullable=False),
        sa.Column("stops", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("signature_id", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["signature_id"], ["signature.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_bypass_batch_id"), "bypass", ["batch_id"], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), list(PLAIN))
