"""Indexes by which lists of batches find a product, and on PostgreSQL how a code begins."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["product", "opened_at", "batch_id"]
    op.create_index("ix_overview_product", "batch_overview", columns, unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_batch_code_code", "batch_code")
        op.create_index(
            "ix_batch_code_code",
            "batch_code",
            ["code", "kind", "batch_id"],
            unique=False,
            postgresql_ops={"code": "text_pattern_ops"},
        )
