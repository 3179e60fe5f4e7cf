"""Zones, what may pass between them, and translation of addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Literal

from device_templates.model.place import NOWHERE, At
from device_templates.model.traffic import EVERYTHING, Selection

#: The zone of the router's own packets.
SELF = "self"
Action = Literal["pass", "inspect", "drop"]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone; its interfaces name it. Where a platform knows no zones, each interface is a zone of its own name.

    Between interfaces of one zone everything passes unless a pair from the zone to itself says otherwise; between two
    zones only what a pair lets pass; between an interface in a zone and one in none, nothing; between two in none,
    everything. From and to the router itself everything passes where no pair with ``self`` says otherwise.
    """

    name: str
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FilterRule:
    """What is done with selected traffic: ``inspect`` also lets the answers of its connections back.

    ``early``: it is decided before the filter itself, where a platform does by filters what others do by routing.
    """

    action: Action
    selection: Selection = EVERYTHING
    log: bool = False
    at: At = field(default=NOWHERE, compare=False, repr=False)
    early: bool = False


@dataclass(frozen=True, slots=True)
class ZonePair:
    """What may go from one zone to another; the first fitting rule decides, what fits none is dropped."""

    source: str
    destination: str
    rules: tuple[FilterRule, ...]
    name: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NatRule:
    """Sources that are translated where traffic of a VRF leaves by an interface; ``vrf`` is "" for the global table.

    With a ``pool`` of addresses, traffic may leave by any outside interface and ``outside`` is "". ``inside`` is the
    one interface that it has to come by, "" where any will do.
    """

    vrf: str
    selection: Selection
    outside: str
    overload: bool = True
    pool: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)
    inside: str = ""


@dataclass(frozen=True, slots=True)
class NatStatic:
    """An inside address, or one port of it, that is reached from outside under another; 0 is every port.

    ``selection`` is the traffic from the inside for which that holds.
    """

    vrf: str
    inside: IPv4Address
    inside_port: int
    outside: str
    outside_port: int
    protocol: int = 0
    selection: Selection = EVERYTHING
    at: At = field(default=NOWHERE, compare=False, repr=False)
