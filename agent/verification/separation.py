"""Whether VPNs are kept apart right up to the LAN port, by the tables that a router is made of [WV-6]."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, of_lan, one
from device_templates.model import NOWHERE, Interface


def one_vrf_for_each_vpn(ground: Ground) -> Iterator[Finding]:
    """Each VPN of a router has a VRF of its own [WV-6]."""
    for view, _ in ground.routers:
        owners: dict[str, str] = {}
        for member in ground.members_of(view):
            vrf, lines = member.interface.vrf, member.of_interface("vrf")
            option = f"tunnels.{member.vpn}"
            if not vrf:
                message = f"VPN {member.vpn}: {member.interface.name} is in the global table"
                yield one(view, "WV-6", message, lines=lines, option=option)
            elif owners.setdefault(vrf, member.vpn) != member.vpn:
                message = f"VPNs {owners[vrf]} and {member.vpn} are both in VRF {vrf}"
                yield one(view, "WV-6", message, lines=lines, option=option)


def lans_in_the_vrf(ground: Ground) -> Iterator[Finding]:
    """Each LAN is in the VRF of its VPN, up, and its ports in its VLAN only [WV-6]."""
    for view, model in ground.routers:
        vrfs = {member.vpn: member.interface.vrf for member in ground.members_of(view)}
        ports = {interface.name: interface for interface in model.interfaces}
        for vpn, lans in view.site.lans.items():
            for at, lan in enumerate(lans):
                found = of_lan(model, lan, vrfs.get(vpn))
                lines = cite(view.router.name, found.at, "vrf") if found else ()
                option = f"lans.{vpn}[{at}]"
                if found is None or found.vrf != vrfs.get(vpn):
                    message = f"VPN {vpn}: no interface of its VRF has the address {lan.address}"
                    yield one(view, "WV-6", message, lines=lines, option=option)
                for port in lan.ports:
                    if fault := _port_fault(ports.get(port), lan.vlan):
                        there = cite(view.router.name, ports[port].at, fault[1]) if port in ports else ()
                        yield one(view, "WV-6", f"VPN {vpn}: {port} {fault[0]}", lines=there, option=option)


def _port_fault(port: Interface | None, vlan: int) -> tuple[str, str] | None:
    """Why a port is none of a LAN, and the field that says so."""
    if port is None or port.vlan != vlan:
        return f"is not in VLAN {vlan}", "vlan"
    return ("is shut down", "shutdown") if port.shutdown else None


def tables_can_be_used(ground: Ground) -> Iterator[Finding]:
    """The VRF of a VPN exists, holds addresses, and has what BGP tells it from others by [WV-6]."""
    for view, model in ground.routers:
        vrfs = {vrf.name: vrf for vrf in model.vrfs}
        families = model.bgp.vrfs if model.bgp else ()
        routed = {family.vrf for family in families if family.asn is None}  # one process tells its tables apart by it
        used = dict.fromkeys(interface.vrf for interface in model.interfaces if interface.vrf)
        owners = {vrf.rd: vrf.name for vrf in reversed(model.vrfs)}
        for name in used:
            vrf = vrfs.get(name)
            missing = "no address family of IPv4" if vrf and not vrf.ipv4 else ""
            if vrf and name in routed and not vrf.rd and not model.namespaces:
                missing = "no route distinguisher"
            elif vrf and vrf.rd and owners[vrf.rd] != name:
                missing = f"the route distinguisher of VRF {owners[vrf.rd]}, so that it is refused"
            if missing:
                lines = cite(view.router.name, vrf.at if vrf else NOWHERE, "rd")
                yield one(view, "WV-6", f"VRF {name} has {missing}", lines=lines)


def no_port_of_nobody(ground: Ground) -> Iterator[Finding]:
    """No port carries, or comes to carry, VLANs that were not ordered for it: it would be a way in [WV-6]."""
    for view, model in ground.routers:
        ordered = {port: lan.vlan for lans in view.site.lans.values() for lan in lans for port in lan.ports}
        if ilan := view.site.options.ilan:
            ordered[ilan.port] = ilan.vlan
        vlans = set(ordered.values())
        for interface in model.interfaces:
            if interface.trunk and not interface.shutdown:
                message = f"{interface.name} carries every VLAN by its tags, or does when its neighbour asks"
                yield one(view, "WV-6", message, lines=cite(view.router.name, interface.at, "trunk"), option="lans")
            elif interface.vlan in vlans and not interface.shutdown and interface.name not in ordered:
                message = f"{interface.name} is in VLAN {interface.vlan} and was not ordered for it"
                lines = cite(view.router.name, interface.at, "vlan")
                yield one(view, "WV-6", message, lines=lines, option="lans")
            if interface.voice_vlan in vlans - {interface.vlan} and not interface.shutdown:
                message = f"{interface.name} carries VLAN {interface.voice_vlan} by its tags beside its own"
                lines = cite(view.router.name, interface.at, "voice_vlan")
                yield one(view, "WV-6", message, lines=lines, option="lans")


def no_route_targets_across(ground: Ground) -> Iterator[Finding]:
    """No VRF imports what another one exports, or anything from other routers [WV-6]."""
    for view, model in ground.routers:
        for vrf in model.vrfs:
            lines = cite(view.router.name, vrf.at, "imports")
            for target in sorted(vrf.imports - vrf.exports):
                message = f"VRF {vrf.name} imports {target}, which it does not export"
                yield one(view, "WV-6", message, lines=lines)
            for other in model.vrfs:
                if other.name != vrf.name and (shared := vrf.imports & other.exports):
                    message = f"VRF {vrf.name} imports {', '.join(sorted(shared))} of {other.name}"
                    there = cite(view.router.name, other.at, "exports")
                    yield one(view, "WV-6", message, lines=(*lines, *there))


CHECKS = (
    one_vrf_for_each_vpn,
    tables_can_be_used,
    lans_in_the_vrf,
    no_port_of_nobody,
    no_route_targets_across,
)
