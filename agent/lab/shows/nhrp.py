"""``show ip nhrp``: the cache, the next hop servers with what was sent and answered, and traffic."""

from __future__ import annotations

from agent.lab.net.tunnels import Link, Role
from agent.lab.running.config import Interface
from agent.lab.shows.common import View, short_interface, stable, uptime
from agent.lab.shows.dmvpn import peers, server, tunnels

_KINDS = {Role.SERVER: "static, Flags: used", Role.CLIENT: "dynamic, Flags: registered nhop"}


def nhrp(view: View, words: list[str]) -> str | None:
    """``show ip nhrp [vrf X] [brief | detail | nhs [detail] | traffic [interface TunnelN]]``."""
    rest, chosen = words[3:], [one for one, _ in tunnels(view)]
    if rest[:1] == ["vrf"] and len(rest) > 1:
        chosen = [one for one in chosen if one.vrf == rest[1]]
        rest = rest[2:]
    if rest[:1] == ["nhs"] and rest[1:] in ([], ["detail"]):
        return _servers(view, chosen, detail=len(rest) > 1)
    if rest[:1] == ["traffic"] and (rest[1:] == [] or (len(rest) == 3 and rest[1] == "interface")):
        wanted = [one for one in chosen if rest[2:] in ([], [one.name])]
        return "".join(_traffic(view, one) for one in wanted)
    if rest not in ([], ["brief"], ["detail"]):
        return None
    links = [(one, link) for one in chosen for link in peers(view, one)]
    if rest == ["brief"]:
        return _brief(links)
    return "".join(_entry(view, one, link, detail=bool(rest)) for one, link in links)


def _servers(view: View, interfaces: list[Interface], *, detail: bool) -> str:
    parts = ["Legend: E=Expecting replies, R=Responding, W=Waiting, D=Dynamic\n"]
    waiting: list[str] = []
    for interface in interfaces:
        links = [link for link in peers(view, interface) if link.role is Role.SERVER]
        if links:
            parts.append(f"{interface.name}:\n" + "".join(_server(view, link, detail) for link in links) + "\n")
        waiting += [_pending(view, link) for link in links if not view.up(link)]
    if detail and waiting:
        parts.append("\nPending Registration Requests:\n" + "".join(waiting))
    return "".join(parts)


def _server(view: View, link: Link, detail: bool) -> str:
    counted = view.world.journal.registrations.of(link)
    if not detail or counted is None:
        return f"{server(view, link)}\n"
    sent, answered, ago = counted.at(view.now)
    age = f" ({uptime(ago)} ago)" if ago is not None else ""
    number = _request(view, link) + sent
    acknowledged = f" (Ack: {number})" if ago is not None else ""
    return (
        f"{server(view, link)}  req-sent {sent}  req-failed 0  repl-recv {answered}{age}\n"
        f" Current Request ID: {number}{acknowledged}\n Protection Socket Requested: FALSE\n"
    )


def _pending(view: View, link: Link) -> str:
    counted = view.world.journal.registrations.of(link)
    sent = counted.at(view.now)[0] if counted else 0
    wait = min(64, 1 << min(6, sent))
    where = short_interface(link.interface)
    return (
        f"Registration Request: Reqid {_request(view, link) + sent}, Ret {wait}  "
        f"NHS {link.peer_tunnel} expired ({where})\n"
    )


def _request(view: View, link: Link) -> int:
    """The first request identifier of a boot."""
    return stable(view.router.name, *link.key, view.router.boots, octets=1)


def _traffic(view: View, interface: Interface) -> str:
    sent = answered = 0
    for link in peers(view, interface):
        counted = view.world.journal.registrations.of(link)
        if counted is not None:
            more, good, _ = counted.at(view.now)
            sent, answered = sent + more, answered + good
    served = view.world.journal.registrations.received(view.router.name, interface.name, view.network, view.now)
    made = sum(link.role is Role.SHORTCUT for link in peers(view, interface))
    return (
        f"{interface.name}: Max-send limit:10000Pkts/10Sec, Usage:0%\n"
        f"   Sent: Total {sent + served + made}\n{_packets(made, 0, sent, served)}"
        f"   Rcvd: Total {answered + served + made}\n{_packets(0, made, served, answered)}"
    )


def _packets(asked: int, resolved: int, registering: int, registered: int) -> str:
    return (
        f"         {asked} Resolution Request  {resolved} Resolution Reply  {registering} Registration Request\n"
        f"         {registered} Registration Reply  0 Purge Request  0 Purge Reply\n"
        "         0 Error Indication  0 Traffic Indication  0 Redirect Suppress\n"
    )


def _entry(view: View, interface: Interface, link: Link, *, detail: bool) -> str:
    table = f" ({interface.vrf})" if interface.vrf else ""
    hold = interface.tunnel.holdtime if interface.tunnel else 600
    left = hold - (view.now - view.since(link)) % (hold / 3)
    expires = "never expire" if link.role is Role.SERVER else f"expire {uptime(left)}"
    return (
        f"{link.peer_tunnel}/32{table} via {link.peer_tunnel}\n"
        f"   {interface.name} created {uptime(view.now - view.since(link))}, {expires} \n"
        f"   Type: {_KINDS.get(link.role, 'dynamic, Flags: router nhop rib')} \n"
        f"   NBMA address: {link.peer_nbma or 'UNKNOWN'} \n" + ("   Preference: 255 \n" if detail else "")
    )


def _brief(links: list[tuple[Interface, Link]]) -> str:
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
