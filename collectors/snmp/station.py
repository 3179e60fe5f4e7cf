"""What everybody who asks agents stands on: a port with an asker upon it, open for the length of a block."""

from __future__ import annotations

import secrets
from types import TracebackType
from typing import Self

from collectors.security.usm import KeyChain
from collectors.snmp.asker import Asker, Traffic
from collectors.snmp.port import Port

#: Octets to receive answers in, of which the system may grant less.
RECEIVE_BUFFER = 4 << 20


class Station:
    """Lives as long as its ``async with`` block; at most ``in_flight`` requests are under way, if they find room.

    ``traffic`` counts datagrams since it was opened, also those that were refused.
    """

    def __init__(self, receive_buffer: int, in_flight: int) -> None:
        self._receive_buffer = receive_buffer
        self._in_flight = in_flight
        self._keys = KeyChain(secrets.randbits(64))
        self._port: Port | None = None
        self.traffic = Traffic()

    async def __aenter__(self) -> Self:
        self._port = port = Port(self._receive_buffer)
        self._asker = Asker(port, min(self._in_flight, port.room))
        self.traffic = self._asker.traffic
        port.listen(self._asker.hear)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None
            self._asker.close()

    @property
    def in_flight_limit(self) -> int:
        """How many requests may be under way at once on this system."""
        return self._asker.limit
