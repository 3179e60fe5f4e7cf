"""How a session comes about: TCP, the host key, the login, the terminal; each failure told as what it means."""

from __future__ import annotations

from paramiko import PKey
from paramiko.ssh_exception import SSHException

from agent.archive import Platform
from agent.drivers import failures
from agent.drivers.devices import Limits, Place
from agent.drivers.ios import Ios
from agent.drivers.session import Session
from agent.drivers.ssh import Connection, Deadline, offered_key, parsed_key, quiet_libraries
from agent.errors import AuthenticationRefused, HostKeyRefused
from inventory import Secret


def offered(place: Place, limits: Limits) -> str:
    """The host key that answers, as ``ssh-… base64``; Unreachable if none does."""
    quiet_libraries()
    try:
        return offered_key(place.host, place.port, limits.connect_s)
    except (OSError, EOFError, SSHException) as error:
        raise failures.on_connecting(error, place.router, str(place)) from None


def connected(place: Place, host_key: str, login: tuple[str, Secret], platform: Platform, limits: Limits) -> Session:
    """A session at privilege 15 with the device that has ``host_key``; Netmiko's own session log stays off."""
    quiet_libraries()
    username, password = login
    connection = Connection(
        place.host,
        place.port,
        _key(place.router, host_key),
        username=username,
        password=password.reveal(),
        conn_timeout=limits.connect_s,
        banner_timeout=limits.connect_s,
        auth_timeout=limits.connect_s,
        blocking_timeout=limits.connect_s,
        read_timeout_override=max(120.0, limits.change_s),
        keepalive=limits.keepalive_s,
    )
    privileged = False
    try:
        with Deadline(limits.login_s, connection.cut) as deadline:
            connection.connect()
            privileged = connection.check_enable_mode()
    except failures.LIBRARY_ERRORS as error:
        if deadline.expired:
            raise failures.timeout(place.router, f"the login at {place}") from None
        raise failures.on_connecting(error, place.router, str(place)) from None
    finally:
        if not privileged:
            connection.cut()
            connection.disconnect()
    if not privileged:
        raise AuthenticationRefused(
            "the login does not land at privilege 15, which file transfer needs",
            where=place.router,
            remedy=f"give user {username} privilege 15 on the device",
        )
    return Session(place, Ios(connection, username, limits.change_s), platform, limits)


def _key(router: str, host_key: str) -> PKey:
    try:
        return parsed_key(host_key)
    except ValueError:
        raise HostKeyRefused(
            "the recorded host key is not one", where=router, remedy=f"run: spokesman enrol {router} --replace"
        ) from None
