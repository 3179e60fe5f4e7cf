"""Whether a router reaches a certificate authority now: through its management tunnel, or over its internet access."""

from __future__ import annotations

from agent.lab.net.network import Network
from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Role
from agent.lab.pki.authority import Place, place_of
from agent.lab.routing.routes import resolve
from agent.lab.running.crypto import Trustpoint
from agent.lab.spec import Authority
from agent.lab.traffic.packets import Packet


def authority_at(network: Network, router: str, trustpoint: Trustpoint) -> Authority | None:
    """The authority that answers at a trustpoint's URL, None where nobody does."""
    place = place_of(trustpoint.url)
    if place is None:
        return None
    for authority in network.spec.authorities:
        other = place_of(authority.url)
        if other is not None and (other.path, other.port) == (place.path, place.port):
            return authority if _reached(network, network.stations[router], trustpoint, place) else None
    return None


def _reached(network: Network, station: Station, trustpoint: Trustpoint, place: Place) -> bool:
    rib = network.bases.get((station.name, trustpoint.vrf))
    found = resolve(rib, place.address) if rib and place.address else None
    if found is None or place.address is None or not _sends(network, station, trustpoint):
        return False
    name = found[0].interface
    inside = any(place.address in one for one in network.centre.networks)
    if name == station.device.access.interface:
        return not inside and _over_the_internet(network, station, place)
    through = (link for link in network.links_of(station.name) if link.role is Role.CENTRE and link.interface == name)
    return inside and any(network.is_up(link) for link in through)


def _sends(network: Network, station: Station, trustpoint: Trustpoint) -> bool:
    """Whether the interface that asks is up, has an address, and is in the right VRF; without one any is taken."""
    if not trustpoint.source:
        return True
    interface = station.interface(trustpoint.source)
    return (
        interface is not None
        and interface.vrf == trustpoint.vrf
        and station.address(interface) is not None
        and network.protocol_up(station, interface)
    )


def _over_the_internet(network: Network, station: Station, place: Place) -> bool:
    own = network.underlay.addresses[station.name]
    interface = station.interface(station.device.access.interface)
    if isinstance(own, Reason) or interface is None or place.address is None:
        return False
    asked = Packet("tcp", own, place.address, place.port, 49152)
    return station.sends(interface, asked) and station.receives(interface, asked.answered())
