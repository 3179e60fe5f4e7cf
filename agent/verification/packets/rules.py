"""Lines of a configuration as sets of packets: access lists, selections of them, and the rules between two zones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network

from agent.verification.packets.sets import (
    ALL,
    ESTABLISHED,
    FRAGMENT,
    ICMP,
    NEW,
    NONE,
    TCP,
    UDP,
    Packet,
    Packets,
    Span,
    icmp_span,
    packets,
    span_of,
)
from device_templates.model import FilterRule, Match, Rule, Rules, Selection

#: Equal lists of many routers are reckoned once; a router has a few dozen.
_REMEMBERED = 8192


@lru_cache(maxsize=_REMEMBERED)
def matched(match: Match) -> Packets:
    """What a match takes. Only the first fragment of a packet has ports, and only TCP has established packets."""
    ports = bool(match.source_ports or match.destination_ports)
    protocols: Iterable[int] = match.protocols
    if match.marks:
        return NONE
    if ports:
        protocols = [one for one in match.protocols or (TCP, UDP) if one in (TCP, UDP)]
    elif match.icmp_types:
        protocols = [one for one in match.protocols or (ICMP,) if one == ICMP]
    elif match.established:
        protocols = [one for one in match.protocols or (TCP,) if one == TCP]
    if (ports or match.icmp_types or match.established) and not protocols:
        return NONE
    return packets(
        protocols=protocols,
        sources=_spans(match.sources),
        destinations=_spans(match.destinations),
        source_ports=match.source_ports,
        destination_ports=match.destination_ports,
        icmp=[icmp_span(kind, code) for kind in match.icmp_types for code in match.icmp_codes or (None,)],
        kinds=_kinds(match, ports or bool(match.icmp_types)),
        dscp=match.dscp,
    )


def _kinds(match: Match, first_only: bool) -> Span:
    if match.established:
        return ESTABLISHED, ESTABLISHED
    if match.fragments:
        return FRAGMENT, FRAGMENT
    return NEW, ESTABLISHED if first_only else FRAGMENT


def _spans(networks: tuple[IPv4Network, ...]) -> list[Span]:
    return [span_of(one) for one in networks]


@lru_cache(maxsize=_REMEMBERED)
def permitted(rules: Rules) -> Packets:
    """What a list permits: the first fitting rule decides, what fits none is not permitted."""
    found, left = NONE, ALL
    for rule in rules:
        taken = matched(rule.match)
        if rule.permit:
            found |= left & taken
        left -= taken
        if not left:
            break
    return found


def deciding(rules: Rules, packet: Packet) -> Rule | None:
    """The rule that decides about one packet, None where the end of the list does."""
    return next((rule for rule in rules if packet in matched(rule.match)), None)


@lru_cache(maxsize=_REMEMBERED)
def selected(selection: Selection) -> Packets:
    """What a selection picks."""
    found = NONE
    for way in selection.ways:
        taken = ALL
        for rules in way:
            taken &= permitted(rules)
        found |= taken
    return found


@lru_cache(maxsize=_REMEMBERED)
def passing(rules: tuple[FilterRule, ...]) -> tuple[Packets, Packets]:
    """What the rules between two zones let pass, and what of it they inspect, so that its answers come back."""
    passed, inspected, left = NONE, NONE, ALL
    for rule in rules:
        taken = left & selected(rule.selection)
        if rule.action != "drop":
            passed |= taken
        if rule.action == "inspect":
            inspected |= taken
        left -= taken
    return passed, inspected


def first(rules: tuple[FilterRule, ...], packet: Packet) -> FilterRule | None:
    """The rule between two zones that decides about one packet."""
    return next((rule for rule in rules if packet in selected(rule.selection)), None)
