"""Whether VPNs, and management, are kept apart right up to the LAN port [WV-6, WV-7]."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, one
from device_templates.model import Interface, RouterModel, Tunnel
from inventory import SiteView


def one_vrf_for_each_vpn(ground: Ground) -> Iterator[Finding]:
    """Each VPN of a router has a VRF of its own [WV-6]."""
    for view, _ in ground.routers:
        owners: dict[str, str] = {}
        for member in ground.members_of(view):
            vrf = member.interface.vrf
            if not vrf:
                yield one(view, "WV-6", f"VPN {member.vpn}: {member.interface.name} is in the global table")
            elif owners.setdefault(vrf, member.vpn) != member.vpn:
                yield one(view, "WV-6", f"VPNs {owners[vrf]} and {member.vpn} are both in VRF {vrf}")


def lans_in_the_vrf(ground: Ground) -> Iterator[Finding]:
    """Each LAN is in the VRF of its VPN, and its ports in its VLAN only [WV-6]."""
    for view, model in ground.routers:
        vrfs = {member.vpn: member.interface.vrf for member in ground.members_of(view)}
        for vpn, lans in view.site.lans.items():
            for lan in lans:
                found = next((one for one in model.interfaces if one.address == lan.address), None)
                if found is None or found.vrf != vrfs.get(vpn):
                    yield one(view, "WV-6", f"VPN {vpn}: no interface of its VRF has the address {lan.address}")
                for port in lan.ports:
                    if _vlan(model, port) != lan.vlan:
                        yield one(view, "WV-6", f"VPN {vpn}: {port} is not in VLAN {lan.vlan}")


def _vlan(model: RouterModel, port: str) -> int | None:
    found = model.interface(port)
    return found.vlan if found else None


def no_route_targets_across(ground: Ground) -> Iterator[Finding]:
    """No VRF imports what another one exports, or anything from other routers [WV-6]."""
    for view, model in ground.routers:
        for vrf in model.vrfs:
            for target in sorted(vrf.imports - vrf.exports):
                yield one(view, "WV-6", f"VRF {vrf.name} imports {target}, which it does not export")
            for other in model.vrfs:
                if other.name != vrf.name and (shared := vrf.imports & other.exports):
                    yield one(view, "WV-6", f"VRF {vrf.name} imports {', '.join(sorted(shared))} of {other.name}")


def no_static_route_across(ground: Ground) -> Iterator[Finding]:
    """No static route leads from one table into another [WV-6]."""
    for view, model in ground.routers:
        for route in model.routes:
            target = model.interface(route.target)
            if route.lookup and route.lookup != route.vrf:
                yield one(view, "WV-6", f"the route to {route.prefix} in VRF {route.vrf} looks in {route.lookup}")
            elif target is not None and target.vrf != route.vrf:
                where = f"VRF {route.vrf}" if route.vrf else "the global table"
                yield one(view, "WV-6", f"the route to {route.prefix} in {where} leaves by {target.name} of another")


def management_has_its_own_tunnel(ground: Ground) -> Iterator[Finding]:
    """Management has a tunnel of its own to the centre [WV-7]."""
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        if not _to(model, peer):
            yield one(view, "WV-7", f"no tunnel leads to the management centre at {peer}")


def management_is_apart(ground: Ground) -> Iterator[Finding]:
    """The management tunnel shares VRF, IPsec profile and keys with no VPN, and holds the router's address [WV-7].

    It has a VRF of its own, or nothing is forwarded between it and what it shares its table with.
    """
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        customers = ground.members_of(view)
        for interface, tunnel in _to(model, peer):
            apart = interface.sealed if not interface.vrf else True
            if not apart or interface.vrf in {member.interface.vrf for member in customers}:
                yield one(view, "WV-7", f"{interface.name} is not in a VRF of its own")
            if tunnel.protection in {member.tunnel.protection for member in customers}:
                yield one(view, "WV-7", f"{interface.name} has the IPsec profile of a VPN")
            yield from _management_address(view, model, interface)
            yield from _strangers(view, model, interface)


def _to(model: RouterModel, peer: object) -> list[tuple[Interface, Tunnel]]:
    return [(interface, tunnel) for interface, tunnel in model.tunnels() if tunnel.destination == peer]


def _management_address(view: SiteView, model: RouterModel, tunnel: Interface) -> Iterator[Finding]:
    wanted = view.router.management.address
    vrfs = {one.vrf for one in model.interfaces if one.address is not None and one.address.ip == wanted}
    if vrfs != {tunnel.vrf}:
        yield one(view, "WV-7", f"the management address {wanted} is not {_where(tunnel)}")


def _where(tunnel: Interface) -> str:
    return f"in VRF {tunnel.vrf}" if tunnel.vrf else f"on {tunnel.name}"


def _strangers(view: SiteView, model: RouterModel, tunnel: Interface) -> Iterator[Finding]:
    for interface in model.interfaces:
        own = tunnel.sealed or interface.name == tunnel.name or interface.name.startswith("Loopback")
        if interface.vrf == tunnel.vrf and not own:
            yield one(view, "WV-7", f"{interface.name} is in the management VRF {tunnel.vrf}")


def management_key_is_its_own(ground: Ground) -> Iterator[Finding]:
    """The key of the management tunnel opens no VPN [WV-7]."""
    for view, model in ground.routers:
        marks: dict[str, set[str]] = {}
        for key in model.crypto.keys:
            marks.setdefault(key.fingerprint, set()).add(key.keyring)
        for keyrings in marks.values():
            if len(keyrings) > 1:
                yield one(
                    view, "WV-7", f"keyrings {', '.join(sorted(keyrings))} hold one key", "give management its own key"
                )
