"""Policy maps of quality of service."""

from __future__ import annotations

from dataclasses import dataclass, field

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, value
from device_templates.cisco_iosxe.reading.traffic.classes import Lists
from device_templates.cisco_iosxe.reading.traffic.lists import dscp, precedence
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import after, nothing, number, whole, word
from device_templates.model import EVERYTHING, At, Policy, PolicyClass

#: The class of what no other takes: there in every policy, also where nobody wrote it.
REST = "class-default"
_KILO = 1000


@dataclass(slots=True)
class PolicyMap:
    """A policy map while it is read."""

    reader: Reader
    line: int
    name: str
    classes: list[Draft] = field(default_factory=list)

    def finished(self, lists: Lists) -> Policy:
        """The policy, with the class that takes the rest."""
        classes = [_class(one, lists) for one in self.classes]
        if not any(one.rest for one in classes):
            classes.append(PolicyClass(REST, rest=True, at=At(self.line)))
        return Policy(self.name, tuple(classes), At(self.line))


def _class(draft: Draft, lists: Lists) -> PolicyClass:
    name = draft.values["name"]
    selection = EVERYTHING if name == REST else lists.selection("", name)
    return PolicyClass(**draft.values, selection=selection, rest=name == REST, at=draft.at)


def _priority(draft: Draft, rest: list[str], node: Node) -> None:
    """``priority [level N] [percent P | KBPS [burst]]``."""
    words = rest[2:] if rest[:1] == ["level"] else rest
    if words[:1] == ["percent"]:
        draft.put("priority_percent", number(words[1]), node)
    elif words:
        draft.put("priority_bps", number(words[0]) * _KILO, node)
    draft.put("first", True, node)


def _bandwidth(draft: Draft, rest: list[str], node: Node) -> None:
    words = list(rest)
    remaining = words[0] == "remaining"
    if remaining:
        del words[0]
    if words[0] == "percent":
        draft.put("bandwidth_percent", whole(words[1:]), node)
    elif remaining:
        raise NotUnderstood
    else:
        draft.put("bandwidth_bps", whole(words) * _KILO, node)
    draft.put("of_remaining", remaining, node)


def _police(draft: Draft, rest: list[str], node: Node) -> None:
    """A policer by its rate; what it does with what conforms stands behind it or below it."""
    words = rest[1:] if rest[:1] == ["cir"] else rest
    if words[0] == "rate" and words[2:3] == ["bps"]:
        words = words[1:2]
    draft.put("police_bps", number(words[0]), node)
    if after(words, "conform-action") == "drop":
        draft.put("drops_all", True, node)
    draft.reader.under(node, _POLICE, draft)


def _conforming(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("drops_all", rest == ["drop"], node)


def _dropped(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("drops_all", nothing(rest), node)


def _shape(draft: Draft, rest: list[str], node: Node) -> None:
    """Some releases show the policy inside under the line of the shaper."""
    if rest[0] not in {"average", "peak"}:
        raise NotUnderstood
    if rest[1] == "percent":
        draft.put("shape_percent", whole(rest[2:]), node)
    else:
        draft.put("shape_bps", number(rest[1]), node)
    draft.reader.under(node, _CLASS, draft)


def _dscp(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("dscp", dscp(word(rest)), node)


def _precedence(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("dscp", precedence(word(rest))[0], node)


def _child(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("child", draft.reader.use("policy-map", word(rest), node), node)


def _early(draft: Draft, _: list[str], node: Node) -> None:
    draft.put("drops_early", True, node)


_POLICE: Grammar[Draft] = Grammar("police", {"conform-action": _conforming})
_CLASS: Grammar[Draft] = Grammar(
    "policy class",
    {
        "priority": _priority,
        "bandwidth": _bandwidth,
        "set dscp": _dscp,
        "set ip dscp": _dscp,
        "set precedence": _precedence,
        "set ip precedence": _precedence,
        "set qos-group": value("mark", whole),
        "drop": _dropped,
        "random-detect": _early,
        "service-policy": _child,
    },
    {"police": _police, "shape": _shape},
)


def _class_line(draft: PolicyMap, rest: list[str], node: Node) -> None:
    name = word(rest)
    if name != REST:
        draft.reader.use("class-map", name, node)
    taken = Draft(draft.reader, node.line, {"name": name})
    draft.classes.append(draft.reader.under(node, _CLASS, taken))


_POLICY_MAP: Grammar[PolicyMap] = Grammar("policy-map", {}, {"class": _class_line})


def policy_map(reader: Reader, rest: list[str], node: Node) -> PolicyMap:
    """Reads ``policy-map NAME``."""
    draft = PolicyMap(reader, node.line, word(rest))
    reader.define("policy-map", draft.name)
    return reader.under(node, _POLICY_MAP, draft)
