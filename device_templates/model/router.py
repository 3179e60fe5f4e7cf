"""One router's configuration as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from device_templates.model.crypto import NO_CRYPTO, Crypto
from device_templates.model.firewall import NatRule, NatStatic, Zone, ZonePair
from device_templates.model.interfaces import Interface, Tunnel, Vrf
from device_templates.model.place import NOWHERE, At
from device_templates.model.quality import Classing, Policy
from device_templates.model.routing import Bgp, Probe, RouteMap, StaticRoute, Track
from device_templates.model.services import (
    Export,
    LeasePool,
    Listener,
    LogHost,
    LoginServer,
    Origin,
    SnmpCommunity,
    SnmpGroup,
    SnmpReceiver,
    SnmpUser,
    SnmpView,
    Terminal,
    TimeServer,
    User,
)
from device_templates.model.traffic import AccessList, PrefixList


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that a line uses by name: ``kind`` is such as ``access-list`` or ``vrf``, ``place`` the line."""

    kind: str
    name: str
    place: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that the reader does not understand: its number, from 1, and the line with its secrets redacted."""

    number: int
    text: str


#: What may come of it: ``routes`` that no table of the model has, another way that the router ``forwards`` packets,
#: something that ``changes`` its configuration or runs commands, what ``halts`` it, ``drops`` packets, ``refuses``
#: peers and logins or ``stops`` sessions that the service needs; a line that is not understood where packets are
#: picked: ``selects``, or let in: ``opens``, of tunnels, routes and interfaces: ``decides``, of logins: ``unclear``.
Effect = Literal[
    "routes", "forwards", "changes", "halts", "drops", "refuses", "stops", "selects", "opens", "decides", "unclear"
]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something that a router does and the model does not have, so that no proof covers it.

    ``feature`` is what people call it, ``interface`` the one that it is on, "" for the router as a whole.
    """

    feature: str
    does: Effect
    interface: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RouterModel:
    """One router's configuration. ``defined`` and ``used`` name what lines define and use by name.

    ``lines`` counts the lines that say something, ``unread`` are those among them that are not understood, and
    ``beyond`` what is known of the unread that no proof goes without.
    ``namespaces``: its VRFs are joined by links of their own, so that a packet may go through several of them.
    ``local_policy`` is the route map of the router's own packets, ``control_policy`` the policy of what comes to it.
    ``logs_drops``: its firewall tells what it dropped; ``keeps_firewall_logs``: the router's own memory holds that.
    ``notifies``: its SNMP receivers are told of anything. ``time_servers`` is None where a reader does not tell them.
    ``consoles``: ways to log in for who stands before the router; ``notifies_firewall_logs``: its SNMP receivers are
    told what its firewall logs.
    """

    hostname: str
    interfaces: tuple[Interface, ...] = ()
    vrfs: tuple[Vrf, ...] = ()
    crypto: Crypto = NO_CRYPTO
    bgp: Bgp | None = None
    routes: tuple[StaticRoute, ...] = ()
    snmp_groups: tuple[SnmpGroup, ...] = ()
    snmp_users: tuple[SnmpUser, ...] = ()
    access_lists: tuple[AccessList, ...] = ()
    users: tuple[User, ...] = ()
    defined: frozenset[tuple[str, str]] = frozenset()
    used: tuple[Reference, ...] = ()
    prefix_lists: tuple[PrefixList, ...] = ()
    route_maps: tuple[RouteMap, ...] = ()
    local_policy: str = ""
    control_policy: str = ""
    probes: tuple[Probe, ...] = ()
    tracks: tuple[Track, ...] = ()
    zones: tuple[Zone, ...] = ()
    zone_pairs: tuple[ZonePair, ...] = ()
    logs_drops: bool = False
    nat_rules: tuple[NatRule, ...] = ()
    nat_statics: tuple[NatStatic, ...] = ()
    policies: tuple[Policy, ...] = ()
    classings: tuple[Classing, ...] = ()
    communities: tuple[SnmpCommunity, ...] = ()
    snmp_views: tuple[SnmpView, ...] = ()
    snmp_receivers: tuple[SnmpReceiver, ...] = ()
    keeps_firewall_logs: bool = False
    log_hosts: tuple[LogHost, ...] = ()
    terminals: tuple[Terminal, ...] = ()
    leases: tuple[LeasePool, ...] = ()
    notifies: bool = True
    listeners: tuple[Listener, ...] = ()
    time_servers: tuple[TimeServer, ...] | None = None
    login_servers: tuple[LoginServer, ...] = ()
    origins: tuple[Origin, ...] = ()
    consoles: tuple[Terminal, ...] = ()
    exports: tuple[Export, ...] = ()
    notifies_firewall_logs: bool = False
    lines: int = 0
    unread: tuple[Unread, ...] = ()
    beyond: tuple[Beyond, ...] = ()
    namespaces: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)

    def interface(self, name: str) -> Interface | None:
        """An interface by its full name."""
        return next((one for one in self.interfaces if one.name == name), None)

    def tunnels(self) -> tuple[tuple[Interface, Tunnel], ...]:
        """Every tunnel interface."""
        return tuple((one, one.tunnel) for one in self.interfaces if one.tunnel is not None)

    def access_list(self, name: str) -> AccessList | None:
        """An access list by its name."""
        return next((one for one in self.access_lists if one.name == name), None)
