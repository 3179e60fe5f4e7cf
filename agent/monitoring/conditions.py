"""What a router tells of its services beside reach and interfaces: registrations, standby, probes, environment. Pure.

A reading says of each item whether it is bad; two readings in a row raise, two clear. What was not read moves nothing,
and an item that is gone from what was read is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.monitoring.levels import Level, moved

#: Readings in a row that raise, and that clear.
RAISE_AFTER, CLEAR_AFTER = 2, 2


class Watched(StrEnum):
    """What the items are of."""

    #: A hub that the router must be registered with.
    REGISTRATION = "registration"
    #: A group in which the router stands by beside a primary: whether it takes part.
    STANDBY = "standby"
    #: The same: whether it stands in for the primary.
    STANDS_IN = "stands in"
    PROBE = "probe"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of one reading; ``bad`` None: it was told, and says nothing."""

    bad: bool | None
    text: str


#: What was read, by kind and item. A kind that is not there was not read.
Conditions = Mapping[Watched, Mapping[str, Item]]


@dataclass(frozen=True, slots=True)
class Condition:
    """How an item stands after all readings, in words of the last."""

    level: Level
    text: str


#: How the items stand, by kind and item.
Standing = Mapping[Watched, Mapping[str, Condition]]


def advance(before: Standing, told: Conditions, at: datetime) -> Standing:
    """How the items stand after one more reading."""
    after = dict(before)
    for kind, items in told.items():
        former = before.get(kind, {})
        after[kind] = {item: _next(former.get(item), one, at) for item, one in items.items()}
    return after


def by_hub(told: Conditions, hubs: Mapping[str, tuple[str, str]], sound: Callable[[str, str], bool]) -> Conditions:
    """With registrations by tunnel and hub, not by the address of the hub's tunnel; ``hubs`` gives both of an address.

    One that is lost counts only where its tunnel is ``sound``: a tunnel that is down tells it better.
    """
    if Watched.REGISTRATION not in told:
        return told
    found: dict[str, Item] = {}
    for address, (hub, tunnel) in hubs.items():
        one = told[Watched.REGISTRATION].get(address)
        if one is not None:
            known = one.bad is False or sound(hub, tunnel)
            found[f"{tunnel} {hub}"] = one if known else replace(one, bad=None)
    return {**told, Watched.REGISTRATION: found}


def doubtful(standing: Standing, told: Conditions) -> bool:
    """Whether an item that was read is on its way to be bad: then the router is asked again soon."""
    return any(standing[kind][item].level.doubtful for kind, items in told.items() for item in items)


def _next(former: Condition | None, told: Item, at: datetime) -> Condition:
    level = moved(former.level if former else Level(), at, told.bad, RAISE_AFTER, CLEAR_AFTER)
    same = former is not None and former.level is level and former.text == told.text
    return former if former is not None and same else Condition(level, told.text)
