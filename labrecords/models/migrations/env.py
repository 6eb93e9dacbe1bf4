"""Alembic's environment: migrations run on a connection that models/migrate.py opened as the owner."""

from alembic import context

from labrecords.models import guards
from labrecords.models.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    version_table="schema_version",
)
assert guards.guarded_tables()
with context.begin_transaction():
    context.run_migrations()
