"""Where the inside keeps what must be known between two requests."""

from __future__ import annotations

LAB = "/run/lab"


def disk(box: str) -> str:
    """The folder of a box's disk."""
    return f"{LAB}/disks/{box}"


def console(box: str) -> str:
    """The socket of a box's console; there while it is on."""
    return f"{LAB}/consoles/{box}"


def first_process(box: str) -> str:
    """The file with the id of a box's first process; there while it is on."""
    return f"{LAB}/pids/{box}"


def space(name: str) -> str:
    """The handle of a bare network namespace, where ip and setns find it."""
    return f"/run/netns/{name}"


def captured(name: str) -> str:
    """A file of the capture that runs, or ran last: ``pid`` or ``counts``."""
    return f"{LAB}/capture/{name}"
