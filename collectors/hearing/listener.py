"""One UDP socket that others send to: with room for a burst, drained in turns, and with its losses counted."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

from collectors.errors import SocketUnavailable

#: Where a datagram came from, as the socket reports it.
Address = tuple[str, int]
Take = Callable[[bytes, Address], None]

#: Datagrams that are handed on before other work gets its turn.
DRAIN = 64
#: Octets that are asked for to keep datagrams in until they are read; the system may grant fewer, silently.
RECEIVE_BUFFER = 4 << 20

#: Linux's socket option that tells of a socket's memory (asm-generic/socket.h), and the place in its answer where
#: datagrams are counted that found no room (SK_MEMINFO_DROPS of linux/sock_diag.h).
_MEMINFO, _DROPS, _FIELDS = 55, 8, struct.Struct("9I")


class Listener:
    """Hears ``host:port`` for ``what`` (in words) between ``open`` and ``close``; ``most`` octets of each datagram.

    ``take`` is called for each datagram in the event loop; it must neither wait nor raise.
    """

    def __init__(self, what: str, place: Address, most: int, take: Take) -> None:
        self._what, self._place, self._most, self._take = what, place, most, take
        self._socket: socket.socket | None = None
        self._lost = 0

    def open(self) -> None:
        """Begin to hear; raises SocketUnavailable where the place cannot be had."""
        host, port = self._place
        try:
            heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            try:
                heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
                heard.bind(self._place)
            except OSError:
                heard.close()
                raise
        except OSError as error:
            why = error.strerror or str(error)
            raise SocketUnavailable(f"cannot receive {self._what} on {host}:{port}: {why}") from error
        self._socket = heard
        asyncio.get_running_loop().add_reader(heard.fileno(), self._drain)

    def close(self) -> None:
        """Hear nothing more; safe to call twice."""
        if self._socket is not None:
            self._lost = self.lost
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    @property
    def port(self) -> int:
        """The port in use; 0 was asked for: the one the system gave."""
        return self._place[1] if self._socket is None else int(self._socket.getsockname()[1])

    @property
    def lost(self) -> int:
        """Datagrams that the system dropped because they came faster than they were read."""
        if self._socket is None:
            return self._lost
        try:
            found = self._socket.getsockopt(socket.SOL_SOCKET, _MEMINFO, _FIELDS.size)
        except OSError:  # a system that does not tell
            return 0
        return int(_FIELDS.unpack(found)[_DROPS]) if len(found) == _FIELDS.size else 0

    def send(self, datagram: bytes, address: Address) -> None:
        """Send if that can be done at once; what cannot be sent is lost, as it could be on the way."""
        if self._socket is not None:
            try:
                self._socket.sendto(datagram, address)
            except OSError:
                return

    def _drain(self) -> None:
        for _ in range(DRAIN):
            if self._socket is None:
                return
            try:
                datagram, address = self._socket.recvfrom(self._most)
            except OSError:  # empty, or an error that the network reports about an earlier answer
                return
            self._take(datagram, address)
