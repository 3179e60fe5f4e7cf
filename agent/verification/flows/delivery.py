"""Whether a VPN's traffic gets through: from the LAN to every other site's networks, and from the tunnel to the LAN."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.forwarding.device import FIX, MANAGEMENT, Device, vpn_role
from agent.verification.forwarding.journey import journey
from agent.verification.forwarding.steps import follow
from agent.verification.packets.sets import ALL, NEW, Packets, Span, beyond, merged, oddity, packets, span_of
from agent.verification.packets.tables import UP, Way
from device_templates.model import Interface
from inventory.site import Lan


def vpn_interfaces_work(device: Device) -> Iterator[Finding]:
    """Each LAN and tunnel of a VPN, the internet access and the guests' LAN have an interface that is up [WV-3]."""
    wanted = [
        ("WV-3", lan.vlan, str(lan.address), f"lans.{vpn}")
        for vpn, lans in device.view.site.lans.items()
        for lan in lans
    ]
    if ilan := device.view.site.options.ilan:
        wanted.append(("WV-11", ilan.vlan, str(ilan.address), "options.ilan"))
    for rule, vlan, address, option in wanted:
        found = [one for one in device.model.interfaces if str(one.address) == address or one.svi == vlan]
        if not any(str(one.address) == address and not one.shutdown and one.vlan is None for one in found):
            message = f"no interface that is up has the LAN's address {address}"
            lines = device.lines(*(one.at.of("address") for one in found))
            yield device.finding(rule, message, FIX, option=option, lines=lines)
    for interface, _ in device.model.tunnels():
        if interface.shutdown:
            rule = "WV-7" if device.roles[interface.name] == MANAGEMENT else "WV-3"
            lines = device.lines(interface.at, interface.at.of("shutdown"))
            yield device.finding(rule, f"{interface.name} is shut down", FIX, lines=lines)
    access = device.view.site.access
    wan = device.interfaces.get(access.interface)
    fits = wan is not None and (wan.dhcp if access.address == "dhcp" else wan.address == access.address)
    if wan is None or wan.shutdown or not fits:
        message = f"{access.interface} does not have the internet access's address {access.address}"
        lines = device.lines(wan.at, wan.at.of("address")) if wan else ()
        yield device.finding("WV-3", message, FIX, option="access.address", lines=lines)


def ports_work(device: Device) -> Iterator[Finding]:
    """Each switch port of a LAN is up, and the guests' is in their VLAN and in no VPN's [WV-3, WV-11]."""
    site = device.view.site
    wanted = {port: ("WV-3", f"lans.{vpn}") for vpn, lans in site.lans.items() for lan in lans for port in lan.ports}
    if site.options.ilan:
        wanted[site.options.ilan.port] = ("WV-11", "options.ilan")
    for name, (rule, option) in wanted.items():
        port = device.interfaces.get(name)
        if port is None or port.shutdown:
            lines = device.lines(port.at, port.at.of("shutdown")) if port else ()
            yield device.finding(rule, f"{name} is shut down", FIX, option=option, lines=lines)
    ilan = site.options.ilan
    port = device.interfaces.get(ilan.port) if ilan else None
    if ilan and port and port.vlan != ilan.vlan:
        message = f"{port.name} of the guests is not in their VLAN {ilan.vlan}"
        lines = device.lines(port.at, port.at.of("vlan"))
        yield device.finding("WV-11", message, FIX, option="options.ilan", lines=lines)
    for name, vlans in _vlans(device).items():
        if len(vlans) > 1:
            message = f"{name} is in VLANs {' and '.join(map(str, vlans))} at once: it joins them"
            lines = device.lines(*(one.at for one in device.model.interfaces if one.name == name))
            yield device.finding("WV-6", message, FIX, option="lans", lines=lines)


def _vlans(device: Device) -> dict[str, list[int]]:
    """The VLANs that each port is told to be in, where that is told more than once."""
    found: dict[str, list[int]] = {}
    for one in device.model.interfaces:
        if one.vlan is not None:
            found.setdefault(one.name, []).append(one.vlan)
    return found


