"""Run by Alembic: revisions are applied on the connection, and in the transaction, that upgrade() gives."""

from alembic import context

from agent.store.base import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
