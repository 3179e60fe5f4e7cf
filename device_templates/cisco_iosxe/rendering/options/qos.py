"""Traffic prioritisation: classified and marked where a VPN's LAN comes in, queued by one policy on its way out [WV-9].

Every class of the shared policy has one mark, a DSCP, by which it is told apart on egress, whatever VPN it comes from.
What belongs to no class is marked as default and has no share of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_templates.cisco_iosxe.rendering.options import traffic
from device_templates.errors import NotRenderable
from device_templates.model import DSCP
from device_templates.rendering.facts import at
from inventory import Inventory, SiteView
from inventory.options import TrafficPrioritisation

#: The shaper's share of the access, per cent: the queue must build up here, and not in a modem that knows no classes.
SHAPED = 95
#: What the router's own traffic has at least, and what no class takes, each in per cent.
CONTROL, REST = 2, 1
#: Marks of classes that name none themselves: what priority and other classes of the inventory are usually called by.
_URGENT = ("ef", "cs5", "cs4", "cs3")
_OTHERS = tuple(f"af{group}{drop}" for drop in (1, 2, 3) for group in (3, 2, 1, 4))
_MARKS = (*_URGENT, *_OTHERS, "cs2", "cs1")
#: Values that one ``match dscp`` takes.
_A_LINE = 8
#: IOS shapes in steps of this many bit/s.
_STEP = 8000


@dataclass(frozen=True, slots=True)
class QueueContext:
    """One class of the egress policy: its name and mark, and its share of everything or of what priority leaves."""

    name: str
    mark: str
    priority: int
    remaining: int


@dataclass(frozen=True, slots=True)
class QosContext:
    """The egress policy: bit/s of the shaper, classes in order, and the shares of control and of the rest."""

    shape: int
    control: int
    classes: tuple[QueueContext, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class ClassifierContext:
    """What of a VPN's traffic gets a mark: lines of DSCPs, or the entries of an access list."""

    name: str
    mark: str
    dscps: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassificationContext:
    """How one VPN's traffic is marked: the first classifier that fits decides."""

    classifiers: tuple[ClassifierContext, ...]


def qos_of(view: SiteView) -> QosContext | None:
    """The egress policy, None where traffic prioritisation is not ordered."""
    ordered = view.site.options.traffic_prioritisation
    if ordered is None:
        return None
    names, marks = _in_order(ordered), _marks(ordered)
    shares = [ordered.policy[name].bandwidth_percent or 0 for name in names]
    rest = max(REST, 100 - CONTROL - sum(shares) - _urgent(ordered))
    control, *remaining, rest = _of_hundred([CONTROL, *shares, rest])
    return QosContext(
        shape=max(_STEP, view.site.access.up_kbps * 10 * SHAPED // _STEP * _STEP),
        control=control,
        classes=tuple(
            QueueContext(f"CLASS-{name.upper()}", marks[name], ordered.policy[name].priority_percent or 0, share)
            for name, share in zip(names, remaining, strict=True)
        ),
        rest=rest,
    )


def classification_of(view: SiteView, name: str) -> ClassificationContext | None:
    """How the traffic of VPN ``name`` is marked, None where traffic prioritisation is not ordered."""
    ordered = view.site.options.traffic_prioritisation
    if ordered is None:
        return None
    its, marks, number = ordered.classification.get(name, {}), _marks(ordered), view.vpns[name].id
    return ClassificationContext(
        tuple(
            ClassifierContext(
                name=f"VPN{number}-{one.upper()}",
                mark=marks[one],
                dscps=_dscp_lines(its[one].dscp) if traffic.only_dscp(its[one]) else (),
                entries=() if traffic.only_dscp(its[one]) else traffic.entries(its[one]),
            )
            for one in _in_order(ordered)
            if one in its
        )
    )


def refusals(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """A policy that leaves nothing to others, that has more classes than marks, or lists that are too long."""
    ordered, field = view.site.options.traffic_prioritisation, "options.traffic_prioritisation"
    if ordered is None:
        return
    if _urgent(ordered) > 100 - CONTROL - REST:
        yield NotRenderable(
            f"the priority classes have {_urgent(ordered)} percent: nothing is left to the router's own traffic and "
            "to what belongs to no class",
            where=at(view, f"{field}.policy"),
            rule="WV-9",
            remedy=f"give them {100 - CONTROL - REST} percent at most together",
        )
    if len(ordered.policy) > len(_MARKS):
        yield NotRenderable(
            f"the policy has {len(ordered.policy)} classes, and {len(_MARKS)} marks tell them apart",
            where=at(view, f"{field}.policy"),
            rule="WV-9",
            remedy=f"order {len(_MARKS)} classes at most",
        )
    for vpn, classes in ordered.classification.items():
        for name, fields in classes.items():
            yield from traffic.refusals(view, f"{field}.classification.{vpn}.{name}", fields, "WV-9")


def _urgent(ordered: TrafficPrioritisation) -> int:
    return sum(one.priority_percent or 0 for one in ordered.policy.values())


def _in_order(ordered: TrafficPrioritisation) -> list[str]:
    """Priority classes first, else as ordered: what fits several classifiers of a VPN belongs to the first."""
    return sorted(ordered.policy, key=lambda name: ordered.policy[name].priority_percent is None)


def _marks(ordered: TrafficPrioritisation) -> dict[str, str]:
    """Class -> its DSCP: the first that a VPN classifies it by, if it is nobody else's; control's own are nobody's."""
    marks: dict[str, str] = {}
    for name in _in_order(ordered):
        wished = [dscp for classes in ordered.classification.values() if name in classes for dscp in classes[name].dscp]
        if mine := [dscp for dscp in wished if dscp in _MARKS and dscp not in marks.values()]:
            marks[name] = mine[0]
    for name in _in_order(ordered):
        usual = (*_URGENT, *_OTHERS) if ordered.policy[name].priority_percent else (*_OTHERS, *_MARKS)
        free = [dscp for dscp in (*usual, *_MARKS) if dscp not in marks.values()]
        marks.setdefault(name, free[0])
    return marks


def _of_hundred(weights: list[int]) -> list[int]:
    """Whole per cent in proportion to ``weights``, a hundred together; 0 stays 0, and nothing else becomes 0."""
    total = sum(weights)
    shares = [max(1, weight * 100 // total) if weight else 0 for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: shares[index] * total - weights[index] * 100)
    for index in by_loss[: max(0, 100 - sum(shares))]:
        shares[index] += 1
    while sum(shares) > 100:
        shares[shares.index(max(shares))] -= 1
    return shares


def _dscp_lines(dscps: tuple[str, ...]) -> tuple[str, ...]:
    """As IOS shows them: by their numbers [running configurations: ``match dscp cs5  ef``, ``cs3  af31``]."""
    values = sorted(set(dscps), key=DSCP.__getitem__)
    return tuple(" ".join(values[start : start + _A_LINE]) for start in range(0, len(values), _A_LINE))
