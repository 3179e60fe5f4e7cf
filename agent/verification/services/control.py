"""Whether a router hears what its service needs: the policy in front of its own processor."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, one
from agent.verification.packets.sets import ECHO, ESP, ICMP, NEW, TCP, UDP, Packets, Span, icmp_span, packets, span_of
from agent.verification.packets.sets import ESTABLISHED as LATER
from agent.verification.services.marking import taken_by
from agent.verification.services.shaping import policy
from device_templates.model import Policy, PolicyClass, RouterModel
from inventory import SiteView
from inventory.settings import ManagementCentre

#: Later fragments have no ports, and a policy may drop them.
_WHOLE = (NEW, LATER)
_IKE, _BGP, _SSH, _SNMP, _NTP = ((500, 500), (4500, 4500)), (179, 179), (22, 22), (161, 161), (123, 123)
_HSRP, _SERVER, _CLIENT, _VRRP, _REPLY = (1985, 1985), (67, 67), (68, 68), 112, 0
#: The ports that routers begin sessions from: some platforms from 11000 on, others from 32768 on.
_BEGUN = (11000, 65535)
#: Where both versions of HSRP, and VRRP, say that they are there [RFC 2281, RFC 5798].
_TO_GROUPS = tuple(span_of(IPv4Network(text)) for text in ("224.0.0.2", "224.0.0.102", "224.0.0.18"))


def control_plane_hears(ground: Ground) -> Iterator[Finding]:
    """The policy of what comes to the router itself drops nothing that the service needs [WV-3, WV-7, WV-11, WV-12]."""
    centre = ground.inventory.settings.management_centre
    for view, model in ground.routers:
        found = policy(model, model.control_policy) if model.control_policy else None
        dropped: set[tuple[str, str]] = set()
        for rule, what, needed in _needed(view, model, centre) if found else ():
            part = _dropping(found, needed) if found else None
            if found is None or part is None or (rule, what) in dropped:
                continue
            dropped.add((rule, what))
            message = f"policy {found.name} of the control plane drops {what}, in class {part.name}"
            lines = (*cite(view.router.name, model.at, "control_policy"), *cite(view.router.name, part.at))
            yield one(view, rule, message, lines=(*lines, *cite(view.router.name, part.at, "drops_all")))


def _dropping(found: Policy, needed: Packets) -> PolicyClass | None:
    """The class that drops some of what is needed."""
    return next((part for taken, part in taken_by(found) if part.drops_all and taken & needed), None)


def _needed(view: SiteView, model: RouterModel, centre: ManagementCentre) -> Iterator[tuple[str, str, Packets]]:
    """What a router has to hear, and by which rule."""
    managers = [span_of(network) for network in centre.networks]
    yield "WV-3", "IPsec", packets(protocols=[ESP], kinds=_WHOLE)
    yield "WV-3", "IKE", packets(protocols=[UDP], destination_ports=_IKE, kinds=_WHOLE)
    yield from _of_vpns(view)
    yield "WV-7", "logins", packets(protocols=[TCP], sources=managers, destination_ports=[_SSH], kinds=_WHOLE)
    yield "WV-7", "SNMP", packets(protocols=[UDP], sources=managers, destination_ports=[_SNMP], kinds=_WHOLE)
    if model.time_servers:
        times = packets(
            protocols=[UDP], sources=managers, source_ports=[_NTP], destination_ports=[_NTP], kinds=(NEW, NEW)
        )
        yield "WV-7", "answers of time servers", times
    yield "WV-7", "echoes of the management centre", _icmp(managers, ECHO)
    asked = [(int(one.target), int(one.target)) for one in model.probes if one.target is not None]
    if asked:
        yield "WV-12" if view.site.resilience else "WV-3", "answers to its own probes", _icmp(asked, _REPLY)
    yield from _of_leases(view)
    yield from _of_groups(view)


def _of_vpns(view: SiteView) -> Iterator[tuple[str, str, Packets]]:
    """BGP, which either end begins from a port of no service, and the echoes by which tunnels are probed."""
    for vpn in view.vpns.values():
        inside = [span_of(vpn.tunnel_network)]
        asked = packets(protocols=[TCP], sources=inside, source_ports=[_BEGUN], destination_ports=[_BGP], kinds=_WHOLE)
        answered = packets(
            protocols=[TCP], sources=inside, source_ports=[_BGP], destination_ports=[_BEGUN], kinds=(LATER, LATER)
        )
        yield "WV-3", "BGP", asked | answered
        yield "WV-3", "echoes through tunnels", _icmp(inside, ECHO) | _icmp(inside, _REPLY)


def _icmp(sources: list[Span], kind: int) -> Packets:
    return packets(protocols=[ICMP], sources=sources, icmp=[icmp_span(kind)], kinds=(NEW, NEW))


def _of_leases(view: SiteView) -> Iterator[tuple[str, str, Packets]]:
    """What guests ask for an address, and the answers where the access leases one itself."""
    if view.site.options.ilan:
        yield "WV-11", "what guests ask for an address", _lease((_CLIENT, _SERVER))
    if view.site.access.address == "dhcp":
        yield "WV-3", "the lease of the access", _lease((_SERVER, _CLIENT))


def _lease(ports: tuple[Span, Span]) -> Packets:
    source, destination = ports
    return packets(protocols=[UDP], source_ports=[source], destination_ports=[destination], kinds=(NEW, NEW))


def _of_groups(view: SiteView) -> Iterator[tuple[str, str, Packets]]:
    """What the other router of a group says: who does not hear it takes the group's address as well."""
    if resilience := view.site.resilience:
        sources = [span_of(IPv4Network(group.primary_address)) for group in resilience.hsrp.values()]
        if resilience.protocol == "vrrp":
            said = packets(protocols=[_VRRP], sources=sources, destinations=_TO_GROUPS[2:], kinds=(NEW, NEW))
        else:
            groups, ports = _TO_GROUPS[:2], [_HSRP]
            said = packets(
                protocols=[UDP], sources=sources, destinations=groups, destination_ports=ports, kinds=(NEW, NEW)
            )
        yield "WV-12", "standby with the primary", said


CHECKS = (control_plane_hears,)
