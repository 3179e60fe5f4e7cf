"""Prefix lists and route maps: which routes a router takes and tells, as far as the lab needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from agent.lab.config import ConfigTree, Line


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
