"""Whether offloaded traffic leaves by the tunnels or not at all, and all other traffic is left alone [WV-8, WV-12]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address

from agent.verification.finding import Finding
from agent.verification.forwarding.device import FIX, Device, Taken, vpn_role
from agent.verification.forwarding.journey import journey
from agent.verification.forwarding.steps import policy
from agent.verification.packets.routes import states
from agent.verification.packets.sets import NONE, Packets, Span, packets, span_of
from agent.verification.packets.tables import DOWN, UP, State, Way
from device_templates.model import DSCP, Applied, At, Interface, PolicyHop
from inventory import Severity
from inventory.site import Hsrp, Match

_OPTION = "resilience.offload"
_PROTOCOLS = {"tcp": (6,), "udp": (17,)}


def policies_take_what_is_offloaded(device: Device) -> Iterator[Finding]:
    """Policy routing takes what is offloaded from the LAN, all of it and nothing else [WV-8].

    Where VPNs are namespaces filters do it: what is offloaded passes from the LAN to the tunnel alone.
    """
    if device.model.namespaces:
        yield from _filtered(device)
        return
    for entrance in device.entrances:
        vpn = next((name for name in device.view.vpns if vpn_role(name) == device.roles[entrance.name]), None)
        wanted = offloaded(device, vpn) if vpn and not entrance.tunnel else NONE
        taken = policy(device, entrance.policy, entrance.vrf, UP)
        for one in taken:
            if more := one.packets - wanted:
                packet = more.witness(*_hosts(entrance))
                message = f"policy routing at {entrance.name} takes packets that are not offloaded"
                path, lines = (
                    journey(device, entrance, packet, UP),
                    device.lines(entrance.at.of("policy"), one.clause.at),
                )
                yield device.finding("WV-8", message, FIX, option=_OPTION, lines=lines, packet=packet, path=path)
        if vpn and (marking := _marked_before(device, entrance, vpn)):
            # What comes in is marked before policy routing sees it (vendor document 6209, "NAT Order of Operation").
            message = f"offload picks by DSCP, and what comes in by {entrance.name} is marked anew before it looks"
            lines = device.lines(marking.at, entrance.at.of("policy"))
            yield device.finding("WV-8", message, FIX, option=_OPTION, lines=lines)
        missing = wanted
        for one in taken:
            missing -= one.packets if one.sure else NONE
        if missing:
            packet = missing.witness(*_hosts(entrance))
            message = f"packets that are offloaded are not taken by policy routing at {entrance.name}"
            path, lines = journey(device, entrance, packet, UP), device.lines(entrance.at, entrance.at.of("policy"))
            yield device.finding("WV-8", message, FIX, option=_OPTION, lines=lines, packet=packet, path=path)


def _filtered(device: Device) -> Iterator[Finding]:
    """What is offloaded and may pass to any other interface than the tunnel, as it would while that is down."""
    roles = {vpn_role(name): name for name in device.view.vpns}
    for entrance in device.entrances:
        vpn = roles.get(device.roles[entrance.name], "")
        wanted = offloaded(device, vpn) if vpn and not entrance.tunnel else NONE
        for leaving in device.entrances if wanted else ():
            more = device.gate(entrance, leaving)[0] & wanted
            if more and leaving.vrf == entrance.vrf and not leaving.tunnel:
                packet = more.witness(*_hosts(entrance))
                message = f"packets that are offloaded may pass from {entrance.name} to {leaving.name}, and not only"
                gate = device.gate_hop(entrance, leaving, packet)
                lines, path = (gate.lines, (gate,)) if gate else (device.lines(entrance.at), ())
                yield device.finding(
                    "WV-8", f"{message} into the tunnel", FIX, option=_OPTION, lines=lines, packet=packet, path=path
                )


def _marked_before(device: Device, entrance: Interface, vpn: str) -> Applied | None:
    """The policy that gives what comes in other marks, where an offload of the VPN picks by marks."""
    resilience = device.view.site.resilience
    if not any(one.vpn == vpn and one.match.dscp for one in (resilience.offload if resilience else ())):
        return None
    marking = {one.name for one in device.model.policies if any(its.dscp is not None for its in one.classes)}
    applied = (one for one in entrance.service_policies if one.direction == "in" and one.name in marking)
    return next(applied, None)


def _hosts(entrance: Interface) -> list[int]:
    return [int(entrance.address.network.network_address) + 50] if entrance.address else []


def offloaded(device: Device, vpn: str) -> Packets:
    """What is offloaded of a VPN; what goes to the site's own networks stays on the LAN."""
    resilience, found = device.view.site.resilience, NONE
    for one in resilience.offload if resilience else ():
        if one.vpn == vpn:
            found |= _picked(one.match)
    own = packets(destinations=[span_of(network) for network in device.own_networks(vpn)])
    return found - own if found else NONE


