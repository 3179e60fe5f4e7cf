"""Which ends agree: members of a VPN in classes of equal values, so that cost grows with routers and not with pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent.verification.finding import Finding, Line
from agent.verification.ground import FIX, Member, VpnGround

V = TypeVar("V", bound=Hashable)
#: Of a class of routers that are all wrong alike, the lines of so many are shown.
MOST_CITED = 3


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something that must be equal at all ends: its rule and words, its value, the lines that say it.

    ``said`` puts a value in words; "" where it is, or may be, a secret. ``option`` is the inventory's field.
    """

    rule: str
    what: str
    value: Callable[[Member], Hashable]
    at: Callable[[Member], tuple[Line, ...]]
    option: Callable[[VpnGround, Member], str]
    said: Callable[[Hashable], str] = lambda value: "nothing" if value is None else str(value)


def secret(_: Hashable) -> str:
    """What is said of a value that is, or may be, a secret."""
    return ""


def grouped(members: Sequence[Member], value: Callable[[Member], V]) -> list[tuple[V, list[Member]]]:
    """Members in classes of equal values, the largest first; of equally large ones that with a hub."""
    classes: dict[V, list[Member]] = {}
    for member in members:
        classes.setdefault(value(member), []).append(member)
    return sorted(classes.items(), key=lambda item: (-len(item[1]), not any(one.hub for one in item[1])))


def couples(
    members: Sequence[Member], value: Callable[[Member], V]
) -> Iterator[tuple[V, list[Member], V, list[Member]]]:
    """Two classes that have to work together: each with those of the hubs, and with the largest class of all."""
    classes = grouped(members, value)
    known = [at for at, (_, group) in enumerate(classes) if at == 0 or any(member.hub for member in group)]
    for near in known:
        for far, (theirs, others) in enumerate(classes):
            if far not in known or far > near:
                mine, group = classes[near]
                yield theirs, others, mine, group


def disagreements(vpn: VpnGround, aspect: Aspect) -> Iterator[Finding]:
    """A finding for each class whose value is not that of the largest."""
    classes = grouped(vpn.members, aspect.value)
    if len(classes) < 2:
        return
    wanted, majority = classes[0]
    peer = first(majority)
    for value, group in classes[1:]:
        mine, theirs = aspect.said(value), aspect.said(wanted)
        words = f": {mine}, and there {theirs}" if mine and theirs else ""
        message = f"VPN {vpn.name}: {aspect.what} is not that of {_others(peer, majority)}{words}"
        yield between(group, peer, aspect.rule, message, aspect.at, aspect.option(vpn, group[0]))


def between(
    group: Sequence[Member],
    peer: Member,
    rule: str,
    message: str,
    at: Callable[[Member], tuple[Line, ...]],
    option: str = "",
    remedy: str = FIX,
) -> Finding:
    """A finding on routers that do not fit a peer, with the lines of both ends."""
    cited = [first(group), *(member for member in group if member is not first(group))][:MOST_CITED]
    lines = tuple(dict.fromkeys(line for member in (*cited, peer) for line in at(member)))
    routers = (*(member.router for member in group), peer.router)
    return Finding(rule, tuple(dict.fromkeys(routers)), message, remedy, lines=lines, option=option)


def first(group: Sequence[Member]) -> Member:
    """The member that stands for its class: a hub where there is one."""
    return next((member for member in group if member.hub), group[0])


def _others(peer: Member, group: Sequence[Member]) -> str:
    return peer.router if len(group) == 1 else f"{peer.router} and {len(group) - 1} others"
