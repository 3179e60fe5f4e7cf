"""The store's ground: what is opened, how moments are kept, and that writers queue."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, event, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from agent.errors import ConfigurationProblem
from agent.store.base import UtcDateTime, open_store, write
from tests.tables import create_all

ground = MetaData()
moments = Table(
    "test_moments", ground, Column("id", Integer, primary_key=True), Column("at", UtcDateTime, nullable=False)
)


def make(engine: Engine) -> None:
    """The one table that these tests write to."""
    with write(engine) as connection:
        ground.create_all(connection)


def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/var/history.db"


def test_the_database_is_made_for_its_owner_only_and_commits_reach_the_disk(tmp_path: Path) -> None:
    engine = open_store(url(tmp_path))
    create_all(engine)
    create_all(engine)
    make(engine)
    with write(engine) as connection:
        connection.execute(insert(moments).values(at=datetime(2026, 11, 21, tzinfo=UTC)))
    files = list((tmp_path / "var").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    with engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]


def test_moments_come_back_aware_and_in_utc(tmp_path: Path) -> None:
    engine = open_store(url(tmp_path))
    make(engine)
    summer = datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    with write(engine) as connection:
        connection.execute(insert(moments).values(at=summer))
        [found] = connection.scalars(select(moments.c.at).where(moments.c.at >= summer))
    assert found == summer
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(tmp_path: Path) -> None:
    engine = open_store(url(tmp_path))
    make(engine)
    naive = datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None)
    with write(engine) as connection, pytest.raises(StatementError, match="without a time zone"):
        connection.execute(insert(moments).values(at=naive))


def test_writers_queue_and_none_is_lost(tmp_path: Path) -> None:
    engine = open_store(url(tmp_path))
    make(engine)

    def add_one_more() -> None:
        for _ in range(20):
            with write(engine) as connection:
                count = len(connection.execute(select(moments.c.id)).all())
                connection.execute(insert(moments).values(id=count, at=datetime(2026, 1, 1, tzinfo=UTC)))

    threads = [threading.Thread(target=add_one_more) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with engine.connect() as connection:
        assert sorted(connection.scalars(select(moments.c.id))) == list(range(80))


def test_what_fails_half_way_is_not_kept(tmp_path: Path) -> None:
    engine = open_store(url(tmp_path))
    make(engine)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(insert(moments), [{"id": 1, "at": moment}, {"id": 1, "at": moment}])
    with engine.connect() as connection:
        assert connection.execute(select(moments)).all() == []


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql+nosuch://localhost/x", "sqlite:////proc/nowhere/x.db", "sqlite:////proc"]
)
def test_a_database_that_cannot_be_opened_is_one_clear_message(address: str) -> None:
    with pytest.raises(ConfigurationProblem, match="database"):
        open_store(address)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database at all, but long enough to be read as a header of one\n" * 20)
    with pytest.raises(ConfigurationProblem, match="not a database"):
        open_store(f"sqlite:///{path}")


def test_a_locked_database_is_one_clear_message_and_not_a_wait_for_ever(tmp_path: Path) -> None:
    engine = open_store(url(tmp_path))
    make(engine)
    event.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=50"))
    with write(engine), pytest.raises(ConfigurationProblem, match=r"locked.*a process holds it"), write(engine):
        pass
