"""Sessions that are locked, and the devices they are on."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_session", sa.Column("locked_at", sa.Text(), nullable=True))
    op.add_column("web_session", sa.Column("device", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("web_session", sa.Column("device_sha256", sa.String(length=64), nullable=True))
    op.add_column(
        "web_session", sa.Column("strange", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(op.f("ix_web_session_device_sha256"), "web_session", ["device_sha256"], unique=False)
