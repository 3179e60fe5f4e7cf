"""Whether offloaded traffic leaves by the tunnels or not at all, and all other traffic is left alone [WV-8, WV-12]."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from agent.verification.finding import Finding
from agent.verification.flows.device import Device, vpn_role
from agent.verification.flows.forwarding import Taken, follow, policy
from agent.verification.flows.packets import NONE, Packets, Span, packets, span_of
from agent.verification.flows.tables import UP, State, Way, states
from device_templates.model import Interface, PolicyHop
from inventory.site import Match

_FIX = "correct the overriding template, and render again"
_OPTION = "resilience.offload"
_DSCP = {
    "default": 0, "ef": 46,
    **{f"cs{n}": 8 * n for n in range(1, 8)},
    **{f"af{n}{m}": 8 * n + 2 * m for n in range(1, 5) for m in range(1, 4)},
}  # fmt: skip
_PROTOCOLS = {"tcp": (6,), "udp": (17,)}


def policies_take_what_is_offloaded(device: Device) -> Iterator[Finding]:
    """Policy routing takes what is offloaded from the LAN, all of it and nothing else."""
    for entrance in device.entrances:
        vpn = next((name for name in device.view.vpns if vpn_role(name) == device.roles[entrance.name]), None)
        wanted = _ordered(device, vpn) if vpn and not entrance.tunnel else NONE
        taken = policy(device, entrance.policy, entrance.vrf, UP) if entrance.policy else []
        for one in taken:
            if more := one.packets - wanted:
                packet = more.witness(*_hosts(entrance))
                message = f"policy routing at {entrance.name} takes packets that are not offloaded"
                path, lines = (
                    follow(device, entrance, packet, UP),
                    device.lines(entrance.at.of("policy"), one.clause.at),
                )
                yield device.finding("WV-12", message, _FIX, option=_OPTION, lines=lines, packet=packet, path=path)
        missing = wanted
        for one in taken:
            missing -= one.packets
        if missing:
            packet = missing.witness(*_hosts(entrance))
            message = f"packets that are offloaded are not taken by policy routing at {entrance.name}"
            path, lines = follow(device, entrance, packet, UP), device.lines(entrance.at, entrance.at.of("policy"))
            yield device.finding("WV-8", message, _FIX, option=_OPTION, lines=lines, packet=packet, path=path)


def _hosts(entrance: Interface) -> list[int]:
    return [int(entrance.address.network.network_address) + 50] if entrance.address else []


def _ordered(device: Device, vpn: str) -> Packets:
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
        dscp=[_DSCP[name] for name in match.dscp],
        kinds=(0, 1) if ports else (0, 2),
    )


def offloaded_goes_by_tunnel_or_not_at_all(device: Device) -> Iterator[Finding]:
    """What policy routing takes leaves by a tunnel of its VPN to a hub, or is dropped, in every state of tunnels."""
    told: set[tuple[str, int, str]] = set()
    for state in (*states(device.model), State(True, False)):
        for entrance in device.entrances:
            for one in policy(device, entrance.policy, entrance.vrf, state) if entrance.policy else ():
                for fault, way in _faults(device, entrance, one, state):
                    key = (entrance.name, one.clause.sequence, fault)
                    if key in told:
                        continue
                    told.add(key)
                    packet = one.packets.witness(*_hosts(entrance))
                    message = f"offloaded packets {fault}, {state}"
                    lines = device.lines(one.clause.at, *([way.line] if way else []))
                    path = follow(device, entrance, packet, state)
                    yield device.finding("WV-8", message, _FIX, option=_OPTION, lines=lines, packet=packet, path=path)


def _faults(device: Device, entrance: Interface, taken: Taken, state: State) -> Iterator[tuple[str, Way | None]]:
    role = device.roles[entrance.name]
    vpn = next((name for name in device.view.vpns if vpn_role(name) == role), None)
    hubs = {hub.site.tunnels[vpn] for hub in device.hubs(vpn)} if vpn else set()
    for way in taken.ways:
        leaving = device.interfaces.get(way.interface)
        by_tunnel = leaving is not None and leaving.tunnel and device.roles[leaving.name] == role
        if way.kind == "out" and not (by_tunnel and way.via in hubs):
            yield f"go to {way.via or way.interface}, which is no hub of {role}", way
    if taken.falls:
        yield "fall back to ordinary routing where no hub is left", None
    if state == UP and not any(way.kind == "out" for way in taken.ways):
        yield "do not leave by the tunnel", None


def offload_follows_its_hubs(device: Device) -> Iterator[Finding]:
    """A next hop of offload is used only while that hub answers through its tunnel."""
    probes = {one.number: one for one in device.model.probes}
    tracks = {one.number: one for one in device.model.tracks}
    for entrance in device.entrances:
        for one in policy(device, entrance.policy, entrance.vrf, UP) if entrance.policy else ():
            for hop in one.clause.hops:
                track = tracks.get(hop.track) if hop.track is not None else None
                probe = probes.get(track.probe) if track and track.probe is not None else None
                fits = probe and probe.target == hop.address and probe.vrf == entrance.vrf and probe.started
                if not fits:
                    yield _unfollowed(device, hop, *(found.at for found in (track, probe) if found))


def _unfollowed(device: Device, hop: PolicyHop, *at: object) -> Finding:
    message = f"whether the hub {hop.address} answers is not what decides on offload to it"
    return device.finding("WV-8", message, _FIX, option=_OPTION, lines=device.lines(hop.at, *at))  # type: ignore[arg-type]


def nothing_goes_back_to_the_primary(device: Device) -> Iterator[Finding]:
    """No route of a VPN leads out by its LAN but to the site's own networks: none goes back to the primary."""
    for vpn in device.view.vpns:
        own = [span_of(one) for one in device.own_networks(vpn)]
        tracked = _tracked(device)
        for lan in (one for one in device.of_role(vpn_role(vpn)) if not one.tunnel):
            for state in states(device.model):
                if (found := _back(device, lan, [*own, *tracked], state)) is None:
                    continue
                part, way = found
                packet = packets(destinations=[part]).witness(part[0] + 10)
                message = f"{vpn_role(vpn)}: packets to {packet.flow().destination} go out by the LAN, {state}"
                path, lines = follow(device, lan, packet, state), device.lines(way.line)
                option = "resilience" if device.view.site.resilience else f"lans.{vpn}"
                yield device.finding("WV-12", message, _FIX, option=option, lines=lines, packet=packet, path=path)
                break


def _tracked(device: Device) -> list[Span]:
    """The destination that tells whether the primary leads on may be asked through it, where nobody else's packets
    are let there."""
    resilience = device.view.site.resilience
    return [(int(resilience.primary.track), int(resilience.primary.track))] if resilience and device.zoned else []


def _back(device: Device, lan: Interface, own: list[Span], state: State) -> tuple[Span, Way] | None:
    table = device.tables(state).get(lan.vrf)
    for cell, ways in table.cells() if table else ():
        way = next((one for one in ways if one.kind == "out" and one.interface == lan.name), None)
        if way is not None and not any(lo <= cell[0] and cell[1] <= hi for lo, hi in own):
            return cell, way
    return None


def only_probes_are_routed_apart(device: Device) -> Iterator[Finding]:
    """Of the router's own packets only those that ask for the tracked destination go by policy, to the primary."""
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
            packet = (more or taken.packets).witness()
            message = "the router's own packets are routed by a policy that is for probes of the primary alone"
            lines = device.lines(taken.clause.at, *(hop.at for hop in strange))
            yield device.finding("WV-12", message, _FIX, option="resilience", lines=lines, packet=packet)
