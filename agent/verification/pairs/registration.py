"""Whether routers find their hubs and each other: next hop servers, internet addresses, redirects and shortcuts."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from agent.verification.finding import Finding, Line
from agent.verification.ground import FIX, Ground, Member, VpnGround, cite, front_of, one, source_of
from device_templates.model import Interface, NhrpServer
from inventory import Severity, SiteView


def hubs_are_named(ground: Ground) -> Iterator[Finding]:
    """Each router, other hubs included, registers with every hub, at its real internet address [WV-3]."""
    for vpn in ground.vpns:
        hubs = {member.view.name: member for member in vpn.hubs}
        for member in vpn.members:
            servers = {server.address: server for server in member.tunnel.servers}
            for hub in ground.inventory.hubs(member.view, vpn.name):
                yield from _unnamed(vpn, member, servers.get(hub.site.tunnels[vpn.name]), hub, hubs.get(hub.name))


def _unnamed(
    vpn: VpnGround, member: Member, server: NhrpServer | None, hub: SiteView, model: Member | None
) -> Iterator[Finding]:
    tunnel, access = hub.site.tunnels[vpn.name], hub.site.access.address
    theirs = model.of_interface("address") if model else ()
    routers = (member.router, hub.router.name)
    if server is None:
        message = f"VPN {vpn.name}: hub {hub.name} ({tunnel}) is not a next hop server"
        lines = (*_servers(member), *theirs)
        yield Finding("WV-3", routers, message, FIX, lines=lines, option=vpn.option("hubs"))
        return
    if isinstance(access, IPv4Interface) and server.nbma == access.ip:
        return
    where = _front(model)
    lines = (*cite(member.router, server.at), *(cite(hub.router.name, where.at, "address") if where else ()))
    message = f"VPN {vpn.name}: hub {hub.name} is not at {server.nbma}, but at {access}"
    yield Finding("WV-3", routers, message, FIX, lines=lines, option=f"sites.{hub.name}.access.address")


def _servers(member: Member) -> tuple[Line, ...]:
    found = tuple(line for server in member.tunnel.servers for line in cite(member.router, server.at))
    return found or member.of_tunnel()


def _front(member: Member | None) -> Interface | None:
    return front_of(member.model, member.tunnel) if member else None


def servers_are_hubs(ground: Ground) -> Iterator[Finding]:
    """A router registers with hubs of the VPN only [WV-1]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            hubs = {hub.site.tunnels[vpn.name] for hub in ground.inventory.hubs(member.view, vpn.name)}
            for server in member.tunnel.servers:
                if server.address not in hubs:
                    message = f"VPN {vpn.name}: {server.address} is no hub's tunnel address"
                    lines = cite(member.router, server.at)
                    yield one(member.view, "WV-1", message, lines=lines, option=f".{vpn.option('hubs')}")


def dynamic_full_mesh(ground: Ground) -> Iterator[Finding]:
    """Hubs redirect and spokes take shortcuts, so that spokes reach each other directly [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            if member.hub and not member.tunnel.redirect:
                message = f"VPN {vpn.name}: the hub sends no NHRP redirects"
                yield one(member.view, "WV-3", message, lines=member.of_tunnel("redirect"))
            if not member.hub and not member.tunnel.shortcut:
                message = f"VPN {vpn.name}: the spoke takes no NHRP shortcuts"
                yield one(member.view, "WV-3", message, lines=member.of_tunnel("shortcut"))
            if not member.hub and member.tunnel.server_only:
                message = f"VPN {vpn.name}: the spoke asks nobody where others are"
                yield one(member.view, "WV-3", message, lines=member.of_tunnel("server_only"))


def hub_is_where_spokes_look(ground: Ground) -> Iterator[Finding]:
    """A hub's tunnel leaves by the interface that has the address which the others are given [WV-1]."""
    for vpn in ground.vpns:
        for member in vpn.hubs:
            source = _front(member)
            wanted = member.view.site.access.address
            if source is None or source.address != wanted:
                there = cite(member.router, source.at, "address") if source else ()
                message = f"VPN {vpn.name}: the hub's tunnel source has not the address {wanted}"
                lines = (*member.of_tunnel("source"), *there)
                yield one(member.view, "WV-1", message, lines=lines, option="access.address")


def tunnels_have_a_source(ground: Ground) -> Iterator[Finding]:
    """A tunnel and the interface that it leaves by are up, and that has an address in the front VRF [WV-3]."""
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        for interface, tunnel in model.tunnels():
            source = front_of(model, tunnel)
            lines = cite(view.router.name, tunnel.at, "source")
            rule = "WV-7" if tunnel.destination == peer else "WV-3"
            if interface.shutdown:
                down = cite(view.router.name, interface.at, "shutdown")
                yield one(view, rule, f"{interface.name} is shut down", lines=down)
            if tunnel.only_by and (bound := _fault(model.interface(tunnel.only_by), tunnel.front_vrf)):
                message = f"{interface.name} leaves by {tunnel.only_by} or not at all, which {bound[0]}"
                yield one(view, rule, message, lines=cite(view.router.name, tunnel.at, "only_by"))
            fault = _fault(source, tunnel.front_vrf)
            if fault:
                there = cite(view.router.name, source.at, fault[1]) if source else ()
                message = f"{interface.name} leaves by {tunnel.source or 'no interface'}, which {fault[0]}"
                yield one(view, rule, message, lines=(*lines, *there), option="access.interface")