def _picked(match: Match) -> Packets:
    ports = bool(match.source_port or match.destination_port)
    return packets(
        protocols=_PROTOCOLS.get(match.protocol or "", (6, 17) if ports else ()),
        sources=[span_of(one) for one in match.source],
        destinations=[span_of(one) for one in match.destination],
        source_ports=[(port, port) for port in match.source_port],
        destination_ports=[(port, port) for port in match.destination_port],
        dscp=[DSCP[name] for name in match.dscp],
        kinds=(0, 1) if ports else (0, 2),
    )


def offloaded_goes_by_tunnel_or_not_at_all(device: Device) -> Iterator[Finding]:
    """What policy routing takes leaves by the VPN's tunnel to a hub, or is dropped, in every state [WV-8]."""
    told: set[tuple[str, int, str]] = set()
    for state in (*states(device.model), State(True, False)):
        for entrance in device.entrances:
            for one in policy(device, entrance.policy, entrance.vrf, state):
                for fault, way, shown in _faults(device, entrance, one, state):
                    key = (entrance.name, one.clause.sequence, fault)
                    if key in told:
                        continue
                    told.add(key)
                    packet = one.packets.witness(*_hosts(entrance))
                    lines = device.lines(one.clause.at, *([way.line] if way else []))
                    path, message = journey(device, entrance, packet, shown), f"offloaded packets {fault}"
                    yield device.finding("WV-8", message, FIX, option=_OPTION, lines=lines, packet=packet, path=path)


def _hubs(device: Device, entrance: Interface) -> set[IPv4Address]:
    """The tunnel addresses of the hubs of an interface's VPN."""
    role = device.roles[entrance.name]
    return {hub.site.tunnels[vpn] for vpn in device.view.vpns if vpn_role(vpn) == role for hub in device.hubs(vpn)}


def _faults(device: Device, entrance: Interface, taken: Taken, state: State) -> Iterator[tuple[str, Way | None, State]]:
    """What is wrong with a clause in a state, the way that is, and a state in which a packet shows it."""
    role, hubs = device.roles[entrance.name], _hubs(device, entrance)
    for way in taken.ways:
        leaving = device.interfaces.get(way.interface)
        by_tunnel = leaving is not None and leaving.tunnel and device.roles[leaving.name] == role
        if way.kind == "out" and not (by_tunnel and way.via in hubs):
            yield f"go to {way.via or way.interface}, which is no hub of {role}", way, state
    if taken.falls:
        packet, table = taken.packets.witness(*_hosts(entrance)), device.tables(DOWN).get(entrance.vrf)
        led = any(way.kind == "out" for way in (table.find(packet.destination) if table else ()))
        stopped = "" if led else ", which has no route for them then: nothing else stops them"
        yield f"fall back to ordinary routing where no hub answers{stopped}", None, DOWN
    if state == UP and not any(way.kind == "out" for way in taken.ways):
        yield "do not leave by the tunnel", None, state


def offload_follows_its_hubs(device: Device) -> Iterator[Finding]:
    """Offload knows every hub of the VPN, and uses each only while that hub answers through its tunnel [WV-8]."""
    probes = {one.number: one for one in device.model.probes}
    tracks = {one.number: one for one in device.model.tracks}
    for entrance in device.entrances:
        for one in policy(device, entrance.policy, entrance.vrf, UP):
            known = {hop.address for hop in one.clause.hops}
            for hub in _hubs(device, entrance) - known:
                message, lines = f"offload does not know the hub {hub}", device.lines(one.clause.at)
                yield device.finding("WV-8", message, FIX, option=_OPTION, lines=lines)
            for hop in one.clause.hops:
                track = tracks.get(hop.track) if hop.track is not None else None
                probe = probes.get(track.probe) if track and track.probe is not None else None
                fits = probe and probe.target == hop.address and probe.vrf == entrance.vrf and probe.started
                if not fits:
                    yield _unfollowed(device, hop, *(found.at for found in (track, probe) if found))


def _unfollowed(device: Device, hop: PolicyHop, *at: At) -> Finding:
    message = f"whether the hub {hop.address} answers is not what decides on offload to it"
    return device.finding("WV-8", message, FIX, option=_OPTION, lines=device.lines(hop.at, *at))


