"""Network namespaces with cables between them; needs root."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def shell(*command: str) -> str:
    """Run a command of the test's own; its output."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Space:
    """A namespace for network and mounts, with a /run of its own, that lives as long as its first process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._first = subprocess.Popen(
            ["unshare", "-nm", "sh", "-c", "mount -t tmpfs tmpfs /run && ip link set lo up && exec sleep infinity"],
            stdin=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while Path(f"/proc/{self._first.pid}/comm").read_text().strip() != "sleep":
            if self._first.poll() is not None or time.monotonic() > end:
                pytest.fail(f"no namespace {name}")
            time.sleep(0.01)

    @property
    def inside(self) -> tuple[str, ...]:
        """What stands before a command that is to run inside."""
        return ("nsenter", "-n", "-m", "-t", str(self._first.pid))

    def run(self, command: str) -> str:
        """Run a command, of words without blanks, inside; its output."""
        return shell(*self.inside, *command.split())

    def path(self, path: str) -> Path:
        """A path inside, as this process sees it."""
        return Path(f"/proc/{self._first.pid}/root") / path.lstrip("/")

    def plug(self, port: str, other: Space, other_port: str) -> None:
        """Join the two by a cable."""
        ends = (port, "netns", str(self._first.pid)), (other_port, "netns", str(other._first.pid))
        shell("ip", "link", "add", *ends[0], "type", "veth", "peer", "name", *ends[1])
        self.run(f"ip link set {port} up")
        other.run(f"ip link set {other_port} up")

    def end(self) -> None:
        self._first.kill()
        self._first.wait()


@contextmanager
def spaces(*names: str) -> Iterator[tuple[Space, ...]]:
    """Namespaces as long as the block; fails, and says why, where this user may have none."""
    if os.geteuid() != 0:
        pytest.fail("this test needs root: it makes network namespaces")
    made = tuple(Space(name) for name in names)
    try:
        yield made
    finally:
        for space in made:
            space.end()
