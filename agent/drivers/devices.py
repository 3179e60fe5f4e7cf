"""Opens sessions with routers: address, credentials, the one host key that is accepted, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from paramiko import PKey
from paramiko.ssh_exception import SSHException

from agent.archive import Platform
from agent.drivers import failures
from agent.drivers.device import NapalmDevice
from agent.drivers.ios import Ios
from agent.drivers.session import Limits, Session
from agent.drivers.ssh import Connection, Deadline, offered_key, parsed_key, quiet_libraries
from agent.errors import AuthenticationRefused, ConfigurationProblem, HostKeyRefused
from agent.provisioning.ports import Enrolments
from inventory import Secret, SiteView
from inventory.settings import Credentials, SshCredentials


@dataclass(frozen=True)
class NapalmDevices:
    """Implements ``agent.provisioning.ports.Devices``.

    ``reached`` translates a managed address and port to where this machine reaches them; ``secrets`` resolves a
    reference. Netmiko's options: ``ssh_strict``, no agent, no key files, no session log.
    """

    credentials: Mapping[str, Credentials]
    secrets: Callable[[str], Secret]
    reached: Callable[[IPv4Address, int], tuple[str, int]]
    enrolments: Enrolments
    platform: Platform
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        quiet_libraries()

    @contextmanager
    def open(self, site: SiteView) -> Iterator[NapalmDevice]:
        """A session with the site's router, which has proved the enrolled host key, serial number and name."""
        name = site.router.name
        enrolment = self.enrolments.enrolment(name)
        if enrolment is None:
            raise failures.not_enrolled(name)
        with self.open_with_key(site, enrolment.host_key) as device:
            device.identify(enrolment.serial)
            yield device

    @contextmanager
    def open_with_key(self, site: SiteView, host_key: str) -> Iterator[NapalmDevice]:
        """A session that accepts exactly ``host_key``; whose serial number it is, the caller finds out."""
        session = self._connected(site, _key(site.router.name, host_key))
        try:
            yield NapalmDevice(session)
        finally:
            session.close()

    def host_key(self, site: SiteView) -> str:
        """The key that answers now, as ``ssh-… base64``; nothing is logged in to."""
        host, port = self._place(site)
        try:
            return offered_key(host, port, self.limits.connect_s)
        except (OSError, EOFError, SSHException) as error:
            raise failures.on_connecting(error, site.router.name, f"{host} port {port}") from None

    def _place(self, site: SiteView) -> tuple[str, int]:
        management = site.router.management
        return self.reached(management.address, management.port)

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

    def _connected(self, site: SiteView, host_key: PKey) -> Session:
        name, login, (host, port) = site.router.name, self._login(site), self._place(site)
        connection = Connection(
            host,
            port,
            host_key,
            username=login.username,
            password=self.secrets(login.password).reveal(),
            conn_timeout=self.limits.connect_s,
            banner_timeout=self.limits.connect_s,
            auth_timeout=self.limits.connect_s,
            blocking_timeout=self.limits.connect_s,
            read_timeout_override=max(120.0, self.limits.change_s),
            keepalive=self.limits.keepalive_s,
        )
        try:
            with Deadline(self.limits.login_s, connection.cut) as deadline:
                connection.connect()
                privileged = connection.check_enable_mode()
        except failures.LIBRARY_ERRORS as error:
            connection.cut()
            connection.disconnect()
            if deadline.expired:
                raise failures.timeout(name, f"the login at {host} port {port}") from None
            raise failures.on_connecting(error, name, f"{host} port {port}") from None
        if not privileged:
            connection.cut()
            connection.disconnect()
            raise AuthenticationRefused(
                "the login does not land at privilege 15, which file transfer needs",
                where=name,
                remedy=f"give user {login.username} privilege 15 on the device",
            )
        return Session(name, Ios(connection, login.username, self.limits.change_s), self.platform, self.limits)


def _key(router: str, host_key: str) -> PKey:
    try:
        return parsed_key(host_key)
    except ValueError:
        raise HostKeyRefused(
            "the recorded host key is not one", where=router, remedy=f"run: spokesman enrol {router}"
        ) from None
