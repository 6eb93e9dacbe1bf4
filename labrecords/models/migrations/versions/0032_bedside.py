"""What is to be injected where, in the check at the bedside; what was left in each container."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bedside_check ADD COLUMN sites TEXT NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE residual ADD COLUMN containers TEXT NOT NULL DEFAULT '[]'")
