"""Whether filters put each VPN's traffic into its class as it leaves, and guests into the last [WV-9]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent.verification.finding import Finding
from agent.verification.ground import Ground, Member, cite, of_lan, one
from agent.verification.packets.rules import selected
from agent.verification.packets.sets import ALL, NONE, Packets
from agent.verification.services.marking import Egress, class_fault, wanted_of, words
from agent.verification.services.shaping import OPTION, class_lines, classes_of, prioritised
from device_templates.model import Classing, ClassRule, PolicyClass, Selection

#: From which interface to which.
Way = tuple[str, str]


def filters_class_as_ordered(ground: Ground) -> Iterator[Finding]:
    """Where filters class what leaves, a VPN's traffic is in the class that was ordered for it [WV-9]."""
    for egress in _classing(ground):
        classification = egress.ordered.classification
        homes: dict[str, PolicyClass] = {}
        for member in ground.members_of(egress.view):
            wanted = wanted_of(egress.ordered, classification.get(member.vpn, {}))
            for way in _ways(egress, member):
                yield from _judged(egress, member.vpn, way, wanted, homes)


def _classing(ground: Ground) -> Iterator[Egress]:
    for view, model in prioritised(ground):
        ordered, classes = view.site.options.traffic_prioritisation, classes_of(view, model)
        if model.namespaces and ordered is not None and classes:
            yield Egress(view, model, ordered, classes)


def _ways(egress: Egress, member: Member) -> Iterator[Way]:
    """From each LAN of a VPN into its tunnel, and from its link out to the internet, where it has one."""
    for lan in egress.view.site.lans.get(member.vpn, ()):
        interface = of_lan(egress.model, lan, member.interface.vrf)
        if interface is not None:
            yield interface.name, member.interface.name
    breakout = egress.view.site.options.internet_breakout
    if breakout and breakout.vpn == member.vpn:
        inside = [it.address for it in egress.model.interfaces if it.vrf == member.interface.vrf and it.address]
        for outer in egress.model.interfaces:
            if not outer.vrf and outer.address and any(outer.address.network == one.network for one in inside):
                yield outer.name, egress.view.site.access.interface


def _judged(
    egress: Egress, vpn: str, way: Way, wanted: Mapping[str, Packets], homes: dict[str, PolicyClass]
) -> Iterator[Finding]:
    for taken, rule in _parts(egress, way):
        home = _home(egress, rule)
        for name, belongs in wanted.items():
            packet = taken & belongs
            if packet and (fault := class_fault(egress, name, home, homes)):
                message = f"VPN {vpn}, {way[0]} to {way[1]}: traffic of {words(name)} {fault}"
                share = class_lines(egress.view, home, "priority_percent", "bandwidth_percent") if home else ()
                lines = tuple(dict.fromkeys((*cite(egress.view.router.name, rule.at), *share)))
                option = f"{OPTION}.classification.{vpn}"
                finding = one(egress.view, "WV-9", message, lines=lines, option=option)
                yield replace(finding, flow=packet.witness().flow())


def _parts(egress: Egress, way: Way) -> Iterator[tuple[Packets, ClassRule]]:
    """What each rule decides about in the end, and what none does."""
    found = next((one for one in egress.model.classings if (one.inside, one.outside) == way), Classing(*way, ()))
    left, beyond = ALL, [selected(rule.selection) for rule in found.rules]
    for place, rule in enumerate(found.rules):
        taken = left & beyond[place]
        if rule.ends:
            left -= taken
        else:
            later = NONE
            for one_later in beyond[place + 1 :]:
                later |= one_later
            taken -= later
        yield taken, rule
    for taken in beyond:
        left -= taken
    yield left, ClassRule("", Selection(), ends=True, at=found.at)


def _home(egress: Egress, rule: ClassRule) -> PolicyClass | None:
    """The class of egress; what is in none that is there is in the last."""
    named = next((one for one in egress.classes if one.name == rule.name), None)
    return named or next((one for one in egress.classes if one.rest), None)


def filters_put_guests_last(ground: Ground) -> Iterator[Finding]:
    """Where filters class what leaves, what guests send is in the last class [WV-9]."""
    for egress in _classing(ground):
        ilan = egress.view.site.options.ilan
        found = next((it for it in egress.model.interfaces if ilan and it.address == ilan.address), None)
        if found is None:
            continue
        way = found.name, egress.view.site.access.interface
        for taken, rule in _parts(egress, way):
            home = _home(egress, rule)
            if taken and (home is None or not home.rest):
                message = f"what guests send by {found.name} is not in the last class"
                lines = (*cite(egress.view.router.name, rule.at), *cite(egress.view.router.name, found.at))
                yield one(egress.view, "WV-9", message, lines=lines, option="options.ilan")


CHECKS = (filters_class_as_ordered, filters_put_guests_last)
