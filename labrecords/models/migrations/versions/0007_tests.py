"""Tests."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