def lans_reach_their_vpn(device: Device) -> Iterator[Finding]:
    """What a LAN sends to the other networks of its VPN leaves by the VPN's tunnel, and nothing else does [WV-3]."""
    for vpn in device.view.vpns:
        role = vpn_role(vpn)
        tunnels = [one for one in device.of_role(role) if one.tunnel]
        own = [span_of(one) for one in device.own_networks(vpn)]
        if any(one.tunnel and one.tunnel.host_address for one in tunnels):  # NHRP makes the routes inside
            own.append(span_of(device.view.customer.vpns[vpn].tunnel_network))
        yield from _strange(device, vpn, tunnels)
        for lan in (one for one in device.of_role(role) if not one.tunnel):
            for destination, way in _lost(device, lan, device.members[vpn], own, role):
                packet = packets(sources=own[:1], destinations=[destination]).witness()
                message = f"{role}: packets from the LAN to {_address(packet.destination)} do not take its tunnel"
                path, lines = journey(device, lan, packet, UP), device.lines(way.line, lan.at.of("vrf"))
                option = f"lans.{vpn}"
                yield device.finding("WV-3", message, FIX, option=option, lines=lines, packet=packet, path=path)
            for tunnel in tunnels:
                yield from _held(device, lan, tunnel, vpn)


def _strange(device: Device, vpn: str, tunnels: list[Interface]) -> Iterator[Finding]:
    """A destination that is no network of the VPN and leads into its tunnel, for the other routers to send on."""
    for vrf in dict.fromkeys(one.vrf for one in tunnels):
        table = device.tables(UP).get(vrf)
        for cell, ways in table.shown() if table else ():
            way = next((one for one in ways if _by_tunnel(device, one, vpn_role(vpn))), None)
            parts = list(beyond(cell, device.prefixes[vpn])) if way else []
            if way and parts:
                packet = packets(destinations=parts).witness(*_hosts(device, vpn))
                message = f"{vpn_role(vpn)}: packets to {packet.flow().destination}, no network of it, take its tunnel"
                ends = sorted(device.of_role(vpn_role(vpn)), key=lambda one: bool(one.tunnel))
                path = journey(device, next(one for one in ends if one.vrf == vrf), packet, UP)
                lines = device.lines(way.line)
                yield device.finding("WV-6", message, FIX, lines=lines, packet=packet, path=path)
                return


def _hosts(device: Device, vpn: str) -> list[int]:
    """A host of each of the site's LANs in a VPN."""
    return [int(lan.address.network[0]) + 50 for lan in device.view.site.lans.get(vpn, ())]


def _others(device: Device, vpn: str) -> list[Span]:
    """The networks of a VPN that are not the site's own."""
    own = merged(map(span_of, device.own_networks(vpn)))
    return [part for span in device.members[vpn] for part in beyond(span, own)]


def _elsewhere(device: Device, vpn: str) -> list[int]:
    """A host of another site's LAN in a VPN, of a spoke where there is one: its packets come by a hub."""
    customer, hubs = device.view.customer, device.view.customer.vpns[vpn].hubs
    others = (name for name, site in customer.sites.items() if name != device.view.name and site.lans.get(vpn))
    name = min(others, key=lambda one: one in hubs, default="")
    return [int(customer.sites[name].lans[vpn][0].address.network[0]) + 50] if name else []


