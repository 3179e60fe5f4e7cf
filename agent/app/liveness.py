"""Whether the workspace's daemon runs: by its sign of life, and by the lock that the kernel takes back when it dies."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from agent.config import Paths
from agent.monitoring.views import DaemonRow, daemon
from agent.store.runs import Runs


def daemon_now(root: Path, engine: Engine, now: datetime) -> DaemonRow:
    """What is to be said of the daemon of the workspace ``root``."""
    heartbeat = Runs(engine).heartbeat()
    return daemon(heartbeat, now, died=heartbeat is not None and _died(Paths(root).daemon_lock, heartbeat.pid))


def _died(lock: Path, pid: int) -> bool:
    """Whether process ``pid`` held the lock and holds it no longer; False where this cannot be told from here."""
    try:
        handle = os.open(lock, os.O_RDONLY)
    except OSError:  # the daemon runs elsewhere, or as somebody else
        return False
    try:
        if os.read(handle, 32).strip() != str(pid).encode():
            return False
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
