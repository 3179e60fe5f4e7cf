"""Zones, pairs of them, and the policies that say what may pass."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, Take
from device_templates.cisco_iosxe.reading.traffic.classes import Lists
from device_templates.cisco_iosxe.reading.traffic.policies import REST
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import word
from device_templates.model import EVERYTHING, SELF, Action, FilterRule, Zone, ZonePair


@dataclass(slots=True)
class InspectPolicy:
    """A policy map of the firewall while it is read: its classes, each with what it does."""

    reader: Reader
    line: int
    name: str
    classes: list[Draft] = field(default_factory=list)

    def rules(self, lists: Lists, audited: Set[str]) -> tuple[FilterRule, ...]:
        """Its rules in order; what fits none is dropped, as by the class of the rest where it is not written.

        ``audited`` are the parameter maps by which sessions are logged.
        """
        return tuple(_rule(one, lists, audited) for one in self.classes)


def _rule(draft: Draft, lists: Lists, audited: Set[str]) -> FilterRule:
    name, values = draft.values["name"], draft.values
    selection = EVERYTHING if name == REST else lists.selection("inspect", name)
    log = values.get("log", False) or values.get("parameters") in audited
    return FilterRule(values.get("action", "drop"), selection, log, draft.at)


def _action(action: Action) -> Take[Draft]:
    def take(draft: Draft, rest: list[str], node: Node) -> None:
        if action == "inspect":
            if rest:
                draft.put("parameters", draft.reader.use("parameter-map", word(rest), node), node)
        elif rest not in ([], ["log"]):
            raise NotUnderstood
        draft.put("action", action, node)
        if rest == ["log"]:
            draft.put("log", True, node)

    return take


_CLASS: Grammar[Draft] = Grammar(
    "inspect class", {"inspect": _action("inspect"), "pass": _action("pass"), "drop": _action("drop")}
)


def _class(draft: InspectPolicy, rest: list[str], node: Node) -> None:
    words = rest[2:] if rest[:2] == ["type", "inspect"] else rest
    name = word(words)
    if name != REST:
        draft.reader.use("class-map", name, node)
    taken = Draft(draft.reader, node.line, {"name": name})
    draft.classes.append(draft.reader.under(node, _CLASS, taken))


_POLICY: Grammar[InspectPolicy] = Grammar("inspect policy", {}, {"class": _class})


def inspect_policy(reader: Reader, name: str, node: Node) -> InspectPolicy:
    """Reads ``policy-map type inspect NAME``."""
    reader.define("policy-map", name)
    return reader.under(node, _POLICY, InspectPolicy(reader, node.line, name))


_ZONE: Grammar[Draft] = Grammar("zone")


def _audit(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("audits", word(rest) == "on", node)


_PARAMETERS: Grammar[Draft] = Grammar("parameter-map", {"audit-trail": _audit})


def zone(reader: Reader, name: str, node: Node) -> Zone:
    """Reads ``zone security NAME``."""
    return Zone(name, reader.under(node, _ZONE, Draft(reader, node.line)).at)


def parameter_map(reader: Reader, node: Node) -> bool:
    """Reads ``parameter-map type inspect NAME``, which says nothing of what may pass: whether sessions are logged."""
    return bool(reader.under(node, _PARAMETERS, Draft(reader, node.line)).values.get("audits"))


def _service(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("rules", draft.reader.use("policy-map", word(rest), node), node)


_PAIR: Grammar[Draft] = Grammar("zone-pair", {"service-policy type inspect": _service})


def zone_pair(reader: Reader, rest: list[str], node: Node) -> Draft:
    """Reads ``zone-pair security NAME source A destination B``."""
    name, source_word, source, destination_word, destination = rest
    if (source_word, destination_word) != ("source", "destination"):
        raise NotUnderstood
    values = {"name": name, "source": source, "destination": destination}
    draft = Draft(reader, node.line, values, {"source": node.line, "destination": node.line})
    for zone in (source, destination):
        if zone != SELF:
            reader.use("zone", zone, node)
    return reader.under(node, _PAIR, draft)


def finished_pair(draft: Draft, policies: dict[str, InspectPolicy], lists: Lists, audited: Set[str]) -> ZonePair | None:
    """The pair that a draft became; one without a policy changes nothing, and is none."""
    policy = policies.get(draft.values.get("rules", ""))
    if policy is None:
        return None
    values = draft.values
    return ZonePair(values["source"], values["destination"], policy.rules(lists, audited), values["name"], draft.at)


def logs(draft: Draft, rest: list[str], node: Node) -> None:
    """Takes the line by which the firewall tells what it dropped."""
    if rest not in ([], ["enable"]):
        raise NotUnderstood
    draft.put("logs_drops", True, node)


_GLOBAL: Grammar[Draft] = Grammar("inspect-global", {"log dropped-packets": logs, "log dropped-packet": logs})


def inspect_global(reader: Reader, node: Node) -> bool:
    """Reads the settings of the whole firewall: whether it tells what it dropped."""
    return bool(reader.under(node, _GLOBAL, Draft(reader, node.line)).values.get("logs_drops"))
