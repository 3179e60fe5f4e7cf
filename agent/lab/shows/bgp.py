"""``show bgp … summary`` and ``show ip bgp … summary``."""

from __future__ import annotations

from ipaddress import IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.routing.sessions import Session
from agent.lab.running.bgp import BgpConfig, Family
from agent.lab.shows.common import View, uptime

_HEAD = "Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n"
_IDLE = {Reason.NO_ROUTE, Reason.SHUTDOWN, Reason.ACCESS_DOWN, Reason.POWERED_OFF, Reason.NO_INTERFACE}


def bgp(view: View, words: list[str]) -> str | None:
    """The summaries; ``words`` are the whole command."""
    rest = [word for word in words[1:] if word not in {"ip", "bgp", "unicast", "ipv4"}]
    config = view.station.config.bgp
    if "summary" not in rest and rest != ["all"]:
        return None
    if config is None:
        return "% BGP not active\n"
    if "vrf" in rest[:-1]:
        vrf = rest[rest.index("vrf") + 1]
        if vrf not in view.station.config.vrfs:
            return f"% VRF {vrf} does not exist\n"
        families = [family for family in (config.families.get(vrf),) if family]
        return _summary(view, config, families, heading="all" in rest)
    if "vpnv4" in rest:
        return _summary(view, config, [one for one in config.families.values() if one.vrf])
    if "all" in rest:
        inside = [one for one in config.families.values() if one.vrf]
        return _summary(view, config, inside, heading=True)
    own = config.families[""]
    return _summary(view, config, [own]) if own.neighbors or own.ranges else ""


def _summary(view: View, config: BgpConfig, families: list[Family], *, heading: bool = False) -> str:
    prefixes = sum(view.network.paths((view.router.name, family.vrf)) for family in families)
    sessions = [one for family in families for one in view.network.sessions_of(view.router.name, family.vrf)]
    known = [one for one in sessions if not one.dynamic or view.network.session_state(one).up]
    identifier = router_id(view, config, families)
    parts = ["For address family: VPNv4 Unicast\n"] if heading else []
    parts.append(
        f"BGP router identifier {identifier}, local AS number {config.asn}\n"
        f"BGP table version is {prefixes + 1}, main routing table version {prefixes + 1}\n"
        f"{prefixes} network entries using {prefixes * 256} bytes of memory\n"
        f"{prefixes} path entries using {prefixes * 136} bytes of memory\n"
        f"{prefixes}/{prefixes} BGP path/bestpath attribute entries using {prefixes * 296} bytes of memory\n"
        "0 BGP route-map cache entries using 0 bytes of memory\n"
        "0 BGP filter-list cache entries using 0 bytes of memory\n"
        f"BGP using {prefixes * 688} total bytes of memory\n"
        f"BGP activity {prefixes}/0 prefixes, {prefixes}/0 paths, scan interval 60 secs\n\n"
    )
    parts.append(_HEAD)
    parts += [_row(view, session, prefixes + 1) for session in sorted(known, key=lambda one: one.dynamic)]
    return "".join(parts) + _listening(families, known)


def router_id(view: View, config: BgpConfig, families: list[Family]) -> IPv4Address:
    """The VRF's own where one VRF is asked for, else the process's, else the highest loopback."""
    chosen = families[0].router_id if len(families) == 1 else None
    chosen = chosen or config.families[""].router_id
    if chosen:
        return chosen
    loopbacks = [one for one in view.station.config.interfaces.values() if one.name.startswith("Loopback")]
    addresses = [one.address.ip for one in loopbacks if one.address]
    return max(addresses, default=view.station.device.access.address.ip)


def _row(view: View, session: Session, version: int) -> str:
    state = view.network.session_state(session)
    name = f"{'*' if session.dynamic else ''}{session.peer}"
    messages = int(view.now - state.since) // 20 + 4 if state.up else 0
    time = uptime(view.now - state.since) if state.up or state.flaps else "never"
    shown = f"{view.network.received(session):>8}" if state.up else _state(session)
    table = version if state.up else 1
    return (
        f"{name:<15} 4 {session.remote_as:>12} {messages:>7} {messages:>7} {table:>8} {0:>4} {0:>4} {time:<8} {shown}\n"
    )


def _state(session: Session) -> str:
    if session.reason is Reason.NEIGHBOR_SHUTDOWN and session.settings.shutdown:
        return "Idle (Admin)"
    return "Idle" if session.reason in _IDLE else "Active"


def _listening(families: list[Family], known: list[Session]) -> str:
    ranges = [one for family in families for one in family.ranges]
    if not ranges:
        return ""
    count = sum(session.dynamic for session in known)
    groups = "".join(f"\nBGP peergroup {one.group} listen range group members: \n  {one.network} \n" for one in ranges)
    return (
        f"* Dynamically created based on a listen range command\n"
        f"Dynamically created neighbors: {count}, Subnet ranges: {len(ranges)}\n{groups}\n"
        f"Total dynamically created neighbors: {count}/(100 max), Subnet ranges: {len(ranges)}\n\n"
    )
