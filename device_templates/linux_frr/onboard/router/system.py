"""The machine: processes, network namespaces, boot and clocks. All programs are started here and nowhere else."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from . import places
from .errors import RouterError

SEARCH = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/lib/frr", "/usr/lib/ipsec")
T = TypeVar("T")
_AT_ONCE = 8
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)
kept: list[int] = []
"""Files that every program started from here keeps open: the lock of a change ends with the last of them."""


@dataclass(frozen=True)
class Ended:
    """How a program ended: ``code`` is 0 for success, 127 where it is not installed, 124 where it took too long."""

    program: str
    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """What it said, errors first, in at most 2,000 characters."""
        said = "\n".join(part.strip() for part in (self.err, self.out) if part.strip())
        return said[:2000] or f"ended with {self.code} and said nothing"


def find(program: str) -> str:
    """The path of an installed program; empty where it is not installed."""
    return next((path for folder in SEARCH if os.access(path := f"{folder}/{program}", os.X_OK)), "")


def run(
    program: str,
    *arguments: str,
    given: str = "",
    place: str = "",
    timeout_s: float = 60,
    environment: Mapping[str, str] | None = None,
    apart: bool = False,
) -> Ended:
    """Run a program to its end, in the namespace ``place`` ("" = front door); never raises for what it does.

    ``apart`` gives it a new network namespace of its own, where a try touches nothing.
    """
    path = find(program)
    if not path:
        return Ended(program, 127, "", f"{program} is not installed on this router")

    # Other programs step into the namespace: code of ours between fork and exec is not safe beside threads.
    way = [find("nsenter"), f"--net={places.NAMESPACES / place}"] if place else []
    way += [find("unshare"), "--net"] if apart else []
    try:
        done = subprocess.run(
            [*way, path, *arguments],
            input=given.encode(),
            capture_output=True,
            timeout=timeout_s,
            env={"PATH": ":".join(SEARCH), "LC_ALL": "C", "HOME": "/", "MIBS": "", **(environment or {})},
            pass_fds=tuple(kept),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ended(program, 124, "", f"{program} did not end within {timeout_s:.0f} s")
    except (OSError, subprocess.SubprocessError) as error:
        return Ended(program, 126, "", f"{program} cannot be started: {error}")
    return Ended(program, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def side_by_side(ask: Callable[[str], T], names: Iterable[str]) -> dict[str, T]:
    """What ``ask`` tells of each name, all asked at the same time: programs take long to start, and wait."""
    wanted = list(names)
    with ThreadPoolExecutor(_AT_ONCE) as asking:
        return dict(zip(wanted, asking.map(ask, wanted), strict=True))


def rehearse(links: Iterable[str], program: str, *arguments: str, given: str = "") -> Ended:
    """Run a program in a new network namespace, among interfaces of these names; what it does touches nothing."""
    batch = "".join(f"link add name {name} type bridge\n" for name in sorted(set(links)))
    script = 'printf %s "$0" | ip -batch - && exec "$@"'
    done = run("sh", "-c", script, batch, find(program) or program, *arguments, given=given, apart=True)
    return dataclasses.replace(done, program=program)


def enter_namespace(place: str) -> None:
    """Move this process into the network namespace ``place``; raises OSError."""
    handle = os.open(places.NAMESPACES / place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(handle, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"namespace {place} cannot be entered")
    finally:
        os.close(handle)


def die_with_parent() -> None:
    """Have this process killed when the one that forked it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def adopt() -> None:
    """Become the parent of all that this process's children leave behind, so that none of it stays a zombie."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def boot_id() -> str:
    """What names this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def uptime() -> float:
    """Seconds since the machine booted; goes on while it sleeps, and no clock setting moves it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def started(pid: int) -> str:
    """When a process started, in the kernel's ticks: with its number it names it for good; empty = it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


def age(pid: int) -> float:
    """For how many seconds a process has been there; 0 where it is gone."""
    since = started(pid)
    return max(0.0, uptime() - int(since) / os.sysconf("SC_CLK_TCK")) if since else 0.0


def must(ended: Ended, what: str, error: type[RouterError]) -> str:
    """What a program wrote; where it did not succeed, ``error`` with ``what`` it refused and its words."""
    if ended.code != 0:
        raise error(f"{ended.program} refuses {what}: {ended.words}")
    return ended.out
