"""The judge: running configurations into a network that has converged, and questions to it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.lab.errors import LabError
from agent.lab.judge.desk import Chassis, Refusal, chassis_of, typed
from agent.lab.net.network import History, Network
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Role
from agent.lab.routing.ground import End, Hop, Trip
from agent.lab.running.config import Interface
from agent.lab.spec import LabSpec
from agent.lab.traffic.packets import Packet
from agent.lab.traffic.standby import State

#: Lab seconds that pass at a time while the network converges, and how often at most.
_STEP_S, _STEPS = 5.0, 24
#: The port that a client sends from.
_CLIENT = 49152
CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class TunnelState:
    """A permanent tunnel that a configuration asks for. ``vrf`` names the VPN; ``peer`` is a router, ``centre`` for
    the management centre, or the internet address where nobody is known to answer.
    """

    vrf: str
    router: str
    peer: str
    interface: str
    up: bool
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a packet went. ``reason`` says why it was lost, ``answer`` why its answer does not come back."""

    end: End
    path: tuple[Hop, ...]
    packet: Packet
    reason: Reason | None = None
    answer: Reason | None = None

    @property
    def arrives(self) -> bool:
        """Whether it ended at somebody's, one way."""
        return self.end is not End.LOST

    @property
    def works(self) -> bool:
        """Whether it arrives, and the answer comes back."""
        return self.arrives and self.answer is None


class Judge:
    """Knows the surroundings and the boxes; ``look`` judges configurations in them. Same input, same verdicts."""

    def __init__(self, spec: LabSpec, reference: Mapping[str, str], releases: Mapping[str, str] | None = None) -> None:
        self._spec = spec
        self._boxes: dict[str, Chassis] = {
            name: chassis_of(text, (releases or {}).get(name, "")) for name, text in reference.items()
        }

    def look(
        self,
        texts: Mapping[str, str],
        *,
        cut: Collection[str] = (),
        primaries_off: Collection[str] = (),
        primaries_cut: Collection[str] = (),
    ) -> Judged:
        """Load configurations by router name and let the network converge; a router without a text has no power.

        ``cut``: routers whose internet access is down; ``primaries_off``: whose primary router has no power;
        ``primaries_cut``: whose primary router has lost its access. LabError where a router is not of these
        surroundings.
        """
        strangers = sorted(set(texts) - set(self._boxes))
        if strangers:
            raise LabError(f"no such router in these surroundings: {', '.join(strangers)}")
        ran = {name: typed(text, self._boxes[name]) for name, text in texts.items()}
        stations = {
            name: Station(
                device=self._spec.device(name),
                config=one.config,
                cabled=name not in cut,
                primary_up=name not in primaries_off,
                primary_reaches=name not in primaries_cut,
            )
            for name, one in ran.items()
        }
        history = History()
        network = Network(self._spec, stations, history)
        _converge(network, history)
        return Judged(network, {name: one.refused for name, one in ran.items() if one.refused})


def _converge(network: Network, history: History) -> None:
    now, before = 0.0, None
    for _ in range(_STEPS):
        network.settle(now)
        after = {name: dict(states) for name, states in history.tracks.items()}
        if math.isinf(history.due) and after == before:
            return
        now, before = now + _STEP_S, after


