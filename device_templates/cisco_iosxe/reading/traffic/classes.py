"""Class maps as selections of traffic, put together where a policy uses them: lists and maps may come after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product

from device_templates.cisco_iosxe.reading.grammar import Grammar, NotUnderstood, Reader, Take
from device_templates.cisco_iosxe.reading.traffic.lists import EVERY, dscp, numbers, precedence
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import number, word
from device_templates.model import EVERYTHING, NOTHING, AccessList, At, Match, Rule, Rules, Selection, Unread

#: What ways a line ``match`` picks traffic in, once all lists and maps are known.
Ways = tuple[tuple[Rules, ...], ...]
_ANYTHING: Ways = ((),)
#: More ways than this is nobody's class map.
_MOST_WAYS = 10_000


@dataclass(slots=True)
class Lists:
    """Everything that class maps may name."""

    lists: Mapping[str, AccessList] = field(default_factory=dict)
    maps: Mapping[tuple[str, str], ClassMap] = field(default_factory=dict)
    ports: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def rules(self, name: str) -> Rules:
        """The rules of an access list; one that nobody defined lets everything pass."""
        found = self.lists.get(name)
        return found.rules if found else EVERY

    def selection(self, kind: str, name: str) -> Selection:
        """What a class map takes; one that nobody defined takes nothing, and one that is too large is unread."""
        found = self.maps.get((kind, name))
        if found is None:
            return NOTHING
        try:
            return Selection(found.ways(self, ()))
        except NotUnderstood:
            found.reader.unread.append(Unread(found.line, f"class-map {name}"))
            return NOTHING


@dataclass(slots=True)
class ClassMap:
    """A class map while it is read: ``kind`` is "" or ``inspect``, ``matches`` what its lines say."""

    reader: Reader
    line: int
    kind: str
    name: str
    every: bool
    matches: list[Callable[[Lists, tuple[str, ...]], Ways]] = field(default_factory=list)

    def ways(self, lists: Lists, above: tuple[str, ...]) -> Ways:
        """The ways in which it picks traffic; ``above`` are the maps that it is asked through."""
        if self.name in above:
            return ()
        found = [match(lists, (*above, self.name)) for match in self.matches]
        return _all_of(found) if self.every else tuple(way for ways in found for way in ways)


def _all_of(found: list[Ways]) -> Ways:
    """One way of each, together; no lines take nothing."""
    if not found:
        return ()
    ways: Ways = _ANYTHING
    for one in found:
        ways = tuple((*first, *second) for first, second in product(ways, one))
        if len(ways) > _MOST_WAYS:
            raise NotUnderstood
    return ways


def _negated(ways: Ways) -> Ways:
    """What none of several ways takes: of each way, what one of its lists does not permit."""
    return _all_of([tuple((_opposite(rules),) for rules in way) for way in ways]) if ways else _ANYTHING


def _opposite(rules: Rules) -> Rules:
    return (*(Rule(not rule.permit, rule.match, rule.log, rule.at) for rule in rules), Rule(True))


def _add(draft: ClassMap, ways: Callable[[Lists, tuple[str, ...]], Ways], *, negated: bool) -> None:
    draft.matches.append((lambda lists, above: _negated(ways(lists, above))) if negated else ways)


def _match(draft: ClassMap, rest: list[str], node: Node) -> None:
    negated = rest[0] == "not"
    words = rest[1:] if negated else rest
    kinds = [words[:1], words[:2]]
    for length, head in ((2, " ".join(kinds[1])), (1, words[0])):
        if head in _MATCHES:
            _add(draft, _MATCHES[head](draft, words[length:], node), negated=negated)
            return
    raise NotUnderstood


_Match = Callable[[ClassMap, list[str], Node], Callable[[Lists, tuple[str, ...]], Ways]]


def _list(draft: ClassMap, rest: list[str], node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    name = draft.reader.use("access-list", word(rest), node)
    return lambda lists, _: ((lists.rules(name),),)


def _map(draft: ClassMap, rest: list[str], node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    name, kind = draft.reader.use("class-map", word(rest), node), draft.kind

    def ways(lists: Lists, above: tuple[str, ...]) -> Ways:
        found = lists.maps.get((kind, name))
        return found.ways(lists, above) if found else ()

    return ways


def _protocol(_: ClassMap, rest: list[str], node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    name, at = word(rest), At(node.line)
    known = numbers()["inspect"].get(name)
    if known is None and not name.startswith("user-"):
        raise NotUnderstood

    def ways(lists: Lists, _: tuple[str, ...]) -> Ways:
        pairs = [*(known or ()), *lists.ports.get(name, ())]
        return ((tuple(Rule(True, _ports(protocol, port), at=at) for protocol, port in pairs),),)

    return ways


def _ports(protocol: int, port: int) -> Match:
    return Match(protocols=(protocol,), destination_ports=((port, port),) if port else ())


def _any(_: ClassMap, rest: list[str], __: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    if rest:
        raise NotUnderstood
    return lambda _, __: _ANYTHING


def _matched(match: Match, node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    rules = (Rule(True, match, at=At(node.line)),)
    return lambda _, __: ((rules,),)


def _dscp(_: ClassMap, rest: list[str], node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    if not rest:
        raise NotUnderstood
    return _matched(Match(dscp=tuple(dscp(one) for one in rest)), node)


def _precedence(_: ClassMap, rest: list[str], node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    if not rest:
        raise NotUnderstood
    return _matched(Match(dscp=tuple(value for one in rest for value in precedence(one))), node)


def _mark(_: ClassMap, rest: list[str], node: Node) -> Callable[[Lists, tuple[str, ...]], Ways]:
    return _matched(Match(marks=(number(word(rest)),)), node)


_MATCHES: dict[str, _Match] = {
    "access-group name": _list,
    "access-group": _list,
    "class-map": _map,
    "protocol": _protocol,
    "any": _any,
    "dscp": _dscp,
    "ip dscp": _dscp,
    "precedence": _precedence,
    "ip precedence": _precedence,
    "qos-group": _mark,
}
_LINES: dict[str, Take[ClassMap]] = {"match": _match}
_CLASS_MAP: Grammar[ClassMap] = Grammar("class-map", _LINES)


def class_map(reader: Reader, rest: list[str], node: Node) -> ClassMap:
    """Reads ``class-map [type inspect] [match-any|match-all] NAME``; all lines must fit unless it says otherwise."""
    words = list(rest)
    kind = ""
    if words[0] == "type":
        kind, words = words[1], words[2:]
        if kind != "inspect" or not words:
            raise NotUnderstood
    every = words[0] != "match-any"
    if words[0] in {"match-any", "match-all"}:
        del words[0]
    draft = ClassMap(reader, node.line, kind, word(words), every)
    reader.define("class-map", draft.name)
    return reader.under(node, _CLASS_MAP, draft)


def picked(lists: Lists, names: tuple[str, ...]) -> Selection:
    """What any of several access lists permits; without any, everything."""
    return Selection(tuple((lists.rules(name),) for name in names)) if names else EVERYTHING
