"""Opens sessions with routers: address, credentials, the one host key that is accepted, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Final, Protocol, cast

from agent.drivers.checks import check_identity
from agent.errors import ConfigurationProblem, HostKeyRefused
from agent.provisioning.ports import Device, Enrolments
from device_templates.platform import PlatformText, platform_text
from inventory import Secret, SiteView
from inventory.platforms import PlatformName
from inventory.settings import Credentials, SshCredentials


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds after which a step is given up and the session cut, whatever the device is still sending.

    ``quiet_s`` is how long an answer must pause before it is taken to be over although its end is missing. While the
    answer to a change is awaited, every ``alive_every_s`` a new connection must be greeted; a device that twice in a
    row does not greet within ``alive_within_s`` is cut off.
    """

    connect_s: float = 10
    login_s: float = 45
    command_s: float = 60
    configuration_s: float = 180
    transfer_s: float = 300
    change_s: float = 180
    quiet_s: float = 3
    keepalive_s: int = 15
    alive_every_s: float = 5
    alive_within_s: float = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a router is reached from this machine."""

    router: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host} port {self.port}"


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that opening a session takes: where, as whom, the one host key, and how to read what is answered."""

    place: Place
    username: str
    password: Secret
    host_key: str
    platform: PlatformText
    known: frozenset[str]
    limits: Limits


class OpenDevice(Device, Protocol):
    """A session that has to be closed."""

    def close(self) -> None:
        """End it; never raises for what the device does."""


#: The module that opens sessions, by platform: its ``opened(Access)`` gives an OpenDevice.
_DRIVERS: Final[Mapping[PlatformName, str]] = MappingProxyType(
    {
        "cisco_iosxe": "agent.drivers.ios.opening",
        "cisco_ios": "agent.drivers.ios.opening",
        "linux_frr": "agent.drivers.linux_frr.opening",
    }
)


@dataclass(frozen=True)
class SshDevices:
    """Implements ``agent.provisioning.ports.Devices``.

    ``reached`` translates a managed address and port to where this machine reaches them; ``secrets`` resolves a
    reference; ``known`` are the secrets that no error shows. NAPALM and Netmiko take a second to import, so only what
    opens a session imports them.
    """

    credentials: Mapping[str, Credentials]
    secrets: Callable[[str], Secret]
    reached: Callable[[IPv4Address, int], tuple[str, int]]
    enrolments: Enrolments
    known: Iterable[str] = ()
    platforms: Callable[[str], PlatformText] = platform_text
    limits: Limits = field(default_factory=Limits)

    @contextmanager
    def open(self, site: SiteView) -> Iterator[Device]:
        """A session with the site's router, which has proved the enrolled host key, serial number and name."""
        name = site.router.name
        enrolment = self.enrolments.enrolment(name)
        if enrolment is None:
            raise HostKeyRefused(
                "the router is not enrolled: no host key of it is known",
                where=name,
                remedy=f"run: spokesman enrol {name}",
            )
        with self.open_with_key(site, enrolment.host_key) as device:
            check_identity(device.facts(), name, enrolment.serial)
            yield device

    @contextmanager
    def open_with_key(self, site: SiteView, host_key: str) -> Iterator[Device]:
        """A session that accepts exactly ``host_key``; whose serial number it is, the caller finds out."""
        login = self._login(site)
        platform = site.router.platform
        access = Access(
            self._place(site),
            login.username,
            self.secrets(login.password),
            host_key,
            self.platforms(platform),
            frozenset(self.known),
            self.limits,
        )
        device = cast(OpenDevice, import_module(_DRIVERS[platform]).opened(access))
        try:
            yield device
        finally:
            device.close()

    def host_key(self, site: SiteView) -> str:
        """The key that answers now, as ``ssh-… base64``; nothing is logged in to."""
        from agent.drivers import connecting

        return connecting.offered(self._place(site), self.limits)

    def _place(self, site: SiteView) -> Place:
        management = site.router.management
        return Place(site.router.name, *self.reached(management.address, management.port))

    def _login(self, site: SiteView) -> SshCredentials:
        name = site.router.management.credentials
        found = self.credentials.get(name)
        if not isinstance(found, SshCredentials):
            raise ConfigurationProblem(
                f"[credentials.{name}] is not there or is no SSH login",
                where=site.router.name,
                remedy='add it to spokesman.toml with kind = "ssh"',
            )
        return found
