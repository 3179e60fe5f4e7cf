"""A database is brought to this release's tables by revisions, and these give what the code expects."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from agent.errors import ConfigurationProblem
from agent.events import Event, Result
from agent.store import (
    acceptance,
    archive,
    enrolments,
    incidents,
    journal,
    leases,
    lync,
    outbox,
    plans,
    requests,
    runs,
    servers,
    states,
    tokens,
)
from agent.store.audit import AuditStore
from agent.store.base import metadata, open_store, write
from agent.store.migrate import HEAD, configuration, current, upgrade

#: Imported for the tables that they define.
TABLE_MODULES = (
    acceptance, archive, enrolments, incidents, journal, leases, lync, outbox, plans, requests, runs, servers, states,
    tokens,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def revise_once() -> None:
    """Alembic itself is what these tests are about."""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path / 'history.db'}")


def test_revisions_give_the_tables_that_the_code_expects(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []
    assert len(metadata.tables) >= len(TABLE_MODULES)


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_upgrade_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    upgrade(engine)
    assert current(engine) == HEAD


def test_a_later_release_is_refused_and_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationProblem, match="later release"):
        upgrade(engine)
    assert current(engine) == "9999"


def test_the_migrated_audit_is_append_only(engine: Engine) -> None:
    upgrade(engine)
    AuditStore(engine).record(Event(datetime(2026, 1, 1, tzinfo=UTC), "ann", "plan", "york", "", Result.DONE))
    for statement in ("DELETE FROM audit_events", "UPDATE audit_events SET who = 'bob'"):
        with pytest.raises(DBAPIError, match="append-only"), write(engine) as connection:
            connection.execute(text(statement))
