"""Packets through the routers: hop by hop by each table, there and back again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.lab.net.centre import CentreEnd
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Link, Role
from agent.lab.net.underlay import Underlay
from agent.lab.routing.routes import ProtocolUp, Rib, resolve
from agent.lab.routing.sessions import Table

_HOPS = 16


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a packet ended: the last table, the tunnels it took, and whether the management centre has it."""

    table: Table
    links: tuple[Link, ...] = ()
    centre: bool = False
    internet: bool = False


class Forwarding:
    """Derived from the state of one moment; ``links`` are those that are up."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        ribs: Mapping[Table, Rib],
        links: Mapping[tuple[str, str, IPv4Address], Link],
        underlay: Underlay,
        centre: CentreEnd,
        protocol_up: ProtocolUp,
    ) -> None:
        self._stations = stations
        self._ribs = ribs
        self._links = links
        self._underlay = underlay
        self._centre = centre
        self._protocol_up = protocol_up
        self._servers: dict[tuple[str, str], list[Link]] = {}
        for link in links.values():
            if link.role is Role.SERVER:
                self._servers.setdefault((link.router, link.interface), []).append(link)

    def source(self, table: Table, destination: IPv4Address) -> IPv4Address | None:
        """The address that a packet to ``destination`` leaves with: the exit interface's."""
        rib = self._ribs.get(table)
        found = resolve(rib, destination) if rib else None
        if rib is None or found is None:
            return None
        station = self._stations[table[0]]
        if self.owns(table, destination):
            return destination
        interface = station.interface(found[0].interface)
        own = station.address(interface) if interface else None
        return own.ip if own else None

    def owns(self, table: Table, address: IPv4Address) -> bool:
        """Whether ``address`` is one of the table's own that is up."""
        station = self._stations[table[0]]
        for interface in station.config.interfaces.values():
            own = station.address(interface) if interface.vrf == table[1] else None
            if own is not None and own.ip == address and self._protocol_up(station, interface):
                return True
        return False

    def round_trip(self, table: Table, source: IPv4Address, destination: IPv4Address) -> Arrival | Reason:
        """A packet to ``destination`` and the answer to ``source``; the arrival there, or why nothing comes back."""
        there = self.deliver(table, destination)
        if isinstance(there, Reason) or there.centre or there.internet:
            return there
        back = self.deliver(there.table, source)
        if isinstance(back, Reason):
            return back
        return there if back.table == table else Reason.NO_ROUTE

    def deliver(self, table: Table, destination: IPv4Address) -> Arrival | Reason:
        """One way: where a packet ends."""
        taken: tuple[Link, ...] = ()
        for _ in range(_HOPS):
            rib = self._ribs.get(table)
            if rib is None:
                return Reason.NO_ROUTE
            if self.owns(table, destination):
                return Arrival(table, taken)
            found = resolve(rib, destination)
            if found is None or found[0].interface.startswith("Null"):
                return Reason.NO_ROUTE
            name, hop = found[0].interface, found[1]
            if not name.startswith("Tunnel"):
                return self._on_wire(table, name, hop, destination, taken)
            link = self._links.get((table[0], name, hop)) or self._hub_for(table[0], name)
            link = link or self._links.get((table[0], name, self._centre.tunnel_address))
            if link is None:
                return Reason.NO_NHRP_REPLY
            if link.role is Role.CENTRE:
                known = any(destination in network for network in self._centre.networks)
                return Arrival(table, (*taken, link), centre=True) if known else Reason.NO_PEER
            there = self._stations[link.peer].interface(link.peer_interface)
            taken = (*taken, link)
            table = (link.peer, there.vrf if there else "")
        return Reason.NO_ROUTE

    def _hub_for(self, router: str, interface: str) -> Link | None:
        """On a spoke, traffic for an unresolved next hop goes by a hub, which redirects."""
        servers = self._servers.get((router, interface))
        return servers[0] if servers else None

    def _on_wire(
        self, table: Table, name: str, hop: IPv4Address, destination: IPv4Address, taken: tuple[Link, ...]
    ) -> Arrival | Reason:
        station = self._stations[table[0]]
        interface = station.interface(name)
        if interface is None:
            return Reason.NO_INTERFACE
        if name == station.device.access.interface:
            refusal = self._underlay.ping_path(station, table[1], destination)
            return refusal or Arrival(table, taken, internet=True)
        hosts = station.hosts_on(interface)
        return Arrival(table, taken) if hop in hosts and destination in hosts else Reason.NO_PEER
