"""A virtual router behind real SSH, for clients that know nothing of the lab."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from napalm import get_network_driver

from agent.lab.clock import LabClock
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from agent.lab.ssh.server import SshServer
from agent.lab.world import AloneInTheWorld

PASSWORD = "Str0ng-Console-Word"
STARTUP = f"""\
hostname lab-r1
ip domain name lab.invalid
aaa new-model
aaa authentication login default local
aaa authorization exec default local
username admin privilege 15 secret {PASSWORD}
username guest privilege 1 secret {PASSWORD}
enable secret {PASSWORD}
archive
 path bootflash:archive-
ip scp server enable
ip ssh version 2
interface GigabitEthernet0/0/0
 ip address 198.51.100.10 255.255.255.248
banner login \x03
Authorised access only.
\x03
line vty 0 4
 transport input ssh
end
"""
ADDRESS = "127.0.0.1"


def eventually(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Wait until something is true, at most so long."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


@dataclass
class Lab:
    """A router at work; ``do`` changes it from the test's thread."""

    router: VirtualRouter
    world: AloneInTheWorld
    loop: asyncio.AbstractEventLoop
    server: SshServer
    opened: list[Any] = field(default_factory=list)

    def do(self, change: Callable[[VirtualRouter], object]) -> None:
        """Run ``change`` where the router lives, and wait for it."""

        async def run() -> None:
            change(self.router)

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def driver(self, user: str = "admin", password: str = PASSWORD, *, timeout: int = 15, **options: Any) -> Any:
        """NAPALM's ios driver for this router, not yet open; it is closed with the lab."""
        optional = {"port": self.server.port, "secret": PASSWORD, **options}
        made = get_network_driver("ios")(ADDRESS, user, password, timeout=timeout, optional_args=optional)
        self.opened.append(made)
        return made


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A booted router at 60 times the speed of real time, so that a revert timer of a minute takes a second."""
    world = AloneInTheWorld()
    router = VirtualRouter(
        "r1", Chassis("C1111-8P", "FCZ0000A0B1", "17.9"), clock=LabClock(60), world=world, directory=tmp_path
    )
    router.startup = STARTUP
    router.reload("PowerOn", seconds=0)
    router.save("test")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = Lab(router, world, loop, SshServer(router, ADDRESS, 0))
    asyncio.run_coroutine_threadsafe(made.server.start(), loop).result(10)
    ticker = asyncio.run_coroutine_threadsafe(_ticks(router), loop)
    yield made
    for driver in made.opened:
        connection = getattr(driver, "device", None)
        if connection is not None:
            connection.remote_conn_pre.close()
    ticker.cancel()
    asyncio.run_coroutine_threadsafe(made.server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _ticks(router: VirtualRouter) -> None:
    while True:
        router.tick()
        router.keep()
        await asyncio.sleep(0.1)


@pytest.fixture
def device(lab: Lab) -> Any:
    """An open NAPALM session as a user of privilege 15."""
    driver = lab.driver()
    driver.open()
    return driver
