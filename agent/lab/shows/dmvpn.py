"""``show dmvpn`` and ``show ip nhrp``."""

from __future__ import annotations

from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link, Role
from agent.lab.running.config import Interface, Tunnel
from agent.lab.shows.common import View, short_interface, uptime
from agent.lab.shows.crypto import session

_LEGEND = (
    "Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete\n"
    "        N - NATed, L - Local, X - No Socket\n"
    "        T1 - Route Installed, T2 - Nexthop-override, B - BGP\n"
    "        C - CTS Capable, I2 - Temporary\n"
    "        # Ent --> Number of NHRP entries with same NBMA peer\n"
    "        NHS Status: E --> Expecting Replies, R --> Responding, W --> Waiting\n"
    "        UpDn Time --> Up or Down Time for a Tunnel\n"
    "==========================================================================\n\n"
)
_NHRP = {
    Reason.TUNNEL_KEY, Reason.NO_NETWORK_ID, Reason.NHRP_AUTHENTICATION, Reason.WRONG_NHS, Reason.SUBNET,
    Reason.DUPLICATE_ADDRESS, Reason.CONVERGING, Reason.NO_NHS, Reason.NOT_PROTECTED,
}  # fmt: skip
_IPSEC = {Reason.TRANSFORM, Reason.TRANSFORM_MODE, Reason.PFS}
_INTERFACE = {Reason.SHUTDOWN, Reason.NO_ADDRESS, Reason.NOT_A_TUNNEL, Reason.NO_INTERFACE}


def dmvpn(view: View, words: list[str]) -> str:
    """``show dmvpn [detail]``."""
    detail = words[2:3] == ["detail"]
    parts = [_LEGEND]
    for interface, tunnel in _tunnels(view):
        links = _peers(view, interface)
        if links or detail:
            parts.append(_detail(view, interface, tunnel, links) if detail else _brief(view, interface, links))
    if detail:
        sessions = [link for link in view.links if link.role is not Role.CENTRE and view.up(link)]
        parts.append("\nCrypto Session Details: \n" + "-" * 80 + "\n\n")
        parts += [session(view, link) + "    Socket State: Open\n\n" for link in sessions]
        parts.append("Pending DMVPN Sessions:\n\n")
    return "".join(parts)


def _tunnels(view: View) -> list[tuple[Interface, Tunnel]]:
    return [(interface, tunnel) for interface, tunnel in view.station.config.tunnels() if tunnel.multipoint]


def _peers(view: View, interface: Interface) -> list[Link]:
    """Entries of one interface; a spoke that is gone leaves none."""
    return [
        link for link in view.links if link.interface == interface.name and (link.role is Role.SERVER or view.up(link))
    ]


def _kind(links: list[Link]) -> str:
    roles = {link.role for link in links}
    if roles >= {Role.SERVER, Role.CLIENT}:
        return "Hub/Spoke"
    return "Hub" if Role.CLIENT in roles else "Spoke" if roles else "Unknown"


def _brief(view: View, interface: Interface, links: list[Link]) -> str:
    rows = "".join(f" {_row(view, link)}\n" for link in links)
    return (
        f"Interface: {interface.name}, IPv4 NHRP Details \n"
        f"Type:{_kind(links)}, NHRP Peers:{len(links)}, \n\n"
        " # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb\n"
        " ----- --------------- --------------- ----- -------- -----\n"
        f"{rows}\n"
    )


def _row(view: View, link: Link) -> str:
    time = uptime(view.now - view.since(link)) if view.ever_up(link) else "never"
    attribute = "S" if link.role is Role.SERVER else "D"
    nbma = str(link.peer_nbma or "UNKNOWN")
    return f"{1:>5} {nbma:<15} {link.peer_tunnel!s:>15} {state(view, link):>5} {time:>8} {attribute:>5}"


def state(view: View, link: Link) -> str:
    """The word in which ``show dmvpn`` tells how far a peer has come."""
    if view.up(link):
        return "UP"
    reason = link.reason or Reason.CONVERGING
    if reason in _INTERFACE:
        return "INTF"
    if reason in _IPSEC:
        return "IPSEC"
    return "NHRP" if reason in _NHRP else "IKE"


