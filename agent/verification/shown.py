"""Findings as an engineer reads them: the rule, the lines of both ends, the packet and its way, what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agent.verification.finding import Finding, Flow, Line

#: The text of a line with those that it stands under, secrets redacted.
Lookup = Callable[[Line], str]
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp"}
_WITH_PORTS = frozenset({6, 17})


def of_line(text: str, number: int) -> str:
    """A line of a configuration with those that it stands under, outermost first, by their indentation; "" if none."""
    lines = text.split("\n")
    if not 0 < number <= len(lines):
        return ""
    line = lines[number - 1]
    path, depth = [line.strip()], _indent(line)
    for above in reversed(lines[: number - 1]):
        if depth == 0:
            break
        if above.strip() and above.strip() != "!" and _indent(above) < depth:
            path.append(above.strip())
            depth = _indent(above)
    return " > ".join(reversed(path))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def paths(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each line that says something with its number and the lines above it, by indentation."""
    stack: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        words, indent = line.strip(), _indent(line)
        if not words or words == "!":
            continue
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, words))
        yield number, tuple(one for _, one in stack)


def of_flow(flow: Flow) -> str:
    """One packet in words."""
    protocol = _PROTOCOLS.get(flow.protocol, f"protocol {flow.protocol}")
    ports = flow.protocol in _WITH_PORTS
    source = f"{flow.source}:{flow.source_port}" if ports else str(flow.source)
    destination = f"{flow.destination}:{flow.destination_port}" if ports else str(flow.destination)
    return f"{protocol} {source} -> {destination}{f', dscp {flow.dscp}' if flow.dscp else ''}"


def of_finding(finding: Finding, lookup: Lookup) -> Iterator[str]:
    """A finding, line by line."""
    yield f"{finding.severity.value} [{finding.rule}] {finding.check}: {_names(finding.routers)}"
    yield f"  {finding.message}"
    yield from _cited(finding.lines, lookup, "    ")
    if finding.flow is not None:
        yield f"  a packet that proves it: {of_flow(finding.flow)}"
    for number, hop in enumerate(finding.path, start=1):
        yield f"    {number}. {hop.router}: {hop.what}"
        yield from _cited(hop.lines, lookup, "         ")
    change = f"{finding.option}; " if finding.option else ""
    yield f"  to change: {change}{finding.remedy}"


def _names(routers: Sequence[str], most: int = 5) -> str:
    more = f" and {len(routers) - most} more" if len(routers) > most else ""
    return ", ".join(routers[:most]) + more


def _cited(lines: Sequence[Line], lookup: Lookup, lead: str) -> Iterator[str]:
    places = [f"{line.router}:{line.number}" for line in lines]
    width = max(map(len, places), default=0)
    for place, line in zip(places, lines, strict=True):
        yield f"{lead}{place:<{width}}  {lookup(line)}".rstrip()


def as_document(finding: Finding, lookup: Lookup) -> dict[str, Any]:
    """A finding for programs, with the text of every line that it cites."""

    def lines(cited: Sequence[Line]) -> list[dict[str, Any]]:
        return [{"router": line.router, "number": line.number, "text": lookup(line)} for line in cited]

    return {
        "check": finding.check,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "routers": list(finding.routers),
        "message": finding.message,
        "lines": lines(finding.lines),
        "flow": finding.flow and {name: getattr(finding.flow, name) for name in Flow.__dataclass_fields__},
        "path": [{"router": hop.router, "what": hop.what, "lines": lines(hop.lines)} for hop in finding.path],
        "option": finding.option,
        "remedy": finding.remedy,
    }
