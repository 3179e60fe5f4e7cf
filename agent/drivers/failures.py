"""What a failure of the libraries below means, as one of the agent's errors; no text of theirs is passed on.

Their messages hold commands, outputs and so secrets; ours name the device, what was being done, and what to do.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from napalm.base.exceptions import CommandTimeoutException, ConnectionException, NapalmException
from netmiko.exceptions import NetmikoBaseException, ReadTimeout
from paramiko import PKey
from paramiko.ssh_exception import AuthenticationException, BadHostKeyException, SSHException
from scp import SCPException

from agent.drivers.ssh import SubsystemRefused
from agent.errors import (
    AuthenticationRefused,
    CommandRejected,
    DeviceError,
    DeviceTimeout,
    DiskFull,
    HostKeyRefused,
    IncompleteOutput,
    Unreachable,
)

#: Everything that the libraries raise for what a device or the network does.
LIBRARY_ERRORS = (
    NapalmException,
    NetmikoBaseException,
    SSHException,
    SCPException,
    OSError,
    EOFError,
    ValueError,
)


def on_connecting(error: BaseException, router: str, place: str) -> DeviceError:
    """Why no session came about; ``place`` is the address and port that were tried."""
    chain = tuple(_chain(error))
    for cause in chain:
        if isinstance(cause, BadHostKeyException):
            return changed_key(router, cause.key, cause.expected_key)
    if any("timeout" in str(cause).lower() for cause in chain if isinstance(cause, AuthenticationException)):
        return DeviceTimeout(f"{place} does not finish the login", where=router, remedy=_LATER)
    if any(isinstance(cause, AuthenticationException) for cause in chain):
        return AuthenticationRefused(
            f"{place} refuses the user name or password",
            where=router,
            remedy="check the router's management.credentials and the secret that they name",
        )
    return Unreachable(f"{_network_reason(chain)} at {place}", where=router, remedy=_LATER)


def in_session(error: BaseException, router: str, doing: str) -> DeviceError:
    """Why ``doing`` something in an open session failed."""
    text = str(error)
    if "space" in text.lower():
        return disk_full(router, doing)
    if "SCP file transfers are not enabled" in text:
        return CommandRejected(
            "the device takes no files", where=router, remedy="configure `ip scp server enable` on it"
        )
    if "archive" in text and "enabled" in text:
        return CommandRejected(
            "the device keeps no configuration archive, which a timed change needs",
            where=router,
            remedy="configure `archive` with a `path` on it",
        )
    if isinstance(error, (ReadTimeout, CommandTimeoutException)):
        return timeout(router, doing)
    if isinstance(error, (NetmikoBaseException, ConnectionException, SSHException, SCPException, OSError, EOFError)):
        return DeviceTimeout(f"the session ended during {doing}", where=router, remedy=_LATER)
    if isinstance(error, NapalmException):
        return CommandRejected(
            f"the device did not accept {doing}", where=router, remedy="try again; then see the device"
        )
    return IncompleteOutput(f"the answer to {doing} is not understood", where=router, remedy="try again")


def timeout(router: str, doing: str) -> DeviceTimeout:
    """The device stopped answering."""
    return DeviceTimeout(
        f"the device stopped answering during {doing}; the session is closed", where=router, remedy=_LATER
    )


def disk_full(router: str, doing: str, disk: str = "flash") -> DiskFull:
    """No room for a file; ``disk`` is what the platform calls it."""
    return DiskFull(
        f"no room on {disk} for {doing}", where=router, remedy=f"delete old images or files from {disk} and try again"
    )


def changed_key(router: str, offered: PKey, enrolled: PKey) -> HostKeyRefused:
    """Another key than the enrolled one answers."""
    return HostKeyRefused(
        f"it answers with the host key {offered.get_name()} {offered.fingerprint}, "
        f"enrolled is {enrolled.get_name()} {enrolled.fingerprint}",
        where=router,
        remedy=f"if the router was replaced: spokesman enrol {router} --replace; if not, find out who answers there",
    )


_LATER = "check power, access and management tunnel of the site, then try again"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _network_reason(chain: tuple[BaseException, ...]) -> str:
    for cause in chain:
        if isinstance(cause, SubsystemRefused):
            return f"SSH answers, and not the subsystem {cause},"
        if isinstance(cause, ConnectionRefusedError) or "Unable to connect" in str(cause):
            return "the connection is refused"
        if isinstance(cause, (socket.timeout, TimeoutError)):
            return "nothing answers"
    return "no SSH service answers"
