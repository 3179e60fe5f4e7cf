"""Interfaces, VRFs, tunnels, and groups that share an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Literal

from device_templates.model.place import NOWHERE, At
from device_templates.model.traffic import Applied


@dataclass(frozen=True, slots=True)
class NhrpServer:
    """A hub as a router sees it: tunnel address, internet address where it is stated, and if it gets multicasts."""

    address: IPv4Address
    nbma: IPv4Address | None
    multicast: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tunnel:
    """The tunnel side of an interface; ``mode`` is ``gre multipoint`` or ``ipsec``, ``mss`` and ``mtu`` in bytes.

    ``host_address``: the interface's address is a host's alone, and NHRP makes the routes to the others. ``front_vrf``
    is the table of its outer packets. ``not_unique``: its registrations may be replaced by ones from another internet
    address; ``follows_nhrp``: the interface is down while no hub answers; ``multicasts``: to all who have registered.
    ``mappings``: where tunnel addresses are said to be, whether hubs or not. ``carries``: the near and the far networks
    between which its security association takes packets, None for any. ``server_only``: it asks nobody where others
    are; ``registers_s``: after how many seconds it registers again, None for the platform's own; ``holds_s``: for how
    many seconds its registrations hold; ``keepalive``: it is down while its far end does not answer GRE. ``only_by``
    is the one interface that its outer packets may leave by, "" for any.
    """

    source: str
    destination: IPv4Address | None
    mode: str
    key: int | None
    network_id: int | None
    nhrp_authentication: str
    servers: tuple[NhrpServer, ...]
    redirect: bool
    shortcut: bool
    protection: str
    shared: bool
    host_address: bool = False
    front_vrf: str = ""
    not_unique: bool = False
    follows_nhrp: bool = False
    multicasts: bool = False
    mappings: tuple[NhrpServer, ...] = ()
    carries: tuple[tuple[IPv4Network, ...], tuple[IPv4Network, ...]] | None = None
    server_only: bool = False
    registers_s: int | None = None
    keepalive: bool = False
    holds_s: int | None = None
    only_by: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StandbyTrack:
    """What lowers a router's priority while the object ``track`` is down, by how much."""

    track: int
    decrement: int
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Standby:
    """A group of routers that share the hosts' gateway ``virtual``: HSRP or VRRP [RFC 5798].

    ``authentication`` is what the key became, ``delay_s`` how long the router waits before it takes over, and
    ``hold_s`` how long another one may be silent until it counts as gone, both in seconds.
    """

    group: int
    virtual: IPv4Address | None
    priority: int
    preempt: bool
    protocol: Literal["hsrp", "vrrp"] = "hsrp"
    version: int = 1
    delay_s: int = 0
    tracks: tuple[StandbyTrack, ...] = ()
    authentication: str = ""
    hold_s: int = 10
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface; ``vrf`` is "" in the global table, ``unnumbered`` the interface that lends its address.

    A VRF may be a network namespace. ``sealed``: nothing is forwarded between it and any other interface. ``zone`` is
    "" for none, ``policy`` the route map that routes what arrives, ``nat`` the side of translation. ``vlan``: a switch
    port of that VLAN; ``svi``: the router's own interface in that VLAN; ``trunk``: a port of all VLANs, or one that
    becomes it when its neighbour asks; ``voice_vlan``: a VLAN that the port carries beside its own, by tags.
    ``secondaries`` are further addresses, ``bandwidth_kbps`` is what it is said to have.
    """

    name: str
    vrf: str = ""
    address: IPv4Interface | None = None
    dhcp: bool = False
    unnumbered: str = ""
    shutdown: bool = False
    mtu: int | None = None
    mss: int | None = None
    vlan: int | None = None
    svi: int | None = None
    access_lists: tuple[Applied, ...] = ()
    service_policies: tuple[Applied, ...] = ()
    tunnel: Tunnel | None = None
    sealed: bool = False
    zone: str = ""
    policy: str = ""
    nat: Literal["", "inside", "outside", "both"] = ""
    standbys: tuple[Standby, ...] = ()
    secondaries: tuple[IPv4Interface, ...] = ()
    bandwidth_kbps: int | None = None
    trunk: bool = False
    voice_vlan: int | None = None
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Replica:
    """Routes of another table that are in a VRF too, with the next hops that they have there.

    ``source`` is the table, "" for the global one, ``protocol`` whose routes, ``all`` for any, and ``route_map`` which
    of them.
    """

    source: str
    protocol: str
    route_map: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Vrf:
    """A VRF; route targets as written. ``ipv4``: its interfaces can have addresses of IPv4.

    ``most_routes`` is how many routes its table takes, None for any number.
    """

    name: str
    rd: str = ""
    imports: frozenset[str] = frozenset()
    exports: frozenset[str] = frozenset()
    replicas: tuple[Replica, ...] = ()
    ipv4: bool = True
    most_routes: int | None = None
    at: At = field(default=NOWHERE, compare=False, repr=False)
