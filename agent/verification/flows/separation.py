"""Whether VPNs, the iLAN, management and the internet stay apart: by routes, zones and switch ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.verification.finding import Finding
from agent.verification.forwarding.device import ILAN, INTERNET, MANAGEMENT, STRANGER, Device, link_role
from agent.verification.forwarding.journey import journey
from agent.verification.forwarding.ordered import exits
from agent.verification.forwarding.steps import policy
from agent.verification.packets.routes import states
from agent.verification.packets.sets import Packets, Span, packets
from agent.verification.packets.tables import State, Way
from device_templates.model import SELF, Interface

_APART = "take the line out that joins them, or correct the overriding template"


def routes_stay_apart(device: Device) -> Iterator[Finding]:
    """No table, leak or policy leads from one network into another, in any state [WV-6, WV-7, WV-11]."""
    told: set[frozenset[str]] = set()
    for state in states(device.model):
        for entrance, way, found in _crossings(device, state):
            ends = frozenset((device.roles[entrance.name], device.roles[way.interface]))
            if ends in told:
                continue
            packet = found.witness(*_hosts(entrance), *_hosts(device.interfaces[way.interface]))
            told.add(ends)
            passing = device.gate(entrance, device.interfaces[way.interface])[0]
            here, there = device.roles[entrance.name], device.roles[way.interface]
            yield device.finding(
                rule_of(here, there),
                f"{here} {'reaches' if packet in passing else 'is kept by zones alone from'} {there}: {way.why}",
                _APART,
                lines=device.lines(way.line, entrance.at.of("vrf"), device.interfaces[way.interface].at.of("vrf")),
                packet=packet,
                path=journey(device, entrance, packet, state),
            )


def _crossings(device: Device, state: State) -> Iterator[tuple[Interface, Way, Packets]]:
    """Where packets of one network come to another one's interface."""
    allowed = _allowed(device)
    seen: set[tuple[str, str, str, str]] = set()
    for entrance in _unlike(device):
        here = device.roles[entrance.name]
        for way, taken in _leading(device, entrance, state):
            key = (here, entrance.vrf, entrance.zone, way.interface)
            leaving = device.interfaces.get(way.interface) if way.kind == "out" and key not in seen else None
            if leaving is None or device.roles[leaving.name] == here or (here, device.roles[leaving.name]) in allowed:
                continue
            found = taken if isinstance(taken, Packets) else packets(destinations=[taken])
            if device.model.namespaces or not (leaving.vrf or entrance.vrf):  # zones keep apart what shares a table
                found &= device.gate(entrance, leaving)[0]
            if found:
                seen.add(key)
                yield entrance, way, found


def _unlike(device: Device) -> Iterable[Interface]:
    """One entrance of each network, table, zone and policy, a LAN before a tunnel: all others lead where it does."""
    kinds: dict[tuple[str, str, str, str, bool], Interface] = {}
    for one in sorted(device.entrances, key=lambda one: bool(one.tunnel)):  # hosts are on LANs
        kinds.setdefault((device.roles[one.name], one.vrf, one.zone, one.policy, one.sealed), one)
    return kinds.values()


def _allowed(device: Device) -> set[tuple[str, str]]:
    """Which network may reach which other one, as far as it was ordered."""
    return {(role, INTERNET) for one in exits(device) for role in (one.role, link_role(one.role))}


def _leading(device: Device, entrance: Interface, state: State) -> Iterator[tuple[Way, Packets | Span]]:
    """Every way that packets of an interface may go, and which do: what a policy takes, or a span of destinations."""
    taken = policy(device, entrance.policy, entrance.vrf, state)
    for one in taken:
        for way in one.ways:
            yield way, one.packets
    vrfs = [entrance.vrf, *(one.clause.vrf for one in taken if one.clause.vrf is not None and one.falls)]
    for vrf in dict.fromkeys(vrfs):
        table = device.tables(state).get(vrf)
        for span, ways in table.shown() if table else ():
            for way in ways:
                yield way, span


def _hosts(interface: Interface) -> list[int]:
    """A host of an interface's network, for a witness that looks like one."""
    return [int(interface.address.network.network_address) + 50] if interface.address else []


def rule_of(*roles: str) -> str:
    """The clause that keeps them apart."""
    if MANAGEMENT in roles:
        return "WV-7"
    return "WV-11" if ILAN in roles or INTERNET in roles else "WV-6"


def zones_hold_one_network(device: Device) -> Iterator[Finding]:
    """Where there are zones, each network has its own, and no interface is without [WV-6, WV-7, WV-11]."""
    if not device.zoned:
        return
    owners: dict[str, Interface] = {}
    for interface in device.entrances:
        role = device.roles[interface.name]
        if not interface.zone:
            whose = f", {role}," if role == STRANGER else f" of {role}"
            message = f"{interface.name}{whose} is in no zone, others are: nothing passes between it and them"
            yield device.finding(rule_of(role), message, "put it into its zone", lines=device.lines(interface.at))
            continue
        other = owners.setdefault(interface.zone, interface)
        if device.roles[other.name] != role:
            ends = (device.roles[other.name], role)
            yield device.finding(
                rule_of(*ends),
                f"{' and '.join(ends)} are in one zone, {interface.zone}: everything passes between them",
                "give each its own zone",
                lines=device.lines(other.at.of("zone"), interface.at.of("zone")),
            )


def zone_pairs_let_pass_what_was_ordered(device: Device) -> Iterator[Finding]:
    """No zone pair lets packets pass between networks that nobody ordered to be joined, whatever routes say [WV-11]."""
    if not device.zoned:
        return
    allowed = _allowed(device)
    holders = {one.zone: one for one in reversed(device.entrances) if one.zone}
    for (source, destination), pair in device.pairs.items():
        if SELF in (source, destination) or source not in holders or destination not in holders:
            continue
        here, there = device.roles[holders[source].name], device.roles[holders[destination].name]
        passed, _ = device.gate(holders[source], holders[destination])
        if here == there or (here, there) in allowed or not passed:
            continue
        packet = passed.witness(*_hosts(holders[source]), *_hosts(holders[destination]))
        gate = device.gate_hop(holders[source], holders[destination], packet)
        yield device.finding(
            rule_of(here, there),
            f"zone pair {pair.name or f'{source} to {destination}'} lets packets pass from {here} to {there}",
            "take the zone pair out, or let it drop everything",
            lines=device.lines(pair.at),
            packet=packet,
            path=(gate,) if gate else (),
        )


def nobody_else_is_routed(device: Device) -> Iterator[Finding]:
    """No interface that nobody ordered takes part in a VPN, the iLAN, management, or the internet side [WV-6]."""
    owned = {one.vrf for one in device.entrances if device.roles[one.name] != STRANGER}
    for interface in device.entrances:
        if device.roles[interface.name] == STRANGER and interface.vrf in owned and not device.zoned:
            where = f"VRF {interface.vrf}" if interface.vrf else "the global table"
            message = f"{interface.name} is routed in {where} and was not ordered"
            yield device.finding("WV-6", message, "shut it down, or order it", lines=device.lines(interface.at))
