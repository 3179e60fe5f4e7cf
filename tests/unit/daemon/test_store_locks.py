"""Opening the store again in a process that has it open takes nothing from what the process writes afterwards."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from agent.monitoring.views import Heartbeat
from agent.store.base import open_store
from agent.store.runs import Runs
from tests.tables import create_all

READ = """
import sys
from agent.store.base import open_store
from agent.store.runs import Runs
engine = open_store(sys.argv[1])
beat = Runs(engine).heartbeat()
print(beat.cycle_polls if beat else "none")
engine.dispose()
"""


def read_elsewhere(url: str) -> str:
    """What another process sees; it closes the database when it ends, as each command of the CLI does."""
    done = subprocess.run([sys.executable, "-c", READ, url], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_another_process_sees_what_is_acknowledged_after_a_second_open(tmp_path: Path) -> None:
    """POSIX drops a process's locks on a file when it closes any descriptor of it; SQLite's hold the log in place."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    engine = open_store(url)
    create_all(engine)
    runs, at = Runs(engine), datetime(2026, 11, 30, tzinfo=UTC)
    runs.beat(Heartbeat(1, at, at, None, None, 1, ""))
    again = open_store(url)
    assert read_elsewhere(url) == "1"
    runs.beat(Heartbeat(1, at, at, None, None, 2, ""))
    assert read_elsewhere(url) == "2"
    again.dispose()
    engine.dispose()
