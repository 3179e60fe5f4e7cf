"""The lab's virtual routers of IOS, each with a whole golden configuration, behind real SSH and SCP."""

from __future__ import annotations

import asyncio
import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import paramiko

from agent.lab.clock import LabClock
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from agent.lab.ssh.server import SshServer
from agent.lab.world import AloneInTheWorld
from tests.contract.dialects import IOS, IOSXE, Dialect
from tests.contract.targets import Place, Target, made

NAME, SERIAL, USER, PASSWORD = "acme-lee-r1", "FCZ0000A0B2", "spokesman", "Planted-Login-7"
GOLDEN = Path(__file__).parents[1] / "golden"
T = TypeVar("T")


@contextmanager
def virtual_iosxe() -> Iterator[Target]:
    """A router of IOS-XE, new and whole."""
    with _virtual(IOSXE, "two_vpns", Chassis("C1111-8P", SERIAL, "17.9")) as target:
        yield target


@contextmanager
def virtual_ios() -> Iterator[Target]:
    """A router of classic IOS with every option."""
    with _virtual(IOS, "options_ios15", Chassis("C892FSP-K9", SERIAL, "15.7(3)M8")) as target:
        yield target


@contextmanager
def _virtual(dialect: Dialect, case: str, chassis: Chassis) -> Iterator[Target]:
    golden = (GOLDEN / case / "expected" / f"{NAME}.cfg").read_text()
    lab = LabRouter(re.sub(r"(username spokesman privilege 15) secret .*", rf"\1 secret 0 {PASSWORD}", golden), chassis)
    try:
        place = Place(NAME, SERIAL, "127.0.0.1", lab.port, lab.host_key)
        yield made(dialect, place, (USER, PASSWORD), lab=lab, pass_time=lab.pass_time)
    finally:
        lab.close()


class LabRouter:
    """The lab's virtual router with a whole golden configuration, in a thread of its own; its time stands still."""

    def __init__(self, configuration: str, chassis: Chassis) -> None:
        self._seconds = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        origin = time.time()
        clock = LabClock(origin=origin, real=lambda: origin + self._seconds)
        self.router = VirtualRouter(NAME, chassis, clock=clock)
        self.router.startup = configuration
        self.router.power_on()
        self._seconds = 300.0
        self._server = SshServer(self.router, "127.0.0.1", 0)
        self.call(self._server.start())

    def call(self, work: Any) -> Any:
        """Run a coroutine in the lab's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def do(self, step: Callable[[VirtualRouter], T]) -> T:
        """Do something to the router where it is safe: in the lab's loop."""
        done: Future[T] = Future()
        self._loop.call_soon_threadsafe(lambda: done.set_result(step(self.router)))
        return done.result(30)

    def pass_time(self, seconds: float) -> None:
        """Let lab seconds pass, and what is due happen."""
        self._seconds += seconds
        self.do(VirtualRouter.tick)

    @contextmanager
    def unreachable_after_a_change(self) -> Iterator[None]:
        """The next change of running configuration cuts the path to the router while this lasts."""
        before = self.do(lambda router: router.world)
        cut = _Cut()
        self.do(lambda router: router.watchers.append(lambda changed: setattr(changed, "world", cut)))
        try:
            yield
        finally:
            self.do(lambda router: router.watchers.clear())
            self.do(lambda router: setattr(router, "world", before))

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """The router does not answer while this lasts, and nothing that was sent to it arrives."""
        world = _Cut()
        before = self.do(lambda router: router.world)
        self.do(lambda router: setattr(router, "world", world))
        try:
            yield
        finally:
            self.do(lambda router: setattr(router, "world", before))

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def host_key(self) -> str:
        key = paramiko.ECDSAKey.from_private_key(io.StringIO(self.router.host_key.decode()))
        return f"{key.get_name()} {key.get_base64()}"

    def close(self) -> None:
        """Stop the lab."""
        self.call(self._server.close())
        self.call(_without_leftovers())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)


async def _without_leftovers() -> None:
    """Wait for what the lab began and a cut connection left."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Cut(AloneInTheWorld):
    """A world in which management does not reach the router."""

    def management_reachable(self, router: VirtualRouter) -> bool:
        return False
