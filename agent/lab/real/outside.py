"""This machine's side of a lab: its number, its folder, the way into the management network, and what others left.

A lab's folder is locked by the process that owns it. A folder without an owner is left over: its guest is ended and
the folder removed by whoever starts a lab next. Interfaces and routes need no removal: they go with the guest.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.lab.errors import LabError
from agent.lab.real.plan import Link
from agent.lab.real.topology import Centre

FOLDER = Path("/run/spokesman-lab")
#: As many labs can run beside each other: each takes four addresses of 169.254.240.0/24.
_LABS = 60


def _device(number: int) -> str:
    return f"spokesman{number}"


def _present(number: int) -> bool:
    return Path(f"/sys/class/net/{_device(number)}").exists()


def _wait_for_its_end(number: int, patience_s: float = 5.0) -> None:
    """The kernel takes an interface and its routes away some time after the process or namespace that had it."""
    until = time.monotonic() + patience_s
    while _present(number) and time.monotonic() < until:
        time.sleep(0.02)


@dataclass(frozen=True)
class Place:
    """What one lab has of this machine."""

    number: int
    folder: Path
    lock: int

    @property
    def device(self) -> str:
        """The name of the interface towards the inside."""
        return _device(self.number)

    @property
    def link(self) -> Link:
        """The addresses between this machine and the inside."""
        return Link(f"169.254.240.{4 * self.number + 1}", f"169.254.240.{4 * self.number + 2}")

    def leave(self) -> None:
        """Remove the folder and give the number back, once the interface has gone."""
        _wait_for_its_end(self.number)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def take_place() -> Place:
    """The first free number, after what others left over has been cleared; LabError when there is none."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    taken: Place | None = None
    for number in range(_LABS):
        folder = FOLDER / str(number)
        if taken and not folder.exists():
            continue
        lock = os.open(FOLDER / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        _clear(folder, number)
        if taken is None and not _present(number):
            folder.mkdir(mode=0o700)
            taken = Place(number, folder, lock)
        else:
            os.close(lock)
    if taken is None:
        raise LabError(f"{_LABS} labs of real routers run already")
    return taken


def _clear(folder: Path, number: int) -> None:
    """End the process of a lab whose owner has died, and remove its folder."""
    if not folder.exists():
        return
    with contextlib.suppress(OSError, ValueError):
        pid = int((folder / "pid").read_text())
        if str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    _wait_for_its_end(number)
    shutil.rmtree(folder, ignore_errors=True)


def open_way(place: Place, centre: Centre, alive: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Give this machine its addresses on the lab's interface, once it is there, and the route to the routers."""
    until = time.monotonic() + patience_s
    while not _present(place.number):
        if not alive() or time.monotonic() > until:
            raise LabError(f"the interface {place.device} of the lab of real routers did not appear")
        time.sleep(0.02)
    commands = (
        f"addr add {place.link.here}/30 dev {place.device}",
        f"link set {place.device} up",
        f"addr add {centre.outside}/32 dev {place.device}",
        f"route add {centre.network} via {place.link.there} dev {place.device} src {centre.outside}",
        f"route replace {centre.own}/32 via {place.link.there} dev {place.device} src {centre.outside}",
    )
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), capture_output=True, text=True)
    if done.returncode != 0:
        raise LabError(
            f"the management network {centre.network} cannot be routed to {place.device}: "
            f"{done.stderr.partition(chr(10))[0]}; "
            "is another lab running, or does this machine use that network?"
        )
