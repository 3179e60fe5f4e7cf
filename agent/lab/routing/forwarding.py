"""Packets through the routers, there and back again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link, Role
from agent.lab.routing.ground import End, Ground, Trip
from agent.lab.routing.journey import Journey
from agent.lab.routing.routes import resolve
from agent.lab.routing.sessions import Table
from agent.lab.traffic.packets import Packet, ping
from agent.lab.traffic.standby import Group


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a packet ended: the last table, the tunnels it took, and whether the management centre has it.

    ``internet``: it travelled there outside every tunnel.
    """

    table: Table
    links: tuple[Link, ...] = ()
    centre: bool = False
    internet: bool = False


class Forwarding:
    """Derived from the state of one moment."""

    def __init__(self, ground: Ground) -> None:
        servers: dict[tuple[str, str], list[Link]] = {}
        for link in ground.links.values():
            if link.role is Role.SERVER:
                servers.setdefault((link.router, link.interface), []).append(link)
        self._ground = replace(ground, servers=servers)

    def owns(self, table: Table, address: IPv4Address) -> bool:
        """Whether ``address`` is one of the table's own that is up."""
        return self._ground.owns(table, address)

    def source(self, table: Table, destination: IPv4Address) -> IPv4Address | None:
        """The address that a packet to ``destination`` leaves with: the exit interface's."""
        rib = self._ground.ribs.get(table)
        found = resolve(rib, destination) if rib else None
        if rib is None or found is None:
            return None
        station = self._ground.stations[table[0]]
        if self.owns(table, destination):
            return destination
        interface = station.interface(found[0].interface)
        own = station.address(interface) if interface else None
        return own.ip if own else None

    def round_trip(self, table: Table, source: IPv4Address, destination: IPv4Address) -> Arrival | Reason:
        """A ping to ``destination`` and its answer to ``source``; the arrival there, or why nothing comes back."""
        there = self.send(table, ping(source, destination))
        return there.reason or self.answer(there, table) or self._arrival(there)

    def deliver(self, table: Table, destination: IPv4Address) -> Arrival | Reason:
        """One way: where a packet of the router's own ends."""
        there = self.send(table, ping(self.source(table, destination) or destination, destination))
        return there.reason or self._arrival(there)

    def _arrival(self, there: Trip) -> Arrival:
        stations = self._ground.stations
        internet = any(hop.leaves == stations[hop.router].device.access.interface for hop in there.hops)
        return Arrival(there.table, there.links, there.end is End.CENTRE, internet)

    def send(self, table: Table, packet: Packet, arrives: str = "") -> Trip:
        """One way: a packet that a router makes, or that comes in by the interface ``arrives``."""
        return Journey(self._ground, table, packet, arrives).trip()

    def answer(self, there: Trip, origin: Table, came_by: str = "") -> Reason | None:
        """Why the answer to a packet that arrived does not come back to where it came from; None where it does.

        ``came_by`` is the interface of ``origin`` that the packet came in by, "" where the router sent it itself.
        """
        back = self._answered(there)
        if back is None:
            return None
        if back.reason:
            return back.reason
        if not came_by:
            return None if back.end is End.ROUTER and back.table == origin else Reason.NO_ANSWER
        home = back.end in {End.HOST, End.INTERNET} and (back.table[0], back.leaves) == (origin[0], came_by)
        return None if home else Reason.NO_ANSWER

    def _answered(self, there: Trip) -> Trip | None:
        """How the answer travels; None where it comes by another way than these routers."""
        packet, ground = there.packet.answered(), self._ground
        router = there.table[0]
        if there.end is End.ROUTER:
            return Journey(ground, there.table, packet, "", there.sessions).trip()
        if there.end is End.INTERNET:
            station = ground.stations[router]
            access = station.interface(station.device.access.interface)
            table = (router, access.vrf if access else "")
            return Journey(ground, table, packet, station.device.access.interface, there.sessions).trip()
        if there.end is End.PRIMARY and not self._carries(router, there.leaves, there.packet.destination):
            return replace(there, end=End.LOST, reason=Reason.NO_PEER)
        vrf = self._vrf(router, there.leaves)
        if there.end is End.HOST and (beyond := self._beside(router, there.leaves, packet)) is not None:
            return None if beyond else replace(there, end=End.LOST, reason=Reason.NO_ANSWER)
        return Journey(ground, (router, vrf), packet, there.leaves, there.sessions).trip()

    def _vrf(self, router: str, name: str) -> str:
        interface = self._ground.stations[router].interface(name)
        return interface.vrf if interface else ""

    def _beside(self, router: str, name: str, packet: Packet) -> bool | None:
        """Whether the primary router takes a LAN host's packet away; None where the host does not send it there."""
        station = self._ground.stations[router]
        interface = station.interface(name)
        if interface is None or not interface.groups or _shared(self._ground, router, name, interface.groups):
            return None
        own = station.address(interface)
        if own is None or packet.destination in own.network:
            return None
        return self._carries(router, name, packet.destination)

    def _carries(self, router: str, name: str, target: IPv4Address) -> bool:
        station = self._ground.stations[router]
        interface = station.interface(name)
        primary = station.primary(interface) if interface else None
        if primary is None or not (station.primary_up and station.primary_reaches):
            return False
        return any(target in network for network in primary.networks)


def _shared(ground: Ground, router: str, name: str, groups: tuple[Group, ...]) -> bool:
    """Whether our router answers for the address that the LAN's hosts send to."""
    station = ground.stations[router]
    interface = station.interface(name)
    held = ground.virtual(station, interface) if interface else frozenset[IPv4Address]()
    return any(group.virtual in held for group in groups)
