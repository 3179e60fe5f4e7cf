"""Whether what was ordered reaches the internet beside the tunnels, and nothing else does: IBO and iLAN [WV-11]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.verification.finding import Finding
from agent.verification.flows.delivery import overlapping
from agent.verification.flows.offload import offloaded
from agent.verification.forwarding.device import FIX, INTERNET, Device, vpn_role
from agent.verification.forwarding.journey import journey
from agent.verification.forwarding.legs import answered, follow_all, legs, passed, routed, translated
from agent.verification.forwarding.ordered import Exit, exits
from agent.verification.packets.routes import states
from agent.verification.packets.rules import selected
from agent.verification.packets.sets import ALL, LAST_ADDRESS, Packet, Packets, Span, packets, span_of
from device_templates.model import Interface, NatRule

#: From where and whereto an address is asked for.
_ASKING = (0, LAST_ADDRESS)
_ORDER = "order it, or take the line out"


def vpn_prefixes_stay_inside(device: Device) -> Iterator[Finding]:
    """No network of a VPN leads out by the internet access, also while tunnels are down [WV-3, WV-11]."""
    for vpn, prefixes in device.prefixes.items():
        lans = sorted(device.of_role(vpn_role(vpn)), key=lambda one: bool(one.tunnel))
        for vrf in dict.fromkeys(one.vrf for one in lans):
            entrance = next(one for one in lans if one.vrf == vrf)
            if found := _escape(device, vrf, prefixes, entrance):
                yield found


def _escape(device: Device, vrf: str, prefixes: tuple[Span, ...], entrance: Interface) -> Finding | None:
    for state in states(device.model):
        table = device.tables(state).get(vrf)
        for cell, ways in table.shown() if table else ():
            way = next((one for one in ways if device.roles.get(one.interface) == INTERNET and one.kind == "out"), None)
            part = next(overlapping(prefixes, cell), None) if way else None
            if way is None or part is None:
                continue
            part = (max(part[0], cell[0]), min(part[1], cell[1]))
            packet = packets(destinations=[part], protocols=[6]).witness(*_host(entrance))
            leaves = packet in device.gate(entrance, device.interfaces[way.interface])[0]
            how = (
                "leave unencrypted by" if leaves else "are stopped by the zones alone: unencrypted, they are routed to"
            )
            message = f"packets to a network of the VPN {how} {way.interface}, {state}"
            remedy = "let a route to Null0 catch them at a worse distance"
            path = journey(device, entrance, packet, state)
            lines, option = device.lines(way.line), _option(device)
            return device.finding("WV-3", message, remedy, option=option, lines=lines, packet=packet, path=path)
    return None


def _option(device: Device) -> str:
    return "options.internet_breakout" if device.view.site.options.internet_breakout else ""


def internet_is_reached_as_ordered(device: Device) -> Iterator[Finding]:
    """What was ordered passes to the internet from an ordered network, with its answers, and nothing else [WV-11]."""
    wan = device.interfaces.get(device.view.site.access.interface)
    if wan is None:
        return
    for ordered in exits(device):
        seen: set[tuple[str, str]] = set()
        for entrance in sorted(device.of_role(ordered.role), key=lambda one: bool(one.tunnel)):
            if (entrance.vrf, entrance.zone) not in seen:
                yield from _too_much(device, ordered, entrance, wan)
            seen.add((entrance.vrf, entrance.zone))
            if not entrance.tunnel:
                yield from _too_little(device, ordered, entrance, wan)


def _too_much(device: Device, ordered: Exit, entrance: Interface, wan: Interface) -> Iterator[Finding]:
    way = legs(device, entrance, wan)
    passes = device.listed(entrance, "in") & passed(device, way)
    if device.model.namespaces and not entrance.tunnel:  # whose packets are is said by the interface, not by sources
        passes &= packets(sources=[span_of(one) for one in ordered.sources])
    if more := ordered.more(passes):
        packet = ((more & routed(device, way)) or more).witness(*_host(entrance))
        everything = ordered.words is not None and replace(ordered, words=None).least <= passes
        what = "everything, whatever it is" if everything else _what(packet, ordered)
        gate = device.gate_hop(entrance, way[0].leaves, packet)
        message = f"{ordered.role} may send more to the internet than was ordered: {what}"
        yield device.finding(
            "WV-11",
            message,
            "let the zone pair pass only what was ordered",
            option=f"options.{ordered.option}",
            lines=gate.lines if gate else device.lines(entrance.at, wan.at),
            packet=packet,
            path=follow_all(device, way, packet),
        )


def _what(packet: Packet, ordered: Exit) -> str:
    flow = packet.flow()
    if not any(flow.source in network for network in ordered.sources):
        return f"from {flow.source}, which is no network of its LAN"
    if any(lo <= packet.destination <= hi for lo, hi in ordered.refused):
        return f"to {flow.destination}, which is a network of its own or of management"
    return f"protocol {flow.protocol}, port {flow.destination_port}"


def _too_little(device: Device, ordered: Exit, entrance: Interface, wan: Interface) -> Iterator[Finding]:
    way = legs(device, entrance, wan)
    steps = (
        (device.listed(entrance, "in"), f"the list at {entrance.name} drops it"),
        (answered(device, way), "the zones drop it or its answers" if way else "no link leads to the internet access"),
        (device.listed(wan, "out"), f"the list at {wan.name} drops it"),
        (translated(device, way), "its source is not translated"),
        (_answers(device.listed(wan, "in").to(_own(wan))), f"the list at {wan.name} drops its answers"),
        (_answers(device.listed(entrance, "out")), f"the list at {entrance.name} drops its answers"),
        (routed(device, way), "it does not lead to the access's gateway"),
    )
    breakout = device.view.site.options.internet_breakout
    least = ordered.least
    if breakout and device.model.namespaces and ordered.option == "internet_breakout":
        least -= offloaded(device, breakout.vpn)  # filters drop it there, elsewhere policy routing takes it before
    for passes, why in steps:
        if missing := least - passes:
            packet = missing.witness(*_host(entrance))
            path = follow_all(device, way, packet)
            yield device.finding(
                "WV-11",
                f"{ordered.role} does not reach the internet as ordered: {why}",
                FIX,
                option=f"options.{ordered.option}",
                lines=tuple(dict.fromkeys((*device.lines(entrance.at), *(path[-1].lines if path else ())))),
                packet=packet,
                path=path,
            )


def _host(entrance: Interface) -> list[int]:
    return [int(entrance.address.network.network_address) + 50] if entrance.address and not entrance.tunnel else []


def _answers(passed: Packets) -> Packets:
    """What is asked where a list lets the answers of it pass."""
    return ALL if passed == ALL else passed.asked()


def _own(wan: Interface) -> int | None:
    """Where answers of translated connections come to."""
    return int(wan.address.ip) if wan.address else None


def translation_is_for_the_ordered(device: Device) -> Iterator[Finding]:
    """Only ordered networks' addresses are translated, and nothing inside is offered to the internet [WV-11]."""
    ordered = {entrance.vrf: one for one in exits(device) for entrance in device.of_role(one.role)}
    wan = device.view.site.access.interface
    if device.model.namespaces:
        yield from _strange_links(device)
        return
    for rule in device.model.nat_rules:
        yield from _strange_rule(device, rule, ordered.get(rule.vrf), wan)
    for static in device.model.nat_statics:
        message = f"{static.inside} is reached from the internet by a fixed translation"
        yield device.finding("WV-11", message, _ORDER, option="options", lines=device.lines(static.at))
    roles = {one.role for one in exits(device)}
    for interface in device.model.interfaces:
        role = device.roles[interface.name]
        inside = interface.nat in ("inside", "both") and (role not in roles or interface.tunnel)
        if inside or (interface.nat in ("outside", "both") and interface.name != wan):
            message = f"{interface.name} of {role} takes part in translation"
            yield device.finding("WV-11", message, _ORDER, lines=device.lines(interface.at.of("nat")))


