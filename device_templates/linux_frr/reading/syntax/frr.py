"""Reads what FRR is given and what it shows: one form for both, with the numbers that it gives by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from ipaddress import IPv4Network

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.syntax.node import DEEPEST, Builder, Node

_NOT_OF_IT = re.compile(r"Building configuration\.\.\.|Current configuration:?|end|exit(-[a-z0-9-]+)?|[!#].*")
_NUMBERED = re.compile(
    r"(?P<head>ip(?:v6)? prefix-list \S+|access-list \S+|bgp as-path access-list \S+)"
    r"(?P<seq> seq (?P<number>\d+))?(?P<rest> (?:permit|deny) .+)"
)
_ROUTE = re.compile(r"(?P<head>(?:no )?ip route) (?P<address>[\d.]+) (?P<mask>[\d.]+)(?P<rest> .+)")
#: The distance between the numbers that FRR gives.
_STEP = 5
#: What FRR takes in two spellings, and shows in one.
_SPELLINGS = (
    (re.compile(r"address-family (ipv[46])"), r"address-family \1 unicast"),
    (re.compile(r"(neighbor \S+ next-hop-self) all"), r"\1 force"),
    (re.compile(r"(ip(?:v6)? route \S+) (?:Null0|blackhole)( .*)?"), r"\1 Null0\2"),
)


def frr(text: str, name: str, first: int = 1) -> Node:
    """The lines of an instance's configuration under a node called ``name``, numbered from ``first``.

    Raises NotParsable.
    """
    root = Builder(name, number=first - 1)
    open_: list[tuple[int, Builder]] = [(-1, root)]
    numbers: defaultdict[str, int] = defaultdict(int)
    heads = _heads(text)
    for place, raw in enumerate(text.split("\n")):
        line = " ".join(raw.split())
        if not line or _NOT_OF_IT.fullmatch(line):
            continue
        indent = len(raw) - len(raw.lstrip())
        while open_[-1][0] >= indent:
            open_.pop()
        if len(open_) > DEEPEST:
            raise NotParsable("it is nested deeper than FRR nests", where=name)
        normal = _normal(line, numbers)
        if place in heads or normal.startswith(_SECTIONS):
            open_.append((indent, open_[-1][1].section(normal, line, number=first + place)))
        else:
            open_[-1][1].line(normal, line, once=True, number=first + place)
    return root.built(lambda node: bool(node.children) or not node.text.startswith("interface "))


_SECTIONS = ("interface ", "router ", "address-family ", "route-map ", "line ", "vrf ", "key chain ")


def _heads(text: str) -> set[int]:
    """The numbers of lines that have lines under them, by their indentation."""
    found, before = set(), (-1, 0)
    for place, raw in enumerate(text.split("\n")):
        if not raw.strip() or _NOT_OF_IT.fullmatch(raw.strip()):
            continue
        indent = len(raw) - len(raw.lstrip())
        if before[0] >= 0 and indent > before[1]:
            found.add(before[0])
        before = (place, indent)
    return found


def _normal(line: str, numbers: defaultdict[str, int]) -> str:
    """The line as FRR shows it; entries without a number get the one that FRR gives them."""
    for pattern, spelling in _SPELLINGS:
        if found := pattern.fullmatch(line):
            return found.expand(spelling)
    if (found := _NUMBERED.fullmatch(line)) is not None:
        head = found["head"]
        number = int(found["number"][:9]) if found["seq"] else (numbers[head] // _STEP + 1) * _STEP
        numbers[head] = max(numbers[head], number)
        return f"{head} seq {number}{found['rest']}"
    if (found := _ROUTE.fullmatch(line)) is not None:
        try:
            return f"{found['head']} {IPv4Network((found['address'], found['mask']), strict=False)}{found['rest']}"
        except ValueError:
            return line
    return line
