"""A network as IOS writes it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class Prefix:
    """With a mask in ``network`` and ``ip route``, with a wildcard in access lists.

    ``classful``: the mask is that of its class, which BGP takes and does not show [RFC 791].
    """

    address: str
    mask: str
    wildcard: str
    classful: bool

    @classmethod
    def of(cls, network: IPv4Network) -> Prefix:
        """The prefix of ``network``."""
        first = int(network.network_address) >> 24
        classful = network.prefixlen == (8 if first < 128 else 16 if first < 192 else 24)
        return cls(str(network.network_address), str(network.netmask), str(network.hostmask), classful)
