"""A packet as filters, firewalls, translations and routes look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address


@dataclass(frozen=True, slots=True)
class Packet:
    """``port`` is the destination's and ``source_port`` the sender's, for tcp and udp; None where nobody says.

    ``icmp`` is a type by IOS's name, "" for any; ``dscp`` a code point, 0 to 63; ``answer`` marks a packet of a
    conversation that the other side began.
    """

    protocol: str
    source: IPv4Address
    destination: IPv4Address
    port: int | None = None
    source_port: int | None = None
    icmp: str = ""
    dscp: int = 0
    answer: bool = False

    def answered(self) -> Packet:
        """What comes back."""
        return replace(
            self,
            source=self.destination,
            destination=self.source,
            port=self.source_port,
            source_port=self.port,
            icmp="echo-reply" if self.icmp == "echo" else self.icmp,
            answer=not self.answer,
        )


def ping(source: IPv4Address, destination: IPv4Address) -> Packet:
    """An ICMP echo."""
    return Packet("icmp", source, destination, icmp="echo")
