"""All tables at once, for tests that make many databases; that revisions give the same has a test of its own."""

from __future__ import annotations

from sqlalchemy import Engine

from agent.store.base import metadata, write


def create_all(engine: Engine) -> None:
    """Make the tables that do not exist yet, of every module that is imported."""
    with write(engine) as connection:
        metadata.create_all(connection)
