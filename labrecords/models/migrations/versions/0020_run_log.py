"""The run log of a spin is an attached file: its name and SHA-256 are not typed beside it any more.

The trail holds every value of a row as it was inserted. Rows of a spin or a file that stand already would not be those
of the trail afterwards, and what was typed would be lost: with such rows this migration refuses.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("centrifugation", "attachment"):
        if op.get_bind().execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first():
            raise RuntimeError(
                f"The table {name} holds records in the form of a version before the first release. They would not "
                "agree with their trail any more: keep this database with that version, and begin a new one."
            )
    op.add_column("attachment", sa.Column("role", sa.Text(), nullable=True))
    op.drop_column("centrifugation", "run_log")
    op.drop_column("centrifugation", "run_log_sha256")
