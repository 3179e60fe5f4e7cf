"""Whether the tunnels of a VPN fit: addresses, modes, keys, NHRP, sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, VpnGround, cite, one
from agent.verification.pairs.agreement import Aspect, disagreements, secret
from device_templates.model import Interface, Tunnel

MULTIPOINT = "gre multipoint"


def _id(vpn: VpnGround, _: Member) -> str:
    return vpn.option("id")


def _none(_: VpnGround, __: Member) -> str:
    return ""


def _tunnel(field: str) -> Callable[[Member], tuple[Line, ...]]:
    return lambda member: member.of_tunnel(field)


def _interface(field: str) -> Callable[[Member], tuple[Line, ...]]:
    return lambda member: member.of_interface(field)


_KEY = Aspect("WV-6", "the tunnel key", lambda member: member.tunnel.key, _tunnel("key"), _id)
_AUTHENTICATION = Aspect(
    "WV-3",
    "the NHRP authentication",
    lambda member: member.tunnel.nhrp_authentication,
    _tunnel("nhrp_authentication"),
    lambda vpn, _: vpn.option("nhrp_authentication"),
    secret,
)
_SIZES = (
    Aspect("WV-3", "the MTU", lambda member: member.interface.mtu, _interface("mtu"), _none),
    Aspect("WV-3", "the TCP MSS", lambda member: member.interface.mss, _interface("mss"), _none),
)


def tunnel_for_every_vpn(ground: Ground) -> Iterator[Finding]:
    """Each router has a tunnel in each of its VPNs [WV-3]."""
    for view, model in ground.routers:
        present = {member.vpn for member in ground.members_of(view)}
        for name, vpn in view.vpns.items():
            if name in present:
                continue
            lines = _nearest(view.router.name, model.tunnels(), vpn.id)
            message = f"VPN {name}: no tunnel has the address {view.site.tunnels[name]}"
            yield one(view, "WV-3", message, lines=lines, option=f"tunnels.{name}")


def _nearest(router: str, tunnels: tuple[tuple[Interface, Tunnel], ...], key: int) -> tuple[Line, ...]:
    """The line where the address should be: of the tunnel with the VPN's key, if there is one."""
    return next((cite(router, interface.at, "address") for interface, tunnel in tunnels if tunnel.key == key), ())


def tunnel_addresses_in_the_network(ground: Ground) -> Iterator[Finding]:
    """Each tunnel address lies in the VPN's tunnel network and has its mask, or a host's where NHRP routes [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            address, network = member.interface.address, vpn.vpn.tunnel_network
            if address is None or (member.tunnel.host_address and address.network.subnet_of(network)):
                continue
            if address.network != network:
                message = f"VPN {vpn.name}: {address} is not in {vpn.vpn.tunnel_network}"
                lines = member.of_interface("address")
                yield one(member.view, "WV-3", message, lines=lines, option=f".{vpn.option('tunnel_network')}")


def tunnel_addresses_unique(ground: Ground) -> Iterator[Finding]:
    """No two routers of a customer have one tunnel address behind one key [WV-3]."""
    owners: dict[tuple[object, ...], list[tuple[str, Interface]]] = {}
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            if interface.address is not None and tunnel.mode == MULTIPOINT:
                place = (view.customer.customer, tunnel.key, interface.address.ip)
                owners.setdefault(place, []).append((view.router.name, interface))
    for (_, key, address), found in owners.items():
        if len(found) > 1:
            message = f"the tunnel address {address} (key {key}) is used {len(found)} times"
            lines = tuple(line for router, interface in found[:4] for line in cite(router, interface.at, "address"))
            routers = tuple(dict.fromkeys(router for router, _ in found))
            yield Finding("WV-3", routers, message, "give each router its own address under tunnels", lines=lines)


def tunnels_are_multipoint(ground: Ground) -> Iterator[Finding]:
    """Every tunnel of a VPN is multipoint GRE [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            if member.tunnel.mode != MULTIPOINT:
                message = f"VPN {vpn.name}: the tunnel is not multipoint"
                yield one(member.view, "WV-3", message, lines=member.of_tunnel("mode"))


def tunnel_keys_agree(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one tunnel key: it keeps VPNs on shared security associations apart [WV-6]."""
    for vpn in ground.vpns:
        yield from disagreements(vpn, _KEY)


def tunnel_keys_unique(ground: Ground) -> Iterator[Finding]:
    """No two tunnels of a router share key and source, and none lacks a key beside another [WV-6]."""
    for view, model in ground.routers:
        owners: dict[tuple[str, int | None], list[Tunnel]] = {}
        for _, tunnel in model.tunnels():
            if tunnel.mode == MULTIPOINT:
                owners.setdefault((tunnel.source, tunnel.key), []).append(tunnel)
        for (source, key), found in owners.items():
            if len(found) > 1:
                lines = tuple(line for tunnel in found for line in cite(view.router.name, tunnel.at, "key"))
                yield one(view, "WV-6", f"{len(found)} tunnels on {source} have the key {key}", lines=lines)


def tunnels_speak_nhrp(ground: Ground) -> Iterator[Finding]:
    """Each tunnel of a VPN has an NHRP network-id: any number, since it is the router's own [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            if member.tunnel.network_id is None:
                message = f"VPN {vpn.name}: the tunnel has no NHRP network-id, so it speaks no NHRP"
                yield one(member.view, "WV-3", message, lines=member.of_tunnel(), option=f".{vpn.option('id')}")


def network_ids_unique(ground: Ground) -> Iterator[Finding]:
    """Each VPN of a router has its own NHRP network-id: one id joins tunnels into one network [WV-6]."""
    for view, model in ground.routers:
        owners: dict[int, list[Tunnel]] = {}
        for _, tunnel in model.tunnels():
            if tunnel.network_id is not None:
                owners.setdefault(tunnel.network_id, []).append(tunnel)
        for network_id, found in owners.items():
            if len(found) > 1:
                lines = tuple(line for tunnel in found for line in cite(view.router.name, tunnel.at, "network_id"))
                yield one(view, "WV-6", f"{len(found)} tunnels have the NHRP network-id {network_id}", lines=lines)


def nhrp_authentication_agrees(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one NHRP authentication [WV-3]."""
    for vpn in ground.vpns:
        yield from disagreements(vpn, _AUTHENTICATION)


def sizes_agree(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one tunnel MTU and MSS [WV-3]."""
    for vpn in ground.vpns:
        for aspect in _SIZES:
            yield from disagreements(vpn, aspect)


CHECKS = (
    tunnel_for_every_vpn,
    tunnel_addresses_in_the_network,
    tunnel_addresses_unique,
    tunnels_are_multipoint,
    tunnel_keys_agree,
    tunnel_keys_unique,
    tunnels_speak_nhrp,
    network_ids_unique,
    nhrp_authentication_agrees,
    sizes_agree,
)
