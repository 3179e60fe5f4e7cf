"""Whether the router is reached by those who need it and nobody else, and its tunnels' packets pass [WV-3, 7, 11]."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from agent.verification.finding import Finding
from agent.verification.forwarding.device import FIX, MANAGEMENT, Device, vpn_role
from agent.verification.forwarding.ordered import (
    NOT_PUBLIC,
    from_the_router,
    lacking,
    to_the_router,
)
from agent.verification.forwarding.steps import follow
from agent.verification.packets.sets import (
    NONE,
    TCP,
    UDP,
    Packet,
    Packets,
    Span,
    beyond,
    merged,
    oddity,
    packets,
    span_of,
)
from agent.verification.packets.tables import DOWN, UP, State, Way
from device_templates.model import Interface

_SSH, _BGP, _HSRP, _VRRP = (22, 22), (179, 179), (1985, 1985), 112


def internet_reaches_what_tunnels_need(device: Device) -> Iterator[Finding]:
    """The internet reaches the router for ESP, IKE, some ICMP and a lease, and nothing else [WV-3, WV-11]."""
    wan = device.interfaces.get(device.view.site.access.interface)
    if wan is None:
        return
    heard = device.listed(wan, "in") & device.gate(wan, None)[0]
    said = device.listed(wan, "out") & device.gate(None, wan)[0]
    yield from _strange(device, wan, heard - to_the_router(device))
    yield from _lost(device, wan, lacking(device, heard, inwards=True), inwards=True)
    yield from _lost(device, wan, lacking(device, said, inwards=False), inwards=False)
    yield from _unprotected(device, wan, said)
    if wan.zone not in ("", wan.name):  # zones by name let the router say no more than they let it hear
        yield from _talkative(device, wan, said - from_the_router(device))


def _strange(device: Device, wan: Interface, more: Packets) -> Iterator[Finding]:
    if not more:
        return
    shown = more & packets(protocols=[TCP], destination_ports=[_SSH], kinds=(0, 0))
    own = int(wan.address.ip) if wan.address else None
    packet = (shown or more).towards(own).witness()
    lines = device.lines(wan.at, *(one.at for one in wan.access_lists))
    path = follow(device, wan, packet, UP)
    message = "the internet reaches the router itself for more than tunnels need"
    yield device.finding("WV-11", message, "let only what is needed reach it", lines=lines, packet=packet, path=path)


def _talkative(device: Device, wan: Interface, more: Packets) -> Iterator[Finding]:
    if more:
        packet = more.witness(*_own(wan))
        gate = device.gate_hop(None, wan, packet)
        message = "the router's own packets may leave to the internet for more than tunnels need"
        lines = gate.lines if gate else ()
        yield device.finding("WV-11", message, FIX, lines=lines, packet=packet, path=(gate,) if gate else ())


def _unprotected(device: Device, wan: Interface, said: Packets) -> Iterator[Finding]:
    """The centre's packets in the clear: where its routes are in the table of the access, filters have to drop them."""
    if not any(one.vrf == wan.vrf for one in device.of_role(MANAGEMENT) if one.tunnel):
        return
    if more := said & packets(destinations=[span_of(one) for one in device.centre.networks]):
        own = [int(device.view.router.management.address), *_own(wan)]
        packet = more.towards(int(device.centre.tunnel_peer)).witness(*own)
        message = f"packets to the management centre may leave by {wan.name} unencrypted, while its tunnel is down"
        gate = device.gate_hop(None, wan, packet)
        lines, path = (gate.lines, (gate,)) if gate else ((), ())
        yield device.finding("WV-7", message, "drop them there", lines=lines, packet=packet, path=path)


def _lost(device: Device, wan: Interface, missing: Packets, *, inwards: bool) -> Iterator[Finding]:
    if not missing:
        return
    own = int(wan.address.ip) if wan.address else None
    packet = missing.towards(own).witness() if inwards else missing.witness(*_own(wan))
    gate = device.gate_hop(wan, None, packet) if inwards else device.gate_hop(None, wan, packet)
    refused = device.refusing(wan, "in" if inwards else "out", packet)
    lines = [*device.lines(wan.at, *([refused[0].at] if refused else [])), *([refused[1]] if refused else [])]
    path = tuple(one for one in (gate,) if one)
    what = "reach the router from" if inwards else "leave the router to"
    message = f"packets that tunnels or the access need do not {what} the internet: {_name(packet)}"
    where = tuple(dict.fromkeys((*lines, *(path[0].lines if path else ()))))
    yield device.finding("WV-3", message, FIX, lines=where, packet=packet, path=path)


