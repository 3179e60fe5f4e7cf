"""Which prefixes lists and route maps let in: spans of destinations with their shortest and longest length."""

from __future__ import annotations

from ipaddress import IPv4Network

from agent.verification.packets.sets import Span, span_of
from device_templates.model import BgpNeighbor, RouterModel

EVERYWHERE = IPv4Network("0.0.0.0/0")


def admitted(model: RouterModel, name: str) -> list[tuple[Span, int, int]]:
    """What a prefix list lets in: destinations, with the shortest and longest prefix; without a list everything."""
    found = next((one for one in model.prefix_lists if one.name == name), None)
    if found is None:
        return [(span_of(EVERYWHERE), 0, 32)]
    refused: list[tuple[Span, int, int]] = []
    admits: list[tuple[Span, int, int]] = []
    for entry in found.entries:
        part = (span_of(entry.network), entry.shortest, entry.longest)
        if not entry.permit:
            refused.append(part)
        elif not any(covers(deny, part) for deny in refused):
            admits.append(part)
    return admits


def taken_from(model: RouterModel, peer: BgpNeighbor) -> list[tuple[Span, int, int]]:
    """What a neighbour's prefix list and route map both let in."""
    listed, mapped = admitted(model, peer.prefix_list_in), _mapped_in(model, peer.map_in)
    pairs = (
        ((max(one[0][0], two[0][0]), min(one[0][1], two[0][1])), max(one[1], two[1]), min(one[2], two[2]))
        for one in listed
        for two in mapped
    )
    return [
        (span, shortest, longest) for span, shortest, longest in pairs if span[0] <= span[1] and shortest <= longest
    ]


def _mapped_in(model: RouterModel, name: str) -> list[tuple[Span, int, int]]:
    """What a route map lets in; what a clause matches beside prefix lists may be anything."""
    found = next((one for one in model.route_maps if one.name == name), None)
    if found is None:
        return [(span_of(EVERYWHERE), 0, 32)]
    refused: list[tuple[Span, int, int]] = []
    admits: list[tuple[Span, int, int]] = []
    for clause in found.clauses:
        parts = [part for one in clause.prefix_lists or ("",) for part in admitted(model, one)]
        if clause.permit:
            admits += [part for part in parts if not any(covers(deny, part) for deny in refused)]
        elif not any(one.startswith("match ") for one in clause.others):
            refused += parts
    return admits


def covers(one: tuple[Span, int, int], two: tuple[Span, int, int]) -> bool:
    """Whether all prefixes of the second are of the first."""
    inside = one[0][0] <= two[0][0] and two[0][1] <= one[0][1]
    return inside and one[1] <= two[1] and two[2] <= one[2]
