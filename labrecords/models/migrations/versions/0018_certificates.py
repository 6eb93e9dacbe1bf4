"""The files of makers' certificates."""

import sqlalchemy as sa
from alembic import op

from labrecords.models import guards, roles

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

GUARDED = ("certificate_file",)


def upgrade() -> None:
    op.create_table(
        "certificate_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    guards.install(op.get_bind(), list(GUARDED))
    roles.grant(op.get_bind(), list(GUARDED), [])
