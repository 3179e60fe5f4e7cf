"""One unconnected UDP socket for all devices: large receive buffer, drained in one wake."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol

from collectors.errors import SocketUnavailable

#: An agent's address as the socket reports it.
Address = tuple[str, int]

#: Datagrams read before other work gets its turn.
DRAIN = 256

MAX_DATAGRAM = 65535

#: What an answer may take of the buffer with Linux's book-keeping: 208 kB are enough for 50 requests under way and
#: overflowed at 200; 8 MB are enough for 2,000.
ROOM_OCTETS = 4096

#: Linux's option for a buffer above its limit, which who administers the network may set; Python does not name it.
SO_RCVBUFFORCE = 33


class Sender(Protocol):
    """Takes datagrams for any address."""

    def send(self, datagram: bytes, address: Address) -> str:
        """Send, or say why not."""

    def drain(self) -> bool:
        """Hear what lies unread; False: there is more."""


class Port:
    """Sends to and hears from any address. ``room`` is how many answers fit the receive buffer that was granted."""

    def __init__(self, receive_buffer: int) -> None:
        try:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        except OSError as error:
            raise SocketUnavailable(f"no UDP socket: {error.strerror}; raise the limit of open files") from error
        self._loop = asyncio.get_running_loop()
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        # Linux grants twice what is asked, for its own book-keeping, and caps silently at net.core.rmem_max.
        self.room = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // ROOM_OCTETS

    def listen(self, heard: Callable[[bytes, Address], None]) -> None:
        """Hand every datagram that comes from now on to ``heard``."""
        self._heard = heard
        self._loop.add_reader(self._socket.fileno(), self.drain)

    def send(self, datagram: bytes, address: Address) -> str:
        """Send, or say why not; a full send buffer counts as loss, as it would on the way."""
        try:
            self._socket.sendto(datagram, address)
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""

    def close(self) -> None:
        """Stop hearing; safe to call twice."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def drain(self) -> bool:
        """Hear what lies unread; False: there may be more, and other work has its turn first."""
        receive, heard = self._socket.recvfrom, self._heard
        for _ in range(DRAIN):
            try:
                datagram, address = receive(MAX_DATAGRAM)
            except BlockingIOError:
                return True
            except OSError:  # the network reports an error about an earlier datagram
                continue
            heard(datagram, address)
        return False
