"""``show ip route``."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network

from agent.lab.routing.routes import Rib, Route
from agent.lab.shows.common import View, uptime

_CODES = (
    "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP\n"
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n"
    "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2\n"
    "       E1 - OSPF external type 1, E2 - OSPF external type 2, m - OMP\n"
    "       n - NAT, Ni - NAT inside, No - NAT outside, Nd - NAT DIA\n"
    "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2\n"
    "       ia - IS-IS inter area, * - candidate default, U - per-user static route\n"
    "       H - NHRP, G - NHRP registered, g - NHRP registration summary\n"
    "       o - ODR, P - periodic downloaded static route, l - LISP\n"
    "       a - application route\n"
    "       + - replicated route, % - next hop override, p - overrides from PfR\n"
    "       & - replicated local route overrides by connected\n\n"
)
_KINDS = {"connected": "CL", "static": "S", "bgp": "B"}


def route(view: View, words: list[str]) -> str:
    """``show ip route [vrf X | vrf *] [A.B.C.D | connected | static | bgp]``."""
    rest = words[3:]
    vrf = ""
    if rest[:1] == ["vrf"] and len(rest) > 1:
        vrf, rest = rest[1], rest[2:]
    if vrf == "*":
        return "".join(_table(view, one, rest) for one in ("", *sorted(view.station.config.vrfs)))
    if vrf and vrf not in view.station.config.vrfs:
        return f"% IP routing table {vrf} does not exist\n"
    return _table(view, vrf, rest)


def _table(view: View, vrf: str, rest: list[str]) -> str:
    rib = view.network.ribs.get((view.router.name, vrf)) or Rib(())
    head = f"\nRouting Table: {vrf}\n" if vrf else ""
    if rest and rest[0] not in _KINDS:
        return head + _entry(view, rib, rest[0])
    codes = _KINDS.get(rest[0], "CLSB") if rest else "CLSB"
    routes = [one for one in rib.routes() if one.code in codes]
    return head + _CODES + _gateway(rib) + "".join(_lines(view, vrf, routes))


def _gateway(rib: Rib) -> str:
    found = rib.exact(IPv4Network("0.0.0.0/0"))
    if found is None:
        return "Gateway of last resort is not set\n\n"
    return f"Gateway of last resort is {found.via or '0.0.0.0'} to network 0.0.0.0\n\n"  # noqa: S104


def _lines(view: View, vrf: str, routes: list[Route]) -> list[str]:
    """Grouped by classful network, as IOS does: a heading where a network is divided, and indented routes below."""
    groups: dict[IPv4Network, list[Route]] = {}
    for one in routes:
        groups.setdefault(_classful(one.prefix), []).append(one)
    lines = []
    for major, members in groups.items():
        if len(members) == 1 and members[0].prefix.prefixlen <= major.prefixlen:
            lines.append(_line(view, vrf, members[0], indented=False))
            continue
        masks = {one.prefix.prefixlen for one in members}
        if len(masks) == 1:
            mask = masks.pop()
            lines.append(f"      {major.network_address}/{mask} is subnetted, {len(members)} subnets\n")
            lines += [_line(view, vrf, one, indented=True, masked=False) for one in members]
        else:
            lines.append(f"      {major} is variably subnetted, {len(members)} subnets, {len(masks)} masks\n")
            lines += [_line(view, vrf, one, indented=True) for one in members]
    return lines


def _classful(prefix: IPv4Network) -> IPv4Network:
    first = int(prefix.network_address) >> 24
    length = 0 if prefix.prefixlen == 0 else 8 if first < 128 else 16 if first < 192 else 24
    return prefix if prefix.prefixlen <= length else prefix.supernet(new_prefix=length)


def _line(view: View, vrf: str, one: Route, *, indented: bool, masked: bool = True) -> str:
    star = "*" if one.prefix.prefixlen == 0 else " "
    target = str(one.prefix) if masked else str(one.prefix.network_address)
    lead = f"{one.code}{star}{'       ' if indented else '    '}{target}"
    if one.code in "CL" or (one.code == "S" and one.via is None):
        return f"{lead} is directly connected, {one.interface}\n"
    if one.code == "B" and one.interface:
        return f"{lead} [{one.distance}/0], {_age(view, vrf, one)}, {one.interface}\n"
    age = f", {_age(view, vrf, one)}" if one.code == "B" else ""
    return f"{lead} [{one.distance}/0] via {one.via}{age}\n"


def _age(view: View, vrf: str, one: Route) -> str:
    sessions = view.network.sessions_of(view.router.name, vrf)
    since = [view.network.session_state(session).since for session in sessions if session.peer == one.peer]
    return uptime(view.now - (since[0] if since else view.router.booted_at))


def _entry(view: View, rib: Rib, asked: str) -> str:
    try:
        address = IPv4Address(asked.split("/")[0])
    except AddressValueError:
        return "% Invalid input detected\n"
    found = rib.lookup(address)
    if found is None:
        return "% Network not in table\n"
    kinds = {"C": "connected", "L": "connected", "S": "static"}
    bgp = view.station.config.bgp
    known = f'"{kinds[found.code]}"' if found.code in kinds else f'"bgp {bgp.asn if bgp else 0}"'
    exit_by = f"directly connected, via {found.interface}" if found.interface else f"{found.via}"
    return (
        f"Routing entry for {found.prefix}\n"
        f"  Known via {known}, distance {found.distance}, metric 0\n"
        f"  Routing Descriptor Blocks:\n  * {exit_by}\n      Route metric is 0, traffic share count is 1\n"
    )
