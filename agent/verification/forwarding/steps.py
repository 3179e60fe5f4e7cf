"""What one router does with packets, in its order: list, policy routing, table, zones, list; as sets, and step by step.

As sets: which packets an interface's policy takes out of ordinary routing, and where to. Step by step: the way of one
packet with the lines that decided, as a finding shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agent.verification.finding import Hop, Line
from agent.verification.forwarding.device import Device, Taken
from agent.verification.packets.rules import selected
from agent.verification.packets.sets import ALL, NONE, Packet
from agent.verification.packets.tables import State, Way
from device_templates.model import Applied, Interface, RouteMap, RouteMapClause


def policy(device: Device, name: str, vrf: str, state: State) -> list[Taken]:
    """What a route map takes out of ordinary routing where packets arrive in a VRF; "" is none."""
    if not name:
        return []
    key = (name, vrf, state)
    if key not in device.policies:
        device.policies[key] = _policy(device, name, vrf, state)
    return device.policies[key]


def _policy(device: Device, name: str, vrf: str, state: State) -> list[Taken]:
    taken, left = [], ALL
    for clause in _clauses(device, name):
        hit = left & selected(clause.selection)
        sure = not any(other.startswith("match ") for other in clause.others)
        left -= hit if sure else NONE
        if hit and clause.permit:
            ways = tuple(dict.fromkeys(_ways(device, clause, vrf, state)))
            taken.append(Taken(hit, clause, ways, _falls(clause, state), sure))
    return taken


def _clauses(device: Device, name: str) -> tuple[RouteMapClause, ...]:
    found: RouteMap | None = next((one for one in device.model.route_maps if one.name == name), None)
    return found.clauses if found else ()


def _ways(device: Device, clause: RouteMapClause, vrf: str, state: State) -> Iterator[Way]:
    """Where a clause may send packets in a state; a hop that is tracked may be down while another is up."""
    table = device.tables(state).get(vrf if clause.vrf is None else clause.vrf)
    for hop in clause.hops:
        if hop.track is not None and not state.tracks:
            continue
        why = f"policy routing: next hop {hop.address}"
        for way in table.find(int(hop.address)) if table else ():
            if way.kind == "out":
                yield Way("out", way.interface, hop.address, why, hop.at.line)
    for name in clause.interfaces:
        yield Way("out", name, None, f"policy routing: out by {name}", clause.at.of("interfaces"))
    if clause.null:
        yield Way("drop", why="policy routing: Null0", line=clause.at.of("null"))


def _falls(clause: RouteMapClause, state: State) -> bool:
    sure = clause.interfaces or clause.null
    hop_is_sure = any(hop.track is None for hop in clause.hops) and state.tunnels
    return clause.default or not (sure or hop_is_sure)


class Step(NamedTuple):
    """What one router does with a packet; ``leaves`` is the way that it goes out by, None where it goes no further."""

    hops: tuple[Hop, ...]
    leaves: Way | None = None


def follow(device: Device, entrance: Interface | None, packet: Packet, state: State, vrf: str = "") -> tuple[Hop, ...]:
    """The way of one packet through a router, None for one of its own in a VRF, to where it leaves or is dropped."""
    return step(device, entrance, packet, state, vrf).hops


def step(device: Device, entrance: Interface | None, packet: Packet, state: State, vrf: str = "") -> Step:
    """The same, with the way that the packet leaves by."""
    hops = [_enters(device, entrance, vrf)]
    if entrance and (refused := device.refusing(entrance, "in", packet)):
        return Step((*hops, _refusal(device, *refused)))
    way = _way(device, entrance, packet, state, vrf)
    hops.append(_leads(device, way, state))
    if way.kind == "drop":
        return Step(tuple(hops))
    leaving = device.interfaces[way.interface] if way.kind == "out" else None
    gate = device.gate_hop(entrance, leaving, packet)
    hops += [gate] if gate else []
    refused = device.refusing(leaving, "out", packet) if leaving else None
    hops += [_refusal(device, *refused)] if refused else []
    passes = leaving is not None and refused is None and packet in device.gate(entrance, leaving)[0]
    return Step(tuple(hops), way if passes else None)


def _refusal(device: Device, applied: Applied, line: Line) -> Hop:
    return device.hop(f"access list {applied.name} drops it", applied.at, line.number)


def _enters(device: Device, entrance: Interface | None, vrf: str) -> Hop:
    vrf = entrance.vrf if entrance else vrf
    where = f"VRF {vrf}" if vrf else "the global table"
    if entrance is None:
        return device.hop(f"the router sends it itself, in {where}")
    return device.hop(f"it arrives by {entrance.name} in {where}", entrance.at, entrance.at.of("vrf"))


def _way(device: Device, entrance: Interface | None, packet: Packet, state: State, vrf: str) -> Way:
    vrf = entrance.vrf if entrance else vrf
    name = entrance.policy if entrance else device.model.local_policy
    for taken in policy(device, name, vrf, state):
        if packet in taken.packets:
            if taken.ways:
                return taken.ways[0]
            vrf = vrf if taken.clause.vrf is None else taken.clause.vrf
    table = device.tables(state).get(vrf)
    return table.find(packet.destination)[0] if table else Way("drop", why="no table")


def _leads(device: Device, way: Way, state: State) -> Hop:
    if way.kind == "self":
        return device.hop(f"{way.why} on {way.interface}: it is for the router itself", way.line)
    if way.kind == "drop":
        return device.hop(f"{way.why}: it is dropped, {state}", way.line)
    to = f" to {way.via}" if way.via else ""
    return device.hop(f"{way.why}: it leaves by {way.interface}{to}, {state}", way.line)
