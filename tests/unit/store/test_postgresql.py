"""The store on PostgreSQL: the same tables, the same answers, and writers that take turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from agent.errors import ConfigurationProblem
from agent.events import Event, Result
from agent.incidents.incident import Status
from agent.monitoring.alarms import Kind
from agent.monitoring.states import Reach
from agent.store.audit import AuditStore, audit_events
from agent.store.base import metadata, open_store, write
from agent.store.incidents import Incidents
from agent.store.migrate import current, upgrade
from agent.store.runs import Runs
from agent.store.states import States
from tests.postgres import Postgres
from tests.tables import create_all
from tests.unit.incidents.test_desk import World
from tests.unit.monitoring.conftest import Story, build_inventory
from tests.unit.store.test_migrate import TABLE_MODULES

NOON = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
def engine(server: Postgres) -> Iterator[Engine]:
    found = open_store(server.url())
    create_all(found)
    yield found
    found.dispose()


def test_revisions_give_the_tables_that_the_code_expects(server: Postgres) -> None:
    engine = open_store(server.url())
    assert current(engine) is None
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert len(metadata.tables) >= len(TABLE_MODULES)
    upgrade(engine)
    engine.dispose()


def test_an_event_is_kept_in_utc_and_never_changed(engine: Engine) -> None:
    audit, noted = AuditStore(engine), Event(NOON, "anna", "poll", "leeds", "", Result.DONE)
    audit.record(noted)
    for change in (update(audit_events).values(who="nobody"), delete(audit_events)):
        with pytest.raises(DBAPIError, match="append-only"), write(engine) as connection:
            connection.execute(change)
    [kept] = audit.events()
    assert kept == noted
    assert kept.at.tzinfo is UTC


def test_two_people_at_once_lose_no_entry(engine: Engine) -> None:
    world = World(engine)
    reference = world.open()
    people = [f"person-{number}" for number in range(8)]
    threads = [threading.Thread(target=world.desk.contact, args=(reference, person, "called")) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {entry.who for entry in world.store.incident(reference).timeline[1:]} == set(people)


def test_a_router_has_one_incident_that_is_not_closed(engine: Engine) -> None:
    world = World(engine)
    assert [world.open(name) for name in ("leeds", "york")] == ["INC-000001", "INC-000002"]
    with pytest.raises(IntegrityError):
        world.open("leeds")


def test_a_fault_becomes_states_alarms_and_an_incident_and_ends(engine: Engine) -> None:
    names = {name: name for name in ("hub", "leeds", "york")}
    story = Story(States(engine), Incidents(engine), build_inventory(names, frozenset()))
    story.at(300).fails("leeds")
    story.run(600)
    incident = story.incident("leeds")
    assert story.state("leeds").reach is Reach.DOWN
    assert incident is not None
    assert incident.status is Status.OPEN
    story.at(700).recovers("leeds")
    story.run(1300)
    assert story.state("leeds").reach is Reach.UP
    alarm = story.alarm("leeds", Kind.ROUTER_UNREACHABLE)
    assert alarm is None or alarm.cleared_at is not None
    assert States(engine).states().keys() == names.keys()


def test_a_heartbeat_is_written_over(engine: Engine) -> None:
    runs = Runs(engine)
    runs.backup_ended("leeds", NOON, "nothing answers")
    runs.backup_ended("leeds", NOON, "")
    assert runs.backup_runs()["leeds"].failure == ""


def test_a_writer_that_waits_too_long_is_told(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.store.base.BUSY_TIMEOUT_S", 1)
    url = server.url()
    one, other = open_store(url), open_store(url)
    with write(one), pytest.raises(ConfigurationProblem, match="lock"), write(other):
        pass
    with write(other) as connection:
        assert connection.execute(select(1)).scalar() == 1
    one.dispose()
    other.dispose()


def test_a_server_that_is_gone_is_one_clear_message(server: Postgres) -> None:
    with pytest.raises(ConfigurationProblem, match="cannot be opened"):
        open_store(server.url().replace("127.0.0.1", "127.0.0.2"))
