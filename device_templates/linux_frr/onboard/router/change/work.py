"""What the processes that change the machine do, one at a time."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from .. import files, places
from ..log import note
from ..network.settings import FILE as NETWORK
from ..showing.watch import write_watch
from ..system import kept, started
from . import sets
from .apply import apply_set, bring
from .parts import Files, parts


def apply(target: Callable[[], Files], *, keep_going: bool, anew: bool) -> None:
    """Apply a set, and tell the poll."""
    with_lock()
    wanted = target()
    apply_set(wanted, keep_going=keep_going, anew=anew)
    # The poll is to know of a change of ours no later than whoever asked for it.
    with suppress(Exception):
        write_watch(wanted)


def follow() -> None:
    """Bring the interfaces to a new lease."""
    with_lock()
    for part in parts(sets.active()):
        if part.key == NETWORK:
            bring(part, anew=False)


def with_lock() -> None:
    """Take the one lock of those who change the machine; it is held until this process and all that it runs ended."""
    handle = os.open(places.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()} {started(os.getpid())}".encode(), 0)
    kept.append(handle)


def end_former_worker() -> None:
    """End what a former supervisor left at work, so that nobody else changes the machine meanwhile.

    The worker itself may be gone while what it started lives on; its number may have gone to a stranger since. So its
    group is ended where one of it has the lock open.
    """
    pid = files.read(places.LOCK).partition(" ")[0]
    if pid.isdecimal() and int(pid) in set(_groups_at(places.LOCK)) - {0, os.getpgrp()}:
        note("ending what a former start of this program left at work")
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


def _groups_at(path: Path) -> Iterator[int]:
    """The process groups of all who have a file open."""
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        # Processes come and go meanwhile, and some of what they have open cannot be looked at.
        with suppress(OSError):
            if handle.readlink() == path:
                yield os.getpgid(int(handle.parts[2]))
