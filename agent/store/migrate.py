"""Brings a database to the tables of this release: Alembic, configured in code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from agent.errors import ConfigurationProblem
from agent.store.base import write

if TYPE_CHECKING:
    from alembic.config import Config

#: The newest revision in revisions/.
HEAD = "0006"

HERE = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Apply the revisions that are missing, in one transaction.

    Raises ConfigurationProblem for a database that a later release made; it is left as it is.
    """
    if current(engine) != HEAD:
        revise(engine)


def revise(engine: Engine) -> None:
    """Have Alembic apply what is missing."""
    # Alembic takes longer to import than most commands to run, and only a new database needs it.
    from alembic import command
    from alembic.util import CommandError

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


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None: a new database."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def configuration() -> Config:
    """Where Alembic finds its environment and the revisions; no file of its own, no logging of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("version_locations", str(HERE / "revisions"))
    config.set_main_option("path_separator", "newline")
    return config
