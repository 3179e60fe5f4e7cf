"""What the device contract runs against: always the lab's virtual router, over real SSH and SCP; a real one if named.

A real router joins the suite when ``SPOKESMAN_CONTRACT_ROUTER`` is set to ``name,address,port,user,serial``, with its
host key (``ssh-… base64``) in ``SPOKESMAN_CONTRACT_HOST_KEY`` and the password in ``SPOKESMAN_CONTRACT_PASSWORD``. It
must be one that may be changed: the suite adds and removes a banner, a log buffer and an SNMP user on it.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import paramiko
import pytest

from agent.archive import iosxe_platform
from agent.drivers import Limits, NapalmDevices
from agent.lab.clock import LabClock
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from agent.lab.ssh.server import SshServer
from agent.lab.world import AloneInTheWorld
from agent.provisioning.ports import Enrolment
from inventory import Secret
from inventory.settings import SshCredentials

NAME, SERIAL, USER, PASSWORD = "acme-lee-r1", "FCZ0000A0B2", "spokesman", "Planted-Login-7"
GOLDEN = Path(__file__).parents[1] / "golden" / "two_vpns" / "expected" / f"{NAME}.cfg"
LIMITS = Limits(
    connect_s=10, login_s=30, command_s=20, configuration_s=30, transfer_s=60, change_s=40, quiet_s=1.5, keepalive_s=5
)
T = TypeVar("T")


@dataclass
class Target:
    """A router that the suite may change, and how to reach it; ``lab`` is there if it is a virtual one."""

    devices: NapalmDevices
    site: Any
    known: dict[str, Enrolment]
    lab: LabRouter | None = None

    def quick(self, **limits: float) -> NapalmDevices:
        """The same devices with other limits."""
        wanted: Any = limits
        return replace(self.devices, limits=replace(self.devices.limits, **wanted))

    def open(self, **limits: float) -> Any:
        """A session, with other limits if given."""
        return self.quick(**limits).open(self.site)


class LabRouter:
    """The lab's virtual router with a whole golden configuration, in a thread of its own; its time stands still."""

    def __init__(self, configuration: str) -> None:
        self._seconds = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        origin = time.time()
        clock = LabClock(origin=origin, real=lambda: origin + self._seconds)
        self.router = VirtualRouter(NAME, Chassis("C1111-8P", SERIAL, "17.9"), clock=clock)
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


class _Known(dict[str, Enrolment]):
    """Enrolments in memory."""

    def enrolment(self, router: str) -> Enrolment | None:
        return self.get(router)

    def enrol(self, enrolment: Enrolment) -> None:
        self[enrolment.router] = enrolment


def _target(name: str, address: str, port: int, login: tuple[str, str], identity: tuple[str, str]) -> Target:
    (user, password), (serial, host_key) = login, identity
    known = _Known()
    known.enrol(Enrolment(name, serial, host_key, datetime(2026, 11, 21, tzinfo=UTC), "contract"))
    management = SimpleNamespace(address=IPv4Address("10.254.0.12"), port=22, credentials="fleet")
    site = SimpleNamespace(router=SimpleNamespace(name=name, management=management))
    devices = NapalmDevices(
        credentials={"fleet": SshCredentials(username=user, password="env:FLEET")},
        secrets=lambda *_: Secret(password),
        reached=lambda *_: (address, port),
        enrolments=known,
        platform=iosxe_platform(),
        limits=LIMITS,
    )
    return Target(devices, site, known)


@contextmanager
def _virtual() -> Iterator[Target]:
    golden = re.sub(r"(username spokesman privilege 15) secret .*", rf"\1 secret 0 {PASSWORD}", GOLDEN.read_text())
    lab = LabRouter(golden)
    try:
        target = _target(NAME, "127.0.0.1", lab.port, (USER, PASSWORD), (SERIAL, lab.host_key))
        target.lab = lab
        yield target
    finally:
        lab.close()


@contextmanager
def _real(described: str) -> Iterator[Target]:
    name, address, port, user, serial = described.split(",")
    login = (user, os.environ["SPOKESMAN_CONTRACT_PASSWORD"])
    yield _target(name, address, int(port), login, (serial, os.environ["SPOKESMAN_CONTRACT_HOST_KEY"]))


REAL = os.environ.get("SPOKESMAN_CONTRACT_ROUTER", "")


@pytest.fixture(params=["virtual", *(["real"] if REAL else [])])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with _real(REAL) if request.param == "real" else _virtual() as found:
        yield found


@pytest.fixture
def other_key() -> str:
    """A host key that no router has."""
    key = paramiko.ECDSAKey.generate()
    return f"{key.get_name()} {key.get_base64()}"


@pytest.fixture
def virtual() -> Iterator[Target]:
    """The virtual router: what follows breaks it on purpose."""
    with _virtual() as found:
        yield found
