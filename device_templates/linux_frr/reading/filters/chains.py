"""Chains of packet filters as what may pass between two interfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from device_templates.linux_frr.reading.filters.statement import ANYTHING, Statement, meet, statement
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import Action, At, FilterRule, Rule, Selection

#: Priorities by name (nft(8), "standard priority names").
_NAMED = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
_PRIORITY = re.compile(r"([a-z]*)([+-]?\d+)?")
#: Chains that call each other deeper than this go in circles.
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule and its line."""

    said: Statement
    line: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain: where packets come to it, "" where only others call it; before which others; what it does in the end.

    ``line`` is that of its policy, where it has one.
    """

    name: str
    hook: str
    kind: str
    priority: int
    accepts: bool
    rules: tuple[Placed, ...]
    line: int


@dataclass(slots=True)
class Filter:
    """A file of chains; ``unread`` are rules that are not understood."""

    chains: dict[str, Chain] = field(default_factory=dict)
    unread: list[Node] = field(default_factory=list)

    def at(self, hook: str, kind: str = "filter") -> list[Chain]:
        """The chains that packets pass at a place, in their order."""
        found = (one for one in self.chains.values() if (one.hook, one.kind) == (hook, kind))
        return sorted(found, key=lambda one: one.priority)


def read(file: Node) -> Filter:
    """Reads a file of packet filters, whose tables share no name of a chain that matters."""
    found = Filter()
    sets = {node.text.removeprefix("set "): _members(node) for _, node in file.walk() if node.text.startswith("set ")}
    for _, node in file.walk():
        if node.ordered and node.text.startswith("chain "):
            chain = _chain(node, sets, found)
            found.chains[chain.name] = chain
    return found


def _members(node: Node) -> list[str]:
    elements = node.find("elements")
    return [one.text for one in elements.children] if elements else []


def _chain(node: Node, sets: Mapping[str, list[str]], found: Filter) -> Chain:
    head = next((child.text.split() for child in node.children if child.text.startswith("type ")), [])
    rules = []
    for child in node.children:
        if child.text.startswith(("type ", "policy ")):
            continue
        try:
            rules.append(Placed(statement(child.text, sets), child.line))
        except (ValueError, IndexError, KeyError, TypeError):
            found.unread.append(child)
    return Chain(
        name=node.text.removeprefix("chain "),
        hook=head[3] if head else "",
        kind=head[1] if head else "",
        priority=_priority("".join(head[5:])),
        accepts=not node.has("policy drop"),
        rules=tuple(rules),
        line=next((child.line for child in node.children if child.text.startswith("policy ")), node.line),
    )


def _priority(said: str) -> int:
    """A priority by number, or by name with a number added, as the program's manual lists them; 0 where it is neither.

    What follows it in one line ends with a semicolon.
    """
    found = _PRIORITY.match(said)
    return _NAMED.get(found[1], 0) + int(found[2] or 0) if found else 0


def decisions(chains: Filter, chain: Chain, comes: str | None, goes: str | None) -> Iterator[Placed]:
    """The rules of a chain, and of those that it calls, that decide about packets between two interfaces, in order."""
    yield from _decisions(chains, chain, (comes, goes), Statement(), 0, 0)


def _decisions(
    chains: Filter, chain: Chain, way: tuple[str | None, str | None], above: Statement, line: int, depth: int
) -> Iterator[Placed]:
    log = above.log
    for rule in chain.rules:
        if not rule.said.fits(*way):
            continue
        both = meet(above, rule.said)
        if both is None:
            continue
        place = line or rule.line
        if both.jump and depth < _DEEPEST and both.jump in chains.chains:
            yield from _decisions(chains, chains.chains[both.jump], way, both, place, depth + 1)
        elif both.verdict:
            yield Placed(replace(both, log=both.log or log), place)
        elif rule.said.log and rule.said.match == ANYTHING:
            log = True


def answers_pass(chains: Filter, hook: str, comes: str | None, goes: str | None) -> bool:
    """Whether what belongs to connections may pass, whatever else may."""
    return any(
        one.said.answers and one.said.verdict == "accept"
        for chain in chains.at(hook)
        for one in decisions(chains, chain, comes, goes)
    )


def rules(chains: Filter, hook: str, comes: str | None, goes: str | None, *, answered: bool) -> tuple[FilterRule, ...]:
    """What may pass between two interfaces; all chains of a hook must let it. ``answered``: so may its answers."""
    found: list[FilterRule] = []
    *before, last = chains.at(hook)
    for chain in before:
        found += _refused(list(decisions(chains, chain, comes, goes)), accepts=chain.accepts)
    action: Action = "inspect" if answered else "pass"
    for one in decisions(chains, last, comes, goes):
        if not one.said.answers:
            accepts = one.said.verdict == "accept"
            found.append(FilterRule(action if accepts else "drop", _only(one), one.said.log, At(one.line)))
    if last.accepts:
        found.append(FilterRule(action, at=At(last.line)))
    return tuple(found)


def _refused(found: list[Placed], *, accepts: bool) -> list[FilterRule]:
    """What a chain before the last drops: where it accepts some of it first, all that it does not accept."""
    if accepts and all(one.said.verdict == "drop" for one in found):
        return [FilterRule("drop", _only(one), one.said.log, At(one.line), early=True) for one in found]
    opposite = tuple(Rule(one.said.verdict == "drop", one.said.match, at=At(one.line)) for one in found)
    whole = (*opposite, Rule(not accepts))
    return [FilterRule("drop", Selection(((whole,),)), early=True)] if any(rule.permit for rule in whole) else []


def _only(one: Placed) -> Selection:
    return Selection((((Rule(True, one.said.match, at=At(one.line)),),),))
