"""Packet filters as zones: each interface is one of its own name, and what its filter lets pass is between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from device_templates.linux_frr.reading.filters.chains import Filter, answers_pass, rules
from device_templates.linux_frr.reading.parts.files import Files
from device_templates.model import SELF, At, Interface, Match, NatRule, Rule, Selection, Zone, ZonePair


def zones(interfaces: Iterable[Interface]) -> tuple[Zone, ...]:
    """A zone for every interface that has a filter."""
    return tuple(Zone(one.name, one.at) for one in interfaces if one.zone)


def zone_pairs(files: Files, interfaces: Iterable[Interface]) -> tuple[ZonePair, ...]:
    """What passes between every two interfaces of a namespace, and between each and the router itself."""
    places: dict[str, list[str]] = {}
    for one in interfaces:
        if one.zone:
            places.setdefault(one.vrf, []).append(one.name)
    return tuple(pair for vrf, names in places.items() for pair in _pairs(files.filters(vrf), names))


def _pairs(chains: Filter, names: list[str]) -> Iterator[ZonePair]:
    if chains.at("forward"):
        for comes in names:
            for goes in names:
                answered = answers_pass(chains, "forward", goes, comes)
                yield _pair(chains, "forward", (comes, goes), answered=answered)
    for name in names:
        incoming, outgoing = answers_pass(chains, "input", name, None), answers_pass(chains, "output", None, name)
        if chains.at("input"):
            yield _pair(chains, "input", (name, None), answered=outgoing or not chains.at("output"))
        if chains.at("output"):
            yield _pair(chains, "output", (None, name), answered=incoming)


def _pair(chains: Filter, hook: str, way: tuple[str | None, str | None], *, answered: bool) -> ZonePair:
    found = rules(chains, hook, *way, answered=answered)
    return ZonePair(way[0] or SELF, way[1] or SELF, found, hook, At(chains.at(hook)[-1].line))


def nat_rules(files: Files, interfaces: Iterable[Interface]) -> tuple[NatRule, ...]:
    """What leaves a namespace under the address of the interface that it leaves by."""
    vrfs = dict.fromkeys(one.vrf for one in interfaces if one.zone)
    return tuple(rule for vrf in vrfs for rule in _translations(files.filters(vrf), vrf))


def _translations(chains: Filter, vrf: str) -> Iterator[NatRule]:
    for chain in chains.at("postrouting", "nat"):
        for one in chain.rules:
            if one.said.masquerades and one.said.goes is not None and not one.said.goes[1]:
                inside = [""] if one.said.comes is None or one.said.comes[1] else sorted(one.said.comes[0])
                for name in sorted(one.said.goes[0]):
                    for by in inside:
                        yield NatRule(vrf, _taken(one.said.match), name, at=At(one.line), inside=by)


def _taken(match: Match) -> Selection:
    return Selection((((Rule(True, match),),),))
