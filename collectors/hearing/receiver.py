"""What every receiver has: a socket that lives as long as its block, and a count of what became of each datagram."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from types import TracebackType
from typing import Self

from collectors.hearing.listener import Address, Listener


class Receiver(ABC):
    """One UDP socket that lives as long as its ``async with`` block.

    ``counts`` are datagrams since it was opened, by result; ``stranger`` and ``loudest`` say who was refused last as
    unknown (an address) and as sending too many (a device), "" for nobody.
    """

    def __init__(self, what: str, place: Address, most: int) -> None:
        """``what`` is received, in words, and ``most`` octets of each datagram are read."""
        self._listener = Listener(what, place, most, self._take)
        self.counts: Counter[str] = Counter()
        self.stranger = self.loudest = ""

    async def __aenter__(self) -> Self:
        """Raises SocketUnavailable where the place cannot be had."""
        self._listener.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    @property
    def port(self) -> int:
        """The port in use; 0 was asked for: the one the system gave."""
        return self._listener.port

    @property
    def lost(self) -> int:
        """Datagrams that came faster than they could be read."""
        return self._listener.lost

    @abstractmethod
    def _result(self, datagram: bytes, address: Address) -> str:
        """What becomes of a datagram; it neither waits nor raises."""

    def _take(self, datagram: bytes, address: Address) -> None:
        self.counts[self._result(datagram, address)] += 1
