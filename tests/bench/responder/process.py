"""Compiles the agent simulator and runs it: who lives at which address, what is wrong with whom, what it counted."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple, Self

from collectors.snmp import Community, Target, V3User
from inventory import Secret

SOURCES = Path(__file__).parent

#: The credentials that all simulated agents know.
COMMUNITY = Community(Secret("public"))
SHA1 = V3User("reader-sha", Secret("an-auth-passphrase"), Secret("a-priv-passphrase"), "sha")
SHA256 = V3User("reader-sha256", Secret("an-auth-passphrase"), Secret("a-priv-passphrase"), "sha256")

#: Devices in a network of 127/8 that count up in the third number, and in the last one.
_LAST, _THIRD = 250, 250

#: Seconds for the simulator to end.
_END_S = 5.0


class Unbuildable(Exception):
    """The simulator cannot be compiled here."""


class Counts(NamedTuple):
    """What the simulator did since it was started, of all devices; ``unheard`` were dropped, as ordered."""

    heard: int
    answered: int
    refused: int
    unheard: int
    variables: int
    reports: int
    devices: int
    cpu_s: float


def address(number: int) -> str:
    """Where the device of that number lives: there are millions of places in 127/8, and it leaves 127.0/16 alone."""
    rest, last = divmod(number, _LAST)
    second, third = divmod(rest, _THIRD)
    return f"127.{1 + second}.{third}.{last + 1}"


def is_dead(number: int, permille: int) -> bool:
    """Whether the device of that number is among the dead where so many are, as responder/devices.c says it."""
    return _mixed(_mixed(int(IPv4Address(address(number)))) ^ 1) % 1000 < permille


def _mixed(number: int) -> int:
    """Spreads neighbours; see responder/devices.c."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        number = (number ^ number >> shift) * factor & 0xFFFFFFFF
    return number ^ number >> 16


@cache
def program() -> Path:
    """The compiled simulator, in a folder that goes with this process.

    Raises:
        Unbuildable: there is no C compiler, or no libcrypto to compile against.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise Unbuildable("the agent simulator needs a C compiler: apt-get install gcc libc6-dev libssl-dev")
    folder = Path(tempfile.mkdtemp(prefix="responder-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = folder / "responder"
    argv = [compiler, "-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o", str(made)]
    said = subprocess.run(
        [*argv, *map(str, sorted(SOURCES.glob("*.c"))), "-lcrypto"], capture_output=True, text=True, check=False
    )
    if said.returncode:
        hint = "apt-get install libc6-dev libssl-dev" if "No such file" in said.stderr else "see what it says"
        raise Unbuildable(f"the agent simulator cannot be compiled ({hint}):\n{said.stderr}")
    return made


class Responder:
    """The simulator as a context manager; ``objects`` are lines as tests.bench.responder.objects has them."""

    def __init__(self, objects: Iterable[str], port: int = 0, processor: int | None = None) -> None:
        """``processor``: the only one that it runs on."""
        self._objects, self._wanted, self._processor = tuple(objects), port, processor
        self.port = 0

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="responder-objects-")
        path = Path(self._folder.name) / "objects"
        path.write_text("".join(f"{line}\n" for line in self._objects), encoding="ascii")
        users = [
            word
            for user in (SHA1, SHA256)
            for word in (user.name, user.auth_protocol, user.auth.reveal(), user.priv.reveal())
        ]
        self._process = subprocess.Popen(
            [str(program()), str(self._wanted), str(path), COMMUNITY.community.reveal(), *users],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._processor is not None:
            os.sched_setaffinity(self._process.pid, {self._processor})
        self.port = int(self._line())
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def target(self, number: int, credentials: Community | V3User, timeout_s: float = 1.0, retries: int = 2) -> Target:
        """The device of that number."""
        return Target(address(number), self.port, credentials, timeout_s, retries)

    def counts(self) -> Counts:
        """What it did so far."""
        return Counts(**json.loads(self._ask("show")))

    def fault(self, number: int, name: str, value: int = 0) -> None:
        """What is wrong with a device from now on, of the names in responder/devices.c; "reboot" happens at once."""
        self._order(f"fault {address(number)} {name} {value}")

    def dead(self, permille: int) -> None:
        """Which part of those that were not asked before are dead; who, goes by the address alone."""
        self._order(f"dead {permille}")

    def loss(self, permille: int) -> None:
        """Which part of what comes is lost; what, goes by the address and by how many came before."""
        self._order(f"loss {permille}")

    def delay(self, milliseconds: float) -> None:
        """How late every answer is."""
        self._order(f"delay {milliseconds:g}")

    def _order(self, text: str) -> None:
        said = self._ask(text)
        if said != "done":
            raise ValueError(f"the simulator does not take {text!r}: {said}")

    def _ask(self, text: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Unbuildable(f"the agent simulator ended with exit code {self._process.wait()}")
        return line.rstrip("\n")