def _detail(view: View, interface: Interface, tunnel: Tunnel, links: list[Link]) -> str:
    status = view.world.interface_status(view.router, interface.name)
    line = "up" if status.line_up else "administratively down"
    address = status.address.split("/")[0] if status.address else "unassigned"
    source = view.station.interface(tunnel.source)
    own = view.station.address(source) if source else None
    servers = "".join(f"{_server(view, link)}\n" for link in links if link.role is Role.SERVER)
    rows = "".join(f"{_row(view, link)}    {link.peer_tunnel!s:>14}/32\n" for link in links)
    control = "Enabled" if tunnel.if_state else "Disabled"
    return (
        f"Interface {interface.name} is {line}/{'up' if status.protocol_up else 'down'}, Addr. is {address}, "
        f'VRF "{interface.vrf}" \n'
        f'   Tunnel Src./Dest. addr: {own.ip if own else "UNKNOWN"}/Multipoint, Tunnel VRF "{tunnel.vrf}"\n'
        f'   Protocol/Transport: "multi-GRE/IP", Protect "{tunnel.profile}" \n'
        f"   Interface State Control: {control}\n   nhrp event-publisher : Disabled\n"
        + (f"\nIPv4 NHS:\n{servers}" if servers else "")
        + f"Type:{_kind(links)}, Total NBMA Peers (v4/v6): {len(links)}\n\n"
        "# Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb    Target Network\n"
        "----- --------------- --------------- ----- -------- ----- -----------------\n"
        f"{rows}\n"
    )


def _server(view: View, link: Link) -> str:
    word = "RE" if view.up(link) else "E " if state(view, link) == "NHRP" else "W "
    return f"{link.peer_tunnel}  {word} NBMA Address: {link.peer_nbma or 'UNKNOWN'} priority = 0 cluster = 0"


def nhrp(view: View, words: list[str]) -> str:
    """``show ip nhrp [vrf X] [brief | detail | nhs [detail]]``."""
    rest = words[3:]
    vrf = None
    if rest[:1] == ["vrf"] and len(rest) > 1:
        vrf, rest = rest[1], rest[2:]
    chosen = [one for one, _ in _tunnels(view) if vrf is None or one.vrf == vrf]
    if rest[:1] == ["nhs"]:
        return _nhs(view, chosen)
    links = [(one, link) for one in chosen for link in _peers(view, one)]
    if rest[:1] == ["brief"]:
        return _nhrp_brief(links)
    return "".join(_entry(view, one, link) for one, link in links)


def _nhs(view: View, interfaces: list[Interface]) -> str:
    parts = ["Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n"]
    for interface in interfaces:
        servers = [link for link in _peers(view, interface) if link.role is Role.SERVER]
        if servers:
            parts.append(f"\n{interface.name}:\n" + "".join(f"{_server(view, link)}\n" for link in servers))
    return "".join(parts)


def _entry(view: View, interface: Interface, link: Link) -> str:
    table = f" ({interface.vrf})" if interface.vrf else ""
    expires = (
        "never expire" if link.role is Role.SERVER else f"expire {uptime(600 - (view.now - view.since(link)) % 200)}"
    )
    kind = {Role.SERVER: "static, Flags: used", Role.CLIENT: "dynamic, Flags: registered nhop"}
    return (
        f"{link.peer_tunnel}/32{table} via {link.peer_tunnel}\n"
        f"   {interface.name} created {uptime(view.now - view.since(link))}, {expires} \n"
        f"   Type: {kind.get(link.role, 'dynamic, Flags: router nhop rib')} \n"
        f"   NBMA address: {link.peer_nbma or 'UNKNOWN'} \n"
    )


def _nhrp_brief(links: list[tuple[Interface, Link]]) -> str:
    stars = "*" * 64
    rows = "".join(
        f"{short_interface(one.name):<8} {link.peer_tunnel!s:<50} {link.peer_nbma or ''}\n"
        f"         {f'{link.peer_tunnel}/32':<43} {'S/' if link.role is Role.SERVER else 'D/r'}\n"
        for one, link in links
    )
    return (
        f"{stars}\n    NOTE: Link-Local, No-socket and Incomplete entries are not displayed\n{stars}\n"
        "Legend: Type --> S - Static, D - Dynamic\n"
        "        Flags --> u - unique, r - registered, e - temporary, c - claimed\n"
        "        a - authoritative, t - route\n" + "=" * 64 + "\n\n"
        "Intf     NextHop Address                                    NBMA Address\n"
        "         Target Network                              T/Flag\n"
        "-------- ------------------------------------------- ------ ----------------\n"
        f"{rows}"
    )
