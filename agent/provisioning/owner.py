"""Who works on a change: a name for this process, and whether a named one may still be at work."""

from __future__ import annotations

import os
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_owner() -> str:
    """This process, by machine start, process namespace, number and start time: no later one has the same name."""
    return f"{_place()} pid {os.getpid()} started {_started(os.getpid())}"


def may_live(owner: str) -> bool:
    """Whether the process of that name may still run: False only where it is known to be gone.

    Of another machine or container nothing is known; its lease has to expire.
    """
    place, _, process = owner.partition(" pid ")
    number, _, started = process.partition(" started ")
    if place != _place() or not number.isdigit() or not _known():
        return True
    return started == _started(int(number))


def _known() -> bool:
    """Whether this system tells when a process started."""
    return bool(_started(os.getpid()))


def boot_id() -> str:
    """This start of this machine; empty where the system does not tell it."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _place() -> str:
    """This start of this machine, and the process namespace in it."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink()
    except OSError:
        return "somewhere"
    return f"{boot_id()} {namespace}"


def stands_still(pid: int) -> bool:
    """Whether a process of this machine was stopped by a signal or a debugger, so that it does nothing."""
    fields = _fields(pid)
    return bool(fields) and fields[0] in "Tt"


def _started(pid: int) -> str:
    """When a process started, in clock ticks since the machine did; empty: it does not run."""
    fields = _fields(pid)
    return "" if not fields or fields[0] in "ZX" else fields[19]


def _fields(pid: int) -> list[str]:
    """What the system tells of a process, its state first; empty: there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
