"""Classes and policies of egress quality of service, and marking at ingress [WV-9]."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_templates.model.place import NOWHERE, At
from device_templates.model.traffic import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class PolicyClass:
    """One class of a policy: what it takes that no class before it took, and what is done with it.

    Shares are per cent, rates bit/s, ``dscp`` and ``mark`` what is set, ``child`` the policy inside. ``rest``: the
    class that takes what no other does; ``first``: its packets go before all others'; ``of_remaining``: its bandwidth
    is a share of what other classes leave; ``shape_percent`` is one of the interface's bandwidth; ``drops_all``:
    nothing of it goes on.
    """

    name: str
    selection: Selection = EVERYTHING
    rest: bool = False
    priority_percent: int | None = None
    priority_bps: int | None = None
    bandwidth_percent: int | None = None
    bandwidth_bps: int | None = None
    of_remaining: bool = False
    first: bool = False
    police_bps: int | None = None
    shape_bps: int | None = None
    dscp: int | None = None
    mark: int | None = None
    shape_percent: int | None = None
    drops_all: bool = False
    drops_early: bool = False
    child: str = ""
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ClassRule:
    """What a filter puts into a class of egress; "" is none. ``ends``: no later rule may say otherwise."""

    name: str
    selection: Selection
    ends: bool
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Classing:
    """How a filter puts what passes from one interface to another into classes: of rules that fit the last one."""

    inside: str
    outside: str
    rules: tuple[ClassRule, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that interfaces use by name; classes in order, the first that fits takes a packet."""

    name: str
    classes: tuple[PolicyClass, ...]
    at: At = field(default=NOWHERE, compare=False, repr=False)
