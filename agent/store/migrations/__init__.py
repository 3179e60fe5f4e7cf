"""The environment that Alembic runs revisions in."""
