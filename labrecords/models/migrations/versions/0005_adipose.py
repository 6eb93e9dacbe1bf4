"""Adipose."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
