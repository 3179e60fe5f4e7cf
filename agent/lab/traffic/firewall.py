"""The zone-based firewall: which packets pass from zone to zone, and which leave a session for their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from agent.lab.config import ConfigTree, Line
from agent.lab.traffic.access import AccessList, permitted
from agent.lab.traffic.packets import Packet

SELF = "self"
#: What ``match protocol`` means: protocol and ports, as IOS maps applications to ports.
_APPLICATIONS: dict[str, tuple[tuple[str, int], ...]] = {
    "http": (("tcp", 80),),
    "https": (("tcp", 443),),
    "dns": (("udp", 53), ("tcp", 53)),
    "ntp": (("udp", 123),),
    "ftp": (("tcp", 21),),
    "ftps": (("tcp", 990),),
    "sftp": (("tcp", 115),),
    "tftp": (("udp", 69),),
    "smtp": (("tcp", 25),),
    "pop3": (("tcp", 110),),
    "pop3s": (("tcp", 995),),
    "imap": (("tcp", 143),),
    "imaps": (("tcp", 993),),
    "ssh": (("tcp", 22),),
    "telnet": (("tcp", 23),),
    "snmp": (("udp", 161),),
    "syslog": (("udp", 514),),
    "sip": (("udp", 5060), ("tcp", 5060)),
    "isakmp": (("udp", 500),),
    "ipsec-msft": (("udp", 4500),),
    "bootps": (("udp", 67),),
    "bootpc": (("udp", 68),),
    "ldap": (("tcp", 389),),
    "microsoft-ds": (("tcp", 445),),
}
_INSPECTED = {"tcp", "udp", "icmp"}


class Action(StrEnum):
    """What becomes of a packet."""

    PASS = "pass"  # noqa: S105 - an action, no secret
    INSPECT = "inspect"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class ClassMap:
    """``class-map type inspect``; conditions as (acl | protocol | class, name)."""

    any: bool
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Firewall:
    """Zones, their pairs and policies. ``pairs``: source and destination zone to a policy, "" where it has none."""

    zones: frozenset[str] = frozenset()
    pairs: dict[tuple[str, str], str] = field(default_factory=dict)
    policies: dict[str, tuple[tuple[str, Action], ...]] = field(default_factory=dict)
    classes: dict[str, ClassMap] = field(default_factory=dict)
    lists: dict[str, AccessList] = field(default_factory=dict)

    def between(self, source: str, destination: str, packet: Packet) -> Action:
        """From an interface in zone ``source`` to one in ``destination``; "" is no zone, ``self`` the router.

        A pair without a policy is not in force: it leaves what the router itself says and hears alone.
        """
        if SELF in {source, destination}:
            other = destination if source == SELF else source
            known = other and self.pairs.get((source, destination))
            return self._by_pair(source, destination, packet) if known else Action.PASS
        if source == destination:
            same = source and self.pairs.get((source, destination))
            return self._by_pair(source, destination, packet) if same else Action.PASS
        return self._by_pair(source, destination, packet)

    def _by_pair(self, source: str, destination: str, packet: Packet) -> Action:
        for name, action in self.policies.get(self.pairs.get((source, destination), ""), ()):
            if name == "class-default" or self._matches(name, packet):
                inspectable = packet.protocol in _INSPECTED
                return Action.DROP if action is Action.INSPECT and not inspectable else action
        return Action.DROP

    def _matches(self, name: str, packet: Packet, depth: int = 0) -> bool:
        found = self.classes.get(name)
        if found is None or depth > 4 or not found.conditions:
            return False
        results = (self._holds(kind, value, packet, depth) for kind, value in found.conditions)
        return any(results) if found.any else all(results)

    def _holds(self, kind: str, value: str, packet: Packet, depth: int) -> bool:
        if kind == "acl":
            return permitted(self.lists, value, packet)
        if kind == "class":
            return self._matches(value, packet, depth + 1)
        if value in _INSPECTED:
            return packet.protocol == value
        return (packet.protocol, packet.port) in _APPLICATIONS.get(value, ())


def read_firewall(tree: ConfigTree, lists: dict[str, AccessList]) -> Firewall:
    """The firewall of a running configuration."""
    pairs = {}
    for line in tree.children("zone-pair security"):
        words = line.words
        if "source" in words[:-1] and "destination" in words[:-1]:
            ends = words[words.index("source") + 1], words[words.index("destination") + 1]
            pairs[ends] = line.value("service-policy type inspect") or ""
    return Firewall(
        frozenset(line.words[-1] for line in tree.children("zone security")),
        pairs,
        {line.words[-1]: tuple(_actions(line)) for line in tree.children("policy-map type inspect")},
        {line.words[-1]: _class_map(line) for line in tree.children("class-map type inspect")},
        lists,
    )


def _actions(policy: Line) -> list[tuple[str, Action]]:
    found = []
    for line in policy.children("class"):
        said = next((child.words[0] for child in line.lines if child.words[0] in set(Action)), Action.DROP)
        found.append((line.words[-1], Action(said)))
    return found


def _class_map(line: Line) -> ClassMap:
    conditions = []
    for child in line.children("match"):
        words = child.words
        if words[1] == "access-group":
            conditions.append(("acl", words[-1]))
        elif words[1] == "protocol":
            conditions.append(("protocol", words[2]))
        elif words[1] == "class-map":
            conditions.append(("class", words[2]))
    return ClassMap("match-any" in line.words, tuple(conditions))
