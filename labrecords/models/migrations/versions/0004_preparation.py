"""Preparation."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
