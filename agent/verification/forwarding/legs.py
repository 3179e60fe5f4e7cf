"""The way from a network out to the internet, leg by leg: over a link where a VPN has a namespace of its own."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import NamedTuple

from agent.verification.finding import Hop
from agent.verification.forwarding.device import INTERNET, Device, link_role
from agent.verification.forwarding.steps import follow
from agent.verification.packets.rules import selected
from agent.verification.packets.sets import ALL, NONE, Packet, Packets, packets, span_of
from agent.verification.packets.tables import UP
from device_templates.model import Interface


class Leg(NamedTuple):
    """One router's step from an interface to another, by a gateway; ``source`` is what packets come from by then."""

    comes: Interface
    leaves: Interface
    gateway: IPv4Address | None
    source: int | None = None


def legs(device: Device, entrance: Interface, wan: Interface) -> tuple[Leg, ...]:
    """The legs from a LAN to the internet access; () where its namespace has no link to the front door."""
    gateway = device.view.site.access.gateway
    if not device.model.namespaces or entrance.vrf == wan.vrf:
        return (Leg(entrance, wan, gateway),)
    outer = next(iter(device.of_role(link_role(device.roles[entrance.name]))), None)
    inner = next((one for one in device.of_role(INTERNET) if one.vrf == entrance.vrf), None)
    if not (outer and outer.address and inner and inner.address):
        return ()
    return Leg(entrance, inner, outer.address.ip), Leg(outer, wan, gateway, int(inner.address.ip))


def passed(device: Device, way: tuple[Leg, ...]) -> Packets:
    """What every leg lets pass."""
    return _all(way, [device.gate(leg.comes, leg.leaves)[0] for leg in way])


def answered(device: Device, way: tuple[Leg, ...]) -> Packets:
    """What every leg lets pass with its answers."""
    return _all(way, [device.answered(leg.comes, leg.leaves) for leg in way])


def translated(device: Device, way: tuple[Leg, ...]) -> Packets:
    """What every leg gives the address of the interface that it leaves by."""
    return _all(way, [_translated(device, leg) for leg in way])


def _translated(device: Device, leg: Leg) -> Packets:
    by_side = leg.comes.nat in ("inside", "both") and leg.leaves.nat in ("outside", "both")
    found = NONE
    for rule in device.model.nat_rules if by_side or device.model.namespaces else ():
        fits = rule.vrf == leg.comes.vrf and rule.outside == leg.leaves.name and rule.inside in ("", leg.comes.name)
        if fits and rule.overload:
            found |= selected(rule.selection)
    return found


def routed(device: Device, way: tuple[Leg, ...]) -> Packets:
    """Destinations that lead out by every leg to its gateway.

    Where the table is that of the access, the centre's networks and those beside the gateway need not.
    """
    found = _all(way, [_routed(device, leg) for leg in way])
    if not way or not device.model.namespaces:
        return found
    wan = way[-1].leaves.address
    near = [*device.centre.networks, *([wan.network] if wan else [])]
    return found | packets(destinations=map(span_of, near))


def _routed(device: Device, leg: Leg) -> Packets:
    table = device.tables(UP).get(leg.comes.vrf)
    spans = [
        cell
        for cell, ways in (table.cells() if table else ())
        if all((way.kind, way.interface, way.via) == ("out", leg.leaves.name, leg.gateway) for way in ways)
    ]
    return packets(destinations=spans) if spans else NONE


def follow_all(device: Device, way: tuple[Leg, ...], packet: Packet) -> tuple[Hop, ...]:
    """The way of a packet through every leg, up to the one that drops it."""
    hops: tuple[Hop, ...] = ()
    for leg in way:
        packet = packet if leg.source is None else packet._replace(source=leg.source)
        hops += follow(device, leg.comes, packet, UP)
        if packet not in device.gate(leg.comes, leg.leaves)[0] or packet not in _routed(device, leg):
            break
    return hops


def _all(way: tuple[Leg, ...], found: list[Packets]) -> Packets:
    """What all legs take; a later one sees packets under the address that the one before it gave them."""
    taken = ALL if way else NONE
    for leg, one in zip(way, found, strict=True):
        taken &= one if leg.source is None or one == ALL else one.swapped().to(leg.source).swapped()
    return taken
