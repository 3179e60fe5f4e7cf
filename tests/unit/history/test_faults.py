"""What the history does when its process dies, its disk is full, or somebody else holds its database."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from agent.errors import ConfigurationProblem
from agent.store.history import History, Keeping, tables
from agent.store.history.rolling import SETTLED_S
from tests.unit.history.fleet import BEGAN, PORT, START, Router, polled

EVER = START + timedelta(days=1000)
ROUTERS = 40

#: Adds polls and rolls them up until it is killed; says after each batch how many cycles are kept.
WORK = """
import sys
from datetime import timedelta
from agent.store.history import History
from tests.unit.history.fleet import START, Router, polled
history = History(sys.argv[1])
routers = [Router(f"acme-r{number}") for number in range(int(sys.argv[2]))]
for cycle in range(100_000):
    history.add(polled(routers, [cycle]))
    print(cycle, flush=True)
    for _ in range(3):
        history.roll_up(START + timedelta(seconds=240 * cycle))
"""


def kept(history: History, name: str) -> int:
    return len(history.series(name, f"{PORT} in_octets", START, EVER))


@pytest.mark.parametrize("lines", [3, 60])
def test_a_killed_process_loses_nothing_that_was_kept(url: str, lines: int) -> None:
    root = Path(__file__).parents[3]
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK, url, str(ROUTERS)], stdout=subprocess.PIPE, cwd=root, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(root), os.environ.get("PYTHONPATH", "")))},
    )  # fmt: skip
    assert worker.stdout is not None
    for _ in range(lines):
        last = int(worker.stdout.readline())
    worker.send_signal(signal.SIGKILL)
    said = worker.stdout.read().split()
    worker.wait()
    last = int(said[-1]) if said else last
    history = History(url)
    for number in (0, 7, ROUTERS - 1):
        assert last + 1 <= kept(history, f"acme-r{number}") <= last + 2, "each batch is there as a whole, or not at all"
    routers = [Router(f"acme-r{number}") for number in range(ROUTERS)]
    history.add(polled(routers, range(last + 2, last + 20)))
    now = START + timedelta(seconds=240 * (last + 40))
    while history.roll_up(now):
        pass
    with history._engine.connect() as connection:
        hours = connection.execute(select(func.count()).select_from(tables.hours)).scalar_one()
    ended = int(max(router.at(last + 19) for router in routers) - BEGAN + SETTLED_S) // 3600
    assert hours == ROUTERS * ended, "every router has every hour that has ended, once"


def test_a_full_disk_is_told_and_what_was_kept_stays(tmp_path: Path) -> None:
    history = History(f"sqlite:///{tmp_path / 'history.db'}")
    routers = [Router(f"acme-r{number}") for number in range(50)]
    history.add(polled(routers, range(10)))
    with history._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    history._engine.dispose()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    event.listen(history._engine, "connect", limit)
    strangers = [Router(f"new-r{number}", larger_every=1) for number in range(500)]
    with pytest.raises(ConfigurationProblem, match=r"full"):
        history.add(polled(strangers, range(10, 20)))
    assert kept(history, "acme-r1") == 10
    event.remove(history._engine, "connect", limit)
    history._engine.dispose()
    history.add(polled(strangers, range(30, 32)))
    assert kept(history, "new-r499") >= 2


def test_a_held_database_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.store.base.BUSY_TIMEOUT_S", 0.3)
    path = tmp_path / "history.db"
    history, router = History(f"sqlite:///{path}"), Router("acme-r1")
    history.add([router.poll(0)])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    stranger = Router("acme-r2")
    with pytest.raises(ConfigurationProblem, match="locked"):
        history.add([router.poll(1), stranger.poll(1)])
    other.execute("ROLLBACK")
    other.close()
    history.add([router.poll(2), stranger.poll(2)])
    assert (kept(history, "acme-r1"), kept(history, "acme-r2")) == (2, 1)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"these are not the pages of a database" * 200)
    with pytest.raises(ConfigurationProblem, match="cannot be"):
        History(f"sqlite:///{path}")


def test_polls_are_kept_between_the_steps_of_a_long_retention(tmp_path: Path) -> None:
    """No step is long: a batch waits for one of them at most."""
    history = History(f"sqlite:///{tmp_path / 'history.db'}", Keeping(polls_days=1))
    routers = [Router(f"acme-r{number}") for number in range(60)]
    history.add(polled(routers, range(100)))
    history.add(routers[0].hourly(range(24, 24 + 75)))
    now, batch = START + timedelta(days=60), 0
    while history.drop_old(now):
        history.add(polled(routers[:1], [20_000 + batch]))
        batch += 1
    assert batch >= 2
    assert kept(history, "acme-r5") == 0


def test_a_history_that_is_damaged_while_it_is_used_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    history = History(f"sqlite:///{path}")
    routers = [Router(f"acme-r{number}") for number in range(50)]
    history.add(polled(routers, range(30)))
    history._engine.dispose()  # all of it is in the file
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    for work in (
        lambda: history.add(polled(routers, [30])),
        lambda: history.roll_up(EVER),
        lambda: history.drop_old(EVER),
    ):
        with pytest.raises(ConfigurationProblem, match=r"malformed.* -> move the history away, with the files -wal"):
            work()