def nothing_goes_back_to_the_primary(device: Device) -> Iterator[Finding]:
    """No route of a VPN leads out by its LAN but to its site's networks: none goes back to a primary [WV-12, WV-3]."""
    for vpn in device.view.vpns:
        own = [span_of(one) for one in device.own_networks(vpn)]
        tracked = _tracked(device)
        for lan in (one for one in device.of_role(vpn_role(vpn)) if not one.tunnel):
            for state in states(device.model):
                if (
                    found := _back(device, lan, [*own, *(() if _is_open(device, lan, tracked) else tracked)], state)
                ) is None:
                    continue
                part, way = found
                packet = packets(destinations=[part]).witness(*_hosts(lan))
                beside = device.view.site.resilience is not None
                where = "go back by the LAN" if beside else "go out by the LAN, behind which nobody ordered them"
                message = f"{vpn_role(vpn)}: packets to {packet.flow().destination} {where}, {state}"
                path, lines = journey(device, lan, packet, state), device.lines(way.line)
                option = "resilience" if device.view.site.resilience else f"lans.{vpn}"
                rule = "WV-12" if beside else "WV-3"
                yield device.finding(rule, message, FIX, option=option, lines=lines, packet=packet, path=path)
                break


def _tracked(device: Device) -> list[Span]:
    """The tracked destination may be asked through the primary, where zones let nobody else's packets go there."""
    resilience = device.view.site.resilience
    return [(int(resilience.primary.track), int(resilience.primary.track))] if resilience and device.zoned else []


def _is_open(device: Device, lan: Interface, tracked: list[Span]) -> bool:
    """Whether hosts' packets, or those out of the tunnel, to the tracked destination pass to the primary, too."""
    if not tracked or not device.model.namespaces:
        return False
    asked = packets(destinations=tracked)
    return any(device.gate(one, lan)[0] & asked for one in device.entrances if one.vrf == lan.vrf)


def _back(device: Device, lan: Interface, own: list[Span], state: State) -> tuple[Span, Way] | None:
    table = device.tables(state).get(lan.vrf)
    for cell, ways in table.shown() if table else ():
        way = next((one for one in ways if one.kind == "out" and one.interface == lan.name), None)
        if way is not None and not any(lo <= cell[0] and cell[1] <= hi for lo, hi in own):
            return cell, way
    return None


def only_probes_are_routed_apart(device: Device) -> Iterator[Finding]:
    """Of the router's own packets only probes of the tracked destination go by policy, to the primary [WV-12]."""
    if not device.model.local_policy:
        return
    resilience = device.view.site.resilience
    own = [(int(one.address.ip), int(one.address.ip)) for one in device.entrances if one.address and not one.tunnel]
    target = int(resilience.primary.track) if resilience else 0
    probes = packets(protocols=[1], sources=own, destinations=[(target, target)]) if resilience else NONE
    primaries = {one.primary_address for one in resilience.hsrp.values()} if resilience else set[IPv4Address]()
    for taken in policy(device, device.model.local_policy, "", UP):
        strange = [hop for hop in taken.clause.hops if hop.address not in primaries]
        if (more := taken.packets - probes) or strange:
            packet = (more or taken.packets).witness(*(address for address, _ in own))
            message = "the router's own packets are routed by a policy that is for probes of the primary alone"
            lines = device.lines(taken.clause.at, *(hop.at for hop in strange))
            yield device.finding("WV-12", message, FIX, option="resilience", lines=lines, packet=packet)


def probes_go_to_the_primary(device: Device) -> Iterator[Finding]:
    """What asks for the tracked destination goes to the primary, and nowhere where that is not there [WV-12]."""
    resilience = device.view.site.resilience
    if resilience is None:
        return
    target = int(resilience.primary.track)
    for vpn, group in resilience.hsrp.items():
        for lan in (one for one in device.of_role(vpn_role(vpn)) if not one.tunnel and _shares(one, group)):
            source = int(lan.address.ip) if lan.address else 0
            packet = packets(
                protocols=[1], sources=[(source, source)], destinations=[(target, target)], kinds=(0, 0)
            ).witness()
            taken = [one for one in policy(device, device.model.local_policy, lan.vrf, UP) if packet in one.packets]
            table = device.tables(UP).get(lan.vrf)
            ways = taken[0].ways if taken else table.find(target) if table else ()
            hops = [way.via for way in ways if way.kind == "out" and way.interface == lan.name]
            what = f"{vpn_role(vpn)}: probes of {resilience.primary.track}"
            lines = device.lines(*(one.clause.at for one in taken), *(way.line for way in ways))
            found = partial(device.finding, "WV-12", remedy=FIX, option="resilience", lines=lines, packet=packet)
            if hops != [group.primary_address] or (taken and (taken[0].falls or not taken[0].sure)):
                yield found(f"{what} do not go to the primary")
            elif taken and not taken[0].clause.null:
                message = f"{what} are routed as all else where {lan.name} is down: let Null0 catch them"
                yield replace(found(message), severity=Severity.WARNING)


def _shares(lan: Interface, group: Hsrp) -> bool:
    return lan.address is not None and group.primary_address in lan.address.network
