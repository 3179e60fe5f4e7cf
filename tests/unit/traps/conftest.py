"""A receiver on a port of its own, and net-snmp's own tools that send to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from collectors.snmp import Community, V3User
from collectors.traps import Notification, TrapReceiver
from inventory import Secret
from tests.unit.collectors.snmpd import program

USER = V3User("monitor", Secret("auth-secret-1"), Secret("priv-secret-1"))
COMMUNITY = Community(Secret("a-community"))
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_INDEX_7 = ("1.3.6.1.2.1.2.2.1.1.7", "i", "7")


@dataclass
class Post:
    """The receiver, what it heard, and how others send to it."""

    receiver: TrapReceiver
    heard: list[tuple[str, Notification]] = field(default_factory=list)

    async def send(self, tool: str, *words: str) -> int:
        """Run snmptrap or snmpinform; its exit status. ``PORT`` in the words is the receiver's place."""
        place = f"127.0.0.1:{self.receiver.port}"
        given = [place if word == "PORT" else word for word in words]
        process = await asyncio.create_subprocess_exec(
            program(tool), "-m", "", "-r", "0", "-t", "2", *given,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return await process.wait()

    async def counted(self, what: str, number: int = 1) -> None:
        """Wait until so many datagrams had this result."""
        async with asyncio.timeout(10):
            while {str(key): count for key, count in self.receiver.counts.items()}.get(what, 0) < number:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def _post(credentials: Community | V3User) -> AsyncIterator[Post]:
    heard: list[tuple[str, Notification]] = []
    receiver = TrapReceiver("127.0.0.1", 0, "a test", lambda device, found: heard.append((device, found)))
    async with receiver:
        receiver.admit({"127.0.0.1": ("r1", credentials)})
        yield Post(receiver, heard)


@pytest.fixture
def post() -> Callable[[Community | V3User, Callable[[Post], Any]], list[tuple[str, Notification]]]:
    """Runs a story with a receiver; what it heard."""

    def run(credentials: Community | V3User, story: Callable[[Post], Any]) -> list[tuple[str, Notification]]:
        async def told() -> list[tuple[str, Notification]]:
            async with asyncio.timeout(60), _post(credentials) as one:
                await story(one)
                return one.heard

        return asyncio.run(told())

    return run
