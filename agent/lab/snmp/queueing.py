"""CISCO-CLASS-BASED-QOS-MIB of one router: policies on interfaces, their classes, and packets of each class.

As on real routers an object has one number where it is configured and another each time it is used, and names stand
with the first: both are made from what the object is and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agent.lab.net.tracking import Tracked
from agent.lab.shows.common import View, stable
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import counter64, gauge, number, text
from agent.lab.traffic.marking import Marking

Row = tuple[Oid, Callable[[], Value]]

_ROOT: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 166, 1)
_INPUT, _OUTPUT, _MAIN = 1, 2, 1  # cbQosPolicyDirection, cbQosIfType
_POLICY, _CLASS = 1, 2  # cbQosObjectsType
#: Packets a second of a policy on an interface that is up.
_PACKETS_S = 40


@dataclass(frozen=True, slots=True)
class _Used:
    """A policy or class in use: its own number, its configuration's, its parent's, and its share of the packets."""

    kind: int
    name: str
    number: int
    configured: int
    parent: int
    share: float


def rows(look: Callable[[], View], indices: Mapping[str, int]) -> Iterator[Row]:
    """Every instance of this moment; ``indices`` are those of the interfaces (ifIndex)."""
    view = look()
    marking = view.station.config.marking
    named: dict[tuple[int, int], str] = {}
    for interface in view.station.config.interfaces.values():
        for policy, direction in ((interface.marks, _INPUT), (interface.queues, _OUTPUT)):
            if policy not in marking.policies:
                continue
            used = list(_policy(marking, policy, f"{interface.name} {direction}", 0, 1.0, 0))
            top = used[0].number
            yield (*_ROOT, 1, 1, 1, 2, top), _always(number(_MAIN))
            yield (*_ROOT, 1, 1, 1, 3, top), _always(number(direction))
            yield (*_ROOT, 1, 1, 1, 4, top), _always(number(indices.get(interface.name, 0)))
            for one in used:
                named[one.kind, one.configured] = one.name
                yield from _object(look, interface.name, top, one)
    for (kind, configured), name in named.items():
        yield (*_ROOT, 6 if kind == _POLICY else 7, 1, 1, 1, configured), _always(text(name))


def _policy(marking: Marking, name: str, place: str, parent: int, share: float, depth: int) -> Iterator[_Used]:
    """A policy with its classes and the policies in them."""
    place = f"{place}/{name}"
    own = _Used(_POLICY, name, stable(place, octets=3), stable("policy", name, octets=3), parent, share)
    yield own
    classes = marking.policies.get(name, ())
    for one in classes:
        inside = f"{place}/{one.name}"
        part = share / len(classes)
        used = _Used(_CLASS, one.name, stable(inside, octets=3), stable("class", one.name, octets=3), own.number, part)
        yield used
        if one.child in marking.policies and depth < 3:
            yield from _policy(marking, one.child, inside, used.number, part, depth + 1)


def _object(look: Callable[[], View], interface: str, top: int, one: _Used) -> Iterator[Row]:
    yield (*_ROOT, 5, 1, 1, 2, top, one.number), _always(gauge(one.configured))
    yield (*_ROOT, 5, 1, 1, 3, top, one.number), _always(number(one.kind))
    yield (*_ROOT, 5, 1, 1, 4, top, one.number), _always(gauge(one.parent))
    if one.kind != _CLASS:
        return

    def packets() -> Value:
        view = look()
        state = view.network.history.interfaces.states.get((view.router.name, interface)) or Tracked(False, 0.0)
        return counter64(state.up_for(view.now) * _PACKETS_S * one.share)

    yield (*_ROOT, 15, 1, 1, 3, top, one.number), packets
    yield (*_ROOT, 15, 1, 1, 14, top, one.number), _always(counter64(0))


def _always(value: Value) -> Callable[[], Value]:
    return lambda: value
