"""Counts."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
