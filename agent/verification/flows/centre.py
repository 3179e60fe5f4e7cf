"""Whether the management centre reaches the router through its tunnel, and the router the centre [WV-7]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from agent.verification.finding import Finding, Hop
from agent.verification.forwarding.device import FIX, MANAGEMENT, Device
from agent.verification.forwarding.steps import follow
from agent.verification.packets.rules import permitted
from agent.verification.packets.sets import (
    ALL,
    ECHO,
    ICMP,
    NONE,
    TCP,
    UDP,
    Packet,
    Packets,
    Span,
    icmp_span,
    packets,
    span_of,
)
from agent.verification.packets.tables import NO_ROUTE, UP, Table, Way
from device_templates.model import Interface

#: Where the centre listens [RFC 5424 for UDP, RFC 3413, RFC 5905, RFC 8907].
_SYSLOG, _TRAPS, _NTP, _TACACS = (514, 514), (162, 162), (123, 123), (49, 49)


def centre_reaches_the_router(device: Device) -> Iterator[Finding]:
    """Lists and zones at the management tunnel, and those of logins, let all of the centre's networks in [WV-7]."""
    router, networks = device.view.router, [span_of(one) for one in device.centre.networks]
    managers = [span_of(IPv4Network(one)) for one in device.centre.snmp_managers]
    wanted = packets(protocols=[TCP], sources=networks, destination_ports=[(router.management.port,) * 2], kinds=(0, 0))
    polled = packets(protocols=[UDP], sources=managers, destination_ports=[(router.snmp.port,) * 2], kinds=(0, 0))
    pinged = packets(protocols=[ICMP], sources=networks, icmp=[icmp_span(ECHO)], kinds=(0, 0))
    lists = {one.name: one.rules for one in device.model.access_lists}
    for terminal in device.model.terminals:
        let = permitted(lists[terminal.access]) if lists.get(terminal.access) else ALL
        if terminal.protocols and (missing := wanted - let):
            packet = missing.witness(int(device.centre.tunnel_peer), int(device.view.router.management.address))
            message = f"{terminal.name} refuses logins from {packet.flow().source} of the management centre"
            lines = device.lines(terminal.at.of("access"))
            yield device.finding("WV-7", message, FIX, lines=lines, packet=packet)
    for tunnel in (one for one in device.of_role(MANAGEMENT) if one.tunnel):
        if missing := (wanted | polled | pinged) - (device.listed(tunnel, "in") & device.answered(tunnel, None)):
            packet = missing.witness(int(device.centre.tunnel_peer), int(router.management.address))
            path = (*follow(device, tunnel, packet, UP), *_answer(device, tunnel, packet, inwards=False))
            lines = tuple(dict.fromkeys((*device.lines(*(one.at for one in tunnel.access_lists)), *path[-1].lines)))
            message = "the management centre does not reach the router through its tunnel"
            yield device.finding("WV-7", message, FIX, lines=lines, packet=packet, path=path)


def centre_is_routed(device: Device) -> Iterator[Finding]:
    """All of the centre's networks lead into the management tunnel, by whatever routes, in its table [WV-7]."""
    for tunnel in (one for one in device.of_role(MANAGEMENT) if one.tunnel):
        table = device.tables(UP).get(tunnel.vrf)
        for network in device.centre.networks:
            if found := _astray(table, network, tunnel):
                part, way = found
                packet = packets(destinations=[part], protocols=[TCP]).witness(
                    int(device.view.router.management.address)
                )
                message = f"{network} of the management centre is not routed into {tunnel.name}"
                message += "" if part == span_of(network) else f": {packet.flow().destination} is not"
                path = follow(device, None, packet, UP, tunnel.vrf) if way.line else ()
                lines = device.lines(way.line, tunnel.at)
                finding = device.finding("WV-7", message, FIX, lines=lines, packet=packet, path=path)
                yield replace(finding, option="management_centre.networks")


def _astray(table: Table | None, network: IPv4Network, tunnel: Interface) -> tuple[Span, Way] | None:
    """A part of a network that does not go into a tunnel, and where it goes."""
    if table is None:
        return span_of(network), NO_ROUTE
    for part, ways in table.within(span_of(network)):
        if wrong := [way for way in ways if (way.kind, way.interface) != ("out", tunnel.name)]:
            return part, wrong[0]
    return None


def _answer(device: Device, tunnel: Interface, packet: Packet, *, inwards: bool) -> tuple[Hop, ...]:
    """What the zones do with the answer to a packet that they let pass; ``inwards``: the answer comes in."""
    source, destination = (None, tunnel) if inwards else (tunnel, None)
    if packet not in device.gate(source, destination)[0]:
        return ()
    answer = Packets((tuple((value, value) for value in packet),)).answers().witness()
    gate = device.gate_hop(destination, source, answer)
    return (replace(gate, what=f"its answer: {gate.what}"),) if gate else ()


def router_reaches_the_centre(device: Device) -> Iterator[Finding]:
    """The router's logs, notifications, and questions for the time and for logins pass to the centre [WV-7]."""
    for tunnel in (one for one in device.of_role(MANAGEMENT) if one.tunnel):
        heard, said = device.listed(tunnel, "in"), device.gate(None, tunnel)[0]
        answered = device.answered(None, tunnel) & (ALL if heard == ALL else heard.asked())
        if said == answered == ALL:
            continue
        told, asked = _spoken(device)
        if missing := (told - said) or (asked - answered):
            packet = missing.witness(int(device.view.router.management.address))
            path = (*follow(device, None, packet, UP, tunnel.vrf), *_answer(device, tunnel, packet, inwards=True))
            lines = tuple(dict.fromkeys((*device.lines(*(one.at for one in tunnel.access_lists)), *path[-1].lines)))
            message = f"what the router sends to {packet.flow().destination} of the centre does not pass, or its answer"
            yield device.finding("WV-7", message, FIX, lines=lines, packet=packet, path=path)


def _spoken(device: Device) -> tuple[Packets, Packets]:
    """What the router tells the centre, and what it asks it."""
    centre, own = device.centre, int(device.view.router.management.address)
    told = _to(own, centre.syslog, UDP, _SYSLOG) | _to(own, centre.snmp_managers, UDP, _TRAPS)
    return told, _to(own, centre.ntp, UDP, _NTP) | _to(own, centre.tacacs, TCP, _TACACS)


def _to(own: int, hosts: Iterable[IPv4Address], protocol: int, port: Span) -> Packets:
    """New packets of the router to a service of hosts."""
    ends = [(int(one), int(one)) for one in hosts]
    ports, sources = [port], [(own, own)]
    if not ends:
        return NONE
    return packets(protocols=[protocol], sources=sources, destinations=ends, destination_ports=ports, kinds=(0, 0))
