"""Classification and marking: which class of a policy a packet belongs to, and the code point it leaves with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from agent.lab.config import ConfigTree, Line
from agent.lab.running import names
from agent.lab.traffic.access import AccessList, permitted
from agent.lab.traffic.packets import Packet

_CODE_POINTS = {name: number for number, name in names.DSCP.items()}


@dataclass(frozen=True, slots=True)
class TrafficClass:
    """One class of a policy, with the code point that it sets and the policy inside it."""

    name: str
    dscp: int | None = None
    child: str = ""


@dataclass(frozen=True)
class Marking:
    """Class maps and policies of quality of service. Conditions: (acl | dscp | any, values)."""

    classes: dict[str, tuple[bool, tuple[tuple[str, tuple[str, ...]], ...]]] = field(default_factory=dict)
    policies: dict[str, tuple[TrafficClass, ...]] = field(default_factory=dict)
    lists: dict[str, AccessList] = field(default_factory=dict)

    def marked(self, policy: str, packet: Packet) -> Packet:
        """The packet as it comes out of an input policy."""
        found = self._class_of(policy, packet)
        return packet if found is None or found.dscp is None else replace(packet, dscp=found.dscp)

    def queue(self, policy: str, packet: Packet) -> tuple[str, ...]:
        """The classes that a packet falls into, from the policy on the port down to its children."""
        found = self._class_of(policy, packet)
        if found is None:
            return ()
        return (found.name, *(self.queue(found.child, packet) if found.child != policy else ()))

    def _class_of(self, policy: str, packet: Packet) -> TrafficClass | None:
        for one in self.policies.get(policy, ()):
            if one.name == "class-default" or self._in(one.name, packet):
                return one
        return None

    def _in(self, name: str, packet: Packet) -> bool:
        matches_any, conditions = self.classes.get(name, (True, ()))
        results = [self._holds(kind, values, packet) for kind, values in conditions]
        return bool(results) and (any(results) if matches_any else all(results))

    def _holds(self, kind: str, values: tuple[str, ...], packet: Packet) -> bool:
        if kind == "acl":
            return permitted(self.lists, values[0], packet)
        return kind == "any" or packet.dscp in {_code_point(value) for value in values}


def read_marking(tree: ConfigTree, lists: dict[str, AccessList]) -> Marking:
    """Quality of service of a running configuration."""
    classes = {
        line.words[-1]: ("match-any" in line.words, tuple(_conditions(line)))
        for line in tree.children("class-map")
        if line.words[1] != "type"
    }
    policies = {
        line.words[1]: tuple(_class(child) for child in line.children("class"))
        for line in tree.children("policy-map")
        if line.words[1] != "type"
    }
    return Marking(classes, policies, lists)


def _conditions(line: Line) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for child in line.children("match"):
        words = [word for word in child.words[1:] if word != "ip"]
        if words[0] == "access-group":
            found.append(("acl", (words[-1],)))
        elif words[0] in {"dscp", "any"}:
            found.append((words[0], tuple(words[1:])))
    return found


def _class(line: Line) -> TrafficClass:
    mark = (line.value("set dscp") or line.value("set ip dscp") or "").split()
    return TrafficClass(line.words[-1], _code_point(mark[0]) if mark else None, line.value("service-policy") or "")


def _code_point(word: str) -> int | None:
    return int(word) if word.isdigit() else _CODE_POINTS.get(word)