class Judged:
    """A network that has converged. ``refused``: lines that routers did not take, by router."""

    def __init__(self, network: Network, refused: Mapping[str, tuple[Refusal, ...]]) -> None:
        self._network = network
        self.refused = refused

    def tunnels(self) -> tuple[TunnelState, ...]:
        """Every permanent tunnel, seen from the end that asks for it, by VPN and router."""
        found = []
        for link in self._network.tunnels.links.values():
            if link.role not in {Role.SERVER, Role.CENTRE}:
                continue
            interface = self._network.stations[link.router].interface(link.interface)
            peer = CENTRE if link.role is Role.CENTRE else link.peer or str(link.peer_nbma or link.peer_tunnel)
            up = self._network.is_up(link)
            reason = None if up else link.reason or Reason.CONVERGING
            vrf = interface.vrf if interface else ""
            found.append(TunnelState(vrf, link.router, peer, link.interface, up, reason))
        return tuple(sorted(found, key=lambda one: (one.vrf, one.router, one.peer)))

    def up(self) -> frozenset[tuple[str, str, str]]:
        """The tunnels that are up, as VPN, router and peer."""
        return frozenset((one.vrf, one.router, one.peer) for one in self.tunnels() if one.up)

    def direct(self, router: str, peer: str, vrf: str) -> bool:
        """Whether two spokes of a VPN would make a tunnel of their own."""
        far = self._network.stations[peer]
        addresses = [
            own.ip
            for one, tunnel in far.config.tunnels()
            if tunnel.multipoint and one.vrf == vrf and (own := far.address(one))
        ]
        near = [
            one.name
            for one, tunnel in self._network.stations[router].config.tunnels()
            if tunnel.multipoint and one.vrf == vrf
        ]
        return any(self._network.tunnels.shortcut(router, name, to) for name in near for to in addresses)

    def standby(self, router: str) -> dict[str, State]:
        """The HSRP states of a router's interfaces."""
        station = self._network.stations[router]
        return {
            interface.name: state
            for interface in station.config.interfaces.values()
            for _, state in self._network.standby(station, interface)
        }

    def tracks(self, router: str) -> dict[int, bool]:
        """Which tracked objects of a router are up."""
        return dict(self._network.history.tracks.get(router, {}))

    def logged(self, router: str, message: str) -> dict[IPv4Address, bool]:
        """The hosts that a router sends a system message to (``%FACILITY-N-NAME: …``), and whether it gets there."""
        station = self._network.stations[router]
        found = {}
        for one in station.config.log_hosts:
            if one.takes(message):
                table, source = (router, one.vrf), station.interface(one.source)
                own = station.address(source) if source else None
                sender = own.ip if own else self._network.forwarding.source(table, one.host)
                packet = Packet("udp", sender or one.host, one.host, one.port, 514)
                found[one.host] = sender is not None and self._network.forwarding.send(table, packet).reason is None
        return found

    def reaches(
        self,
        router: str,
        source: IPv4Address,
        destination: IPv4Address,
        protocol: str = "tcp",
        port: int | None = None,
        *,
        dscp: int = 0,
        interface: str = "",
        source_port: int | None = _CLIENT,
    ) -> Verdict:
        """A packet from ``source`` handed to ``router``: by a host in one of its LANs, or made by the router itself
        where ``source`` is its own. ``interface``: comes in there, whatever its source. Ports are for tcp and udp;
        icmp is an echo. LabError where the router has no LAN with ``source``.
        """
        carried = protocol in {"tcp", "udp"}
        packet = Packet(
            protocol,
            source,
            destination,
            port if carried else None,
            source_port if carried else None,
            "echo" if protocol == "icmp" else "",
            dscp,
        )
        vrf, came_by = self._start(router, source, interface)
        there = self._network.forwarding.send((router, vrf), packet, came_by)
        return self._verdict(there, (router, vrf), came_by)

    def _verdict(self, there: Trip, origin: tuple[str, str], came_by: str) -> Verdict:
        answer = None
        if there.end is not End.LOST:
            answer = self._network.forwarding.answer(there, origin, came_by)
        return Verdict(there.end, there.hops, there.packet, there.reason, answer)

    def _start(self, router: str, source: IPv4Address, interface: str) -> tuple[str, str]:
        """The table and the interface that a packet of ``source`` begins with."""
        station = self._network.stations[router]
        if interface:
            return self._named(station, interface).vrf, interface
        for one in station.config.interfaces.values():
            own = station.address(one)
            if own is not None and own.ip == source:
                return one.vrf, ""
        for one in station.config.interfaces.values():
            own = station.address(one)
            local = one.tunnel is None and one.name != station.device.access.interface
            if local and own is not None and source in own.network:
                return one.vrf, one.name
        raise LabError(f"{router} has no LAN with {source}: name the interface that the packet comes in by")

    def _named(self, station: Station, name: str) -> Interface:
        found = station.interface(name)
        if found is None:
            raise LabError(f"{station.name} has no interface {name}")
        return found