def _own(interface: Interface) -> list[int]:
    """The router's address there, where it is known."""
    return [int(interface.address.ip)] if interface.address else []


def _name(packet: Packet) -> str:
    names = {
        50: "ESP",
        47: "GRE out of IPsec",
        1: f"ICMP type {packet.icmp >> 8}",
        17: f"UDP port {packet.destination_port}",
    }
    return names.get(packet.protocol, f"protocol {packet.protocol}")


def internet_is_where_tunnels_look(device: Device) -> Iterator[Finding]:
    """The table of the internet access leads to all other routers by its gateway, tunnels up or down [WV-3]."""
    access = device.view.site.access
    wan = device.interfaces.get(access.interface)
    if wan is None:
        return
    for state in (UP, DOWN):
        if found := _astray(device, wan, access.gateway, state):
            part, way = found
            packet = packets(destinations=[part], protocols=[50]).witness(*_own(wan))
            gateway = f" by {access.gateway}" if access.gateway else ""
            message = f"tunnels' packets to {packet.flow().destination} do not leave to the internet{gateway}, {state}"
            path, lines = follow(device, None, packet, state), device.lines(way.line, wan.at)
            yield device.finding("WV-3", message, FIX, option="access", lines=lines, packet=packet, path=path)
            return


def _astray(device: Device, wan: Interface, gateway: IPv4Address | None, state: State) -> tuple[Span, Way] | None:
    table = device.tables(state).get(wan.vrf)
    near = [span_of(wan.address.network)] if wan.address else []
    hidden = merged([*near, *map(span_of, NOT_PUBLIC), *map(span_of, device.centre.networks)])
    for cell, ways in table.shown() if table else ():
        wrong = (way for way in ways if way.kind != "out" or way.interface != wan.name or way.via != gateway)
        if (way := next(wrong, None)) and (public := min(beyond(cell, hidden), key=oddity, default=None)):
            return public, way
    return None


def routers_of_a_vpn_hear_each_other(device: Device) -> Iterator[Finding]:
    """BGP passes between a VPN's tunnel and the router, standby between its LAN and the router, both ways [WV-3]."""
    for vpn in device.view.vpns:
        network = span_of(device.view.customer.vpns[vpn].tunnel_network)
        sessions = packets(protocols=[TCP], sources=[network], destination_ports=[_BGP], kinds=(0, 0))
        for entrance in device.of_role(vpn_role(vpn)):
            wanted = sessions if entrance.tunnel else _hellos(device, vpn, entrance)
            heard = device.listed(entrance, "in") & device.gate(entrance, None)[0]
            said = device.gate(None, entrance)[0]
            if missing := (wanted - heard) or (wanted - said):
                own = int(entrance.address.ip) if entrance.address else None
                packet = missing.towards(own).witness(*([own + 1] if own else []))
                what = "BGP of other routers" if entrance.tunnel else "standby with the primary"
                message = f"{vpn_role(vpn)}: {what} does not pass at {entrance.name}"
                gate = device.gate_hop(entrance, None, packet) or device.gate_hop(None, entrance, packet)
                lines = gate.lines if gate else device.lines(*(one.at for one in entrance.access_lists))
                yield device.finding("WV-3", message, FIX, lines=lines, packet=packet, path=(gate,) if gate else ())


def _hellos(device: Device, vpn: str, lan: Interface) -> Packets:
    """What the primary says in the group that both routers are in, on the LAN that they share."""
    resilience = device.view.site.resilience
    group = resilience.hsrp.get(vpn) if resilience else None
    if resilience is None or group is None or not lan.address or group.primary_address not in lan.address.network:
        return NONE
    sources = [span_of(IPv4Network(group.primary_address))]
    if resilience.protocol == "vrrp":
        return packets(protocols=[_VRRP], sources=sources, kinds=(0, 0))
    return packets(protocols=[UDP], sources=sources, destination_ports=[_HSRP], kinds=(0, 0))
