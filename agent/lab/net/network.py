"""The state of the whole network at one moment: links, sessions, routes, each with its history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Address

from agent.lab.net.centre import CentreEnd
from agent.lab.net.reasons import Reason
from agent.lab.net.standing import Tracks, answered, group_state, track_states
from agent.lab.net.stations import Station
from agent.lab.net.tracking import Tracked, Tracker
from agent.lab.net.tunnels import Link, Role, Tunnels
from agent.lab.net.underlay import Underlay
from agent.lab.routing.bgp import Bgp
from agent.lab.routing.forwarding import Forwarding
from agent.lab.routing.ground import Ground
from agent.lab.routing.routes import Rib, base_ribs, resolve
from agent.lab.routing.sessions import Session, Table, sessions
from agent.lab.running.config import Interface, RouterConfig
from agent.lab.spec import LabSpec
from agent.lab.traffic.packets import Packet
from agent.lab.traffic.standby import Group, State
from agent.lab.traffic.tracks import Probe

#: Lab seconds that IKE, IPsec and NHRP need to come up after both ends agree; and BGP after its transport is there.
LINK_SECONDS = 3.0
SESSION_SECONDS = 4.0

LinkKey = tuple[str, str, IPv4Address]
InterfaceKey = tuple[str, str]
SSH = 22
#: How often routes and tracked objects may change each other at one moment.
_ROUNDS = 6


class History:
    """What is remembered between moments."""

    def __init__(self) -> None:
        self.links: Tracker[LinkKey] = Tracker(LINK_SECONDS)
        self.sessions: Tracker[LinkKey] = Tracker(SESSION_SECONDS)
        self.interfaces: Tracker[InterfaceKey] = Tracker(0.0)
        #: Which tracked objects are up.
        self.tracks: Tracks = {}
        #: When all IKE associations of a router last had to authenticate anew, lab seconds.
        self.cleared: dict[str, float] = {}

    @property
    def due(self) -> float:
        """The next lab moment at which something comes up by itself; infinity when nothing is under way."""
        return min(self.links.due, self.sessions.due)


class Network:
    """Pure but for ``history``, which ``settle`` moves on to ``now`` (lab seconds); made at ``moment``."""

    def __init__(self, spec: LabSpec, stations: Mapping[str, Station], history: History, moment: float = 0.0) -> None:
        self.spec = spec
        self.stations = stations
        self.history = history
        self.centre = CentreEnd(spec)
        self.underlay = Underlay(stations, spec.centre.peer)
        self._moment = moment
        self.tunnels = Tunnels(stations, self.underlay, self.centre, self._authenticated)
        self.sessions: dict[LinkKey, Session] = {}
        self.bases: dict[Table, Rib] = {}

    def _authenticated(self, key: LinkKey, peer: str) -> float:
        """Associations that are up have proved who they are, and are not asked again: expiry alone ends none."""
        state = self.history.links.states.get(key)
        if state is None or not state.up:
            return self._moment
        return max(state.since, *(self.history.cleared.get(router, 0.0) for router in (key[0], peer)))

    def settle(self, now: float) -> None:
        """Bring the state to ``now``: links first, then what rides on them."""
        self.history.links.settle({key: link.reason for key, link in self.tunnels.links.items()}, now)
        self.history.interfaces.settle(
            {
                (station.name, interface.name): None if self.protocol_up(station, interface) else Reason.SHUTDOWN
                for station in self.stations.values()
                for interface in station.config.interfaces.values()
            },
            now,
        )
        for _ in range(_ROUNDS):  # routes lean on tracked objects, and these on routes
            self._route(now)
            seen = track_states(self._tracking, self.forwarding, self.ribs, self.protocol_up)
            if seen == self.history.tracks:
                break
            self.history.tracks = seen

    def _route(self, now: float) -> None:
        self.bases = base_ribs(self.stations, self.protocol_up, self.track_up)
        self.sessions = sessions(self.stations, self._find_link)
        self.history.sessions.settle({key: session.reason for key, session in self.sessions.items()}, now)
        for name in ("up_links", "_bgp", "ribs", "forwarding"):
            self.__dict__.pop(name, None)

    @cached_property
    def _tracking(self) -> dict[str, Station]:
        """The routers that track anything."""
        return {name: station for name, station in self.stations.items() if station.config.tracks and station.powered}

    def track_up(self, router: str, number: int) -> bool:
        """Whether a router's tracked object is up."""
        return self.history.tracks.get(router, {}).get(number, False)

    def answered(self, station: Station, probe: Probe) -> bool:
        """Whether the packets of an IP SLA operation come back now."""
        return answered(station, self.forwarding, probe)

    def standby(self, station: Station, interface: Interface) -> list[tuple[Group, State]]:
        """The HSRP groups of an interface, each with its state."""
        up = self.protocol_up(station, interface)
        return [
            (group, group_state(station, interface, group, self.history.tracks, up=up)) for group in interface.groups
        ]

    def _virtual(self, station: Station, interface: Interface) -> frozenset[IPv4Address]:
        """The virtual addresses that an interface answers for."""
        if not interface.groups:
            return frozenset()
        states = self.standby(station, interface)
        return frozenset(group.virtual for group, state in states if group.virtual and state is State.ACTIVE)

    def protocol_up(self, station: Station, interface: Interface) -> bool:
        """Whether an interface's line protocol is up."""
        tunnel = interface.tunnel
        if tunnel is None:
            return station.line_up(interface)
        if not station.powered or interface.shutdown:
            return False
        if tunnel.mode == "ipsec ipv4":
            return self._any_link(station, interface, Role.CENTRE)
        source = station.interface(tunnel.source)
        if source is None or not station.line_up(source) or station.address(source) is None:
            return False
        return not tunnel.if_state or not tunnel.servers or self._any_link(station, interface, Role.SERVER)

    def _any_link(self, station: Station, interface: Interface, role: Role) -> bool:
        return any(
            link.role is role for link in self._by_interface.get((station.name, interface.name), ()) if self.is_up(link)
        )

    @cached_property
    def _by_interface(self) -> dict[InterfaceKey, list[Link]]:
        found: dict[InterfaceKey, list[Link]] = {}
        for link in self.tunnels.links.values():
            found.setdefault((link.router, link.interface), []).append(link)
        return found

    def links_of(self, router: str) -> list[Link]:
        """The links of one router, by interface and peer."""
        own = [link for link in self.tunnels.links.values() if link.router == router]
        return sorted(own, key=lambda link: (link.interface, int(link.peer_tunnel)))

    def sessions_of(self, router: str, vrf: str) -> list[Session]:
        """The BGP sessions of one table by neighbour."""
        own = [session for session in self.sessions.values() if session.table == (router, vrf)]
        return sorted(own, key=lambda session: int(session.peer))

    def is_up(self, link: Link) -> bool:
        """Whether a link has come up and still agrees."""
        return self.history.links.up(link.key)

    def link_state(self, link: Link) -> Tracked:
        """State and history of a link."""
        return self.history.links.states[link.key]

    def session_state(self, session: Session) -> Tracked:
        """State and history of a BGP session."""
        return self.history.sessions.states[session.key]

    def _find_link(self, table: Table, peer: IPv4Address) -> Link | Reason:
        base = self.bases.get(table)
        found = resolve(base, peer) if base else None
        if found is None or not found[0].interface.startswith("Tunnel"):
            return Reason.NO_ROUTE
        link = self.tunnels.links.get((table[0], found[0].interface, peer))
        if link is None:
            return Reason.NO_PEER
        if link.reason is not None:
            return link.reason
        if link.role is Role.CENTRE:
            return Reason.NO_NEIGHBOR
        return link if self.is_up(link) else Reason.CONVERGING

    @cached_property
    def up_links(self) -> dict[LinkKey, Link]:
        """The links that are up."""
        return {key: link for key, link in self.tunnels.links.items() if self.is_up(link)}

    @cached_property
    def _bgp(self) -> Bgp:
        established = [one for key, one in self.sessions.items() if self.history.sessions.up(key)]
        return Bgp(self.stations, self.bases, established)

    def received(self, session: Session) -> int:
        """How many prefixes the session brought."""
        return self._bgp.received.get(session.key, 0)

    def paths(self, table: Table) -> int:
        """How many prefixes BGP holds for a table."""
        return len(self._bgp.best.get(table, {}))

    @cached_property
    def ribs(self) -> dict[Table, Rib]:
        """Routing tables, BGP included."""
        return self._bgp.ribs()

    @cached_property
    def forwarding(self) -> Forwarding:
        """How packets travel now."""
        return Forwarding(
            Ground(
                self.stations,
                self.ribs,
                self.up_links,
                self.underlay,
                self.centre,
                self.spec.internet,
                self.protocol_up,
                self.track_up,
                self._virtual,
            )
        )

    def management_reason(self, router: str, protocol: str, port: int | None) -> Reason | None:
        """Why the management centre does not reach ``router`` by this protocol, or None."""
        station = self.stations[router]
        if not station.powered:
            return Reason.POWERED_OFF
        links = [link for link in self.links_of(router) if link.role is Role.CENTRE]
        if not links:
            return Reason.NO_MANAGEMENT_TUNNEL
        link = next((link for link in links if self.is_up(link)), links[0])
        if not self.is_up(link):
            return link.reason or Reason.CONVERGING
        interface = station.interface(link.interface)
        base = self.bases.get((router, interface.vrf if interface else ""))
        source = self.spec.centre.source
        found = resolve(base, source) if base else None
        if interface is None or found is None or found[0].interface != interface.name:
            return Reason.NO_RETURN_ROUTE
        packet = Packet(protocol, source, station.device.management, port, 49152 if port else None)
        if not station.receives(interface, packet) or not station.sends_answer(interface, packet):
            return Reason.BLOCKED
        login = protocol == "tcp" and port == SSH
        return Reason.ACCESS_CLASS if login and not _lets_in(station.config, interface.vrf, packet) else None


def _lets_in(config: RouterConfig, vrf: str, packet: Packet) -> bool:
    """Whether a terminal line is open to the packet's sender; without any terminal lines nobody comes in."""
    for line in config.terminal_access:
        found = config.access_lists.get(line.access_list)
        if (line.any_vrf or not vrf) and (found is None or found.permits(packet)):
            return True
    return False
