"""Whether each VPN's traffic is in the class that was ordered for it, and guests in the last [WV-9]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, cite, of_lan, one
from agent.verification.packets.rules import matched, selected
from agent.verification.packets.sets import ALL, TCP, UDP, Packet, Packets
from agent.verification.services.shaping import (
    OPTION,
    applied,
    class_lines,
    classes_of,
    policy,
    prioritised,
    share_fault,
)
from device_templates.model import DSCP, Interface, Match, Policy, PolicyClass, RouterModel
from inventory import SiteView
from inventory.options import Classifier, TrafficPrioritisation

_PROTOCOLS = {"tcp": (TCP,), "udp": (UDP,)}
_BEST_EFFORT = 0


@dataclass(frozen=True)
class Egress:
    """A router's egress: its classes, and which of them a mark is in."""

    view: SiteView
    model: RouterModel
    ordered: TrafficPrioritisation
    classes: tuple[PolicyClass, ...]

    def of(self, dscp: int) -> PolicyClass | None:
        """The first class that takes packets with a mark; a VPN's leave encrypted, so nothing else counts."""
        packet = Packet(TCP, 49152, 0x0A000001, 0x0A000002, 49153, 0, 0, dscp)
        return next((found for found in self.classes if found.rest or packet in selected(found.selection)), None)


def _marking(ground: Ground) -> Iterator[tuple[SiteView, RouterModel]]:
    """Routers that mark what comes in; where filters class packets as they leave, a class is not told by its mark."""
    return (one for one in prioritised(ground) if not one[1].namespaces)


def classes_are_as_ordered(ground: Ground) -> Iterator[Finding]:
    """Where a LAN of a VPN comes in, what was ordered is marked for a class with its share [WV-9]."""
    for view, model in _marking(ground):
        ordered, classes = view.site.options.traffic_prioritisation, classes_of(view, model)
        if ordered is None or not classes:
            continue
        egress = Egress(view, model, ordered, classes)
        homes: dict[str, PolicyClass] = {}
        for member in ground.members_of(view):
            wanted = wanted_of(ordered, ordered.classification.get(member.vpn, {}))
            for lan in view.site.lans.get(member.vpn, ()):
                interface = of_lan(model, lan, member.interface.vrf)
                if interface is not None:
                    yield from _judged(egress, member.vpn, interface, wanted, homes)


def wanted_of(ordered: TrafficPrioritisation, classification: Mapping[str, Classifier]) -> dict[str, Packets]:
    """What belongs to each class; priority classes come first, then the order of the policy."""
    names = sorted(ordered.policy, key=lambda name: ordered.policy[name].priority_percent is None)
    left, found = ALL, {}
    for name in (name for name in names if name in classification):
        picked = _picked(classification[name])
        found[name] = left & picked
        left -= picked
    return {**found, "": left}


def _picked(classifier: Classifier) -> Packets:
    match = Match(
        protocols=_PROTOCOLS.get(classifier.protocol or "", ()),
        source_ports=tuple((port, port) for port in classifier.source_port),
        destination_ports=tuple((port, port) for port in classifier.destination_port),
        dscp=tuple(DSCP[name] for name in classifier.dscp),
    )
    return matched(match)


def _judged(
    egress: Egress, vpn: str, interface: Interface, wanted: Mapping[str, Packets], homes: dict[str, PolicyClass]
) -> Iterator[Finding]:
    """What the policy of a LAN does with each class's traffic, and with what is of no class."""
    router, option = egress.view.router.name, f"{OPTION}.classification.{vpn}"
    names = applied(interface, "in")
    found = policy(egress.model, names[0].name) if len(names) == 1 else None
    if found is None:
        message = f"VPN {vpn}: {interface.name} has {len(names) or 'no'} policy that marks what comes in"
        yield one(egress.view, "WV-9", message, lines=cite(router, interface.at), option=option)
        return
    for taken, marking in taken_by(found):
        for name, belongs in wanted.items():
            if not (packet := taken & belongs):
                continue
            home = egress.of(marking.dscp) if marking.dscp is not None else None
            fault = class_fault(egress, name, home, homes)
            if fault:
                message = f"VPN {vpn}: traffic of {words(name)} {fault}"
                share = class_lines(egress.view, home, "priority_percent", "bandwidth_percent") if home else ()
                lines = tuple(dict.fromkeys((*class_lines(egress.view, marking, "dscp"), *share)))
                finding = one(egress.view, "WV-9", message, lines=lines, option=option)
                yield replace(finding, flow=packet.witness().flow())


