"""The internet between the routers: who can send packets to whom outside every tunnel."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.traffic.access import permitted
from agent.lab.traffic.packets import Packet

#: What must pass for a tunnel: IKE and ESP, behind address translation inside UDP.
_TUNNEL_TRAFFIC = (("udp", 500), ("esp", None))
_TRANSLATED_TRAFFIC = (("udp", 500), ("udp", 4500))


class Underlay:
    """Derived from the stations of one moment; the centre is always there."""

    def __init__(self, stations: Mapping[str, Station], centre: IPv4Address) -> None:
        self.centre = centre
        self.addresses = {name: station.internet_address() for name, station in stations.items()}
        self._stations = stations
        self._holders = {found: name for name, found in self.addresses.items() if isinstance(found, IPv4Address)}

    def holder(self, address: IPv4Address) -> str | None:
        """The station that answers at an internet address."""
        return self._holders.get(address)

    def tunnel_path(self, station: Station, vrf: str, peer: IPv4Address) -> Reason | None:
        """Why IKE and ESP do not pass both ways between ``station`` (front door in ``vrf``) and ``peer``."""
        other = self.holder(peer)
        far = self._stations[other] if other is not None else None
        if not station.heard or (far is not None and not far.heard):
            return Reason.LOSS
        translated = station.device.access.public or (far is not None and far.device.access.public)
        return self._both_ways(station, vrf, peer, _TRANSLATED_TRAFFIC if translated else _TUNNEL_TRAFFIC)

    def _both_ways(
        self, station: Station, vrf: str, peer: IPv4Address, traffic: tuple[tuple[str, int | None], ...]
    ) -> Reason | None:
        own = self.addresses[station.name]
        if isinstance(own, Reason):
            return own
        if peer in {self.centre, station.device.access.gateway}:
            return _out(station, vrf, peer) or _filtered(station, own, peer, traffic)
        other = self.holder(peer)
        if other is None or other == station.name:
            return Reason.NO_PEER
        far = self._stations[other]
        interface = far.interface(far.device.access.interface)
        back = interface.vrf if interface else ""
        return (
            _out(station, vrf, peer)
            or _out(far, back, own)
            or _filtered(station, own, peer, traffic)
            or _filtered(far, peer, own, traffic)
        )


def _out(station: Station, vrf: str, peer: IPv4Address) -> Reason | None:
    """Whether the station's front door routes to ``peer`` through its access."""
    access = station.device.access
    interface = station.interface(access.interface)
    if interface is None:
        return Reason.NO_INTERFACE
    if interface.vrf != vrf:
        return Reason.WRONG_VRF
    if peer in access.address.network:
        return None
    fits = [route for route in station.config.routes if route.vrf == vrf and peer in route.prefix]
    if interface.dhcp and not any(route.distance < 254 for route in fits):
        return None
    if not fits:
        return Reason.NO_ROUTE
    best = max(fits, key=lambda route: (route.prefix.prefixlen, -route.distance))
    if best.via == access.gateway and best.interface in {"", interface.name}:
        return None
    return None if best.dhcp and interface.dhcp else Reason.NO_ROUTE


def _filtered(
    station: Station, own: IPv4Address, peer: IPv4Address, traffic: tuple[tuple[str, int | None], ...]
) -> Reason | None:
    interface = station.interface(station.device.access.interface)
    if interface is None:
        return Reason.NO_INTERFACE
    local = station.device.access.address.ip if station.device.access.public else own
    for protocol, port in traffic:
        incoming, outgoing = Packet(protocol, peer, local, port, port), Packet(protocol, local, peer, port, port)
        if not station.receives(interface, incoming) or not station.sends(interface, outgoing):
            return Reason.BLOCKED
        if not permitted(station.config.access_lists, interface.access_group_out, outgoing):
            return Reason.BLOCKED
    return None
