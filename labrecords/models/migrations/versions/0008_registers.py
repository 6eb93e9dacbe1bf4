"""Registers."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
