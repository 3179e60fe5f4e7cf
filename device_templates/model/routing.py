"""BGP, static routes, policy routing, and what both may depend on."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from device_templates.model.place import NOWHERE, At
from device_templates.model.traffic import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class BgpNeighbor:
    """A neighbour or peer group: ``name`` is its address or the group's name, ``map_in`` and ``map_out`` route maps.

    ``active``: it is not shut down and takes part in the address family. ``default_route``: it is told one in any case;
    ``source`` is the interface that the session starts from; ``passive``: it waits for the neighbour to open it.
    ``access_list_in`` and ``access_list_out`` are lists of networks as access lists name them. What a neighbour has of
    its group is told of it too.
    """

    name: str
    remote_as: int | None
    group: bool
    password: str
    reflector_client: bool
    prefix_list_in: str
    prefix_list_out: str
    maximum_prefix: int | None
    active: bool = True
    map_in: str = ""
    map_out: str = ""
    next_hop_self: bool = False
    default_route: bool = False
    source: str = ""
    access_list_in: str = ""
    access_list_out: str = ""
    passive: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BgpVrf:
    """The address family of one VRF; ``listen`` maps ranges to peer groups.

    ``asn`` is that of a process of its own, None where the VRF is one of the router's only process. ``sources`` are
    what is redistributed, as written. ``distances`` are those of routes from other systems and from its own, where 255
    is never used. ``listen_limit`` is how many neighbours a process of its own takes by ranges, None for any number.
    ``summaries`` are those of the aggregates that are told in place of what is in them.
    """

    vrf: str
    router_id: IPv4Address | None
    networks: tuple[IPv4Network, ...]
    listen: tuple[tuple[IPv4Network, str], ...]
    neighbors: tuple[BgpNeighbor, ...]
    asn: int | None = None
    aggregates: tuple[IPv4Network, ...] = ()
    sources: tuple[str, ...] = ()
    distances: tuple[int, int] = (20, 200)
    listen_limit: int | None = None
    summaries: tuple[IPv4Network, ...] = ()
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bgp:
    """The routing process; ``asn`` is that of the first VRF where each has a process of its own.

    ``listen_limit`` is how many neighbours one process takes by the ranges of all its VRFs, None for any number.
    """

    asn: int
    router_id: IPv4Address | None
    vrfs: tuple[BgpVrf, ...]
    listen_limit: int | None = None
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A static route; ``target`` is the next hop or interface as written, ``lookup`` another table it looks in.

    ``lookup`` is "" for the route's own table and ``global`` for the global one. ``via`` and ``interface`` are what
    ``target`` and the words after it say, ``distance`` is the administrative one, ``track`` an object that must be up.
    ``null``: what it takes is dropped. ``leased``: the next hop comes with the address of the interface.
    """

    vrf: str
    prefix: IPv4Network
    target: str
    lookup: str = ""
    via: IPv4Address | None = None
    interface: str = ""
    distance: int = 1
    track: int | None = None
    null: bool = False
    leased: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PolicyHop:
    """A next hop of policy routing, taken only while the object ``track`` is up, where one is named."""

    address: IPv4Address
    track: int | None = None
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RouteMapClause:
    """One clause: what it takes, and where that goes: the first hop that can be used, else the first interface.

    ``default``: only where the table has no route of its own. ``vrf`` is None for the table where a packet arrived, ""
    for the global one. ``null``: what no hop takes is dropped; else it is routed as if there were no clause. ``others``
    are further ``match`` and ``set`` lines as written, ``prefix_lists`` what routes are matched by.
    """

    permit: bool
    sequence: int
    selection: Selection = EVERYTHING
    prefix_lists: tuple[str, ...] = ()
    hops: tuple[PolicyHop, ...] = ()
    interfaces: tuple[str, ...] = ()
    null: bool = False
    default: bool = False
    vrf: str | None = None
    others: tuple[str, ...] = ()
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RouteMap:
    """A route map; the first clause that fits decides, what fits none is routed as usual."""

    name: str
    clauses: tuple[RouteMapClause, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Probe:
    """A repeated test of an address; ``vrf`` is "" for the global table, ``started``: it runs, and does not end."""

    number: int
    target: IPv4Address | None
    source: str
    vrf: str
    every_s: int
    started: bool
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Track:
    """An object that is up or down: a probe's, an interface's, a route's, or made of others, each perhaps negated.

    ``down_s`` and ``up_s`` are how many seconds a change has to last until it counts.
    """

    number: int
    kind: Literal["probe", "interface", "route", "all", "any"]
    probe: int | None = None
    interface: str = ""
    members: tuple[tuple[int, bool], ...] = ()
    prefix: IPv4Network | None = None
    vrf: str = ""
    down_s: int = 0
    up_s: int = 0
    at: At = field(default=NOWHERE, compare=False, repr=False)
