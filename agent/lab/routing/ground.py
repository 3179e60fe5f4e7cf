"""Where packets are: the network of one moment as they meet it, and what is told of their trips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from agent.lab.net.centre import CentreEnd
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Link
from agent.lab.net.underlay import Underlay
from agent.lab.routing.routes import ProtocolUp, Rib, TrackUp
from agent.lab.routing.sessions import Table
from agent.lab.running.config import Interface
from agent.lab.traffic.packets import Packet


class End(StrEnum):
    """Where a packet ended."""

    ROUTER = "router"  # at a router's own address
    HOST = "host"  # at a host in a LAN
    PRIMARY = "primary"  # handed to the primary access's router on the LAN
    CENTRE = "centre"  # at the management centre
    INTERNET = "internet"  # at a host on the internet
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Hop:
    """One router on the way: the table that was asked, the interfaces ("" is the router itself), what was done."""

    router: str
    vrf: str
    arrives: str
    leaves: str = ""
    did: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """What a router remembers of a packet, so that it knows the answer: ``before`` and ``after`` its translation."""

    router: str
    vrf: str
    before: Packet
    after: Packet
    inspected: bool = False


@dataclass(frozen=True, slots=True)
class Trip:
    """Where a packet went. ``packet`` is what arrived; ``table`` and ``leaves`` say where the last router had it."""

    end: End
    table: Table
    packet: Packet
    leaves: str = ""
    reason: Reason | None = None
    hops: tuple[Hop, ...] = ()
    links: tuple[Link, ...] = ()
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True)
class Ground:
    """The network of one moment, as packets meet it. ``virtual``: addresses that an interface answers for by HSRP."""

    stations: Mapping[str, Station]
    ribs: Mapping[Table, Rib]
    links: Mapping[tuple[str, str, IPv4Address], Link]
    underlay: Underlay
    centre: CentreEnd
    internet: tuple[IPv4Network, ...]
    protocol_up: ProtocolUp
    track_up: TrackUp
    virtual: Callable[[Station, Interface], frozenset[IPv4Address]]
    servers: dict[tuple[str, str], list[Link]] = field(default_factory=dict)

    def owns(self, table: Table, address: IPv4Address) -> bool:
        """Whether ``address`` is one of the table's own that is up."""
        station = self.stations[table[0]]
        for interface in station.config.interfaces.values():
            own = station.address(interface) if interface.vrf == table[1] else None
            if own is None or not (own.ip == address or address in self.virtual(station, interface)):
                continue
            if self.protocol_up(station, interface):
                return True
        return False
