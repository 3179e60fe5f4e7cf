"""Which packets a line of a configuration is about: matches, ordered rules of them, and selections of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import Final

from device_templates.model.place import NOWHERE, At

#: DSCPs by the names that inventories and platforms share [RFC 2474, 2597, 3246].
DSCP: Final[Mapping[str, int]] = MappingProxyType(
    {
        "default": 0,
        "ef": 46,
        **{f"cs{number}": 8 * number for number in range(1, 8)},
        **{f"af{group}{drop}": 8 * group + 2 * drop for group in range(1, 5) for drop in range(1, 4)},
    }
)

#: First and last port, both included.
Ports = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """All given fields must fit, each in one of its values; an empty one is any.

    ``protocols`` are IP protocol numbers, ``dscp`` 0 to 63, ``icmp_types`` and ``icmp_codes`` numbers. ``marks`` is
    what the router itself put on the packet before (a qos-group, a firewall mark). ``established``: only packets of
    connections that are there already; ``fragments``: only later fragments.
    """

    protocols: tuple[int, ...] = ()
    sources: tuple[IPv4Network, ...] = ()
    destinations: tuple[IPv4Network, ...] = ()
    source_ports: tuple[Ports, ...] = ()
    destination_ports: tuple[Ports, ...] = ()
    dscp: tuple[int, ...] = ()
    icmp_types: tuple[int, ...] = ()
    icmp_codes: tuple[int, ...] = ()
    marks: tuple[int, ...] = ()
    established: bool = False
    fragments: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a list, whose first fitting rule decides."""

    permit: bool
    match: Match = Match()
    log: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)


#: Rules in order; what fits none is not permitted.
Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Traffic that is picked in any of several ways; a way takes what all of its lists permit.

    ``Selection()`` picks nothing, ``Selection(((),))``, a way without conditions, everything.
    """

    ways: tuple[tuple[Rules, ...], ...] = ()


EVERYTHING = Selection(((),))
NOTHING = Selection()


@dataclass(frozen=True, slots=True)
class AccessList:
    """An access list; its rules are in the order in which they are tried."""

    name: str
    rules: Rules = ()
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PrefixEntry:
    """An entry of a prefix list: networks inside ``network`` whose length is from ``shortest`` to ``longest``."""

    permit: bool
    network: IPv4Network
    shortest: int
    longest: int
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A prefix list; its first fitting entry decides, what fits none is refused."""

    name: str
    entries: tuple[PrefixEntry, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Applied:
    """A list or policy that an interface uses by name; ``direction`` is seen from the router."""

    name: str
    direction: str  # in | out
    at: At = field(default=NOWHERE, compare=False, repr=False)
