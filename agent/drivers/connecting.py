"""How a session comes about: TCP, the host key, the login; each failure told as what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from paramiko import PKey
from paramiko.ssh_exception import SSHException

from agent.drivers import failures
from agent.drivers.devices import Access, Limits, Place
from agent.drivers.ssh import Deadline, StrictConnection, offered_key, parsed_key, quiet_libraries
from agent.errors import HostKeyRefused


def offered(place: Place, limits: Limits) -> str:
    """The host key that answers, as ``ssh-… base64``; Unreachable if none does."""
    quiet_libraries()
    try:
        return offered_key(place.host, place.port, limits.connect_s)
    except (OSError, EOFError, SSHException) as error:
        raise failures.on_connecting(error, place.router, str(place)) from None


def arguments(access: Access) -> dict[str, Any]:
    """What Netmiko is told of a login, its times and its checks; its own session log stays off."""
    limits = access.limits
    return {
        "username": access.username,
        "password": access.password.reveal(),
        "conn_timeout": limits.connect_s,
        "banner_timeout": limits.connect_s,
        "auth_timeout": limits.connect_s,
        "blocking_timeout": limits.connect_s,
        "keepalive": limits.keepalive_s,
    }


def logged_in(access: Access, connection: StrictConnection, accepted: Callable[[], None] = lambda: None) -> None:
    """Connect and log in within the time for it; ``accepted`` says what else must be so. Nothing is left on failure."""
    place = access.place
    done = False
    try:
        with Deadline(access.limits.login_s, connection.cut) as deadline:
            connection.connect()
            accepted()
            done = True
    except failures.LIBRARY_ERRORS as error:
        if deadline.expired:
            raise failures.timeout(place.router, f"the login at {place}") from None
        raise failures.on_connecting(error, place.router, str(place)) from None
    finally:
        if not done:
            connection.cut()
            connection.disconnect()


def enrolled_key(access: Access) -> PKey:
    """The one key that is accepted; HostKeyRefused if what was recorded is none."""
    quiet_libraries()
    router = access.place.router
    try:
        return parsed_key(access.host_key)
    except ValueError:
        raise HostKeyRefused(
            "the recorded host key is not one", where=router, remedy=f"run: spokesman enrol {router} --replace"
        ) from None
