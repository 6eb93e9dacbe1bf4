"""Patients: pseudonyms and acts as records, identities sealed apart."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

GUARDED = ("patient", "patient_identity", "patient_erasure")


def upgrade() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("identity_code", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.String(length=32), nullable=False),
        sa.Column("registered_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("identity_code"),
        sa.UniqueConstraint("pseudonym"),
    )
    op.create_index(op.f("ix_patient_registered_at"), "patient", ["registered_at"], unique=False)
    op.create_table(
        "patient_identity",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_patient_identity_patient_id"), "patient_identity", ["patient_id"], unique=False)
    op.create_table(
        "patient_erasure",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("erased_by", sa.String(length=32), nullable=False),
        sa.Column("erased_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.ForeignKeyConstraint(["erased_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("patient_id"),
    )
    op.create_table(
        "identity_vault",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("record_mac", sa.String(length=64), nullable=True),
        sa.Column("person_mac", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["patient_identity.id"]),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        sa.PrimaryKeyConstraint("version_id"),
    )
    for column in ("patient_id", "record_mac", "person_mac"):
        op.create_index(op.f(f"ix_identity_vault_{column}"), "identity_vault", [column], unique=False)
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), ["identity_vault"])