def _strange_links(device: Device) -> Iterator[Finding]:
    """Translation between interfaces that no ordered way to the internet goes by."""
    wan = device.interfaces.get(device.view.site.access.interface)
    lans = [lan for one in exits(device) for lan in device.of_role(one.role) if not lan.tunnel] if wan else []
    ways = [leg for lan in lans if wan for leg in legs(device, lan, wan)]
    for rule in device.model.nat_rules:
        ends = [(leg.comes, leg.leaves.name) for leg in ways if leg.comes.vrf == rule.vrf]
        if not any(rule.outside == leaves and rule.inside in ("", comes.name) for comes, leaves in ends):
            come = f"what comes by {rule.inside}" if rule.inside else "everything"
            message = f"{come} is translated on {rule.outside}, which is no ordered way to the internet"
            yield device.finding("WV-11", message, _ORDER, option="options", lines=device.lines(rule.at))


def _strange_rule(device: Device, rule: NatRule, ordered: Exit | None, wan: str) -> Iterator[Finding]:
    if ordered is None:
        where = f"VRF {rule.vrf}" if rule.vrf else "the global table"
        message = f"sources of {where} are translated, for which no way to the internet was ordered"
        yield device.finding("WV-11", message, _ORDER, lines=device.lines(rule.at))
        return
    option = f"options.{ordered.option}"
    if rule.outside != wan:
        message = f"{ordered.role} is translated on {rule.outside}, not on the access {wan}"
        yield device.finding("WV-11", message, FIX, option=option, lines=device.lines(rule.at))
    if more := ordered.overtranslated(selected(rule.selection)):
        packet = more.witness()
        message = f"{ordered.role}: more is translated than was ordered: {_what(packet, ordered)}"
        yield device.finding("WV-11", message, FIX, option=option, lines=device.lines(rule.at), packet=packet)
