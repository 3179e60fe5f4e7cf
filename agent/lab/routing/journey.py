"""One packet through the routers: what interfaces, route maps, tables, the firewall and translation do to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Link, Role
from agent.lab.routing.ground import End, Ground, Hop, Session, Trip
from agent.lab.routing.routes import Rib, resolve
from agent.lab.routing.sessions import Table
from agent.lab.running.config import Interface
from agent.lab.traffic.access import permitted
from agent.lab.traffic.firewall import SELF, Action
from agent.lab.traffic.packets import Packet
from agent.lab.traffic.steering import Step

_HOPS = 16


@dataclass(slots=True)
class _Exit:
    """The way out of a router."""

    interface: str
    hop: IPv4Address


class Journey:
    """One packet on its way from ``table``; ``arrives`` is the interface that it comes in by, "" where it is made.

    ``known`` are sessions that routers remember: the packet may be their answer.
    """

    def __init__(
        self, ground: Ground, table: Table, packet: Packet, arrives: str = "", known: tuple[Session, ...] = ()
    ) -> None:
        self._ground = ground
        self._table = table
        self._packet = packet
        self._arrives = arrives
        self._leaves = ""
        self._known = known
        self._hops: list[Hop] = []
        self._links: list[Link] = []
        self._sessions: list[Session] = []
        self._did: list[str] = []

    def trip(self) -> Trip:
        """Follow the packet to its end."""
        result: End | Reason | None = None
        for _ in range(_HOPS):
            self._leaves, self._did = "", []
            here, arrives = self._table, self._arrives
            result = self._at_router()
            self._hops.append(Hop(here[0], here[1], arrives, self._leaves, tuple(self._did)))
            if result is not None:
                break
        reason = Reason.LOOP if result is None else result if isinstance(result, Reason) else None
        return Trip(
            End.LOST if reason or not isinstance(result, End) else result,
            self._hop_table(),
            self._packet,
            self._hops[-1].leaves if self._hops else "",
            reason,
            tuple(self._hops),
            tuple(self._links),
            tuple(self._sessions),
        )

    def _hop_table(self) -> Table:
        return (self._hops[-1].router, self._hops[-1].vrf) if self._hops else self._table

    def _at_router(self) -> End | Reason | None:
        """What one router does; None: the packet is at the next one."""
        ground, station = self._ground, self._ground.stations[self._table[0]]
        interface = station.interface(self._arrives) if self._arrives else None
        if interface is not None:
            refused = self._comes_in(station, interface)
            if refused:
                return refused
        if ground.ribs.get(self._table) is None:
            return Reason.NO_ROUTE
        if ground.owns(self._table, self._packet.destination):
            zone = interface.zone if interface else SELF
            return End.ROUTER if interface is None or self._passes(station, zone, SELF) else Reason.FIREWALL
        out = self._way_out(station, interface)
        if isinstance(out, Reason):
            return out
        there = station.interface(out.interface)
        if there is None:
            return Reason.NO_INTERFACE
        self._leaves = out.interface
        return self._goes_out(station, interface, there, out)

    def _comes_in(self, station: Station, interface: Interface) -> Reason | None:
        config = station.config
        if not permitted(config.access_lists, interface.access_group_in, self._packet):
            return Reason.BLOCKED
        marked = config.marking.marked(interface.marks, self._packet) if interface.marks else self._packet
        if marked.dscp != self._packet.dscp:
            self._did.append(f"marked with DSCP {marked.dscp}")
        self._packet = marked
        if interface.nat == "outside":
            self._untranslate(station)
        return None

    def _untranslate(self, station: Station) -> None:
        mine = self._packet
        for one in self._known:
            asked = one.after.answered()
            same = (asked.protocol, asked.source, asked.destination, asked.port, asked.source_port)
            translated = one.router == station.name and one.before.source != one.after.source
            if translated and same == (mine.protocol, mine.source, mine.destination, mine.port, mine.source_port):
                self._packet = replace(mine, destination=one.before.source, port=one.before.source_port)
                self._table = (station.name, one.vrf)
                self._did.append(f"translated back to {one.before.source}")

    # --- which way ---

    def _way_out(self, station: Station, interface: Interface | None) -> _Exit | Reason:
        name = interface.steering if interface else station.config.own_steering
        clause = next(
            (
                one
                for one in station.config.steering.get(name, ())
                if one.takes(self._packet, station.config.access_lists)
            ),
            None,
        )
        steps = clause.steps if clause and clause.permit else ()
        if clause and clause.permit and clause.vrf is not None:
            self._table = (station.name, clause.vrf)
        rib = self._ground.ribs.get(self._table)
        steered = self._by_steps(station, rib, tuple(step for step in steps if not step.late), name)
        if steered:
            return steered
        found = resolve(rib, self._packet.destination) if rib else None
        if found is None:
            late = self._by_steps(station, rib, tuple(step for step in steps if step.late), name)
            return late or Reason.NO_ROUTE
        if found[0].interface.startswith("Null"):
            return Reason.DISCARDED
        return _Exit(found[0].interface, found[1])

    def _by_steps(self, station: Station, rib: Rib | None, steps: tuple[Step, ...], name: str) -> _Exit | Reason | None:
        """The first step of a route map that can be taken now."""
        for step in steps:
            if step.interface.startswith("Null"):
                self._did.append(f"route map {name}: Null0")
                return Reason.STEERED_AWAY
            if step.interface:
                there = station.interface(step.interface)
                if there is not None and self._ground.protocol_up(station, there):
                    self._did.append(f"route map {name}: {step.interface}")
                    return _Exit(step.interface, self._packet.destination)
            elif step.hop and (step.track is None or self._ground.track_up(station.name, step.track)):
                route = rib.lookup(step.hop) if rib else None
                if route is not None and route.code == "C":
                    self._did.append(f"route map {name}: next hop {step.hop}")
                    return _Exit(route.interface, step.hop)
        return None

    # --- out of the router ---

    def _passes(self, station: Station, source: str, destination: str) -> bool:
        """Whether the firewall lets the packet from one zone into the other, also as the answer of a session."""
        action = station.config.firewall.between(source, destination, self._packet)
        if action is Action.INSPECT:
            self._sessions.append(Session(station.name, self._table[1], self._packet, self._packet, inspected=True))
        if action is not Action.DROP:
            return True
        mine = self._packet
        return any(
            one.inspected
            and one.router == station.name
            and (one.before.source, one.before.destination) == (mine.destination, mine.source)
            for one in self._known
        )

    def _goes_out(
        self, station: Station, interface: Interface | None, there: Interface, out: _Exit
    ) -> End | Reason | None:
        if not self._passes(station, interface.zone if interface else SELF, there.zone):
            return Reason.FIREWALL
        if interface is not None:
            if interface.nat == "inside" and there.nat == "outside":
                self._translate(station, there)
            if not permitted(station.config.access_lists, there.access_group_out, self._packet):
                return Reason.BLOCKED
        if there.queues:
            queue = station.config.marking.queue(there.queues, self._packet)
            self._did += [f"class {' / '.join(queue)}"] if queue else []
        if there.tunnel is not None:
            return self._by_tunnel(station, there, out.hop)
        if there.name == station.device.access.interface:
            return self._to_the_internet(station, there, out.hop)
        return self._to_the_lan(station, there, out.hop)

    def _translate(self, station: Station, there: Interface) -> None:
        own = station.address(there)
        lists = station.config.access_lists
        for rule in station.config.translations:
            if own is not None and rule.takes(self._packet, self._table[1], there.name, lists):
                after = replace(self._packet, source=own.ip)
                self._sessions.append(Session(station.name, self._table[1], self._packet, after))
                self._did.append(f"translated to {own.ip}")
                self._packet = after
                return

    def _by_tunnel(self, station: Station, there: Interface, hop: IPv4Address) -> End | Reason | None:
        links = self._ground.links
        centre = links.get((station.name, there.name, self._ground.centre.tunnel_address))
        servers = self._ground.servers.get((station.name, there.name), [])
        link = links.get((station.name, there.name, hop)) or next(iter(servers), centre)
        if link is None:
            return Reason.NO_NHRP_REPLY
        self._links.append(link)
        if link.role is Role.CENTRE:
            known = any(self._packet.destination in network for network in self._ground.centre.networks)
            return End.CENTRE if known else Reason.NO_PEER
        far = self._ground.stations[link.peer].interface(link.peer_interface)
        self._table, self._arrives = (link.peer, far.vrf if far else ""), link.peer_interface
        return None

    def _to_the_internet(self, station: Station, there: Interface, hop: IPv4Address) -> End | Reason | None:
        underlay, access = self._ground.underlay, station.device.access
        seen, own = underlay.addresses[station.name], station.address(there)
        if isinstance(seen, Reason):
            return seen
        target = self._packet.destination
        if hop != access.gateway and target not in access.address.network:
            return Reason.NO_PEER
        if own is None or self._packet.source != own.ip:
            return Reason.IN_CLEAR
        if target in {access.gateway, underlay.centre}:
            return End.INTERNET
        holder = underlay.holder(target)
        if holder is not None and holder != station.name:
            return self._at_neighbour(holder, seen)
        return End.INTERNET if any(target in network for network in self._ground.internet) else Reason.NO_PEER

    def _at_neighbour(self, holder: str, seen: IPv4Address) -> Reason | None:
        far = self._ground.stations[holder]
        interface = far.interface(far.device.access.interface)
        if interface is None:
            return Reason.NO_INTERFACE
        self._packet = replace(self._packet, source=seen, destination=far.device.access.address.ip)
        self._table, self._arrives = (holder, interface.vrf), interface.name
        return None

    def _to_the_lan(self, station: Station, there: Interface, hop: IPv4Address) -> End | Reason:
        primary = station.primary(there)
        if primary is not None and hop == primary.address:
            return End.PRIMARY if station.primary_up else Reason.NO_PEER
        target = self._packet.destination
        return End.HOST if station.answers(there, hop) and station.answers(there, target) else Reason.NO_PEER
