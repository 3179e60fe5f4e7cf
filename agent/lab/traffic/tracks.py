"""Tracked objects and the probes behind them, as a running configuration holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from agent.lab.config import ConfigTree, Line


@dataclass(frozen=True, slots=True)
class Probe:
    """``ip sla``: what it sends where, and whether it runs. ``source`` is an interface or an address."""

    protocol: str
    target: IPv4Address
    port: int | None = None
    source: str = ""
    vrf: str = ""
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """``track``; ``kind`` is sla, interface, route, list or stub. ``members``: numbers, and whether they are turned."""

    kind: str
    of: str = ""
    way: str = ""
    prefix: IPv4Network | None = None
    vrf: str = ""
    members: tuple[tuple[int, bool], ...] = ()


#: Whether what a track of kind sla, interface or route looks at is there.
Look = Callable[[Track], bool]


def states(tracks: Mapping[int, Track], look: Look) -> dict[int, bool]:
    """Whether each object is up; an object that does not exist, or leads back to itself, is down."""
    known: dict[int, bool] = {}

    def state(number: int, above: frozenset[int]) -> bool:
        track = tracks.get(number)
        if track is None or number in above:
            return False
        if number not in known:
            if track.kind == "list":
                ups = [state(one, above | {number}) != turned for one, turned in track.members]
                known[number] = bool(ups) and (all(ups) if track.way == "and" else any(ups))
            else:
                known[number] = look(track)
        return known[number]

    return {number: state(number, frozenset()) for number in tracks}


def read_tracks(tree: ConfigTree) -> dict[int, Track]:
    """All tracked objects by number."""
    found = {}
    for line in tree.children("track"):
        words = line.words
        if len(words) > 2 and words[1].isdigit():
            track = _track(line, words[2:])
            if track:
                found[int(words[1])] = track
    return found


def _track(line: Line, words: list[str]) -> Track | None:
    if words[:2] == ["ip", "sla"]:
        return Track("sla", words[2])
    if words[0] == "interface":
        return Track("interface", words[1], " ".join(words[2:]))
    if words[:2] == ["ip", "route"]:
        try:
            return Track("route", prefix=IPv4Network(f"{words[2]}/{words[3]}"), vrf=line.value("ip vrf") or "")
        except (ValueError, IndexError):
            return None
    if words[:2] == ["list", "boolean"]:
        members = (child.words for child in line.children("object"))
        return Track("list", way=words[2], members=tuple((int(one[1]), "not" in one) for one in members))
    return Track("stub") if words[0] == "stub-object" else None


def read_probes(tree: ConfigTree) -> dict[int, Probe]:
    """All IP SLA operations by number."""
    scheduled = {
        line.words[3]: "start-time now" in line.text for line in tree.children("ip sla schedule") if len(line.words) > 3
    }
    found = {}
    for line in tree.children("ip sla"):
        words = line.words
        if len(words) == 3 and words[2].isdigit():
            probe = _probe(line, runs=scheduled.get(words[2], False))
            if probe:
                found[int(words[2])] = probe
    return found


def _probe(line: Line, *, runs: bool) -> Probe | None:
    for kind, protocol in (
        ("icmp-echo", "icmp"),
        ("icmp-jitter", "icmp"),
        ("udp-jitter", "udp"),
        ("tcp-connect", "tcp"),
    ):
        operation = line.child(kind)
        if operation is not None:
            words = operation.words
            source = next(
                (words[words.index(one) + 1] for one in ("source-interface", "source-ip") if one in words), ""
            )
            port = int(words[2]) if protocol != "icmp" and len(words) > 2 and words[2].isdigit() else None
            try:
                target = IPv4Address(words[1])
            except AddressValueError:
                return None
            return Probe(protocol, target, port, source, operation.value("vrf") or line.value("vrf") or "", runs)
    return None
