"""What the processes that change the machine do, one at a time."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress

from .. import files, places
from ..errors import RouterError
from ..log import note
from ..showing.watch import write_watch
from ..system import kept, started
from .apply import apply_set, bring
from .parts import Files, parts


def apply(target: Files, *, keep_going: bool, anew: bool) -> None:
    """Apply a set, and tell the poll."""
    with_lock()
    apply_set(target, keep_going=keep_going, anew=anew)
    # The poll is to know of a change of ours no later than whoever asked for it.
    with suppress(OSError, RouterError):
        write_watch(target)


def follow(wanted: Files) -> None:
    """Bring the interfaces to a new lease; ``wanted`` holds network.toml alone."""
    with_lock()
    for part in parts(wanted):
        bring(part, anew=False)


def with_lock() -> None:
    """Take the one lock of those who change the machine; it is held until this process and all that it runs ended."""
    handle = os.open(places.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()} {started(os.getpid())}".encode(), 0)
    kept.append(handle)


def end_former_worker() -> None:
    """End what a former supervisor left at work, so that nobody else changes the machine meanwhile."""
    pid, _, since = files.read(places.LOCK).partition(" ")
    if pid.isdecimal() and since and started(int(pid)) == since:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(pid), signal.SIGKILL)
    handle = os.open(places.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(500):
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.02)
        note("a former process still changes the machine; going on beside it")
    finally:
        os.close(handle)
