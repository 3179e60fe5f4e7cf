"""Brings a database to the tables of this release: Alembic, configured in code."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine

from agent.errors import ConfigurationProblem
from agent.store import (
    acceptance,
    archive,
    audit,
    enrolments,
    incidents,
    journal,
    leases,
    plans,
    runs,
    states,
)
from agent.store.base import write

#: Every module that defines tables of the history; samples live in a file of their own and can be lost.
TABLE_MODULES = (acceptance, archive, audit, enrolments, incidents, journal, leases, plans, runs, states)

HERE = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Apply the revisions that are missing, in one transaction.

    Raises ConfigurationProblem for a database that a later release made; it is left as it is.
    """
    with write(engine) as connection:
        config = configuration()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise ConfigurationProblem(
                "the database was made by a later release",
                where=engine.url.render_as_string(hide_password=True),
                remedy="run that release, or restore a copy of the database from before it",
            ) from None


def configuration() -> Config:
    """Where Alembic finds its environment and the revisions; no file of its own, no logging of its own."""
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("version_locations", str(HERE / "revisions"))
    config.set_main_option("path_separator", "newline")
    return config
