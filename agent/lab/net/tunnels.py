"""Tunnels between the routers, and to the management centre: each link with what was agreed, or why it is not up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Address

from agent.lab.net.centre import CentreEnd
from agent.lab.net.ike import End, Suite, agree
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.underlay import Underlay
from agent.lab.running.config import Interface, NextHopServer, Tunnel

#: When the two ends of a link, named by its key and the far router, last proved who they are: lab seconds.
Authenticated = Callable[[tuple[str, str, IPv4Address], str], float]


class Role(StrEnum):
    """What the peer is to this end."""

    SERVER = "server"  # the hub, seen from a spoke
    CLIENT = "client"  # a registered spoke, seen from a hub
    SHORTCUT = "shortcut"  # a spoke, seen from a spoke
    CENTRE = "centre"  # the management centre


@dataclass(frozen=True, slots=True)
class Link:
    """One tunnel seen from one end; ``reason`` is None where both ends agree."""

    router: str
    interface: str
    role: Role
    peer_tunnel: IPv4Address
    peer_nbma: IPv4Address | None
    peer: str = ""
    peer_interface: str = ""
    suite: Suite | None = None
    reason: Reason | None = None

    @property
    def key(self) -> tuple[str, str, IPv4Address]:
        """What tells this link from others."""
        return (self.router, self.interface, self.peer_tunnel)


class Tunnels:
    """All links that running configurations ask for, and shortcuts between spokes on request."""

    def __init__(
        self, stations: Mapping[str, Station], underlay: Underlay, centre: CentreEnd, authenticated: Authenticated
    ) -> None:
        self._stations = stations
        self._underlay = underlay
        self._centre = centre
        self._authenticated = authenticated
        self.links: dict[tuple[str, str, IPv4Address], Link] = {}
        for name in stations:
            self._add_links(stations[name])

    def _add_links(self, station: Station) -> None:
        for interface, tunnel in station.config.tunnels():
            if tunnel.mode == "ipsec ipv4" and tunnel.destination is not None:
                link = self._to_centre(station, interface, tunnel, tunnel.destination)
                self.links[link.key] = link
            for server in tunnel.servers if tunnel.multipoint else ():
                link = self._to_server(station, interface, tunnel, server)
                own = station.address(interface)
                if own is not None and link.suite is not None:
                    link = self._registered(link, own.ip, link.suite)
                self.links[link.key] = link

    def _registered(self, link: Link, own: IPv4Address, suite: Suite) -> Link:
        """Adds the hub's side of the link, unless the hub has another router under the same tunnel address."""
        nbma = self._underlay.addresses[link.router]
        there = (link.peer, link.peer_interface, own)
        other = self.links.get(there)
        if other is not None and other.role is Role.SERVER:
            return link  # hubs that name each other
        if other is not None and other.peer != link.router:
            return replace(link, reason=Reason.DUPLICATE_ADDRESS, suite=None)
        self.links[there] = Link(
            router=link.peer,
            interface=link.peer_interface,
            role=Role.CLIENT,
            peer_tunnel=own,
            peer_nbma=nbma if isinstance(nbma, IPv4Address) else None,
            peer=link.router,
            peer_interface=link.interface,
            suite=mirrored(suite),
        )
        return link

    def _to_server(self, station: Station, interface: Interface, tunnel: Tunnel, server: NextHopServer) -> Link:
        link = Link(station.name, interface.name, Role.SERVER, server.address, server.nbma)
        reason = self._ready(station, interface, tunnel)
        if reason is None and server.nbma is None:
            reason = Reason.NO_NHS
        if reason or server.nbma is None:
            return replace(link, reason=reason)
        return self._between(link, station, interface, tunnel, server.nbma)

    def _between(self, link: Link, station: Station, interface: Interface, tunnel: Tunnel, nbma: IPv4Address) -> Link:
        """Everything about two mGRE ends, in the order in which a real tunnel comes up."""
        path = self._underlay.tunnel_path(station, tunnel.vrf, nbma)
        holder = self._underlay.holder(nbma)
        if path or holder is None:
            return replace(link, reason=path or Reason.NO_PEER)
        far = self._stations[holder]
        ends = [(one, two) for one, two in far.config.tunnels() if two.multipoint and not _at_fault(far, one, two)]
        if not ends:
            return replace(link, reason=Reason.NO_PEER)
        suite = self._secured(station, tunnel, nbma, far, ends, self._authenticated(link.key, holder))
        if isinstance(suite, Reason):
            return replace(link, reason=suite)
        for there, other in ends:
            if other.key == tunnel.key:
                reason = self._nhrp(station, interface, tunnel, link.peer_tunnel, far, there, other)
                up = None if reason else suite
                return replace(link, peer=holder, peer_interface=there.name, suite=up, reason=reason)
        return replace(link, reason=Reason.TUNNEL_KEY)

    def _secured(
        self,
        station: Station,
        tunnel: Tunnel,
        nbma: IPv4Address,
        far: Station,
        ends: list[tuple[Interface, Tunnel]],
        moment: float,
    ) -> Suite | Reason:
        """IKE is per pair of internet addresses: the tunnel with our key decides, else the first one there."""
        other = next((two for _, two in ends if two.key == tunnel.key), ends[0][1])
        if bool(tunnel.profile) != bool(other.profile):
            return Reason.NOT_PROTECTED
        own = self._underlay.addresses[station.name]
        if not tunnel.profile or isinstance(own, Reason):
            return Reason.NOT_PROTECTED
        return agree(_end(station, tunnel, own), _end(far, other, nbma), moment)

    def _nhrp(
        self,
        station: Station,
        interface: Interface,
        tunnel: Tunnel,
        expected: IPv4Address,
        far: Station,
        there: Interface,
        other: Tunnel,
    ) -> Reason | None:
        if tunnel.network_id is None or other.network_id is None:
            return Reason.NO_NETWORK_ID
        if tunnel.authentication != other.authentication:
            return Reason.NHRP_AUTHENTICATION
        own, theirs = station.address(interface), far.address(there)
        if own is None or theirs is None:
            return Reason.NO_ADDRESS
        if theirs.ip != expected:
            return Reason.WRONG_NHS
        return None if theirs.ip in own.network and own.ip in theirs.network else Reason.SUBNET

    def _ready(self, station: Station, interface: Interface, tunnel: Tunnel) -> Reason | None:
        fault = _at_fault(station, interface, tunnel)
        if fault:
            return fault
        return Reason.NO_ADDRESS if station.address(interface) is None else None

    def _to_centre(self, station: Station, interface: Interface, tunnel: Tunnel, peer: IPv4Address) -> Link:
        link = Link(station.name, interface.name, Role.CENTRE, self._centre.tunnel_address, peer)
        reason = self._ready(station, interface, tunnel)
        if reason is None and (peer != self._centre.address or not station.managed):
            reason = Reason.NO_PEER
        reason = reason or self._underlay.tunnel_path(station, tunnel.vrf, peer)
        own = self._underlay.addresses[station.name]
        if reason or isinstance(own, Reason):
            return replace(link, reason=reason or Reason.NO_ADDRESS)
        asked = station.config.crypto.ipsec_profiles.get(tunnel.profile)
        suite = agree(_end(station, tunnel, own), self._centre.end(asked.pfs if asked else ""))
        if isinstance(suite, Reason):
            return replace(link, reason=suite)
        address = station.address(interface)
        if address is None or self._centre.expected(suite.local_id) != address.ip:
            return replace(link, reason=Reason.WRONG_MANAGEMENT_ADDRESS)
        return replace(link, suite=suite)

    def shortcut(self, router: str, interface: str, peer: IPv4Address) -> Link | None:
        """The direct link between two spokes that phase 3 would make, or None: traffic goes on through the hub."""
        station = self._stations[router]
        natted = station.device.access.public is not None
        here = station.interface(interface)
        if here is None or here.tunnel is None or not here.tunnel.shortcut:
            return None
        servers = [link for key, link in self.links.items() if key[:2] == (router, interface) and not link.reason]
        for server in servers:
            client = self.links.get((server.peer, server.peer_interface, peer))
            hub = self._stations[server.peer].interface(server.peer_interface)
            if natted and client is not None and self._stations[client.peer].device.access.public is not None:
                return None  # two spokes behind address translation cannot go direct
            redirects = hub is not None and hub.tunnel is not None and hub.tunnel.redirect
            if client is not None and client.role is Role.CLIENT and client.peer_nbma is not None and redirects:
                link = Link(router, interface, Role.SHORTCUT, peer, client.peer_nbma)
                link = self._between(link, station, here, here.tunnel, client.peer_nbma)
                return None if link.reason else link
        return None


