"""The run log of a spin is an attached file: its name and SHA-256 are not typed beside it any more.

The trail holds every value of a row as it was inserted. A spin that names its run log would not be the one of the trail
afterwards, and what was typed would be lost: with such a row this migration refuses.
"""

import sqlalchemy as sa
from alembic import op

from labrecords.models.schema import MigrationRefused

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    spin = sa.table("centrifugation", sa.column("run_log"), sa.column("run_log_sha256"))
    stated = sa.or_(spin.c.run_log.is_not(None), spin.c.run_log_sha256.is_not(None))
    if op.get_bind().execute(sa.select(sa.literal(1)).where(stated).limit(1)).first():
        raise MigrationRefused(
            "A spin of this database names its run log, in the form of a version before the first release. It would "
            "not agree with its trail any more: keep this database with that version, and begin a new one."
        )
    op.add_column("attachment", sa.Column("role", sa.Text(), nullable=True))
    op.drop_column("centrifugation", "run_log")
    op.drop_column("centrifugation", "run_log_sha256")
