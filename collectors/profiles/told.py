"""What a router's own program tells in lines that its SNMP agent shows: what lies in its VPNs' namespaces. Pure.

The first line is ``watch 1 WRITTEN``: the format, and when it was written in seconds since the boot. Then, in any
order, ``config CHANGED STARTUP`` (when the running and the startup configuration last changed, likewise; 0: before the
boot), ``interface NAME ADMIN OPER IN OUT`` (up or down; octets), ``peer ADDRESS`` (an IPsec tunnel is up to it), or
``peers unknown``. Other first words are for later formats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from collectors.oids import text
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample, WrongType
from collectors.snmp import Answer, Oid
from collectors.typed import Reader

#: Lines at most, and how many are asked for in a packet.
MOST_LINES, IN_A_PACKET = 100, 16
#: What is older than this, in seconds, says nothing: whoever writes it does so every few seconds.
STALE_S = 60.0
#: How far the moment of writing may lie ahead, because it is rounded and the uptime was read before.
AHEAD_S = 15.0
#: Where the router's uptime wraps, in seconds.
WRAP_S = 2**32 / 100

_NOTHING = InterfaceSample(None, None, None, None, None, None)
_NUMBER = re.compile(r"\d{1,19}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")


@dataclass(frozen=True, slots=True)
class Told:
    """The lines as values; times in seconds since the boot."""

    written_s: int
    config_changed_s: int | None
    startup_changed_s: int | None
    interfaces: dict[str, InterfaceSample]
    peers: frozenset[str] | None


def with_told(sample: RouterSample, column: Oid, walk: Answer, wanted: frozenset[str] | None) -> RouterSample:
    """The sample with what the lines tell.

    Where they cannot be used, interfaces of ``wanted`` that the agent itself does not have are neither up nor missing.
    """
    unknown = {name: _NOTHING for name in wanted or () if name not in sample.interfaces}
    if walk.failure is not None:
        return replace(sample, interfaces={**sample.interfaces, **unknown})
    sample = replace(sample, requests=sample.requests + walk.requests, lost=sample.lost + walk.lost)
    reader = Reader(walk.values)
    rows = sorted(oid for oid in walk.values if oid[:-1] == column)
    found = read([line for oid in rows if (line := reader.text("a line of the router's program", oid)) is not None])
    wrong = found if isinstance(found, str) else _unfit(found, sample.uptime_s)
    if wrong or isinstance(found, str):
        problem = WrongType("what the router's own program tells", text(column), "lines of the last minute", wrong)
        problems = (*sample.problems, *reader.problems, problem)
        return replace(sample, interfaces={**sample.interfaces, **unknown}, problems=problems)
    named = found.interfaces if wanted is None else {k: v for k, v in found.interfaces.items() if k in wanted}
    return replace(
        sample,
        interfaces={**named, **sample.interfaces},
        peers=found.peers,
        config_changed_s=_clock(found.config_changed_s),
        startup_changed_s=_clock(found.startup_changed_s),
        problems=(*sample.problems, *reader.problems),
    )


def read(lines: list[str]) -> Told | str:
    """The values in the lines, or what is wrong with them."""
    words = [line.split() for line in lines]
    head = words[0] if words else []
    if not head:
        return "nothing"
    if len(head) != 3 or head[:2] != ["watch", "1"] or not _NUMBER.fullmatch(head[2]):
        return "a first line of another form"
    interfaces: dict[str, InterfaceSample] = {}
    peers: set[str] | None = set()
    config: tuple[int | None, int | None] = (None, None)
    for line in words[1:]:
        match line:
            case ["interface", name, ("up" | "down") as admin, ("up" | "down") as oper, incoming, outgoing] if (
                _NAME.fullmatch(name) and _NUMBER.fullmatch(incoming) and _NUMBER.fullmatch(outgoing)
            ):
                interfaces[name] = _interface(admin, oper, int(incoming), int(outgoing))
            case ["config", changed, startup] if _NUMBER.fullmatch(changed) and _NUMBER.fullmatch(startup):
                config = int(changed), int(startup)
            case ["peers", "unknown"]:
                peers = None
            case ["peer", address] if _is_address(address):
                peers = None if peers is None else {*peers, address}
            case [("interface" | "config" | "peer" | "peers") as word, *_]:
                return f"a line {word!r} of another form"
    return Told(int(head[2]), *config, interfaces, None if peers is None else frozenset(peers))


def _interface(admin: str, oper: str, incoming: int, outgoing: int) -> InterfaceSample:
    return InterfaceSample(
        AdminStatus.UP if admin == "up" else AdminStatus.DOWN,
        OperStatus.UP if oper == "up" else OperStatus.DOWN,
        last_change_s=None,
        in_octets=incoming,
        out_octets=outgoing,
        discontinuity_s=None,
    )


def _is_address(word: str) -> bool:
    try:
        return str(IPv4Address(word)) == word
    except ValueError:
        return False


def _unfit(told: Told, uptime_s: float | None) -> str:
    """Why the lines say nothing of the present; empty: they do."""
    if uptime_s is None:
        return "lines, and no uptime to judge their age by"
    age = (uptime_s + AHEAD_S - told.written_s) % WRAP_S - AHEAD_S
    return f"some that are {age:.0f} s old" if age > STALE_S else ""


def _clock(seconds: int | None) -> float | None:
    """On the clock of the router's uptime, which wraps."""
    return None if seconds is None else seconds % WRAP_S
