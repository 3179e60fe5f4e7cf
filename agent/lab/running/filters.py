"""Access lists, prefix lists and route maps: what a router lets through, as far as the lab's traffic needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from agent.lab.config import ConfigTree, Line
from agent.lab.running import names

_PORTS = {protocol: {name: number for number, name in ports.items()} for protocol, ports in names.PORTS.items()}


@dataclass(frozen=True, slots=True)
class Packet:
    """What a filter looks at; ``port`` is the destination's, for tcp and udp."""

    protocol: str
    source: IPv4Address
    destination: IPv4Address
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an access list; wildcards as integers, 1 bits are not looked at."""

    permit: bool
    protocol: str
    source: tuple[int, int]
    destination: tuple[int, int]
    port: int | None

    def matches(self, packet: Packet) -> bool:
        """Whether the line speaks of ``packet``."""
        return (
            self.protocol in {"ip", packet.protocol}
            and _within(packet.source, self.source)
            and _within(packet.destination, self.destination)
            and (self.port is None or self.port == packet.port)
        )


@dataclass(frozen=True, slots=True)
class AccessList:
    """Entries in order, an implicit deny at the end; an empty list permits, as on IOS."""

    entries: tuple[Entry, ...]

    def permits(self, packet: Packet) -> bool:
        """The verdict on ``packet``."""
        if not self.entries:
            return True
        return next((entry.permit for entry in self.entries if entry.matches(packet)), False)


@dataclass(frozen=True, slots=True)
class PrefixRule:
    """One line of a prefix list."""

    permit: bool
    prefix: IPv4Network
    shortest: int
    longest: int

    def matches(self, prefix: IPv4Network) -> bool:
        """Whether the line speaks of ``prefix``."""
        return self.shortest <= prefix.prefixlen <= self.longest and prefix.subnet_of(self.prefix)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a route map; without ``prefix_lists`` it takes everything."""

    permit: bool
    prefix_lists: tuple[str, ...]


@dataclass(frozen=True)
class PolicyText:
    """Prefix lists and route maps by name."""

    prefix_lists: dict[str, tuple[PrefixRule, ...]] = field(default_factory=dict)
    route_maps: dict[str, tuple[Clause, ...]] = field(default_factory=dict)

    def list_permits(self, name: str, prefix: IPv4Network) -> bool:
        """A prefix list that does not exist permits everything, as on IOS."""
        rules = self.prefix_lists.get(name)
        if rules is None:
            return True
        return next((rule.permit for rule in rules if rule.matches(prefix)), False)

    def map_permits(self, name: str, prefix: IPv4Network) -> bool:
        """A route map that does not exist denies everything where BGP uses it."""
        for clause in self.route_maps.get(name, ()):
            if not clause.prefix_lists or any(self.list_permits(one, prefix) for one in clause.prefix_lists):
                return clause.permit
        return False


def read_access_lists(tree: ConfigTree) -> dict[str, AccessList]:
    """Named and numbered access lists."""
    found: dict[str, list[Entry]] = {}
    for line in tree.children("ip access-list"):
        words = line.words
        if len(words) == 4:
            entries = (_entry(child.words, extended=words[2] == "extended") for child in line.lines)
            found[words[3]] = [entry for entry in entries if entry]
    for line in tree.children("access-list"):
        words = line.words
        if len(words) > 2 and words[1].isdigit():
            standard = int(words[1]) < 100 or 1300 <= int(words[1]) < 2000
            entry = _entry(words[2:], extended=not standard)
            found.setdefault(words[1], []).extend([entry] if entry else [])
    return {name: AccessList(tuple(entries)) for name, entries in found.items()}


def read_policies(tree: ConfigTree) -> PolicyText:
    """Prefix lists and route maps."""
    lists: dict[str, list[PrefixRule]] = {}
    for line in tree.children("ip prefix-list"):
        words = line.words
        rule = _prefix_rule(words[3:])
        if rule and len(words) > 3:
            lists.setdefault(words[2], []).append(rule)
    maps: dict[str, list[tuple[int, Clause]]] = {}
    for line in tree.children("route-map"):
        words = line.words
        if len(words) >= 4 and words[3].isdigit():
            clause = Clause(words[2] == "permit", _matched_lists(line))
            maps.setdefault(words[1], []).append((int(words[3]), clause))
    ordered = {
        name: tuple(clause for _, clause in sorted(items, key=lambda item: item[0])) for name, items in maps.items()
    }
    return PolicyText({name: tuple(rules) for name, rules in lists.items()}, ordered)


def _within(address: IPv4Address, where: tuple[int, int]) -> bool:
    base, wildcard = where
    return (int(address) | wildcard) == (base | wildcard)


def _entry(words: list[str], *, extended: bool) -> Entry | None:
    words = words[1:] if words and words[0].isdigit() else words
    if not words or words[0] not in {"permit", "deny"}:
        return None
    permit, rest = words[0] == "permit", words[1:]
    if not extended:
        source, _ = _place(rest, standard=True)
        return Entry(permit, "ip", source, (0, 0xFFFFFFFF), None)
    protocol, rest = rest[0] if rest else "ip", rest[1:]
    source, rest = _place(rest)
    _, rest = _port(rest, protocol)
    destination, rest = _place(rest)
    port, _ = _port(rest, protocol)
    return Entry(permit, protocol, source, destination, port)


def _place(words: list[str], *, standard: bool = False) -> tuple[tuple[int, int], list[str]]:
    """``any``, ``host A``, ``A wildcard`` or, in a standard list, ``A``."""
    try:
        if words[0] == "host":
            return (int(IPv4Address(words[1])), 0), words[2:]
        if words[0] != "any":
            base = int(IPv4Address(words[0]))
            if standard and (len(words) == 1 or not words[1][0].isdigit()):
                return (base, 0), words[1:]
            return (base, int(IPv4Address(words[1]))), words[2:]
    except (IndexError, ValueError):
        return (0, 0xFFFFFFFF), words[2:]
    return (0, 0xFFFFFFFF), words[1:]


def _port(words: list[str], protocol: str) -> tuple[int | None, list[str]]:
    if len(words) >= 2 and words[0] == "eq":
        port = int(words[1]) if words[1].isdigit() else _PORTS.get(protocol, {}).get(words[1])
        return port, words[2:]
    return None, words


def _prefix_rule(words: list[str]) -> PrefixRule | None:
    if words[:1] == ["seq"]:
        words = words[2:]
    if len(words) < 2 or words[0] not in {"permit", "deny"}:
        return None
    try:
        prefix = IPv4Network(words[1], strict=False)
        bounds = {words[at]: int(words[at + 1]) for at in range(2, len(words) - 1, 2)}
    except ValueError:
        return None
    shortest = bounds.get("ge", prefix.prefixlen)
    longest = bounds.get("le", 32 if "ge" in bounds else prefix.prefixlen)
    return PrefixRule(words[0] == "permit", prefix, shortest, longest)


def _matched_lists(line: Line) -> tuple[str, ...]:
    return tuple(name for child in line.children("match ip address prefix-list") for name in child.words[4:])
