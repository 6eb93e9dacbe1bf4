"""Attachments."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
