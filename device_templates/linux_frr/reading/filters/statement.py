"""One rule of a packet filter: by which interfaces a packet comes and goes, what it is, and what is done with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, summarize_address_range
from typing import Any

from device_templates.model import DSCP, Match, Ports

_TOKEN = re.compile(r'"[^"]*"|\{[^{}]*\}|[^\s{}"]+')
PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "ospf": 89, "vrrp": 112}
_ICMP = {
    "echo-reply": 0,
    "destination-unreachable": 3,
    "redirect": 5,
    "echo-request": 8,
    "time-exceeded": 11,
    "parameter-problem": 12,
}
#: The kernel's names: some have two.
_DSCP = {**DSCP, "cs0": 0, "be": 0, "va": 44}
ANYTHING = Match()
_ANSWERS = {"established", "related"}


class NotUnderstood(ValueError):
    """A rule says what no table here has."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a rule says. ``comes`` and ``goes`` are the interfaces, with whether all others are meant; None: any.

    ``verdict`` is "" where the rule only does something, ``jump`` the chain that goes on; ``answers``: only packets of
    connections that are there. ``never``: no packet of IPv4 fits that is not in IPsec where it should be.
    """

    comes: tuple[frozenset[str], bool] | None = None
    goes: tuple[frozenset[str], bool] | None = None
    match: Match = ANYTHING
    verdict: str = ""
    jump: str = ""
    answers: bool = False
    never: bool = False
    log: bool = False
    masquerades: bool = False
    priority: str = ""
    mark: int | None = None

    def fits(self, comes: str | None, goes: str | None) -> bool:
        """Whether a packet between two interfaces may fit; None is the router itself."""
        return not self.never and _named(self.comes, comes) and _named(self.goes, goes)


def _named(wanted: tuple[frozenset[str], bool] | None, name: str | None) -> bool:
    if wanted is None:
        return True
    names, negated = wanted
    return (name in names) != negated if name is not None else negated


@dataclass(slots=True)
class _Draft:
    """A rule while its words are read."""

    sets: Mapping[str, list[str]]
    said: dict[str, Any] = field(default_factory=dict)
    match: dict[str, Any] = field(default_factory=dict)


def statement(text: str, sets: Mapping[str, list[str]]) -> Statement:
    """Reads a rule; ``sets`` are the members of named sets. Raises NotUnderstood, ValueError or IndexError."""
    draft, words = _Draft(sets), _TOKEN.findall(text)
    while words:
        head = next((one for one in (" ".join(words[:2]), words[0]) if one in _TAKES), None)
        if head is None:
            raise NotUnderstood(words[0])
        del words[: len(head.split())]
        _TAKES[head](draft, words)
    return Statement(**draft.said, match=Match(**draft.match))


def _values(draft: _Draft, words: list[str]) -> list[str]:
    """One value, those of a set in braces, or those of a named set."""
    if words[0] in {"!=", "=="}:
        raise NotUnderstood
    text = words.pop(0)
    if text.startswith("@"):
        return draft.sets[text[1:]]
    return [one.strip().strip('"') for one in text.strip("{} ").split(",")]


def _interfaces(key: str) -> Callable[[_Draft, list[str]], None]:
    def take(draft: _Draft, words: list[str]) -> None:
        negated = words[0] == "!="
        if words[0] in {"!=", "=="}:
            del words[0]
        draft.said[key] = (frozenset(_values(draft, words)), negated)

    return take


def _networks(key: str) -> Callable[[_Draft, list[str]], None]:
    def take(draft: _Draft, words: list[str]) -> None:
        draft.match[key] = tuple(one for text in _values(draft, words) for one in _network(text))

    return take


def _network(text: str) -> list[IPv4Network]:
    first, dash, last = text.partition("-")
    if dash:
        return list(summarize_address_range(IPv4Address(first), IPv4Address(last)))
    return [IPv4Network(text)]


def _protocol(draft: _Draft, words: list[str]) -> None:
    values = (PROTOCOLS.get(one) or int(one) for one in _values(draft, words))
    draft.match["protocols"] = tuple(sorted(values))


def _ports(protocol: int, key: str) -> Callable[[_Draft, list[str]], None]:
    def take(draft: _Draft, words: list[str]) -> None:
        draft.match[key] = tuple(_port(one) for one in _values(draft, words))
        if protocol:
            draft.match["protocols"] = (protocol,)

    return take


def _port(text: str) -> Ports:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def _icmp(draft: _Draft, words: list[str]) -> None:
    values = (_ICMP[one] if one in _ICMP else int(one) for one in _values(draft, words))
    draft.match |= {"protocols": (1,), "icmp_types": tuple(sorted(values))}


def _dscp(draft: _Draft, words: list[str]) -> None:
    values = (_DSCP[one] if one in _DSCP else int(one, 0) for one in _values(draft, words))
    draft.match["dscp"] = tuple(sorted(values))


def _state(draft: _Draft, words: list[str]) -> None:
    states = set(",".join(_values(draft, words)).split(","))
    if not states <= _ANSWERS:
        raise NotUnderstood
    draft.said["answers"] = True


def _family(draft: _Draft, words: list[str]) -> None:
    draft.said["never"] = words.pop(0) == "ipv6"


def _ipsec(draft: _Draft, words: list[str]) -> None:
    if words.pop(0) == "missing":
        draft.said["never"] = True


def _verdict(name: str) -> Callable[[_Draft, list[str]], None]:
    def take(draft: _Draft, words: list[str]) -> None:
        draft.said["verdict"] = "accept" if name == "accept" else "drop"
        if name == "reject":
            words.clear()

    return take


def _jump(draft: _Draft, words: list[str]) -> None:
    draft.said["jump"] = words.pop(0)


def _skip(count: int) -> Callable[[_Draft, list[str]], None]:
    def take(_: _Draft, words: list[str]) -> None:
        del words[:count]

    return take


def _limit(_: _Draft, words: list[str]) -> None:
    """How often a rule fits is no matter of what it fits."""
    del words[0]
    if words[:1] == ["burst"]:
        del words[:3]


def _log(draft: _Draft, words: list[str]) -> None:
    draft.said["log"] = True
    while words and words[0] in {"prefix", "group", "snaplen", "level", "flags", "queue-threshold"}:
        del words[:2]


def _masquerade(draft: _Draft, _: list[str]) -> None:
    draft.said["masquerades"] = True


def _priority(draft: _Draft, words: list[str]) -> None:
    draft.said["priority"] = words.pop(0)


def _set_mark(draft: _Draft, words: list[str]) -> None:
    draft.said["mark"] = int(words.pop(0), 0)


def _mark(draft: _Draft, words: list[str]) -> None:
    draft.match["marks"] = tuple(int(one, 0) for one in _values(draft, words))


_TAKES: dict[str, Callable[[_Draft, list[str]], None]] = {
    "iifname": _interfaces("comes"),
    "oifname": _interfaces("goes"),
    "iif": _interfaces("comes"),
    "oif": _interfaces("goes"),
    "ip saddr": _networks("sources"),
    "ip daddr": _networks("destinations"),
    "ip protocol": _protocol,
    "meta l4proto": _protocol,
    "tcp sport": _ports(6, "source_ports"),
    "tcp dport": _ports(6, "destination_ports"),
    "udp sport": _ports(17, "source_ports"),
    "udp dport": _ports(17, "destination_ports"),
    "th sport": _ports(0, "source_ports"),
    "th dport": _ports(0, "destination_ports"),
    "icmp type": _icmp,
    "ip dscp": _dscp,
    "ct state": _state,
    "meta nfproto": _family,
    "meta ipsec": _ipsec,
    "rt ipsec": _ipsec,
    "meta mark": _mark,
    "meta priority": _skip(0),
    "set": _priority,
    "accept": _verdict("accept"),
    "drop": _verdict("drop"),
    "reject": _verdict("reject"),
    "jump": _jump,
    "limit rate": _limit,
    "counter": _skip(0),
    "log": _log,
    "comment": _skip(1),
    "masquerade": _masquerade,
    "tcp flags": _skip(1),
    "tcp option": _skip(4),
    "ct helper": _skip(2),
    "mark set": _set_mark,
}


def meet(one: Statement, other: Statement) -> Statement | None:
    """What fits two rules at once, with what the second does; None where nothing can."""
    values: dict[str, Any] = {}
    for key in (
        "protocols",
        "sources",
        "destinations",
        "source_ports",
        "destination_ports",
        "dscp",
        "icmp_types",
        "marks",
    ):
        first, second = getattr(one.match, key), getattr(other.match, key)
        values[key] = _both(key, first, second) if first and second else first or second
        if first and second and not values[key]:
            return None
    answers = one.answers or other.answers
    return replace(other, match=Match(**values), answers=answers, log=one.log or other.log)


def _both(key: str, first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    if key in {"sources", "destinations"}:
        pairs = ((a, b) for a in first for b in second if a.overlaps(b))
        return tuple(a if a.subnet_of(b) else b for a, b in pairs)
    if key.endswith("ports"):
        spans = ((max(a[0], b[0]), min(a[1], b[1])) for a in first for b in second)
        return tuple(span for span in spans if span[0] <= span[1])
    return tuple(one for one in first if one in second)