def words(name: str) -> str:
    return f"class {name}" if name else "no class"


def taken_by(found: Policy) -> Iterator[tuple[Packets, PolicyClass]]:
    """What each class of a policy takes, and what none does."""
    left = ALL
    for marking in found.classes:
        taken = left if marking.rest else left & selected(marking.selection)
        left -= taken
        yield taken, marking
    if left:
        yield left, PolicyClass("", at=found.at)


def class_fault(egress: Egress, name: str, home: PolicyClass | None, homes: dict[str, PolicyClass]) -> str:
    """What is wrong with where traffic goes; a class's first traffic in one with its share says that it is its own."""
    if home is None:
        return "keeps the mark that its host gave it"
    if not name:
        return "" if home.rest else f"is in {home.name}"
    if home.rest:
        return "is best effort"
    if wrong := share_fault(egress.ordered.policy[name], home, egress.classes):
        return f"is in {home.name}: {wrong}"
    if homes.setdefault(name, home) is not home:
        return f"is in {home.name}, and elsewhere in {homes[name].name}"
    other = next((known for known, found in homes.items() if found is home and known != name), "")
    return f"is in {home.name}, as that of class {other} is" if other else ""


def guests_are_best_effort(ground: Ground) -> Iterator[Finding]:
    """What guests send is marked for the last class, whatever they mark it themselves [WV-9]."""
    for view, model in _marking(ground):
        ilan, ordered = view.site.options.ilan, view.site.options.traffic_prioritisation
        found = next((one for one in model.interfaces if ilan and one.address == ilan.address), None)
        if found is None or ordered is None:
            continue
        egress = Egress(view, model, ordered, classes_of(view, model))
        marks = [policy(model, use.name) for use in applied(found, "in")]
        marking = marks[0] if len(marks) == 1 else None
        taken = taken_by(marking) if marking else iter(())
        wrong = [part for packets, part in taken if packets and not _is_last(egress, part)]
        if marking is None or wrong:
            lines: tuple[Line, ...] = cite(view.router.name, found.at)
            lines = (*lines, *(line for part in wrong for line in class_lines(view, part, "dscp")))
            message = f"what guests send by {found.name} is not marked as best effort"
            yield one(view, "WV-9", message, lines=lines, option="options.ilan")


def control_has_its_share(ground: Ground) -> Iterator[Finding]:
    """What keeps tunnels and routes up, which the router marks itself, has a share of the access to itself [WV-3].

    Among the rest it waits, and is dropped, behind whatever fills the access, and tunnels fall when they are needed.
    """
    for view, model in _marking(ground):
        ordered, classes = view.site.options.traffic_prioritisation, classes_of(view, model)
        home = Egress(view, model, ordered, classes).of(DSCP["cs6"]) if ordered and classes else None
        shares = (home.priority_percent, home.priority_bps, home.bandwidth_percent, home.bandwidth_bps) if home else ()
        if home is not None and (home.rest or not any(shares)):
            message = f"BGP, IKE and NHRP are in class {home.name}, and have no share to themselves"
            yield one(view, "WV-3", message, lines=class_lines(view, home), option=OPTION)


def _is_last(egress: Egress, marking: PolicyClass) -> bool:
    home = egress.of(marking.dscp) if marking.dscp is not None else None
    return marking.dscp == _BEST_EFFORT and (home is None or home.rest)


CHECKS = (classes_are_as_ordered, guests_are_best_effort, control_has_its_share)
