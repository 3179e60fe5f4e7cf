"""``show dmvpn``: the peers of each tunnel, how far they have come, and the sessions that protect them."""

from __future__ import annotations

from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link, Role
from agent.lab.running.config import Interface, Tunnel
from agent.lab.shows.common import View, uptime
from agent.lab.shows.crypto import is_down, pending, session

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


def dmvpn(view: View, words: list[str]) -> str | None:
    """``show dmvpn [detail]``."""
    if words[2:] not in ([], ["detail"]):
        return None
    detail = len(words) > 2
    parts = [_LEGEND]
    for interface, tunnel in tunnels(view):
        links = peers(view, interface)
        if links or detail:
            parts.append(_detail(view, interface, tunnel, links) if detail else _brief(view, interface, links))
    if detail:
        sessions = [link for link in view.links if link.role is not Role.CENTRE and view.up(link)]
        parts.append("\nCrypto Session Details: \n" + "-" * 80 + "\n\n")
        parts += [session(view, link) + "    Socket State: Open\n\n" for link in sessions]
        parts.append("Pending DMVPN Sessions:\n\n")
        parts += [pending(view, link) for link in view.links if link.role is not Role.CENTRE and is_down(view, link)]
    return "".join(parts)


def tunnels(view: View) -> list[tuple[Interface, Tunnel]]:
    """The DMVPN tunnels in the order they are written."""
    return [(interface, tunnel) for interface, tunnel in view.station.config.tunnels() if tunnel.multipoint]


def peers(view: View, interface: Interface) -> list[Link]:
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
    servers = "".join(f"{server(view, link)}\n" for link in links if link.role is Role.SERVER)
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


def server(view: View, link: Link) -> str:
    """A next hop server with whether it answers."""
    word = "RE" if view.up(link) else "E"
    return f"{link.peer_tunnel}  {word:>2}  NBMA Address: {link.peer_nbma or 'UNKNOWN'} priority = 0 cluster = 0"
