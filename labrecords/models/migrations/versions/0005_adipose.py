"""The steps of fat-derived cells: liposuction, wash, digestion, mechanical processing, lysis."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARDED = ("liposuction", "wash", "enzymatic_digestion", "mechanical_processing", "lysis")


def upgrade() -> None:
    _liposuction()
    _wash()
    _enzymatic_digestion()
    _mechanical_processing()
    _lysis()
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])


def _liposuction() -> None:
    op.create_table(
        "liposuction",
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
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("infused_volume_ml", sa.Text(), nullable=False),
        sa.Column("lidocaine_mg_per_l", sa.Text(), nullable=True),
        sa.Column("adrenaline_mg_per_l", sa.Text(), nullable=True),
        sa.Column("tumescent_lot", sa.Text(), nullable=True),
        sa.Column("tumescent_expiry", sa.Text(), nullable=True),
        sa.Column("dwell_min", sa.Text(), nullable=True),
        sa.Column("weight_kg", sa.Text(), nullable=True),
        sa.Column("weighed_on", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("cannula_mm", sa.Text(), nullable=False),
        sa.Column("cannula_holes", sa.Integer(), nullable=True),
        sa.Column("vacuum_kpa", sa.Text(), nullable=True),
        sa.Column("total_volume_ml", sa.Text(), nullable=False),
        sa.Column("fat_volume_ml", sa.Text(), nullable=True),
        sa.Column("fluid_volume_ml", sa.Text(), nullable=True),
        sa.Column("container_code", sa.Text(), nullable=False),
        sa.Column("seal_number", sa.Text(), nullable=True),
        sa.Column("complications", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["liposuction.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index(op.f("ix_liposuction_batch_id"), "liposuction", ["batch_id"], unique=False)
    op.create_index(
        "uq_liposuction_first",
        "liposuction",
        ["batch_id", "step_key"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )


def _wash() -> None:
    op.create_table(
        "wash",
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
        sa.Column("source_container_code", sa.Text(), nullable=False),
        sa.Column("buffer", sa.Text(), nullable=False),
        sa.Column("buffer_lot", sa.Text(), nullable=False),
        sa.Column("buffer_expiry", sa.Text(), nullable=True),
        sa.Column("volume_in_ml", sa.Text(), nullable=False),
        sa.Column("washes", sa.Integer(), nullable=False),
        sa.Column("wash_volume_ml", sa.Text(), nullable=False),
        sa.Column("kept_volume_ml", sa.Text(), nullable=True),
        sa.Column("settle_min", sa.Text(), nullable=True),
        sa.Column("spins", sa.Integer(), nullable=False),
        sa.Column("discarded_volume_ml", sa.Text(), nullable=False),
        sa.Column("collected_volume_ml", sa.Text(), nullable=False),
        sa.Column("fat_mass_g", sa.Text(), nullable=True),
        sa.Column("clear", sa.Integer(), nullable=False),
        sa.Column("container_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["wash.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index(op.f("ix_wash_batch_id"), "wash", ["batch_id"], unique=False)
    op.create_index(
        "uq_wash_first",
        "wash",
        ["batch_id", "step_key"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )


def _enzymatic_digestion() -> None:
    op.create_table(
        "enzymatic_digestion",
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
        sa.Column("source_container_code", sa.Text(), nullable=False),
        sa.Column("enzyme", sa.Text(), nullable=False),
        sa.Column("enzyme_lot", sa.Text(), nullable=False),
        sa.Column("enzyme_expiry", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("activity_unit", sa.Text(), nullable=False),
        sa.Column("activity_unit_text", sa.Text(), nullable=True),
        sa.Column("enzyme_mass_mg", sa.Text(), nullable=False),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("solution_lot", sa.Text(), nullable=True),
        sa.Column("solution_expiry", sa.Text(), nullable=True),
        sa.Column("solution_volume_ml", sa.Text(), nullable=False),
        sa.Column("tissue_volume_ml", sa.Text(), nullable=False),
        sa.Column("fat_mass_g", sa.Text(), nullable=True),
        sa.Column("temperature_c", sa.Text(), nullable=False),
        sa.Column("agitation_rpm", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.Text(), nullable=False),
        sa.Column("neutraliser", sa.Text(), nullable=False),
        sa.Column("neutraliser_lot", sa.Text(), nullable=True),
        sa.Column("neutraliser_expiry", sa.Text(), nullable=True),
        sa.Column("neutraliser_volume_ml", sa.Text(), nullable=False),
        sa.Column("collected_volume_ml", sa.Text(), nullable=False),
        sa.Column("discarded_volume_ml", sa.Text(), nullable=False),
        sa.Column("container_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["enzymatic_digestion.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index(
        op.f("ix_enzymatic_digestion_batch_id"), "enzymatic_digestion", ["batch_id"], unique=False
    )
    op.create_index(
        "uq_enzymatic_digestion_first",
        "enzymatic_digestion",
        ["batch_id", "step_key"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )


def _mechanical_processing() -> None:
    op.create_table(
        "mechanical_processing",
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
        sa.Column("source_container_code", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("device_lot", sa.Text(), nullable=False),
        sa.Column("device_expiry", sa.Text(), nullable=True),
        sa.Column("connectors", sa.Text(), nullable=False),
        sa.Column("filter_um", sa.Text(), nullable=True),
        sa.Column("filter_lot", sa.Text(), nullable=True),
        sa.Column("filter_expiry", sa.Text(), nullable=True),
        sa.Column("volume_in_ml", sa.Text(), nullable=False),
        sa.Column("collected_volume_ml", sa.Text(), nullable=False),
        sa.Column("discarded_volume_ml", sa.Text(), nullable=False),
        sa.Column("container_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["mechanical_processing.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index(
        op.f("ix_mechanical_processing_batch_id"), "mechanical_processing", ["batch_id"], unique=False
    )
    op.create_index(
        "uq_mechanical_processing_first",
        "mechanical_processing",
        ["batch_id", "step_key"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )


def _lysis() -> None:
    op.create_table(
        "lysis",
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
        sa.Column("container_code", sa.Text(), nullable=False),
        sa.Column("reagent", sa.Text(), nullable=False),
        sa.Column("reagent_lot", sa.Text(), nullable=False),
        sa.Column("reagent_expiry", sa.Text(), nullable=True),
        sa.Column("ammonium_chloride_mm", sa.Text(), nullable=True),
        sa.Column("volume_in_ml", sa.Text(), nullable=False),
        sa.Column("reagent_volume_ml", sa.Text(), nullable=False),
        sa.Column("duration_min", sa.Text(), nullable=False),
        sa.Column("temperature_c", sa.Text(), nullable=False),
        sa.Column("collected_volume_ml", sa.Text(), nullable=False),
        sa.Column("discarded_volume_ml", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.ForeignKeyConstraint(["performed_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["replaces_id"], ["lysis.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("replaces_id"),
    )
    op.create_index(op.f("ix_lysis_batch_id"), "lysis", ["batch_id"], unique=False)
    op.create_index(
        "uq_lysis_first",
        "lysis",
        ["batch_id", "step_key"],
        unique=True,
        sqlite_where=sa.text("replaces_id IS NULL"),
        postgresql_where=sa.text("replaces_id IS NULL"),
    )
