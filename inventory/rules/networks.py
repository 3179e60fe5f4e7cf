"""Finds the network that an address lies in, without looking at each one."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import Generic, TypeVar

T = TypeVar("T")


class Networks(Generic[T]):
    """Networks with something known of each; the first of two equal ones counts."""

    def __init__(self, items: Iterable[tuple[IPv4Network, T]]) -> None:
        self._by_length: dict[int, dict[int, tuple[IPv4Network, T]]] = {}
        for network, known in items:
            by_address = self._by_length.setdefault(network.prefixlen, {})
            by_address.setdefault(int(network.network_address), (network, known))

    def around(self, address: IPv4Address) -> tuple[IPv4Network, T] | None:
        """The widest network that holds ``address``, with what is known of it."""
        for length in sorted(self._by_length):
            start = int(address) >> (32 - length) << (32 - length)
            if found := self._by_length[length].get(start):
                return found
        return None
