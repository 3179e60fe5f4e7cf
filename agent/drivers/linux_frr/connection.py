"""The way to the router's own program: an SSH subsystem of Netmiko's connection, one line out and one line back."""

from __future__ import annotations

from typing import Any

from paramiko import Channel, PKey, SSHClient
from paramiko.ssh_exception import SSHException

from agent.drivers.linux_frr.wire import MOST_BYTES
from agent.drivers.ssh import Deadline, StrictConnection, SubsystemRefused

SUBSYSTEM = "spokesman"
_CHUNK = 65_536


class SubsystemConnection(StrictConnection):
    """Netmiko's connection to the subsystem; there is no terminal and no prompt in it."""

    def __init__(self, host: str, port: int, host_key: PKey | None, **arguments: Any) -> None:
        super().__init__(host, port, host_key, device_type="linux", **arguments)

    def ask(self, line: bytes, limit_s: float) -> bytes:
        """Send a line and wait for one; TimeoutError after ``limit_s``, EOFError when the peer is gone: both for good.

        ValueError: what came is not one line, or has no end.
        """
        with Deadline(limit_s, self.cut) as deadline:
            try:
                return self._answer(line)
            except (OSError, EOFError, SSHException):
                if deadline.expired:
                    raise TimeoutError(f"no answer within {limit_s:g} s") from None
                raise EOFError("the session has ended") from None

    def is_alive(self) -> bool:
        """Whether the session is still there, as far as this end knows; nothing is sent."""
        channel = self.remote_conn
        return channel is not None and not channel.closed and bool(channel.get_transport().is_active())

    def session_preparation(self) -> None:
        """Nothing: there is no terminal."""

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Nothing: a line that is no request would be refused."""

    def _new_client(self) -> SSHClient:
        return _SubsystemClient()

    def _answer(self, line: bytes) -> bytes:
        channel = self.remote_conn
        if channel is None:
            raise EOFError
        channel.settimeout(None)
        channel.sendall(line)
        pieces, size = [], 0
        while True:
            piece = channel.recv(_CHUNK)
            if not piece:
                raise EOFError
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES} bytes in one answer")
            if b"\n" in piece:
                answer = b"".join(pieces)
                if answer.index(b"\n") != len(answer) - 1:
                    raise ValueError("more than one line in an answer")
                return answer


class _SubsystemClient(SSHClient):
    """Where Netmiko asks for a shell, it gets the subsystem."""

    def invoke_shell(self, *_arguments: Any, **_options: Any) -> Channel:
        transport = self.get_transport()
        if transport is None:
            raise SSHException("no connection")
        channel = transport.open_session()
        try:
            channel.invoke_subsystem(SUBSYSTEM)
        except SSHException:
            raise SubsystemRefused(SUBSYSTEM) from None
        return channel
