"""BGP sessions between the routers: who speaks with whom, and why a session is not established."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.net.stations import Station
from agent.lab.net.tunnels import Link
from agent.lab.running.bgp import BgpConfig, Settings
from agent.lab.running.config import Interface
from agent.lab.traffic.packets import Packet

_BGP, _CLIENT = 179, 49152

#: A routing table: a router and one of its VRFs, "" for the global one.
Table = tuple[str, str]
#: The link over which a table reaches a neighbour's address, or why it does not.
FindLink = Callable[[Table, IPv4Address], Link | Reason]


@dataclass(frozen=True, slots=True)
class Session:
    """One session seen from one end; ``dynamic`` where a listen range made it."""

    table: Table
    peer: IPv4Address
    settings: Settings
    local: IPv4Address | None = None
    peer_table: Table | None = None
    local_as: int = 0
    remote_as: int = 0
    dynamic: bool = False
    reason: Reason | None = None

    @property
    def key(self) -> tuple[str, str, IPv4Address]:
        """What tells this session from others."""
        return (*self.table, self.peer)

    @property
    def internal(self) -> bool:
        """Whether it is iBGP."""
        return self.local_as == self.remote_as


def sessions(stations: Mapping[str, Station], find: FindLink) -> dict[tuple[str, str, IPv4Address], Session]:
    """All sessions that configurations ask for, both ends of each that agrees."""
    found: dict[tuple[str, str, IPv4Address], Session] = {}
    for name, station in stations.items():
        bgp = station.config.bgp
        if bgp is None or not station.powered:
            continue
        for vrf, family in bgp.families.items():
            for peer, settings in family.neighbors.items():
                near, far = _session(stations, find, (name, vrf), bgp, peer, settings)
                found[near.key] = near
                if far is not None:
                    found.setdefault(far.key, far)
    return found


def _session(
    stations: Mapping[str, Station], find: FindLink, table: Table, bgp: BgpConfig, peer: IPv4Address, settings: Settings
) -> tuple[Session, Session | None]:
    local_as = settings.local_as or bgp.asn
    remote_as = settings.remote_as or 0

    def down(reason: Reason) -> tuple[Session, None]:
        return Session(table, peer, settings, local_as=local_as, remote_as=remote_as, reason=reason), None

    if settings.shutdown:
        return down(Reason.NEIGHBOR_SHUTDOWN)
    link = find(table, peer)
    if isinstance(link, Reason):
        return down(link)
    here = stations[table[0]].interface(link.interface)
    far_station = stations[link.peer]
    there = far_station.interface(link.peer_interface)
    own = stations[table[0]].address(here) if here else None
    if here is not None and there is not None and own is not None:
        blocked = _blocked(stations[table[0]], here, own.ip, far_station, there, peer)
        if blocked:
            return down(Reason.BLOCKED)
    if own is None or there is None or far_station.config.bgp is None:
        return down(Reason.NO_NEIGHBOR)
    family = far_station.config.bgp.families.get(there.vrf)
    theirs = family.settings_for(own.ip) if family else None
    if family is None or theirs is None:
        return down(Reason.NO_NEIGHBOR)
    reason = _disagreement(settings, local_as, theirs, theirs.local_as or far_station.config.bgp.asn)
    if reason:
        return down(reason)
    back = find((link.peer, there.vrf), own.ip)
    if isinstance(back, Reason):
        return down(back)
    far_table = (link.peer, there.vrf)
    return (
        Session(table, peer, settings, own.ip, far_table, local_as, remote_as),
        Session(
            table=far_table,
            peer=own.ip,
            settings=theirs,
            local=peer,
            peer_table=table,
            local_as=remote_as,
            remote_as=local_as,
            dynamic=own.ip not in family.neighbors,
        ),
    )


def _blocked(
    near: Station, here: Interface, own: IPv4Address, far: Station, there: Interface, peer: IPv4Address
) -> bool:
    """Whether access lists or the firewall keep both ends from opening TCP to the other."""

    def opens(one: Station, by: Interface, other: Station, at: Interface, packet: Packet) -> bool:
        back = packet.answered()
        return (
            one.sends(by, packet)
            and other.receives(at, packet)
            and other.sends_answer(at, packet)
            and one.receives(by, back)
        )

    ours = Packet("tcp", own, peer, _BGP, _CLIENT)
    theirs = Packet("tcp", peer, own, _BGP, _CLIENT)
    return not (opens(near, here, far, there, ours) or opens(far, there, near, here, theirs))


def _disagreement(mine: Settings, my_as: int, theirs: Settings, their_as: int) -> Reason | None:
    if theirs.shutdown:
        return Reason.NEIGHBOR_SHUTDOWN
    if mine.remote_as != their_as or theirs.remote_as != my_as:
        return Reason.REMOTE_AS
    if mine.password != theirs.password:
        return Reason.DIFFERENT_PASSWORDS
    return None if mine.activated and theirs.activated else Reason.NOT_ACTIVATED
