"""Access lists as rules: what each entry permits or denies, in the order in which IOS tries them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from device_templates.cisco_iosxe.ports import NUMBERS
from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import number
from device_templates.model import AccessList, At, Match, Ports, Rule, Rules

TCP, UDP, ICMP = 6, 17, 1
_ALL = 2**32 - 1
_LAST_PORT = 65535
#: A wildcard with more scattered bits would stand for more networks than a line of rules should.
_MOST_SCATTERED = 8
#: What is in force where a list is used that has no entry, or that nobody defined [S].
EVERY: Rules = (Rule(True),)


@lru_cache(maxsize=1)
def numbers() -> dict[str, dict[str, Any]]:
    """What IOS calls protocols, ICMP messages and values of DSCP."""
    text = resources.files("device_templates.cisco_iosxe").joinpath("numbers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(slots=True)
class Groups:
    """Object groups by name: networks, and protocols with their ports."""

    networks: dict[str, tuple[IPv4Network, ...]] = field(default_factory=dict)
    services: dict[str, tuple[Match, ...]] = field(default_factory=dict)

    def of_networks(self, name: str) -> tuple[IPv4Network, ...]:
        """The networks of a group. Raises NotUnderstood for one that is empty, or not known."""
        if not (found := self.networks.get(name)):
            raise NotUnderstood
        return found

    def of_services(self, name: str) -> tuple[Match, ...]:
        """The protocols of a group. Raises NotUnderstood for one that is empty, or not known."""
        if not (found := self.services.get(name)):
            raise NotUnderstood
        return found


@dataclass(slots=True)
class ListDraft(Draft):
    """An access list while it is read: its entries by their number, each of a rule for each of its protocols."""

    name: str = ""
    extended: bool = True
    groups: Groups = field(default_factory=Groups)
    entries: dict[int, tuple[Rule, ...]] = field(default_factory=dict)

    def take(self, words: list[str], node: Node, sequence: int | None = None) -> None:
        """One entry; without a number it is the last, and IOS takes no second of one number.

        What is permitted for a time may pass: it counts, and its line stays unread, since other times are not judged.
        """
        at_times = words[-2:-1] == ["time-range"]
        said = words[:-2] if at_times else words
        if at_times and said[0] != "permit":
            raise NotUnderstood
        rules = extended(said, node, self.groups) if self.extended else (standard(said, node),)
        place = max(self.entries, default=0) + 10 if sequence is None else sequence
        if place in self.entries:
            raise NotUnderstood
        self.entries[place] = rules
        if at_times:
            raise NotUnderstood

    def finished(self) -> AccessList:
        """The list; one without entries lets everything pass."""
        rules = tuple(rule for place in sorted(self.entries) for rule in self.entries[place])
        return AccessList(self.name, rules or EVERY, At(self.line))


def _entry(draft: ListDraft, _: list[str], node: Node) -> None:
    draft.take(node.text.split(), node)


def _numbered(draft: ListDraft, _: list[str], node: Node) -> None:
    sequence, *words = node.text.split()
    if words[0] == "remark":
        return
    draft.take(words, node, number(sequence))


_ENTRIES: Grammar[ListDraft] = Grammar(
    "access-list",
    {"permit": _entry, "deny": _entry, "* permit": _numbered, "* deny": _numbered, "*": _numbered},
)


def entries(reader: Reader, draft: ListDraft, node: Node) -> None:
    """Takes the entries of a named list."""
    reader.under(node, _ENTRIES, draft)


def is_extended(name: str) -> bool:
    """Whether a list of this number is an extended one. Raises ValueError for no number of either."""
    which = number(name)
    if 100 <= which <= 199 or 2000 <= which <= 2699:
        return True
    if 1 <= which <= 99 or 1300 <= which <= 1999:
        return False
    raise NotUnderstood


def standard(words: list[str], node: Node) -> Rule:
    """An entry of a standard list, which matches sources."""
    permit, rest = _permits(words[0]), list(words[1:])
    log = rest[-1:] == ["log"]
    if log:
        rest.pop()
    if len(rest) == 1 and rest[0] != "any":
        rest = ["host", rest[0].rstrip(",")]
    sources = _networks(rest, Groups())
    _complete(rest)
    return Rule(permit, Match(sources=sources), log, At(node.line))


def extended(words: list[str], node: Node, groups: Groups) -> tuple[Rule, ...]:
    """An entry of an extended list, a rule for each protocol of its object group."""
    permit, rest = _permits(words[0]), list(words[1:])
    grouped = rest[0] == "object-group"
    services = groups.of_services(rest[1]) if grouped else (Match(protocols=protocol(rest[0])),)
    del rest[: 1 + grouped]
    protocols = () if grouped else services[0].protocols
    with_ports = protocols in ((TCP,), (UDP,))
    values: dict[str, Any] = {"sources": _networks(rest, groups)}
    if with_ports:
        values["source_ports"] = ports(rest, protocols)
    values["destinations"] = _networks(rest, groups)
    if with_ports:
        values["destination_ports"] = ports(rest, protocols)
    if protocols == (ICMP,):
        values |= icmp(rest)
    log = _options(rest, values)
    return tuple(Rule(permit, replace(one, **values), log, At(node.line)) for one in services)


def _permits(word: str) -> bool:
    if word not in {"permit", "deny"}:
        raise NotUnderstood
    return word == "permit"


def _complete(rest: list[str]) -> None:
    if rest:
        raise NotUnderstood


def protocol(word: str) -> tuple[int, ...]:
    """A protocol by its number or name; an empty result is any. Raises ValueError."""
    found = numbers()["protocols"].get(word)
    if found is None:
        found = number(word)
    if not 0 <= found <= 255:
        raise NotUnderstood
    return (found,) if found else ()


def _networks(rest: list[str], groups: Groups) -> tuple[IPv4Network, ...]:
    """Takes ``any``, ``host A``, ``A WILDCARD`` or an object group from the words; an empty result is any."""
    first = rest.pop(0)
    if first in {"object-group", "addrgroup"}:
        return groups.of_networks(rest.pop(0))
    if first == "any":
        return ()
    if first == "host":
        return (IPv4Network(rest.pop(0)),)
    address, wildcard = IPv4Address(first.rstrip(",")), IPv4Address(rest.pop(0))
    return _wild(int(address), int(wildcard))


def _wild(address: int, wildcard: int) -> tuple[IPv4Network, ...]:
    """The networks that a wildcard stands for: one where its bits are together, else several."""
    low = 0
    while wildcard >> low & 1:
        low += 1
    scattered = [bit for bit in range(low, 32) if wildcard >> bit & 1]
    if len(scattered) > _MOST_SCATTERED:
        raise NotUnderstood
    bases = [address & ~wildcard & _ALL]
    for bit in scattered:
        bases += [base | 1 << bit for base in bases]
    found = tuple(IPv4Network((base, 32 - low)) for base in sorted(bases))
    return () if low == 32 else found


def ports(rest: list[str], protocols: tuple[int, ...]) -> tuple[Ports, ...]:
    """Takes a condition on ports from the words, where there is one."""
    if rest[:1] == [] or rest[0] not in {"eq", "neq", "lt", "gt", "range"}:
        return ()
    operator = rest.pop(0)
    first = port(rest.pop(0), protocols[0])
    if operator == "range":
        return ((first, port(rest.pop(0), protocols[0])),)
    if operator == "lt":
        return ((0, first - 1),)
    if operator == "gt":
        return ((first + 1, _LAST_PORT),)
    found = [first]
    while rest and _is_port(rest[0], protocols[0]):
        found.append(port(rest.pop(0), protocols[0]))
    return tuple((one, one) for one in found) if operator == "eq" else _others(found)


def _others(ports: list[int]) -> tuple[Ports, ...]:
    """All ports but some."""
    found, first = [], 0
    for one in sorted(ports):
        if first < one:
            found.append((first, one - 1))
        first = one + 1
    return (*found, *(((first, _LAST_PORT),) if first <= _LAST_PORT else ()))


def port(word: str, protocol: int) -> int:
    """A port by its number or name. Raises ValueError."""
    found = NUMBERS["tcp" if protocol == TCP else "udp"].get(word)
    found = number(word) if found is None else found
    if found > _LAST_PORT:
        raise NotUnderstood
    return found


def _is_port(word: str, protocol: int) -> bool:
    return word.isdecimal() or word in NUMBERS["tcp" if protocol == TCP else "udp"]


def icmp(rest: list[str]) -> dict[str, Any]:
    """Takes an ICMP message from the words, where there is one."""
    if rest and (found := numbers()["icmp"].get(rest[0])) is not None:
        rest.pop(0)
        return {"icmp_types": (found[0],), "icmp_codes": tuple(found[1:])}
    if rest and rest[0].isdecimal():
        kind = number(rest.pop(0))
        codes = (number(rest.pop(0)),) if rest and rest[0].isdecimal() else ()
        return {"icmp_types": (kind,), "icmp_codes": codes}
    return {}


def _options(rest: list[str], values: dict[str, Any]) -> bool:
    """Takes what stands at the end of an entry; whether what fits is logged."""
    log = False
    while rest:
        word = rest.pop(0)
        if word in {"log", "log-input"}:
            log = True
        elif word in {"established", "fragments"}:
            values[word] = True
        elif word == "dscp":
            values["dscp"] = (dscp(rest.pop(0)),)
        elif word == "precedence":
            values["dscp"] = precedence(rest.pop(0))
        else:
            raise NotUnderstood
    return log


def dscp(word: str) -> int:
    """A value of DSCP by its number or name. Raises ValueError."""
    found = numbers()["dscp"].get(word)
    found = number(word) if found is None else int(found)
    if found > 63:
        raise NotUnderstood
    return found


def precedence(word: str) -> tuple[int, ...]:
    """The values of DSCP that have an IP precedence [RFC 2474]."""
    found = numbers()["precedence"].get(word)
    found = number(word) if found is None else int(found)
    if found > 7:
        raise NotUnderstood
    return tuple(range(8 * found, 8 * found + 8))
