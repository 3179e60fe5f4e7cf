"""Whether the tunnels of a VPN fit: keys, NHRP, hubs, addresses, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Interface

from agent.verification.finding import Finding
from agent.verification.ground import Ground, Member, one


def tunnel_for_every_vpn(ground: Ground) -> Iterator[Finding]:
    """Each router has a tunnel in each of its VPNs [WV-3]."""
    for view, _ in ground.routers:
        present = {member.vpn for member in ground.members_of(view)}
        for name in view.vpns:
            if name not in present:
                yield one(view, "WV-3", f"VPN {name}: no tunnel has the address {view.site.tunnels[name]}")


def tunnel_addresses_in_the_network(ground: Ground) -> Iterator[Finding]:
    """Each tunnel address lies in the VPN's tunnel network and has its mask, or a host's where NHRP routes [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            address, network = member.interface.address, vpn.vpn.tunnel_network
            if address is None or (member.tunnel.host_address and address.network.subnet_of(network)):
                continue
            if address.network != network:
                yield one(member.view, "WV-3", f"VPN {vpn.name}: {address} is not in {vpn.vpn.tunnel_network}")


def tunnel_addresses_unique(ground: Ground) -> Iterator[Finding]:
    """No two routers of a customer have one tunnel address behind one key [WV-3]."""
    owners: dict[tuple[object, ...], list[str]] = {}
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            if interface.address is not None and tunnel.mode == "gre multipoint":
                place = (view.customer.customer, tunnel.key, interface.address.ip)
                owners.setdefault(place, []).append(view.router.name)
    for (_, key, address), routers in owners.items():
        if len(routers) > 1:
            message = f"the tunnel address {address} (key {key}) is used {len(routers)} times"
            yield Finding("WV-3", tuple(routers), message, "give each router its own address under tunnels")


def tunnel_keys_agree(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one tunnel key: it keeps VPNs on shared security associations apart [WV-6]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-6", "the tunnel key", lambda member: member.tunnel.key)


def tunnel_keys_unique(ground: Ground) -> Iterator[Finding]:
    """No two tunnels of a router share key and source, and none lacks a key beside another [WV-6]."""
    for view, model in ground.routers:
        multipoint = [tunnel for _, tunnel in model.tunnels() if tunnel.mode == "gre multipoint"]
        count = Counter((tunnel.source, tunnel.key) for tunnel in multipoint)
        for (source, key), times in count.items():
            if times > 1:
                yield one(view, "WV-6", f"{times} tunnels on {source} have the key {key}")


def network_ids_agree(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one NHRP network-id [WV-3]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-3", "the NHRP network-id", lambda member: member.tunnel.network_id)


def network_ids_unique(ground: Ground) -> Iterator[Finding]:
    """Each VPN of a router has its own NHRP network-id: one id joins tunnels into one network [WV-6]."""
    for view, model in ground.routers:
        ids = [tunnel.network_id for _, tunnel in model.tunnels() if tunnel.network_id is not None]
        for network_id, times in Counter(ids).items():
            if times > 1:
                yield one(view, "WV-6", f"{times} tunnels have the NHRP network-id {network_id}")


def nhrp_authentication_agrees(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one NHRP authentication [WV-3]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-3", "the NHRP authentication", lambda member: member.tunnel.nhrp_authentication)


def sizes_agree(ground: Ground) -> Iterator[Finding]:
    """All routers of a VPN have one tunnel MTU and MSS [WV-3]."""
    for vpn in ground.vpns:
        yield from vpn.disagreement("WV-3", "the MTU", lambda member: member.interface.mtu)
        yield from vpn.disagreement("WV-3", "the TCP MSS", lambda member: member.interface.mss)


def hubs_are_named(ground: Ground) -> Iterator[Finding]:
    """Each router, other hubs included, registers with every hub, at its real internet address [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            yield from _missing_hubs(ground, member)


def _missing_hubs(ground: Ground, member: Member) -> Iterator[Finding]:
    servers = {server.address: server.nbma for server in member.tunnel.servers}
    for hub in ground.inventory.hubs(member.view, member.vpn):
        access = hub.site.access.address
        tunnel = hub.site.tunnels[member.vpn]
        if tunnel not in servers:
            yield one(member.view, "WV-3", f"VPN {member.vpn}: hub {hub.name} ({tunnel}) is not a next hop server")
        elif not isinstance(access, IPv4Interface) or servers[tunnel] != access.ip:
            yield one(member.view, "WV-3", f"VPN {member.vpn}: hub {hub.name} is not at {servers[tunnel]}")


def servers_are_hubs(ground: Ground) -> Iterator[Finding]:
    """A router registers with hubs of the VPN only [WV-1]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            hubs = {hub.site.tunnels[vpn.name] for hub in ground.inventory.hubs(member.view, vpn.name)}
            for server in member.tunnel.servers:
                if server.address not in hubs:
                    yield one(member.view, "WV-1", f"VPN {vpn.name}: {server.address} is no hub's tunnel address")


def dynamic_full_mesh(ground: Ground) -> Iterator[Finding]:
    """Hubs redirect and spokes take shortcuts, so that spokes reach each other directly [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            if member.tunnel.mode != "gre multipoint":
                yield one(member.view, "WV-3", f"VPN {vpn.name}: the tunnel is not multipoint")
            if member.hub and not member.tunnel.redirect:
                yield one(member.view, "WV-3", f"VPN {vpn.name}: the hub sends no NHRP redirects")
            if not member.hub and not member.tunnel.shortcut:
                yield one(member.view, "WV-3", f"VPN {vpn.name}: the spoke takes no NHRP shortcuts")


def hub_is_where_spokes_look(ground: Ground) -> Iterator[Finding]:
    """A hub's tunnel leaves by the interface that has the address which the others are given [WV-1]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            source = member.model.interface(member.tunnel.source)
            wanted = member.view.site.access.address
            if member.hub and (source is None or source.address != wanted):
                yield one(member.view, "WV-1", f"VPN {vpn.name}: the hub's tunnel source has not the address {wanted}")
