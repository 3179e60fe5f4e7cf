"""A network as IOS writes it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class Prefix:
    """With a mask in ``network`` and ``ip route``, with a wildcard in access lists."""

    address: str
    mask: str
    wildcard: str

    @classmethod
    def of(cls, network: IPv4Network) -> Prefix:
        """The prefix of ``network``."""
        return cls(str(network.network_address), str(network.netmask), str(network.hostmask))
