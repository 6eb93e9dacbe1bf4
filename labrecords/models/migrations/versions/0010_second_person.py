"""Second person."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

GUARDED: tuple[str, ...] = ()


def upgrade() -> None:
    pass
