"""A router that the device contract runs against, whatever its platform."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from types import SimpleNamespace
from typing import Any

from agent.drivers import Limits, SshDevices
from agent.provisioning.ports import Enrolment
from device_templates.platform import platform_text
from inventory import Secret
from inventory.settings import SshCredentials
from tests.contract.dialects import Dialect

LIMITS = Limits(
    connect_s=10, login_s=30, command_s=20, configuration_s=30, transfer_s=60, change_s=40, quiet_s=1.5, keepalive_s=5
)


@dataclass(frozen=True)
class Place:
    """Who answers, where, and how it proves itself."""

    name: str
    serial: str
    address: str
    port: int
    host_key: str


@dataclass
class Target:
    """A router that the suite may change, how to reach it, and the words of its platform.

    ``lab`` is what the router is made of, where it is made here; ``pass_time`` lets it live for so many seconds.
    """

    dialect: Dialect
    place: Place
    login: tuple[str, str]
    devices: SshDevices
    site: Any
    known: Known
    pass_time: Callable[[float], None]
    lab: Any

    def says(self, text: str) -> str:
        """What a configuration says: equal texts are the same configuration, in whatever words."""
        return platform_text(self.dialect.platform).as_saved(text)

    def quick(self, **limits: float) -> SshDevices:
        """The same devices with other limits."""
        wanted: Any = limits
        return replace(self.devices, limits=replace(self.devices.limits, **wanted))

    def open(self, **limits: float) -> Any:
        """A session, with other limits if given."""
        return self.quick(**limits).open(self.site)


class Known(dict[str, Enrolment]):
    """Enrolments in memory."""

    def enrolment(self, router: str) -> Enrolment | None:
        return self.get(router)

    def enrol(self, enrolment: Enrolment) -> None:
        self[enrolment.router] = enrolment


def made(
    dialect: Dialect,
    place: Place,
    login: tuple[str, str],
    *,
    lab: Any = None,
    pass_time: Callable[[float], None] = time.sleep,
) -> Target:
    """The target of a router that is enrolled."""
    known = Known()
    known.enrol(Enrolment(place.name, place.serial, place.host_key, datetime(2026, 11, 21, tzinfo=UTC), "contract"))
    management = SimpleNamespace(address=IPv4Address("10.254.0.12"), port=22, credentials="fleet")
    site = SimpleNamespace(router=SimpleNamespace(name=place.name, platform=dialect.platform, management=management))
    devices = SshDevices(
        credentials={"fleet": SshCredentials(username=login[0], password="env:FLEET")},
        secrets=lambda *_: Secret(login[1]),
        reached=lambda *_: (place.address, place.port),
        enrolments=known,
        limits=LIMITS,
    )
    return Target(dialect, place, login, devices, site, known, pass_time, lab)