def _fault(source: Interface | None, front: str) -> tuple[str, str] | None:
    """Why no tunnel leaves by an interface, and the field that says so."""
    if source is None:
        return "does not exist", ""
    if source.shutdown:
        return "is shut down", "shutdown"
    if source.address is None and not source.dhcp:
        return "has no address", "address"
    if source.vrf != front:
        table = f"VRF {front}" if front else "the global table"
        return f"is not in {table}, where the tunnel's packets go", "vrf"
    return None


def registrations_follow_the_address(ground: Ground) -> Iterator[Finding]:
    """A spoke whose internet address may change lets the hub replace its registration: no-unique [WV-1]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            source = _front(member)
            dynamic = source is not None and source.dhcp
            if dynamic and not member.hub and not member.tunnel.not_unique:
                message = f"VPN {vpn.name}: its address is dynamic, and its registrations are unique"
                lines = (
                    *member.of_tunnel("not_unique"),
                    *(cite(member.router, source.at, "address") if source else ()),
                )
                yield one(member.view, "WV-1", message, lines=lines, option="access.address")


def mappings_are_of_hubs(ground: Ground) -> Iterator[Finding]:
    """Where a router is told to find a tunnel address, there is the hub that has it [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            hubs = {hub.site.tunnels[vpn.name]: hub for hub in ground.inventory.hubs(member.view, vpn.name)}
            for mapping in member.tunnel.mappings:
                hub = hubs.get(mapping.address)
                access = hub.site.access.address if hub else None
                if not isinstance(access, IPv4Interface) or access.ip != mapping.nbma:
                    message = f"VPN {vpn.name}: {mapping.address} is said to be at {mapping.nbma}, where no hub has it"
                    lines = cite(member.router, mapping.at)
                    yield one(member.view, "WV-3", message, lines=lines, option=f".{vpn.option('hubs')}")


def direct_tunnels_are_possible(ground: Ground) -> Iterator[Finding]:
    """Two spokes that are both behind address translation have no direct tunnel: their traffic takes the hub [WV-3]."""
    for vpn in ground.vpns:
        behind = [member for member in vpn.members if member.view.site.access.nat]
        if len(behind) > 1:
            names = ", ".join(member.router for member in behind[:3]) + (", ..." if len(behind) > 3 else "")
            message = f"VPN {vpn.name}: {names} are behind address translation, and reach each other through the hub"
            routers = tuple(member.router for member in behind)
            remedy = "order public addresses where that matters"
            option = behind[0].option("access.nat")
            yield Finding("WV-3", routers, message, remedy, Severity.WARNING, option=option)


def access_is_as_ordered(ground: Ground) -> Iterator[Finding]:
    """The internet access has the address and the gateway that were ordered, or leases them [WV-2]."""
    for view, model in ground.routers:
        access = view.site.access
        found = model.interface(access.interface)
        if found is None:
            continue
        fixed = isinstance(access.address, IPv4Interface)
        if (found.address != access.address) if fixed else not found.dhcp:
            said = found.address or ("a leased address" if found.dhcp else "no address")
            message = f"{found.name} has {said}, and {access.address} was ordered"
            lines = cite(view.router.name, found.at, "address")
            yield one(view, "WV-2", message, lines=lines, option="access.address")
        gateways = [route for route in model.routes if route.vrf == found.vrf and route.prefix.prefixlen == 0]
        for route in gateways if access.gateway else ():
            if route.via is not None and route.via != access.gateway:
                message = f"the internet is looked for at {route.via}, and the gateway is {access.gateway}"
                yield one(view, "WV-2", message, lines=cite(view.router.name, route.at), option="access.gateway")


def hubs_are_reached(ground: Ground) -> Iterator[Finding]:
    """A router has a way to the internet addresses of its hubs and of the centre: a route, or a lease's [WV-3]."""
    for view, model in ground.routers:
        wanted = {source_of(model, one.tunnel): one.tunnel.front_vrf for one in ground.members_of(view)}
        targets = [server.nbma for member in ground.members_of(view) for server in member.tunnel.servers]
        targets += [tunnel.destination for _, tunnel in model.tunnels()]
        for name, front in wanted.items():
            source = model.interface(name)
            if source is None or source.dhcp or source.address is None:
                continue
            ways = [source.address.network]
            ways += [route.prefix for route in model.routes if route.vrf == front and not route.null]
            missing = [one for one in dict.fromkeys(targets) if one and not _within(one, ways)]
            if missing:
                message = f"no route leads to {', '.join(map(str, missing[:3]))}"
                yield one(
                    view, "WV-3", message, lines=cite(view.router.name, source.at, "address"), option="access.gateway"
                )


def _within(address: IPv4Address, networks: list[IPv4Network]) -> bool:
    return any(address in network for network in networks)


CHECKS = (
    hubs_are_named,
    servers_are_hubs,
    dynamic_full_mesh,
    hub_is_where_spokes_look,
    tunnels_have_a_source,
    registrations_follow_the_address,
    mappings_are_of_hubs,
    access_is_as_ordered,
    hubs_are_reached,
    direct_tunnels_are_possible,
)
