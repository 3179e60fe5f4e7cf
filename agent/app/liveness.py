"""Whether the workspace's daemon runs: by its sign of life, and by the lock that the kernel takes back when it dies."""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from agent.config import Paths
from agent.monitoring.views import DaemonRow, Process, daemon
from agent.provisioning.owner import stands_still
from agent.store.runs import Runs


def daemon_now(root: Path, engine: Engine, now: datetime) -> DaemonRow:
    """What is to be said of the daemon of the workspace ``root``."""
    heartbeat = Runs(engine).heartbeat()
    if heartbeat is None:
        return daemon(None, now)
    return daemon(heartbeat, now, _process(Paths(root).daemon_lock, heartbeat.pid))


def _process(lock: Path, pid: int) -> Process:
    """What has become of process ``pid``, which took the lock; unknown where this cannot be told from here."""
    try:
        handle = os.open(lock, os.O_RDONLY)
    except OSError:  # the daemon runs elsewhere, or as somebody else
        return Process.UNKNOWN
    try:
        if os.read(handle, 32).strip() != str(pid).encode():
            return Process.UNKNOWN
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Process.STANDS if stands_still(pid) else Process.WORKS
    except OSError:
        return Process.UNKNOWN
    finally:
        os.close(handle)
    return Process.ENDED
