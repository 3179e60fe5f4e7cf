"""One daemon a workspace: a lock that the kernel takes back when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

from agent.errors import Refused

#: `status` holds the lock for a moment, to see whether it is free: so often is it tried, so long apart in seconds.
TRIES, APART_S = 5, 0.02


def _take(handle: int) -> None:
    for _ in range(TRIES - 1):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        sleep(APART_S)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def single_instance(path: Path) -> Iterator[None]:
    """Hold the workspace's lock; raises Refused where another daemon holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _take(handle)
        except BlockingIOError:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            raise Refused(
                f"a daemon already runs on this workspace (process {holder})",
                where=str(path),
                remedy="stop it first, or use another workspace",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
