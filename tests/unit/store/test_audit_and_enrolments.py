"""The audit only grows, and a former identity of a router stays known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Delete, Engine, Update, delete, update
from sqlalchemy.exc import IntegrityError

from agent.events import Event, Result
from agent.provisioning.ports import Enrolment
from agent.store.audit import AuditStore, audit_events
from agent.store.base import open_store, write
from agent.store.enrolments import EnrolmentStore
from tests.tables import create_all

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(f"sqlite:///{tmp_path}/history.db")
    create_all(engine)
    return engine


def event(minutes: int, subject: str = "acme-lee-r1", result: Result = Result.DONE) -> Event:
    return Event(NOON + timedelta(minutes=minutes), "engineer", "provision", subject, "ORD-1001", result, "detail")


def test_events_come_back_as_they_were_recorded(engine: Engine) -> None:
    audit = AuditStore(engine)
    recorded = [event(0), event(5, "acme-lon-r1", Result.ROLLED_BACK), event(1, result=Result.UNCERTAIN)]
    for each in recorded:
        audit.record(each)
    assert audit.events() == tuple(recorded)
    assert audit.events(subject="acme-lee-r1") == (recorded[0], recorded[2])
    assert audit.events(since=NOON + timedelta(minutes=1)) == (recorded[1], recorded[2])
    assert audit.events(since=NOON + timedelta(minutes=2), subject="acme-lee-r1") == ()


@pytest.mark.parametrize("change", [update(audit_events).values(who="nobody"), delete(audit_events)])
def test_the_database_refuses_to_change_or_delete_an_event(engine: Engine, change: Update | Delete) -> None:
    audit = AuditStore(engine)
    audit.record(event(0))
    with pytest.raises(IntegrityError, match="append-only"), write(engine) as connection:
        connection.execute(change)
    assert audit.events() == (event(0),)


def test_an_event_cannot_be_written_over(engine: Engine) -> None:
    audit = AuditStore(engine)
    audit.record(event(0))
    over = (
        "INSERT OR REPLACE INTO audit_events "
        "SELECT id, at, 'nobody', action, subject, why, result, detail FROM audit_events"
    )
    with pytest.raises(IntegrityError, match="append-only"), write(engine) as connection:
        connection.exec_driver_sql(over)
    assert audit.events() == (event(0),)


def test_the_identity_enrolled_last_is_the_current_one(engine: Engine) -> None:
    store = EnrolmentStore(engine)
    assert store.enrolment("acme-lee-r1") is None
    first = Enrolment("acme-lee-r1", "FCZ0000A0B2", "ssh-ed25519 AAAA", NOON, "engineer")
    second = Enrolment("acme-lee-r1", "FCZ0000A0B3", "ssh-ed25519 BBBB", NOON, "engineer")
    store.enrol(first)
    store.enrol(Enrolment("acme-lon-r1", "FCZ0000A0B1", "ssh-ed25519 CCCC", NOON, "engineer"))
    store.enrol(second)
    assert store.enrolment("acme-lee-r1") == second
    assert store.history("acme-lee-r1") == (first, second)
