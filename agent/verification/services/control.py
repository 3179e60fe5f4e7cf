"""Whether a router hears what its tunnels, sessions and managers need: the policy in front of its own processor."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, one
from agent.verification.packets.sets import ESP, NEW, TCP, UDP, Packets, packets, span_of
from agent.verification.packets.sets import ESTABLISHED as LATER
from agent.verification.services.marking import taken_by
from agent.verification.services.shaping import policy
from device_templates.model import Policy, PolicyClass
from inventory.settings import ManagementCentre

#: Later fragments have no ports, and a policy may drop them.
_WHOLE = (NEW, LATER)
_IKE, _BGP, _SSH, _SNMP = ((500, 500), (4500, 4500)), (179, 179), (22, 22), (161, 161)


def control_plane_hears(ground: Ground) -> Iterator[Finding]:
    """The policy of what comes to the router itself drops nothing of tunnels, BGP and management [WV-3, WV-7]."""
    centre = ground.inventory.settings.management_centre
    for view, model in ground.routers:
        found = policy(model, model.control_policy) if model.control_policy else None
        for rule, what, needed in _needed(centre) if found else ():
            part = _dropping(found, needed) if found else None
            if found is not None and part is not None:
                message = f"policy {found.name} of the control plane drops {what}, in class {part.name}"
                lines = (*cite(view.router.name, model.at, "control_policy"), *cite(view.router.name, part.at))
                yield one(view, rule, message, lines=(*lines, *cite(view.router.name, part.at, "drops_all")))


def _dropping(found: Policy, needed: Packets) -> PolicyClass | None:
    """The class that drops some of what is needed."""
    return next((part for taken, part in taken_by(found) if part.drops_all and taken & needed), None)


def _needed(centre: ManagementCentre) -> Iterator[tuple[str, str, Packets]]:
    """What a router has to hear, and by which rule."""
    managers = [span_of(network) for network in centre.networks]
    yield "WV-3", "IPsec", packets(protocols=[ESP], kinds=_WHOLE)
    yield "WV-3", "IKE", packets(protocols=[UDP], destination_ports=_IKE, kinds=_WHOLE)
    yield "WV-3", "BGP", packets(protocols=[TCP], destination_ports=[_BGP], kinds=_WHOLE)
    yield "WV-3", "BGP", packets(protocols=[TCP], source_ports=[_BGP], kinds=_WHOLE)
    yield "WV-7", "logins", packets(protocols=[TCP], sources=managers, destination_ports=[_SSH], kinds=_WHOLE)
    yield "WV-7", "SNMP", packets(protocols=[UDP], sources=managers, destination_ports=[_SNMP], kinds=_WHOLE)


CHECKS = (control_plane_hears,)
