"""Whether the tunnels of a VPN fit: addresses, modes, keys, NHRP, sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, VpnGround, cite, front_of, one, source_of
from agent.verification.pairs.agreement import Aspect, disagreements, secret
from device_templates.model import Interface, RouterModel, Tunnel

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
        present = {one.address.ip for one, _ in model.tunnels() if one.address is not None}
        for name, vpn in view.vpns.items():
            if view.site.tunnels[name] in present:
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
                owners.setdefault((source_of(model, tunnel), tunnel.key), []).append(tunnel)
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


#: Bytes of headers: IPv4, UDP that ESP is in behind address translation, GRE, and GRE with a key.
_IP, _UDP, _GRE, _KEYED = 20, 8, 4, 8
#: ESP's sequence number and index, and the two bytes behind the padding [RFC 4303].
_ESP, _TRAILER = 8, 2
#: The words of algorithms with their initial vector, the block that padding fills, and what proves a packet, in bytes.
_CIPHERS = (("gcm", 8, 4, 16), ("gmac", 8, 4, 16), ("chacha20", 8, 4, 16), ("3des", 8, 8, 0), ("aes", 16, 16, 0))
_PROOFS = (("sha512", 32), ("sha384", 24), ("sha256", 16), ("sha", 12), ("md5", 12))
#: What the internet carries in one piece, and what TCP over IPv4 takes of it for headers.
_INTERNET, _TCP = 1500, 40


def packets_fit_the_access(ground: Ground) -> Iterator[Finding]:
    """A full packet of a tunnel leaves in one piece when it is encrypted, and TCP's segments fit it [WV-3]."""
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            rule = "WV-7" if tunnel.destination == peer else "WV-3"
            front = front_of(model, tunnel)
            room = min(front.mtu or _INTERNET, _INTERNET) if front else _INTERNET
            mtu = interface.mtu or (room - _IP - _KEYED if tunnel.mode == MULTIPOINT else 0)
            size = _encrypted(model, tunnel, mtu, behind_nat=view.site.access.nat)
            lines = cite(view.router.name, interface.at, "mtu")
            if mtu and size > room:
                message = f"{interface.name}: a packet of {mtu} bytes has {size} when it is encrypted, and {room} fit"
                narrow = cite(view.router.name, front.at, "mtu") if front and front.mtu else ()
                yield one(view, rule, message, lines=(*lines, *narrow))
            if mtu and interface.mss and interface.mss > mtu - _TCP:
                message = f"{interface.name}: TCP segments of {interface.mss} bytes do not fit its MTU of {mtu}"
                segments = cite(view.router.name, interface.at, "mss")
                yield one(view, rule, message, lines=tuple(dict.fromkeys((*segments, *lines))))


def _encrypted(model: RouterModel, tunnel: Tunnel, mtu: int, *, behind_nat: bool) -> int:
    """How many bytes the largest packet of a tunnel has outside, by the largest of its transforms; 0 unprotected."""
    ipsec = next((one for one in model.crypto.ipsec_profiles if one.name == tunnel.protection), None)
    used = [one for one in model.crypto.transforms if ipsec and one.name in ipsec.transforms]
    gre = 0 if tunnel.mode == "ipsec" else _GRE if tunnel.key is None else _KEYED
    sizes = [0]
    for transform in used:
        vector, block, proof = _taken(transform.algorithms)
        inner = mtu + gre + (_IP if gre and transform.mode == "tunnel" else 0) + _TRAILER
        padded = -(-inner // block) * block
        sizes.append(_IP + (_UDP if behind_nat else 0) + _ESP + vector + padded + proof)
    return max(sizes)


def _taken(algorithms: str) -> tuple[int, int, int]:
    """Initial vector, block and proof of a transform, in bytes."""
    _, vector, block, proof = next((one for one in _CIPHERS if one[0] in algorithms), ("", 0, 4, 0))
    return vector, block, proof or next((bytes_ for word, bytes_ in _PROOFS if word in algorithms), 0)


def no_keepalives(ground: Ground) -> Iterator[Finding]:
    """No tunnel asks its far end by GRE keepalives, which nobody answers through encryption [WV-3]."""
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            if tunnel.keepalive:
                lines = cite(view.router.name, tunnel.at, "keepalive")
                yield one(view, "WV-3", f"{interface.name} is down while nobody answers its keepalives", lines=lines)


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
    packets_fit_the_access,
    no_keepalives,
)
