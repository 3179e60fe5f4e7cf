"""A database is brought to this release's tables by revisions, and these give what the code expects."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from agent.errors import ConfigurationProblem
from agent.events import Event, Result
from agent.monitoring.states import Reach, RouterState
from agent.monitoring.views import Managed, Roster, Selection
from agent.store import (
    acceptance,
    archive,
    enrolments,
    fleet,
    incidents,
    journal,
    leases,
    lync,
    outbox,
    plans,
    requests,
    runs,
    servers,
    service_level,
    states,
    tokens,
)
from agent.store.audit import AuditStore
from agent.store.base import json_of, metadata, open_store, write
from agent.store.fleet import Fleet, Mark
from agent.store.migrate import HEAD, configuration, current, upgrade

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

#: Imported for the tables that they define.
TABLE_MODULES = (
    acceptance, archive, enrolments, fleet, incidents, journal, leases, lync, outbox, plans, requests, runs, servers,
    service_level, states, tokens,
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


def test_states_of_the_former_release_are_shown_after_the_upgrade(engine: Engine) -> None:
    state = RouterState("r1", Reach.DOWN, T0, "3 polls without an answer", T0, booted_at=T0)
    with write(engine) as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        kept = json_of(RouterState).dump_json(state).decode()
        before = text(
            "INSERT INTO router_states (router, polled_at, state) VALUES ('r1', '2026-11-30 08:00:00', :state)"
        )
        connection.execute(before, {"state": kept})
    upgrade(engine)
    Fleet(engine).keep(Roster((Managed("r1", "acme/leeds", True),), ()), Mark("", "", T0))
    (row,) = Fleet(engine).rows(Selection(), T0)
    assert (row.reach, row.since, row.reason, row.booted_at) == (Reach.DOWN, T0, "3 polls without an answer", T0)


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
