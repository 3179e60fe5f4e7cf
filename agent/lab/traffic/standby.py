"""HSRP: what a router says of itself in each group, and whether it stands in for the primary router beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address
from typing import Protocol

from agent.lab.config import Line
from agent.lab.running.obscured import plain


class State(StrEnum):
    """As ``show standby`` prints it."""

    INIT = "Init"
    STANDBY = "Standby"
    ACTIVE = "Active"


@dataclass(frozen=True, slots=True)
class Group:
    """One ``standby`` group of an interface. ``tracks``: number and decrement, None where it shuts the group down."""

    number: int
    virtual: IPv4Address | None
    priority: int = 100
    preempt: bool = False
    version: int = 1
    key: str = field(default="", repr=False)
    tracks: tuple[tuple[int, int | None], ...] = ()

    def effective(self, up: Mapping[int, bool]) -> int | None:
        """Its priority with what tracked objects take from it; None where one shuts it down."""
        lost = [decrement for number, decrement in self.tracks if not up.get(number, False)]
        taken = [one for one in lost if one is not None]
        return None if len(taken) < len(lost) else max(0, self.priority - sum(taken))


class Neighbour(Protocol):
    """The router on the same LAN, as far as a group sees it."""

    @property
    def group(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def address(self) -> IPv4Address: ...


def state(
    group: Group, up: Mapping[int, bool], own: IPv4Address | None, neighbour: Neighbour | None, heard: int | None
) -> State:
    """The state of ``group``; ``own`` is the interface's address, None where it is down; ``heard`` the priority that
    the neighbour announces, None where it is silent. Neighbours with another key or version do not hear each other.
    """
    priority = group.effective(up)
    if own is None or group.virtual is None or priority is None:
        return State.INIT
    speaks = neighbour is not None and heard is not None and neighbour.group == group.number
    if (
        neighbour is None
        or heard is None
        or not speaks
        or (neighbour.version, neighbour.key) != (group.version, group.key)
    ):
        return State.ACTIVE
    ahead = (priority, int(own)) > (heard, int(neighbour.address))
    return State.ACTIVE if ahead and group.preempt else State.STANDBY


def read_groups(line: Line) -> tuple[Group, ...]:
    """The groups of an interface, by number."""
    numbers = sorted({int(child.words[1]) for child in line.children("standby") if child.words[1].isdigit()})
    version = 2 if line.has("standby version 2") else 1
    return tuple(_group(line, number, version) for number in numbers)


def _group(line: Line, number: int, version: int) -> Group:
    lead = f"standby {number}"
    tracks = []
    for child in line.children(f"{lead} track"):
        words = child.words
        if words[3].isdigit():
            decrement = int(words[5]) if words[4:5] == ["decrement"] else 10
            tracks.append((int(words[3]), None if "shutdown" in words else decrement))
    authentication = (line.value(f"{lead} authentication") or "").split()
    key = plain(authentication[2:]) if authentication[:2] == ["md5", "key-string"] else " ".join(authentication[-1:])
    try:
        virtual = IPv4Address((line.value(f"{lead} ip") or "").split(" ")[0])
    except AddressValueError:
        virtual = None
    priority = line.value(f"{lead} priority") or "100"
    return Group(number, virtual, int(priority), line.has(f"{lead} preempt"), version, key, tuple(tracks))