def mirrored(suite: Suite) -> Suite:
    """The same agreement from the other end."""
    return replace(suite, sign=suite.verify, verify=suite.sign, local_id=suite.remote_id, remote_id=suite.local_id)


def _end(station: Station, tunnel: Tunnel, address: IPv4Address) -> End:
    """An end as its peer sees it; behind NAT its identity is still the address that it has itself."""
    access = station.device.access
    local = access.address.ip if access.public else address
    return End(
        station.config.crypto,
        station.config.hostname,
        address,
        local,
        tunnel.vrf,
        tunnel.profile,
        station.keys,
        station.ended,
    )


def _at_fault(station: Station, interface: Interface, tunnel: Tunnel) -> Reason | None:
    """What is wrong with a tunnel interface by itself."""
    if not station.powered:
        return Reason.POWERED_OFF
    if interface.shutdown:
        return Reason.SHUTDOWN
    source = station.interface(tunnel.source)
    by_address = tunnel.source == str(station.device.access.address.ip)
    if (source is None or source.name != station.device.access.interface) and not by_address:
        return Reason.NOT_A_TUNNEL
    same = [two for one, two in station.config.tunnels() if two.source == tunnel.source and not one.shutdown]
    if tunnel.multipoint:
        gre = [two for two in same if two.mode.startswith("gre")]
        if Counter(two.key for two in gre)[tunnel.key] > 1:
            return Reason.DUPLICATE_KEY
        if len(gre) > 1 and tunnel.profile and any(two.profile != tunnel.profile or not two.shared for two in gre):
            return Reason.PROFILE_NOT_SHARED
    return None
