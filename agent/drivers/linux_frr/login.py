"""How NAPALM's driver gets to the router's program, and NAPALM's exceptions for what fails on the way and there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from napalm.base.exceptions import (
    CommandTimeoutException,
    ConnectAuthError,
    ConnectionClosedException,
    ConnectionException,
    ConnectTimeoutError,
    NapalmException,
)
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoBaseException
from paramiko.ssh_exception import BadHostKeyException, SSHException

from agent.drivers.linux_frr.connection import SubsystemConnection
from agent.drivers.linux_frr.program import Program
from agent.drivers.linux_frr.wire import Refusal
from agent.drivers.ssh import Deadline, SubsystemRefused, parsed_key

_AGAIN_S = 1.0


@dataclass(frozen=True)
class Login:
    """One router and who logs in to it; ``host_key`` empty: those of this user's known_hosts.

    ``quick_s`` and ``change_s`` are the seconds that the program may take for an answer.
    """

    host: str
    port: int
    host_key: str
    username: str
    password: str
    keepalive_s: int
    quick_s: float
    change_s: float

    def __repr__(self) -> str:
        return f"Login({self.host} port {self.port})"

    def opened(self, limit_s: float) -> Program:
        """A session; ConnectAuthError, ConnectTimeoutError, ConnectionException."""
        try:
            key = parsed_key(self.host_key) if self.host_key else None
        except ValueError:
            raise ConnectionException("host_key is not an SSH host key") from None
        times = dict.fromkeys(("conn_timeout", "banner_timeout", "auth_timeout", "blocking_timeout"), limit_s)
        connection = SubsystemConnection(
            self.host,
            self.port,
            key,
            username=self.username,
            password=self.password,
            keepalive=self.keepalive_s,
            **times,
        )
        program = Program(connection, self.quick_s, self.change_s)
        try:
            with Deadline(limit_s, connection.cut) as deadline:
                connection.connect()
        except (NetmikoBaseException, SSHException, OSError, EOFError) as error:
            program.end()
            raise _not_connected(error, f"{self.host} port {self.port}", deadline.expired) from error
        return program

    def opened_again(self, limit_s: float) -> Program:
        """A session with a router that may be starting to serve logins again: tried so long, a refused login once."""
        end = time.monotonic() + limit_s
        while True:
            try:
                return self.opened(end - time.monotonic())
            except ConnectAuthError:
                raise
            except ConnectionException:
                if time.monotonic() + 2 * _AGAIN_S > end:
                    raise
                time.sleep(_AGAIN_S)


@contextmanager
def told(failure: type[NapalmException]) -> Iterator[None]:
    """NAPALM's exceptions for what the program's methods raise; ``failure`` where it refuses or talks nonsense."""
    try:
        yield
    except TimeoutError as error:
        raise CommandTimeoutException(str(error)) from error
    except EOFError as error:
        raise ConnectionClosedException(str(error)) from error
    except Refusal as refusal:
        raise failure(refusal.words) from refusal
    except ValueError as error:
        raise failure(f"what came is no answer: {error}") from error


def _not_connected(error: Exception, where: str, late: bool) -> ConnectionException:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BadHostKeyException):
            return ConnectionException(f"{where} answers with another host key than the accepted one")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, NetmikoAuthenticationException):
        return ConnectAuthError(f"{where} refuses the user name or password")
    if late:
        return ConnectTimeoutError(f"{where} does not finish the login")
    if isinstance(error, SubsystemRefused):
        return ConnectionException(f"{where} has no subsystem {error}")
    return ConnectionException(f"no SSH service answers at {where}, or none with a known host key")
