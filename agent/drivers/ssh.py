"""The SSH below a device session: one accepted host key, and a deadline that cuts the connection.

Netmiko waits without limit for some answers of the SSH protocol; ``StrictConnection`` can be cut from another thread at
any moment, whatever it waits for.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from threading import Event, Thread, Timer
from types import TracebackType
from typing import Any

from netmiko.base_connection import BaseConnection
from paramiko import PKey, SSHClient, Transport
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey
from paramiko.ssh_exception import SSHException


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


class SubsystemRefused(SSHException):
    """The login succeeded, and the program that was asked for is not there."""


class StrictConnection(BaseConnection):
    """Netmiko's connection, to a device that has exactly one host key; None: those of this user's known_hosts."""

    def __init__(self, host: str, port: int, host_key: PKey | None, **arguments: Any) -> None:
        self._name = host if port == 22 else f"[{host}]:{port}"
        self._host_key = host_key
        self._clients: list[SSHClient] = []
        super().__init__(
            host=host,
            port=port,
            ssh_strict=True,
            system_host_keys=host_key is None,
            allow_agent=False,
            use_keys=False,
            auto_connect=False,
            **arguments,
        )

    def connect(self) -> None:
        """Connect, log in and prepare the session."""
        self._open()

    def cut(self) -> None:
        """Close every connection at once; safe from another thread, and whatever state the session is in."""
        for client in self._clients:
            transport = client.get_transport()
            if transport is not None:
                transport.close()

    def _get_ssh_client_instance(self) -> SSHClient:
        client = self._new_client()
        if self._host_key is not None:
            client.get_host_keys().add(self._name, self._host_key.get_name(), self._host_key)
        self._clients.append(client)
        return client

    def _new_client(self) -> SSHClient:
        return SSHClient()


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
