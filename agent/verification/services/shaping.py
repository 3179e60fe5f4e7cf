"""Whether egress has one policy that shapes below the access and shares it as ordered [WV-9]."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, cite, one
from device_templates.model import Applied, Interface, Policy, PolicyClass, RouterModel
from inventory import SiteView
from inventory.options import TrafficClass

OPTION = "options.traffic_prioritisation"
#: A shaper below this part of the access would not give what was ordered.
_LEAST_SHAPE = 0.8
#: A share may differ from the ordered one by this much, in points or as a part of it: rounding, and the router's own.
_POINTS, _PART = 2.0, 0.1


def access_of(view: SiteView, model: RouterModel) -> Interface | None:
    """The interface that faces the internet."""
    return model.interface(view.site.access.interface)


def policy(model: RouterModel, name: str) -> Policy | None:
    """A policy by its name."""
    return next((one for one in model.policies if one.name == name), None)


def applied(interface: Interface, direction: str) -> list[Applied]:
    """The service policies of an interface, seen from the router."""
    return [one for one in interface.service_policies if one.direction == direction]


def _shape_bps(access: Interface | None, whole: PolicyClass | None) -> int | None:
    """What a class is shaped to."""
    if whole is None or whole.shape_percent is None:
        return whole.shape_bps if whole else None
    return whole.shape_percent * access.bandwidth_kbps * 10 if access and access.bandwidth_kbps else None


def parent_of(view: SiteView, model: RouterModel) -> Policy | None:
    """The one egress policy of the access."""
    access = access_of(view, model)
    found = applied(access, "out") if access else []
    return policy(model, found[0].name) if len(found) == 1 else None


def classes_of(view: SiteView, model: RouterModel) -> tuple[PolicyClass, ...]:
    """The classes that share the access, behind the shaper."""
    parent = parent_of(view, model)
    child = next((one.child for one in parent.classes if one.child), "") if parent else ""
    found = policy(model, child)
    return found.classes if found else ()


def prioritised(ground: Ground) -> Iterator[tuple[SiteView, RouterModel]]:
    """Every router that prioritisation is ordered for."""
    for view, model in ground.routers:
        access = access_of(view, model)
        named = access is not None and bool(applied(access, "out"))
        told = bool(model.policies) or not named  # a policy by its name alone cannot be judged
        if view.site.options.traffic_prioritisation is not None and told:
            yield view, model


def one_policy_on_egress(ground: Ground) -> Iterator[Finding]:
    """The access has exactly one egress policy, and tunnels have none [WV-9]."""
    for view, model in prioritised(ground):
        access = access_of(view, model)
        found = applied(access, "out") if access else []
        if len(found) != 1 or policy(model, found[0].name) is None:
            message = f"the internet access has {len(found) or 'no'} egress policies, and not one"
            if len(found) == 1:
                message = f"the egress policy {found[0].name} is not defined"
            lines = cite(view.router.name, access.at) if access else ()
            yield one(view, "WV-9", message, lines=lines, option=OPTION)
        for interface, _ in model.tunnels():
            for own in interface.service_policies:
                message = f"{interface.name} has a policy of its own, {own.name}: all VPNs share one"
                yield one(view, "WV-9", message, lines=cite(view.router.name, own.at), option=OPTION)


def egress_is_shaped(ground: Ground) -> Iterator[Finding]:
    """Everything that leaves is shaped below the access, so that queues form here, with classes inside [WV-9]."""
    for view, model in prioritised(ground):
        parent = parent_of(view, model)
        if parent is None:
            continue
        speed = view.site.access.up_kbps * 1000
        whole = next((one for one in parent.classes if one.rest), None)
        shape = _shape_bps(access_of(view, model), whole)
        field = "shape_percent" if whole and whole.shape_percent else "shape_bps"
        at = cite(view.router.name, whole.at if whole else parent.at, field)
        if shape is None or not _LEAST_SHAPE * speed <= shape <= speed:
            said = f"to {shape // 1000} kb/s" if shape else "not at all"
            message = f"egress is shaped {said}, and the access has {view.site.access.up_kbps} kb/s"
            yield one(view, "WV-9", message, lines=at, option="access.up_kbps")
        if len(parent.classes) > 1 or not classes_of(view, model):
            message = f"egress policy {parent.name} has no shaper of everything with classes inside"
            yield one(view, "WV-9", message, lines=cite(view.router.name, parent.at), option=OPTION)


def share_fault(ordered: TrafficClass, found: PolicyClass, classes: tuple[PolicyClass, ...]) -> str:
    """Why a class has not its ordered share of the access; "" where it has."""
    if ordered.priority_percent is not None:
        if found.priority_percent != ordered.priority_percent:
            return f"{_said(found)}, and {ordered.priority_percent} % priority was ordered"
        return ""
    wanted, share = ordered.bandwidth_percent or 0, found.bandwidth_percent
    if share is None:
        return f"{_said(found)}, and {wanted} % was ordered"
    urgent = sum(one.priority_percent or 0 for one in classes)
    real = share * (100 - urgent) / 100 if found.of_remaining else share
    return f"it has {real:.0f} %, and {wanted} % was ordered" if _differs(real, wanted) else ""


def _said(found: PolicyClass) -> str:
    if found.priority_percent is not None:
        return f"it has {found.priority_percent} % priority"
    return "it has no share" if found.bandwidth_percent is None else "it has no priority"


def _differs(real: float, wanted: int) -> bool:
    return abs(real - wanted) > max(_POINTS, _PART * wanted)


def class_lines(view: SiteView, found: PolicyClass, *fields: str) -> tuple[Line, ...]:
    """The lines of a class's share."""
    lines = (line for field in ("", *fields) for line in cite(view.router.name, found.at, field))
    return tuple(dict.fromkeys(lines))


def nothing_is_thrown_away(ground: Ground) -> Iterator[Finding]:
    """Nothing is policed where the access comes in, and no class on egress below its share [WV-9]."""
    for view, model in ground.routers:
        access = access_of(view, model)
        for use in applied(access, "in") if access else ():
            found = policy(model, use.name)
            for part in found.classes if found else ():
                if _thrown_away(part, view.site.access.down_kbps * 1000):
                    lines = (*cite(view.router.name, use.at), *cite(view.router.name, part.at, "police_bps"))
                    message = f"what comes in by the internet access is policed by {use.name}"
                    yield one(view, "WV-9", message, lines=lines, option="access.down_kbps")
        for part in classes_of(view, model):
            share = part.priority_percent if part.priority_percent is not None else part.bandwidth_percent
            if share is not None and _thrown_away(part, view.site.access.up_kbps * share * 10):
                message = f"class {part.name} has a share of {share} %, and is policed below it"
                yield one(view, "WV-9", message, lines=class_lines(view, part, "police_bps"), option=OPTION)


def _thrown_away(part: PolicyClass, rate: int) -> bool:
    """Whether a class drops traffic that comes at a rate in bit/s."""
    return part.drops_all or (part.police_bps is not None and part.police_bps < _LEAST_SHAPE * rate)


CHECKS = (one_policy_on_egress, egress_is_shaped, nothing_is_thrown_away)
