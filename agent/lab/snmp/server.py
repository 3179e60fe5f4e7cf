"""The sockets of the SNMP agents: one UDP socket a device, all in the lab's event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from agent.lab.errors import LabError

_BUFFER = 262_144
_DRAIN = 64


class Answering(Protocol):
    """Something that answers datagrams."""

    def answer(self, data: bytes) -> bytes | None:
        """The datagram to send back, or None."""


class SnmpSocket:
    """Receives for one agent; ``fate`` gives the real seconds that an answer takes, None where nobody gets one."""

    def __init__(self, agent: Answering, fate: Callable[[], float | None]) -> None:
        self._agent = agent
        self._fate = fate
        self._socket: socket.socket | None = None

    def open(self, host: str, port: int) -> int:
        """Bind and serve in the running loop; the port. LabError where the address is taken."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        try:
            bound.bind((host, port))
        except OSError as problem:
            bound.close()
            raise LabError(f"UDP {host}:{port} cannot be used: {problem.strerror}") from problem
        self._socket = bound
        asyncio.get_running_loop().add_reader(bound.fileno(), self._drain)
        return int(bound.getsockname()[1])

    def close(self) -> None:
        """Stop answering and give the address back."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _drain(self) -> None:
        for _ in range(_DRAIN):
            if self._socket is None:
                return
            try:
                data, peer = self._socket.recvfrom(65_535)
            except OSError:
                return
            seconds = self._fate()
            if seconds is None:
                continue
            if seconds > 0:
                asyncio.get_running_loop().call_later(seconds, self._answer, data, peer)
            else:
                self._answer(data, peer)

    def _answer(self, data: bytes, peer: tuple[str, int]) -> None:
        answer = self._agent.answer(data) if self._socket else None
        if answer is not None and self._socket is not None:
            with suppress(OSError):  # who asked is gone
                self._socket.sendto(answer, peer)
