"""Whether the proofs cover everything that a router does: what no model has may forward packets, or change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.verification.finding import Finding
from agent.verification.flows.separation import rule_of
from agent.verification.forwarding.device import INTERNET, STRANGER, Device
from agent.verification.ground import front_of
from device_templates.model import AccessList, Beyond, Effect
from inventory import Severity

#: What is said of a feature by what may come of it.
_SAYS: dict[Effect, str] = {
    "routes": "there may be routes that no proof here knows",
    "forwards": "packets may go where no proof here looks",
    "changes": "the router may be changed without an order, and what is proved of it does not last",
    "halts": "no packet passes from one interface to another",
    "drops": "packets may be dropped that the service needs",
    "refuses": "who has to be let in may be refused",
    "selects": "what is proved of the packets that are picked there is proved without it",
    "stops": "a VPN may lose sessions or routes by it, and no proof here looks",
    "decides": "what is proved of tunnels and routes is proved without it",
    "opens": "it may let in what is proved to be kept out",
    "unclear": "what is proved of logins is proved without it",
}
#: What is only not known: it may as well be harmless.
_DOUBTS: frozenset[Effect] = frozenset({"selects", "decides", "opens", "unclear"})
#: The clauses that a router as a whole breaks: a change is by an order or a request, and tunnels need routing.
_RULES: dict[Effect, str] = {
    "changes": "WV-22",
    "halts": "WV-3",
    "stops": "WV-3",
    "decides": "WV-3",
    "drops": "WV-3",
    "refuses": "WV-3",
    "unclear": "WV-7",
}


def proofs_cover_everything(device: Device) -> Iterator[Finding]:
    """The router does nothing that the model does not have: no other routing, IPv6, or changes by itself [WV-6, 22]."""
    found: dict[tuple[str, Effect, bool], list[Beyond]] = {}
    known = _judged(device)
    for one in device.model.beyond:
        if _matters(device, one, known):
            found.setdefault((one.feature, one.does, _is_doubt(device, one)), []).append(one)
    for (feature, does, doubt), places in found.items():
        names = [one.interface for one in places if one.interface]
        where = f" on {', '.join(dict.fromkeys(names))}" if names else ""
        rule = _RULES.get(does) or rule_of(*(device.roles.get(name, STRANGER) for name in names))
        if does == "opens" and not doubt:
            where, rule = " where the internet comes in", "WV-11"
        lines = device.lines(*(one.at for one in places))
        remedy = "say it in words that are understood" if does in _DOUBTS else "take it out: no order asks for it"
        finding = device.finding(rule, f"{feature}{where}: {_SAYS[does]}", remedy, lines=lines)
        yield replace(finding, severity=Severity.WARNING) if doubt else finding


def _judged(device: Device) -> set[str]:
    """The interfaces that proofs stand on: those that were ordered, tunnels, and what these leave by."""
    tunnels = device.model.tunnels()
    fronts = (front_of(device.model, tunnel) for _, tunnel in tunnels)
    ordered = {name for name, role in device.roles.items() if role != STRANGER}
    return ordered | {one.name for one in (*(one for one, _ in tunnels), *fronts) if one is not None}


def _matters(device: Device, one: Beyond, known: set[str]) -> bool:
    """Whether anything comes of it: not on an interface that is down, nor, where it is unclear, on one of nobody."""
    interface = device.interfaces.get(one.interface)
    if interface is None:
        return True
    return not interface.shutdown and (one.does != "decides" or interface.name in known)


def _is_doubt(device: Device, one: Beyond) -> bool:
    """Whether it may do no harm: a limit that is not on the access, a permit that the internet has nothing of."""
    if one.does == "drops":
        return device.roles.get(one.interface, STRANGER) != INTERNET
    if one.does == "opens":
        return not any(first <= one.at.line <= last for first, last in _of_the_internet(device))
    return one.does in _DOUBTS


def _of_the_internet(device: Device) -> Iterator[tuple[int, int]]:
    """The lines from first to last of the lists that decide on what comes in by the access."""
    wan = device.interfaces.get(device.view.site.access.interface)
    if wan is None:
        return
    names = {one.name for one in wan.access_lists if one.direction == "in"}
    asked = {
        rule.at.line
        for pair in device.model.zone_pairs
        if pair.source == wan.zone and wan.zone
        for taken in pair.rules
        if taken.action != "drop"
        for way in taken.selection.ways
        for rules in way
        for rule in rules
    }
    starts = sorted(one.at.line for one in device.model.access_lists)
    for one in device.model.access_lists:
        if one.name in names or asked & {rule.at.line for rule in one.rules}:
            yield one.at.line, _last(one, starts)


def _last(one: AccessList, starts: list[int]) -> int:
    """The line before the next list; where no other follows, any."""
    return next((start - 1 for start in starts if start > one.at.line), 2**31)
