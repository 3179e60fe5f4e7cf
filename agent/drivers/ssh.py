"""The SSH below a device session: one accepted host key, bounded reads, and a deadline that cuts the connection.

Netmiko polls a dead channel until its time is up, waits without limit for some answers of the SSH protocol, and takes
any text that looks like the prompt for the end of an answer. ``Connection`` closes these gaps; it also serves SCP,
which opens a second connection through it, under the same key.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable
from threading import Event, Thread, Timer
from types import TracebackType
from typing import Any

from netmiko.channel import SSHChannel
from netmiko.cisco.cisco_ios import CiscoIosSSH
from netmiko.exceptions import ReadException
from paramiko import PKey, SSHClient, Transport
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey
from paramiko.ssh_exception import SSHException

#: A host name and ``#`` or ``>`` alone on the last line.
ANY_PROMPT = r"(?:\A|\n)[A-Za-z][A-Za-z0-9._-]{0,62}[#>][ \t]*$"
#: More than any configuration; a device that sends more in one answer is not telling us anything.
MOST_BYTES = 4_000_000
_CHUNK = 65_536


class Deadline:
    """Cuts something off when ``seconds`` have passed; ``expired`` says whether that happened."""

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self.seconds = seconds
        self.expired = False
        self._cut = cut
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.expired = True
        self._cut()


class Lifeline:
    """Cuts something off once ``alive`` has said no twice in a row; it is asked every ``every_s`` seconds."""

    _MISSES = 2

    def __init__(self, alive: Callable[[], bool], cut: Callable[[], None], every_s: float) -> None:
        self._alive = alive
        self._cut = cut
        self._every_s = every_s
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Lifeline:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def _watch(self) -> None:
        misses = 0
        while not self._over.wait(self._every_s):
            misses = 0 if self._alive() else misses + 1
            if misses == self._MISSES and not self._over.is_set():
                self._cut()
                return


class BoundedChannel(SSHChannel):
    """A channel that notices that its peer is gone, and that a peer sends without end."""

    def __init__(self, conn: Any, encoding: str) -> None:
        super().__init__(conn, encoding)
        self.allowance = MOST_BYTES
        self.given_up = False

    def read_channel(self) -> str:
        """What has arrived, at most 64 KiB at a time; ReadException once the connection is closed and drained."""
        if self.remote_conn is None or self.given_up:
            raise ReadException("no open channel")
        if not self.remote_conn.recv_ready():
            if self.remote_conn.closed or not self.remote_conn.get_transport().is_active():
                raise ReadException("the connection is closed")
            return ""
        data: bytes = self.remote_conn.recv(_CHUNK)
        self.allowance -= len(data)
        if self.allowance < 0:
            raise ReadException(f"more than {MOST_BYTES} bytes in one answer")
        return data.decode(self.encoding, "ignore")


class Connection(CiscoIosSSH):
    """Netmiko's connection to an IOS device that accepts exactly one host key."""

    def __init__(self, host: str, port: int, host_key: PKey, **arguments: Any) -> None:
        self._accepted = (host if port == 22 else f"[{host}]:{port}", host_key)
        self._clients: list[SSHClient] = []
        self.channel: SSHChannel | None = None
        super().__init__(
            device_type="cisco_ios",
            host=host,
            port=port,
            ssh_strict=True,
            allow_agent=False,
            use_keys=False,
            auto_connect=False,
            **arguments,
        )

    def connect(self) -> None:
        """Connect, log in and prepare the terminal."""
        self._open()

    def cut(self) -> None:
        """Close every connection at once; safe from another thread, and whatever state the session is in."""
        if isinstance(self.channel, BoundedChannel):
            self.channel.given_up = True
        for client in self._clients:
            transport = client.get_transport()
            if transport is not None:
                transport.close()

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """As Netmiko does, then with a bounded channel."""
        super().establish_connection(width, height)
        self.channel = BoundedChannel(self.remote_conn, self.encoding)

    def renew_allowance(self) -> None:
        """Let the next answer have its full size."""
        if isinstance(self.channel, BoundedChannel):
            self.channel.allowance = MOST_BYTES

    def set_base_prompt(self, *arguments: Any, **options: Any) -> str:
        """The prompt of a device is a host name on the last line; a banner's decoration is none."""
        prompt: str = super().set_base_prompt(*arguments, **{**options, "pattern": ANY_PROMPT})
        return prompt

    def rest(self, quiet_s: float, limit_s: float) -> str:
        """What still comes until nothing has come for ``quiet_s``."""
        output: str = self.read_channel_timing(last_read=quiet_s, read_timeout=limit_s) if self._more(quiet_s) else ""
        return output

    def _more(self, quiet_s: float) -> bool:
        """Whether anything arrives within ``quiet_s``; read_channel_timing waits for a first byte without end."""
        channel = self.remote_conn
        deadline = Deadline(quiet_s, lambda: None)
        with deadline:
            while not deadline.expired:
                if channel.recv_ready():
                    return True
                channel.status_event.wait(0.05)
        return bool(channel.recv_ready())

    def _get_ssh_client_instance(self) -> SSHClient:
        client = SSHClient()
        name, key = self._accepted
        client.get_host_keys().add(name, key.get_name(), key)
        self._clients.append(client)
        return client

    def _prompt_handler(self, _auto_find_prompt: bool) -> str:
        """The end of an answer: our prompt alone on the last line, not anywhere in the text."""
        return rf"(?:\A|\n){re.escape(self.base_prompt)}[A-Za-z0-9._-]*(?:\([^)\n]*\))?[#>][ \t]*$"


def parsed_key(host_key: str) -> PKey:
    """A key from ``ssh-… base64``; ValueError if it is none."""
    try:
        entry = HostKeyEntry.from_line(f"host {host_key}")
    except (InvalidHostKey, SSHException, ValueError):
        entry = None
    if entry is None or entry.key is None:
        raise ValueError("not an SSH host key")
    return entry.key


def offered_key(host: str, port: int, limit_s: float) -> str:
    """The host key that answers, as ``ssh-… base64``, without logging in; OSError, EOFError or SSHException."""
    connection = socket.create_connection((host, port), timeout=limit_s)
    transport = Transport(connection)
    try:
        with Deadline(limit_s, transport.close):
            transport.start_client(timeout=limit_s)
            key = transport.get_remote_server_key()
    finally:
        transport.close()
    return f"{key.get_name()} {key.get_base64()}"


def greets(host: str, port: int, limit_s: float) -> bool:
    """Whether an SSH service says its first word to a new connection within ``limit_s``; more is not asked of it."""
    try:
        with socket.create_connection((host, port), timeout=limit_s) as connection:
            connection.settimeout(limit_s)
            return bool(connection.recv(4))
    except OSError:
        return False


def quiet_libraries() -> None:
    """Keep the libraries' own logs shut: theirs hold what is typed and shown, secrets included."""
    for name in ("paramiko", "netmiko", "napalm", "scp"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
