"""Access lists: which packets a list permits, as IOS reads its rules."""

from __future__ import annotations

from dataclasses import dataclass

from agent.lab.config import ConfigTree
from agent.lab.running import names
from agent.lab.traffic.packets import Packet

_ALL_PORTS = (0, 65535)
_PORT_NUMBERS = {protocol: {name: number for number, name in ports.items()} for protocol, ports in names.PORTS.items()}
_CODE_POINTS = {name: number for number, name in names.DSCP.items()}
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "51": "ahp"}
_ICMP = {"ttl-exceeded": "time-exceeded", "port-unreachable": "unreachable", "packet-too-big": "unreachable"}
_SETTINGS = {"log", "log-input"}

#: Ranges of ports, first and last; None: any.
Ports = tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule; wildcards as integers, 1 bits are not looked at. ``wants`` are further conditions, word by word."""

    permit: bool
    protocol: str
    source: tuple[int, int]
    destination: tuple[int, int]
    source_ports: Ports = None
    ports: Ports = None
    wants: tuple[str, ...] = ()

    def matches(self, packet: Packet) -> bool:
        """Whether the rule speaks of ``packet``."""
        return (
            self.protocol in {"ip", packet.protocol}
            and within(int(packet.source), self.source)
            and within(int(packet.destination), self.destination)
            and _among(packet.source_port, self.source_ports)
            and _among(packet.port, self.ports)
            and self._as_wanted(packet)
        )

    def _as_wanted(self, packet: Packet) -> bool:
        at = 0
        while at < len(self.wants):
            word = self.wants[at]
            if word in {"dscp", "precedence", "tos"} and at + 1 < len(self.wants):
                if word == "dscp" and _code_point(self.wants[at + 1]) != packet.dscp:
                    return False
                if word == "precedence" and self.wants[at + 1] != str(packet.dscp >> 3):
                    return False
                at += 1
            elif word == "established":
                if not packet.answer:
                    return False
            elif word == "fragments":
                return False  # whole packets only
            elif self.protocol == "icmp" and packet.icmp and _ICMP.get(word, word) != packet.icmp:
                return False
            at += 1
        return True


@dataclass(frozen=True, slots=True)
class AccessList:
    """Rules in order, an implicit deny at the end; an empty list permits, as on IOS."""

    entries: tuple[Entry, ...]

    def permits(self, packet: Packet) -> bool:
        """The verdict on ``packet``."""
        if not self.entries:
            return True
        return next((entry.permit for entry in self.entries if entry.matches(packet)), False)


def permitted(lists: dict[str, AccessList], name: str, packet: Packet) -> bool:
    """What the list of that name says; no name, or a list that does not exist, permits everything."""
    found = lists.get(name)
    return found is None or found.permits(packet)


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


def within(address: int, where: tuple[int, int]) -> bool:
    """Whether ``address`` agrees with a base on the bits that its wildcard looks at."""
    base, wildcard = where
    return (address | wildcard) == (base | wildcard)


def _among(port: int | None, ports: Ports) -> bool:
    return ports is None or (port is not None and any(first <= port <= last for first, last in ports))


def _code_point(word: str) -> int | None:
    return int(word) if word.isdigit() else _CODE_POINTS.get(word)


def _entry(words: list[str], *, extended: bool) -> Entry | None:
    words = words[1:] if words and words[0].isdigit() else words
    if not words or words[0] not in {"permit", "deny"}:
        return None
    permit, rest = words[0] == "permit", words[1:]
    if not extended:
        source, _ = _place(rest, standard=True)
        return Entry(permit, "ip", source, (0, 0xFFFFFFFF))
    protocol, rest = rest[0] if rest else "ip", rest[1:]
    protocol = _PROTOCOLS.get(protocol, protocol)
    source, rest = _place(rest)
    source_ports, rest = _ports(rest, protocol)
    destination, rest = _place(rest)
    ports, rest = _ports(rest, protocol)
    wants = tuple(word for word in rest if word not in _SETTINGS)
    return Entry(permit, protocol, source, destination, source_ports, ports, wants)


def _place(words: list[str], *, standard: bool = False) -> tuple[tuple[int, int], list[str]]:
    """``any``, ``host A``, ``A wildcard`` or, in a standard list, ``A``."""
    try:
        if words[0] == "host":
            return (_number(words[1]), 0), words[2:]
        if words[0] != "any":
            base = _number(words[0])
            if standard and (len(words) == 1 or not words[1][0].isdigit()):
                return (base, 0), words[1:]
            return (base, _number(words[1])), words[2:]
    except (IndexError, ValueError):
        return (0, 0xFFFFFFFF), words[2:]
    return (0, 0xFFFFFFFF), words[1:]


def _number(dotted: str) -> int:
    parts = [int(part) for part in dotted.split(".")]
    if len(parts) != 4 or any(not 0 <= part <= 255 for part in parts):
        raise ValueError(dotted)
    return (parts[0] << 24) | (parts[1] << 16) | (parts[2] << 8) | parts[3]


def _ports(words: list[str], protocol: str) -> tuple[Ports, list[str]]:
    known = _PORT_NUMBERS.get(protocol, {})

    def number(word: str) -> int | None:
        return int(word) if word.isdigit() else known.get(word)

    if words[:1] == ["range"] and len(words) >= 3:
        first, last = number(words[1]), number(words[2])
        return ((first, last),) if first is not None and last is not None else (), words[3:]
    if words[:1] == ["eq"]:
        at = 1
        while at < len(words) and number(words[at]) is not None:
            at += 1
        named = [number(word) for word in words[1:at]]
        return tuple((one, one) for one in named if one is not None), words[max(at, 2) :]
    if words[:1] and words[0] in {"gt", "lt", "neq"} and len(words) >= 2:
        limit = number(words[1])
        if limit is None:
            return (), words[2:]
        low, high = (0, limit - 1), (limit + 1, _ALL_PORTS[1])
        return {"gt": (high,), "lt": (low,), "neq": (low, high)}[words[0]], words[2:]
    return None, words