def _address(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _lost(
    device: Device, lan: Interface, members: tuple[Span, ...], own: list[Span], role: str
) -> Iterator[tuple[Span, Way]]:
    """The first networks of a VPN that lead elsewhere than into its tunnel; its own stay on the LAN."""
    table = device.tables(UP).get(lan.vrf)
    for cell, ways in table.shown() if table else ():
        wrong = next((way for way in ways if way.kind != "self" and not _by_tunnel(device, way, role)), None)
        if wrong is None:
            continue
        for span in overlapping(members, cell):
            part = (max(span[0], cell[0]), min(span[1], cell[1]))
            if not any(lo <= part[0] and part[1] <= hi for lo, hi in own):
                yield part, wrong
                return


def _by_tunnel(device: Device, way: Way, role: str) -> bool:
    leaving = device.interfaces.get(way.interface)
    return way.kind == "out" and leaving is not None and bool(leaving.tunnel) and device.roles[leaving.name] == role


def overlapping(spans: tuple[Span, ...], cell: Span) -> Iterator[Span]:
    place = max(bisect_left(spans, (cell[0], cell[0])) - 1, 0)
    for span in spans[place:]:
        if span[0] > cell[1]:
            return
        if span[1] >= cell[0]:
            yield span


def _held(device: Device, lan: Interface, tunnel: Interface, vpn: str) -> Iterator[Finding]:
    """A LAN and a tunnel of one VPN between which lists or zones drop packets of the VPN, either way."""
    ends = ((lan, tunnel), (tunnel, lan))
    passing = [(one, two, _passing(device, one, two)) for one, two in ends]
    if all(passed == ALL for _, _, passed in passing):
        return
    own = [span_of(one) for one in device.own_networks(vpn)]
    for one, two, passed in passing:
        inward = two is lan
        elsewhere = _others(device, vpn)
        if not elsewhere:
            return
        others = packets(destinations=elsewhere, sources=own, kinds=(NEW, NEW))
        wanted = others.swapped() if inward else others
        if not (missing := wanted - passed):
            continue
        packet = missing.witness(*_hosts(device, vpn), *_elsewhere(device, vpn))
        message = f"{vpn_role(vpn)}: packets do not pass from {one.name} to {two.name}"
        path, lines = journey(device, one, packet, UP), follow(device, one, packet, UP)[-1].lines
        yield device.finding("WV-3", message, FIX, option=f"lans.{vpn}", lines=lines, packet=packet, path=path)


def _passing(device: Device, one: Interface, two: Interface) -> Packets:
    return device.listed(one, "in") & device.answered(one, two) & device.listed(two, "out")


def tunnels_reach_their_lans(device: Device) -> Iterator[Finding]:
    """What comes out of a tunnel for a network of the site leaves by that LAN, or the router behind it [WV-3]."""
    for vpn, lans in device.view.site.lans.items():
        tunnel = next((one for one in device.of_role(vpn_role(vpn)) if one.tunnel), None)
        table = device.tables(UP).get(tunnel.vrf) if tunnel else None
        if tunnel is None or table is None:
            continue
        for lan in lans:
            for span, via, option in _own(lan, vpn):
                wrong = _astray(device, sorted(table.within(span), key=lambda cell: oddity(cell[0])), lan, via)
                if wrong is None:
                    continue
                part, way = wrong
                packet = packets(sources=_others(device, vpn), destinations=[part]).witness(*_elsewhere(device, vpn))
                target = f" to {via}" if via else ""
                message = f"{vpn_role(vpn)}: {_address(packet.destination)} does not lead to its LAN{target}"
                lines, path = device.lines(way.line), journey(device, tunnel, packet, UP)
                yield device.finding("WV-3", message, FIX, option=option, lines=lines, packet=packet, path=path)


def _own(lan: Lan, vpn: str) -> Iterator[tuple[Span, str, str]]:
    yield span_of(lan.address.network), "", f"lans.{vpn}"
    for route in lan.routes:
        yield span_of(route.prefix), str(route.via), f"lans.{vpn}.routes"


def _astray(device: Device, cells: list[tuple[Span, tuple[Way, ...]]], lan: Lan, via: str) -> tuple[Span, Way] | None:
    """A part of the site's own network that leads elsewhere."""
    for part, ways in cells:
        for way in ways:
            leaving = device.interfaces.get(way.interface)
            there = leaving is not None and leaving.address == lan.address
            inside = part[0] >= int(lan.address.network[0]) and part[1] <= int(lan.address.network[-1])
            if way.kind == "self" and inside:
                continue
            if not there or way.kind != "out" or (not inside and str(way.via or "") != via):
                return part, way
    return None
