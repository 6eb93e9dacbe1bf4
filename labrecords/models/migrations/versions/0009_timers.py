"""Timers."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
