"""Groups of routers that share an address: HSRP, and VRRP of version 2."""

from __future__ import annotations

from math import ceil
from typing import Any

from device_templates.cisco_iosxe.reading.grammar import Draft, NotUnderstood, Take, value
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import address, number, whole, word
from device_templates.model import At, Standby, StandbyTrack

#: Both protocols' priority where none is given, and what a track takes away from it.
_PRIORITY = 100
_DECREMENT = 10
#: VRRP takes a master for gone after this many of its advertisements are missing, HSRP says it in its second timer.
_MISSING = 3
_THOUSAND = 1000
_HOLD_S = 10


def _standby(draft: Draft, rest: list[str], node: Node) -> None:
    """A line of a group; without a number it is of group 0."""
    group, words = (number(rest[0]), rest[1:]) if rest[0].isdecimal() else (0, rest)
    _take(draft, ("hsrp", group), words, node)


def _vrrp(draft: Draft, rest: list[str], node: Node) -> None:
    _take(draft, ("vrrp", number(rest[0])), rest[1:], node)


def _take(draft: Draft, key: tuple[str, int], words: list[str], node: Node) -> None:
    if words[0] not in _LINES:
        raise NotUnderstood
    groups: dict[tuple[str, int], Draft] = draft.values.setdefault("standbys", {})
    group = groups.get(key) or Draft(draft.reader, node.line)
    _LINES[words[0]](group, words[1:], node)
    groups[key] = group


def _preempt(group: Draft, rest: list[str], node: Node) -> None:
    if rest and rest[0] != "delay":
        raise NotUnderstood
    delays = dict(zip(rest[1::2], rest[2::2], strict=True))
    if set(delays) - {"minimum", "reload", "sync"}:
        raise NotUnderstood
    if delays:
        group.put("delay_s", number(delays.get("minimum", "0")), node)
    group.put("preempt", True, node)


def _authentication(group: Draft, rest: list[str], node: Node) -> None:
    """A key; the word before it tells whether it goes over the wire."""
    kind = "md5" if rest[0] == "md5" else "text"
    if kind == "md5" and rest[1] != "key-string":
        raise NotUnderstood
    group.put("authentication", f"{kind} {group.reader.mark(secrets_in(node.text)[0].plain)}", node)


def _track(group: Draft, rest: list[str], node: Node) -> None:
    decrement = _DECREMENT
    if rest[1:2] == ["decrement"]:
        decrement = whole(rest[2:])
    elif rest[1:] == ["shutdown"]:
        decrement = 255
    elif rest[1:]:
        raise NotUnderstood
    track = number(rest[0])
    group.reader.use("track", rest[0], node)
    group.add("tracks", StandbyTrack(track, decrement, At(node.line)), node)


def _timers(group: Draft, rest: list[str], node: Node) -> None:
    """``timers [msec] HELLO [msec] HOLD`` of HSRP, ``timers advertise [msec] N`` and ``timers learn`` of VRRP."""
    if rest == ["learn"]:
        return
    advertised = rest[0] == "advertise"
    words = rest[1:] if advertised else rest
    times: list[float] = []
    while words:
        thousandth = words[0] == "msec"
        times.append(number(words[thousandth]) / (_THOUSAND if thousandth else 1))
        words = words[1 + thousandth :]
    if len(times) != (1 if advertised else 2):
        raise NotUnderstood
    group.put("hold_s", ceil(times[-1] * (_MISSING if advertised else 1)), node)


def _nothing(_: Draft, __: list[str], ___: Node) -> None:
    """A name."""


_LINES: dict[str, Take[Draft]] = {
    "ip": value("virtual", address),
    "priority": value("priority", whole),
    "preempt": _preempt,
    "authentication": _authentication,
    "track": _track,
    "timers": _timers,
    "name": _nothing,
    "description": _nothing,
}


def _version(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("standby_version", number(word(rest)), node)


STANDBY_LINES: dict[str, Take[Draft]] = {"standby version": _version, "standby": _standby, "vrrp": _vrrp}


def standbys(draft: Draft) -> tuple[Standby, ...]:
    """The groups of an interface."""
    found: dict[Any, Draft] = draft.values.get("standbys", {})
    draft.lines.pop("standby_version", None)
    return tuple(_group(draft, protocol, number_, group) for (protocol, number_), group in found.items())


def _group(draft: Draft, protocol: Any, number_: int, group: Draft) -> Standby:
    values = group.values
    return Standby(
        group=number_,
        virtual=values.get("virtual"),
        priority=values.get("priority", _PRIORITY),
        preempt=values.get("preempt", protocol == "vrrp"),
        protocol=protocol,
        version=draft.values.get("standby_version", 1) if protocol == "hsrp" else 2,
        delay_s=values.get("delay_s", 0),
        hold_s=values.get("hold_s", _HOLD_S if protocol == "hsrp" else _MISSING),
        tracks=group.all("tracks"),
        authentication=values.get("authentication", ""),
        at=group.at,
    )
