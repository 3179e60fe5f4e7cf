"""Tracked objects and HSRP groups of all routers at one moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import AddressValueError, IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.routing.forwarding import Forwarding
from agent.lab.routing.routes import Rib
from agent.lab.routing.sessions import Table
from agent.lab.running.config import Interface
from agent.lab.spec import Primary
from agent.lab.traffic.packets import Packet
from agent.lab.traffic.standby import Group, State, state
from agent.lab.traffic.tracks import Probe, Track, states

#: Which tracked objects of which router are up.
Tracks = dict[str, dict[int, bool]]
ProtocolUp = Callable[[Station, Interface], bool]


def track_states(
    stations: Mapping[str, Station], forwarding: Forwarding, ribs: Mapping[Table, Rib], protocol_up: ProtocolUp
) -> Tracks:
    """What every tracked object of every router sees now."""

    def look(station: Station, track: Track) -> bool:
        if track.kind == "sla":
            probe = station.config.probes.get(int(track.of)) if track.of.isdigit() else None
            return probe is not None and probe.runs and answered(station, forwarding, probe)
        if track.kind == "interface":
            interface = station.interface(track.of)
            up = interface is not None and protocol_up(station, interface)
            routed = interface is not None and station.address(interface) is not None
            return up and (routed or not track.way.startswith("ip"))
        rib = ribs.get((station.name, track.vrf))
        return track.prefix is not None and rib is not None and rib.exact(track.prefix) is not None

    return {
        name: states(station.config.tracks, partial(look, station))
        for name, station in stations.items()
        if station.config.tracks
    }


def answered(station: Station, forwarding: Forwarding, probe: Probe) -> bool:
    """Whether a probe's packets come back."""
    table = (station.name, probe.vrf)
    source = _source(station, probe) or forwarding.source(table, probe.target)
    if source is None or not forwarding.owns(table, source):
        return False
    if probe.protocol == "icmp":
        return not isinstance(forwarding.round_trip(table, source, probe.target), Reason)
    there = forwarding.send(table, Packet(probe.protocol, source, probe.target, probe.port, 49152))
    return there.reason is None and forwarding.answer(there, table) is None


def _source(station: Station, probe: Probe) -> IPv4Address | None:
    interface = station.interface(probe.source)
    if interface is not None:
        own = station.address(interface)
        return own.ip if own else None
    try:
        return IPv4Address(probe.source)
    except AddressValueError:
        return None


def heard(station: Station, primary: Primary | None) -> int | None:
    """The priority that the primary router announces; None where it is silent."""
    if primary is None or not station.primary_up:
        return None
    return primary.priority - (0 if station.primary_reaches else primary.decrement)


def group_state(station: Station, interface: Interface, group: Group, tracks: Tracks, *, up: bool) -> State:
    """The state of an HSRP group; ``up`` says whether its interface's line protocol is."""
    own, primary = station.address(interface), station.primary(interface)
    return state(group, tracks.get(station.name, {}), own.ip if own and up else None, primary, heard(station, primary))
