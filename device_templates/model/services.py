"""What a router tells others, asks them, and whom it lets in: SNMP, logging, time, logins, leases of addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from device_templates.model.place import NOWHERE, At


@dataclass(frozen=True, slots=True)
class SnmpGroup:
    """An SNMP group with its views and access list; ``level`` is such as ``v3 priv``."""

    name: str
    level: str
    read: str
    write: str
    access: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """An SNMPv3 user that a configuration shows; ``auth`` and ``priv`` are the inventory's words, "" for none."""

    name: str
    auth: str
    priv: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SnmpCommunity:
    """A community of SNMP v1 and v2c; ``mark`` is what the secret became."""

    mark: str
    write: bool
    access: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SnmpView:
    """A view: subtrees as written, whether each is in it, and its line."""

    name: str
    subtrees: tuple[tuple[str, bool], ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SnmpReceiver:
    """Whom notifications go to; ``vrf`` is "" for the global table, ``level`` such as ``v3 priv``, or ""."""

    address: IPv4Address
    vrf: str
    level: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LogHost:
    """A host that is sent log messages: whether the firewall's, and whether any others [WV-14, WV-17]."""

    address: IPv4Address
    vrf: str
    firewall: bool = True
    others: bool = True
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A way to log in over the network: the list of who may, "" for anybody, and by which protocols.

    ``any_vrf``: also through interfaces of VRFs, where a list says who may. ``methods`` prove who it is, one after the
    other while one has no answer: ``local``, ``group NAME``, ``none`` for not at all; () where nobody gets in.
    ``addresses`` are those of the router that it answers at, () for all; ``port`` is the one, None where configurations
    do not say it; ``logins`` those that it lets in, () for all. ``authorized``: who logs in gets the rights that its
    user has; ``opens``: it then can give commands; ``idle_s``: after how many seconds without one it is out, None for
    the platform's own, 0 for never.
    """

    name: str
    access: str
    protocols: frozenset[str]
    any_vrf: bool = True
    methods: tuple[str, ...] = ("local",)
    addresses: tuple[IPv4Address, ...] = ()
    port: int | None = None
    logins: tuple[str, ...] = ()
    authorized: bool = True
    opens: bool = True
    idle_s: int | None = None
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A login of the router's own: what its secret became, and whether it may change the router.

    ``administers``: it may do so without being asked for more; ``proved``: it has to give its secret; ``opens``: it can
    give commands, and is not put out after one that it has no choice about.
    """

    name: str
    mark: str
    changes: bool = True
    administers: bool = True
    proved: bool = True
    opens: bool = True
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LeasePool:
    """Addresses that the router leases to hosts of an interface's network; ``names``: it tells them name servers.

    ``servers`` are those that a line names itself. ``excluded`` are addresses that it leases to nobody, first and last;
    its own address is one without being named.
    """

    name: str
    vrf: str
    network: IPv4Network | None
    gateway: IPv4Address | None
    names: bool = False
    excluded: tuple[tuple[IPv4Address, IPv4Address], ...] = ()
    servers: tuple[IPv4Address, ...] = ()
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Listener:
    """A service beside logins, SNMP and leases that the router offers to whoever asks: ``name`` is for people."""

    name: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Export:
    """Something that the router sends to a host by itself: ``name`` is for people, ``host`` an address or a name."""

    name: str
    host: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TimeServer:
    """Who tells the router the time; ``vrf`` is "" for the global table, ``proved``: only with a key that is known."""

    host: str
    vrf: str
    proved: bool
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LoginServer:
    """Who is asked whether a login is right: ``mark`` is what the key became, ``vrf`` is "" for the global table."""

    address: IPv4Address
    vrf: str
    mark: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """The interface whose address the router gives to what it sends of a kind; ``vrf`` is the table, "" for any."""

    kind: Literal["logs", "notifications", "questions for the time"]
    interface: str
    vrf: str
    at: At = field(default=NOWHERE, compare=False, repr=False)
