"""The incident desk on the real store: what people do is kept, audited, and refused in one clear line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from agent.errors import Refused
from agent.events import Event
from agent.incidents import incident as life
from agent.incidents.desk import Desk
from agent.incidents.incident import Incident, Status
from agent.store.base import open_store, write
from agent.store.incidents import Incidents, references, save
from tests.tables import create_all

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


class Audit:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        self.events.append(event)


class World:
    """A desk, its store and its clock."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now, self.audit = engine, T0, Audit()
        self.store = Incidents(engine)
        self.desk = Desk(self.store, self.audit, lambda: self.now)

    def open(self, router: str = "leeds") -> str:
        with write(self.engine) as connection:
            reference = next(references(connection))
            entry = life.Entry(T0, life.Step.OPENED, life.AGENT, "down")
            incident = Incident(reference, router, f"acme/{router}", "down", Status.OPEN, T0, T0, timeline=(entry,))
            save(connection, ((None, incident),))
        return reference

    def clear(self, reference: str) -> None:
        self.desk.clear(reference, "spokesman", "answers again")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)
    yield World(engine)
    engine.dispose()


def test_references_are_unique_and_count(world: World) -> None:
    assert [world.open(name) for name in ("leeds", "york", "hull")] == ["INC-000001", "INC-000002", "INC-000003"]


def test_a_router_has_one_incident_that_is_not_closed(world: World) -> None:
    world.open()
    with pytest.raises(IntegrityError):
        world.open()


def test_confirmation_is_kept_and_audited(world: World) -> None:
    reference = world.open()
    world.clear(reference)
    world.desk.confirm(reference, "anna", "works again")
    kept = world.store.incident(reference)
    assert kept.status is Status.CLOSED
    assert [(entry.who, entry.text) for entry in kept.timeline][-1] == ("anna", "works again")
    assert [(event.who, event.action, event.subject) for event in world.audit.events][-1] == (
        "anna",
        "incident.confirm",
        reference,
    )
    assert world.desk.list() == ()
    assert [one.reference for one in world.desk.list(closed=True)] == [reference]


@pytest.mark.parametrize("given", ["", "1", "INC-1", "INC-000001; DROP", "INC-999999999999", "inc-0000zz"])
def test_a_reference_that_is_none_is_refused(world: World, given: str) -> None:
    with pytest.raises(Refused, match="is no incident reference"):
        world.desk.show(given)


def test_an_unknown_reference_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="there is no incident INC-000042"):
        world.desk.confirm("inc-000042", "anna")


def test_a_refused_act_changes_and_audits_nothing(world: World) -> None:
    reference = world.open()
    with pytest.raises(Refused):
        world.desk.confirm(reference, "anna")
    assert len(world.store.incident(reference).timeline) == 1
    assert world.audit.events == []


def test_time_closes_what_was_contacted_and_nothing_else(world: World) -> None:
    told, untold = world.open("leeds"), world.open("york")
    for reference in (told, untold):
        world.clear(reference)
    world.desk.contact(told, "anna", "called")
    world.now = T0 + timedelta(hours=24)
    world.desk.tick()
    assert world.store.incident(told).status is Status.CLOSED
    assert world.store.incident(untold).status is Status.CLEARED
    assert world.desk.tick() == ()


def test_two_people_at_once_lose_no_entry(world: World) -> None:
    reference = world.open()
    threads = [
        threading.Thread(target=world.desk.contact, args=(reference, f"person-{number}", "called"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {entry.who for entry in world.store.incident(reference).timeline[1:]} == {f"person-{n}" for n in range(8)}
