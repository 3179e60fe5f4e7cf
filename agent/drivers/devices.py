"""Opens sessions with routers: address, credentials, the one host key that is accepted, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from agent.archive import Platform
from agent.errors import ConfigurationProblem, HostKeyRefused
from agent.provisioning.ports import Enrolments
from inventory import Secret, SiteView
from inventory.settings import Credentials, SshCredentials

if TYPE_CHECKING:
    from agent.drivers.device import NapalmDevice


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


@dataclass(frozen=True)
class NapalmDevices:
    """Implements ``agent.provisioning.ports.Devices``.

    ``reached`` translates a managed address and port to where this machine reaches them; ``secrets`` resolves a
    reference. NAPALM and Netmiko take a second to import, so only what opens a session imports them.
    """

    credentials: Mapping[str, Credentials]
    secrets: Callable[[str], Secret]
    reached: Callable[[IPv4Address, int], tuple[str, int]]
    enrolments: Enrolments
    platform: Platform
    limits: Limits = field(default_factory=Limits)

    @contextmanager
    def open(self, site: SiteView) -> Iterator[NapalmDevice]:
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
            device.identify(enrolment.serial)
            yield device

    @contextmanager
    def open_with_key(self, site: SiteView, host_key: str) -> Iterator[NapalmDevice]:
        """A session that accepts exactly ``host_key``; whose serial number it is, the caller finds out."""
        from agent.drivers import connecting
        from agent.drivers.device import NapalmDevice

        login = self._login(site)
        password = self.secrets(login.password)
        session = connecting.connected(
            self._place(site), host_key, (login.username, password), self.platform, self.limits
        )
        try:
            yield NapalmDevice(session)
        finally:
            session.close()

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
