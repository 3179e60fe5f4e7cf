"""What IOS-XE says when interfaces, tunnels and BGP sessions come and go, in its own words."""

from __future__ import annotations

from collections.abc import Iterator

from agent.lab.config import ConfigTree
from agent.lab.net.network import InterfaceKey, LinkKey, Network
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tracking import Change
from agent.lab.net.tunnels import Role
from agent.lab.routing.sessions import Session

#: A message with the router that logs it.
Said = tuple[str, str]


def of_interface(network: Network, change: Change[InterfaceKey]) -> Iterator[Said]:
    """Line protocol, and the line itself where it changed too."""
    (router, name), _, after = change
    station = network.stations[router]
    interface = station.interface(name)
    if interface is None or after is None or name.startswith("Null"):
        return
    word = "up" if after.up else "down"
    if interface.shutdown:
        yield router, f"%LINK-5-CHANGED: Interface {name}, changed state to administratively down"
    elif not name.startswith("Tunnel"):
        yield router, f"%LINK-3-UPDOWN: Interface {name}, changed state to {word}"
    yield router, f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {name}, changed state to {word}"


class TunnelTalk:
    """Messages about DMVPN peers; a router that is told of a link that is gone remembers what it was."""

    def __init__(self) -> None:
        self._known: dict[LinkKey, tuple[Role, str, str]] = {}

    def of_link(self, network: Network, change: Change[LinkKey], logging: ConfigTree) -> Iterator[Said]:
        """What ``logging dmvpn`` and ``crypto logging ikev2`` add about a link that came up or went down."""
        key, _, after = change
        up = after is not None and after.up
        link = network.tunnels.links.get(key)
        if link is not None and up:
            self._known[key] = (link.role, str(link.peer_nbma), _own(network.stations[link.router]))
        role, remote, local = self._known.get(key, (Role.CENTRE, "", ""))
        if not remote:
            return
        word = "UP" if up else "DOWN"
        if role is not Role.CENTRE and logging.has("logging dmvpn"):
            yield from self._dmvpn(network, key, role, (remote, local), word)
        if logging.has("crypto logging ikev2"):
            text = f"Crypto tunnel v2 is {word}.  Peer {remote}:500       Id: {remote}"
            yield key[0], f"%CRYPTO-5-IKEV2_SESSION_STATUS: {text}"

    def _dmvpn(self, network: Network, key: LinkKey, role: Role, ends: tuple[str, str], word: str) -> Iterator[Said]:
        router, interface, peer = key
        remote, local = ends
        tunnel = network.stations[router].interface(interface)
        own = network.stations[router].address(tunnel) if tunnel else None
        addresses = f"local address : {local} remote address : {remote}"
        yield router, f"%DMVPN-5-CRYPTO_SS:  {interface}: {addresses} socket is {word}"
        kind, name = ("NHS", "Server") if role is Role.SERVER else ("NHC", "Client")
        here = f"(Tunnel: {own.ip if own else 'UNKNOWN'} NBMA: {local})"
        gap, reason = ("", "") if word == "UP" else (" ", ", Reason: External(NHRP: no error)")
        there = f"(Tunnel: {peer} NBMA: {remote}{gap})"
        yield (
            router,
            f"%DMVPN-5-NHRP_{kind}_{word}: {interface}: Next Hop {name} : {there} for {here} is {word}{reason}",
        )


def of_session(network: Network, change: Change[LinkKey], dynamic: bool) -> Iterator[Said]:
    """A BGP neighbour, where ``bgp log-neighbor-changes`` is on (the default)."""
    (router, vrf, peer), _, after = change
    name = f"{'*' if dynamic else ''}{peer}{f' vpn vrf {vrf}' if vrf else ''}"
    if after is not None and after.up:
        yield router, f"%BGP-5-ADJCHANGE: neighbor {name} Up"
        return
    session = network.sessions.get((router, vrf, peer))
    why = _why(network, session, router, vrf)
    if why == "BGP Notification sent":
        yield router, f"%BGP-3-NOTIFICATION: sent to neighbor {name} 4/0 (hold time expired) 0 bytes"
    yield router, f"%BGP-5-NBR_RESET: Neighbor {name} reset ({why})"
    yield router, f"%BGP-5-ADJCHANGE: neighbor {name} Down {why}"


def _why(network: Network, session: Session | None, router: str, vrf: str) -> str:
    station = network.stations[router]
    if station.config.bgp is None or vrf not in station.config.bgp.families:
        return "Neighbor deleted"
    tunnels = [one for one, _ in station.config.tunnels() if one.vrf == vrf]
    if tunnels and not any(network.protocol_up(station, one) for one in tunnels):
        return "Interface flap"
    if session is not None and session.reason is Reason.NEIGHBOR_SHUTDOWN:
        return "Admin. shutdown" if session.settings.shutdown else "Peer closed the session"
    if session is not None and session.reason in {Reason.DIFFERENT_PASSWORDS, Reason.REMOTE_AS, Reason.NOT_ACTIVATED}:
        return "Peer closed the session"
    return "BGP Notification sent"


def _own(station: Station) -> str:
    wan = station.interface(station.device.access.interface)
    own = station.address(wan) if wan else None
    return str(own.ip) if own else "UNKNOWN"
