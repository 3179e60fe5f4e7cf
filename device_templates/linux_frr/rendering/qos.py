"""The egress policy that all VPNs of a router share [WV-9]: ordered percentages as classes of the access's speed."""

from __future__ import annotations

from device_templates.linux_frr.rendering import context as c
from inventory import SiteView

#: What the routers say to each other: BGP, IKE and the management tunnel are never queued behind customers' data.
CONTROL = "1:2"
_FIRST = 0x10
_CONTROL_PERCENT = 2
_ONE_FRAME, _MOST_BYTES = 1514, 60_000


def handles(view: SiteView) -> dict[str, str]:
    """The handle of each ordered class, urgent ones first."""
    ordered = view.site.options.traffic_prioritisation
    if ordered is None:
        return {}
    names = sorted(ordered.policy, key=lambda name: ordered.policy[name].priority_percent is None)
    return {name: f"1:{_FIRST + number:x}" for number, name in enumerate(names)}


def qos(view: SiteView) -> c.QosContext | None:
    """The policy, None where traffic prioritisation is not ordered.

    A class that has nothing to send leaves its share to the others; urgent ones are served first, so they may not
    take more than their share while others wait.
    """
    ordered, speed = view.site.options.traffic_prioritisation, view.site.access.up_kbps
    if ordered is None:
        return None
    classes = [_class(CONTROL, "control", _CONTROL_PERCENT, speed, urgent=True, precedence=0)]
    total = 0
    for name, handle in handles(view).items():
        one = ordered.policy[name]
        percent = one.priority_percent or one.bandwidth_percent or 0
        urgent = one.priority_percent is not None
        classes.append(_class(handle, name, percent, speed, urgent=urgent, precedence=1 if urgent else 2))
        total += percent
    rest = max(1, speed * max(1, 100 - total) // 100)
    return c.QosContext(tuple(classes), rest, _quantum(rest), _quantum(speed))


def _class(handle: str, name: str, percent: int, speed: int, *, urgent: bool, precedence: int) -> c.QosClass:
    rate = max(1, speed * percent // 100)
    return c.QosClass(handle, name, rate, _quantum(rate), precedence, urgent)


def _quantum(kbps: int) -> int:
    """Bytes that a class may send in its turn where classes share what is left over: 10 ms of its rate."""
    return min(_MOST_BYTES, max(_ONE_FRAME, kbps * 10 // 8))
