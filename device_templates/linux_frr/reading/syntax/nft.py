"""Reads nftables rulesets: as they are written, and as the kernel shows them."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, summarize_address_range

from device_templates.linux_frr.reading.syntax.braces import blocks
from device_templates.linux_frr.reading.syntax.node import Builder, Node

_BLOCK = re.compile(
    r"(?:add |create )?(?:table(?: \w+)?|chain|set|map|counter|quota|limit|flowtable|ct \w+|secmark|synproxy) [\w.\"-]+"
)
_CLEARS = re.compile(r"flush ruleset|(?:delete|destroy|flush) table .*|add table \w+ \S+")
#: Longer than a rule is.
_LONGEST = 2000
_PASSING = re.compile(r"elements = |size 65535$")
_FLAG_LIST = re.compile(r"flags (\w+(?:, ?\w+)+)")
_DEFINE = re.compile(r"define (\w+) ?= ?(.+)")
_VARIABLE = re.compile(r"\$(\w+)")
_NAMED = re.compile(r"\b((?:iif|oif|iifname|oifname|ibrname|obrname)(?: !=| ==)?) ([A-Za-z][\w.@*-]*)(?= |$)")
_DIGITS = re.compile(r"(\d+)")
_INTERVAL = re.compile(r"[\d.]+(?:/\d+|-[\d.]+)")
_ADDRESSES = re.compile(r"(?:\d+\.){3}\d+(?:/\d+|-(?:\d+\.){3}\d+)?")
_SET = re.compile(r"\{ ([^{}]*)\}")
_PRIORITY = re.compile(r"\bpriority (?:(raw|mangle|dstnat|filter|security|srcnat)(?: ([+-]) (\d+))?|(-?\d+))(?= |$)")
_PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
_MARK = re.compile(r"\b(mark(?: set| and| or| xor|)(?: !=| ==)?) (0x[0-9a-fA-F]+|\d+)\b")
_FLAGS = re.compile(r"tcp flags & ?\(?([a-z |,]+?)\)? == ([a-z]+(?: ?[|,] ?[a-z]+)*)")
_MASKED = re.compile(r"tcp flags ([a-z,]+) / ([a-z,]+)")
_PORT = re.compile(r"\b((?:tcp|udp|th) [sd]port(?: !=| ==)?) ([a-z][\w-]*|\{[^{}]*\})")
#: Names of ports that people write; the kernel's are numbers.
_PORTS = {
    "ssh": 22, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80, "ntp": 123, "snmp": 161, "snmp-trap": 162,
    "bgp": 179, "https": 443, "isakmp": 500, "syslog": 514, "ipsec-nat-t": 4500,
}  # fmt: skip
_SAME = (
    (re.compile(r"\b(counter|quota) packets \d+ bytes \d+"), r"\1"),
    (re.compile(r" burst 5 packets"), ""),
    (re.compile(r"\b(ip [sd]addr(?: !=| ==)?) ((?:\d+\.){3}\d+)/32(?= |$)"), r"\1 \2"),
    (re.compile(r"reject with (icmp|icmpv6|icmpx) type "), r"reject with \1 "),
    (re.compile(r"\bct state ([a-z]+(?:, ?[a-z]+)+)"), lambda found: f"ct state {_listed(found[1], ',')}"),
    (re.compile(r"\bct state \{ ([a-z, ]+?) \}"), lambda found: f"ct state {_listed(found[1], ',')}"),
    (re.compile(r"(^|\s)(counter|limit|quota) name ([A-Za-z][\w-]*)"), r'\1\2 name "\3"'),
    (re.compile(r"^add (table|chain|set|map|counter) "), r"\1 "),
)


def nft(text: str, name: str, first: int = 1) -> Node:
    """The tables of a ruleset under a node called ``name``, lines from ``first``; what clears other tables is no part.

    Raises NotParsable.
    """
    defined: dict[str, str] = {}

    def normal(words: str) -> str:
        plain = _VARIABLE.sub(lambda found: defined.get(found[1], found[0]), words)
        if (found := _DEFINE.fullmatch(plain)) is not None:
            defined[found[1]] = found[2].strip()
            return ""
        return _normal(plain)

    return _sets_opened(blocks(text, name, lambda words: _BLOCK.fullmatch(words) is not None, normal, first))


def _normal(words: str) -> str:
    """A statement as the kernel shows it; one that is longer than rules are is left as it is, but for its sets."""
    if _CLEARS.fullmatch(words):
        return ""
    if len(words) <= _LONGEST:
        words = _plain(words)
    named = words.startswith("elements =")
    return _SET.sub(lambda found: _set(_elements(found[1]), named=named), words)


def _plain(words: str) -> str:
    for pattern, same in _SAME:
        words = pattern.sub(same, words)
    words = _NAMED.sub(r'\1 "\2"', words)
    words = _PRIORITY.sub(_priority, words)
    words = _MARK.sub(lambda found: f"{found[1]} 0x{_number(found[2]) & 0xFFFFFFFF:08x}", words)
    words = _MASKED.sub(lambda found: f"tcp flags {_listed(found[1], ',')} / {_listed(found[2], ',')}", words)
    words = _FLAGS.sub(lambda found: f"tcp flags {_listed(found[2], '|,')} / {_listed(found[1], '|,')}", words)
    words = _FLAG_LIST.sub(lambda found: f"flags {_listed(found[1], ',')}", words)
    return _PORT.sub(_numbers, words)


def _number(text: str) -> int:
    return int(text, 16) if text.startswith("0x") else int(text)


def _set(members: list[str], *, named: bool) -> str:
    """A set; one of a rule that has one member only is that member."""
    return members[0] if len(members) == 1 and not named else f"{{ {', '.join(members)} }}"


def _priority(found: re.Match[str]) -> str:
    number = int(found[4]) if found[4] else _PRIORITIES[found[1]] + int(f"{found[2] or '+'}{found[3] or 0}")
    return f"priority {number}"


def _numbers(found: re.Match[str]) -> str:
    words = re.sub(r"[a-z][\w-]*", lambda one: str(_PORTS.get(one[0], one[0])), found[2])
    return f"{found[1]} {words}"


def _listed(words: str, marks: str) -> str:
    """Words in any order and with any of these marks between them, in one."""
    return ",".join(sorted(re.findall(rf"[^\s{re.escape(marks)}]+", words)))


def _elements(text: str) -> list[str]:
    """The members of a set in one order, numbers by their value; networks that touch are one range."""
    members = {" ".join(one.split()) for one in text.split(",") if one.strip()}
    if any(_INTERVAL.fullmatch(one) for one in members) and all(_ADDRESSES.fullmatch(one) for one in members):
        members = set(_ranges(members)) or members
    return sorted(members, key=lambda one: [(len(part) if part.isdigit() else 0, part) for part in _DIGITS.split(one)])


def _ranges(members: set[str]) -> list[str]:
    """Addresses, networks and ranges, joined as the kernel joins them; empty where one is none of these."""
    try:
        ends = sorted(_ends(one) for one in members)
    except ValueError:
        return []
    joined: list[tuple[int, int]] = []
    for first, last in ends:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return [_range(IPv4Address(first), IPv4Address(last)) for first, last in joined]


def _ends(member: str) -> tuple[int, int]:
    first, dash, last = member.partition("-")
    if dash:
        return int(IPv4Address(first)), int(IPv4Address(last))
    network = IPv4Network(first)
    return int(network.network_address), int(network.broadcast_address)


def _range(first: IPv4Address, last: IPv4Address) -> str:
    if first == last:
        return str(first)
    networks = list(summarize_address_range(first, last))
    return str(networks[0]) if len(networks) == 1 else f"{first}-{last}"


def _sets_opened(node: Node) -> Node:
    """Elements of a named set each on a line of their own, so that a difference names what differs."""
    found = re.fullmatch(r"elements = \{ (.*) \}", node.text)
    if found is not None:
        builder = Builder("elements", node.source, number=node.line)
        for member in _elements(found[1]):
            builder.line(member, number=node.line)
        return builder.built()
    children = tuple(_sets_opened(child) for child in _declared_once(node))
    return Node(node.text, children, node.ordered, node.source, node.line)


def _declared_once(node: Node) -> tuple[Node, ...]:
    """The lines of a block; a chain that is declared in several places has its type and its last policy once, first.

    What packets put into a dynamic set is no part of the ruleset, nor is the size that the kernel gives it.
    """
    if not node.ordered:
        passing = any(child.text.startswith("flags ") and "dynamic" in child.text for child in node.children)
        return tuple(child for child in node.children if not passing or not _PASSING.match(child.text))
    heads = [child for child in node.children if child.text.startswith("type ")][:1]
    policies = [child for child in node.children if child.text.startswith("policy ")][-1:]
    rules = (child for child in node.children if not child.text.startswith(("type ", "policy ")))
    return (*heads, *policies, *rules)
