"""What a router's own program tells in lines that its SNMP agent shows: what lies in its VPNs' namespaces. Pure.

The first line is ``watch 1 WRITTEN``: the format, and when it was written in seconds since the boot. Then, in any
order, ``config CHANGED STARTUP`` (when the running and the startup configuration last changed, likewise; 0: before the
boot), ``interface NAME ADMIN OPER IN OUT`` (up or down; octets), ``peer ADDRESS`` (an IPsec tunnel is up to it), or
``peers unknown``. Other first words are for later formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from collectors.reading import Reading, Row, WrongType
from collectors.taking import Cell

#: What is older than this, in seconds, says nothing: whoever writes it does so every few seconds.
STALE_S = 60.0
#: How far the moment of writing may lie ahead, because it is rounded and the uptime was read before.
AHEAD_S = 15.0
#: Where the router's uptime wraps, in seconds.
WRAP_S = 2**32 / 100
#: The table of lines, and the column that holds them.
TABLE, LINE = "told", "line"

_NUMBER = re.compile(r"\d{1,19}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")


@dataclass(frozen=True, slots=True)
class Told:
    """The lines as values; times in seconds since the boot."""

    written_s: int
    config_changed_s: int | None
    startup_changed_s: int | None
    interfaces: dict[str, Row]
    peers: frozenset[str] | None


def with_told(reading: Reading, wanted: Iterable[str]) -> Reading:
    """The reading with what the lines tell, where its agent has them: further interfaces, IPsec tunnels, two times.

    Where they cannot be used, interfaces of ``wanted`` that the agent itself does not have are neither up nor missing.
    """
    lines = reading.tables.get(TABLE)
    own = reading.tables.get("interfaces", {})
    unknown: dict[str, Row] = {name: {} for name in wanted if name not in own}
    tables = {name: rows for name, rows in reading.tables.items() if name != TABLE}
    if lines is None:
        return _missing(replace(reading, tables={**tables, "interfaces": {**own, **unknown}}), wanted)
    found = present(lines, reading.seconds("uptime_s"))
    if isinstance(found, str):
        problem = WrongType("what the router's own program tells", TABLE, "lines of the last minute", found, TABLE)
        tables["interfaces"] = {**own, **unknown}
        return _missing(replace(reading, tables=tables, problems=(*reading.problems, problem)), wanted)
    tables["interfaces"] = {**{name: row for name, row in found.interfaces.items() if name in unknown}, **own}
    if found.peers is not None:
        tables["ipsec"] = {peer: {} for peer in found.peers}
    times: dict[str, int | None] = {
        "config_changed_s": found.config_changed_s,
        "startup_changed_s": found.startup_changed_s,
    }
    clock: dict[str, Cell] = {name: at % WRAP_S for name, at in times.items() if at is not None}
    return _missing(replace(reading, tables=tables, scalars={**reading.scalars, **clock}), wanted)


def deciding(told: Told) -> tuple[object, ...]:
    """What of the lines decides anything: all but when they were written, and octets."""
    links = tuple(sorted((name, row["admin"], row["oper"]) for name, row in told.interfaces.items()))
    peers = None if told.peers is None else tuple(sorted(told.peers))
    return told.config_changed_s, told.startup_changed_s, links, peers


def _missing(reading: Reading, wanted: Iterable[str]) -> Reading:
    """With the interfaces that neither the agent nor the lines have."""
    gone = frozenset(wanted) - reading.tables["interfaces"].keys()
    return replace(reading, missing={**reading.missing, "interfaces": gone})


def present(rows: Mapping[str, Row], uptime_s: float | None) -> Told | str:
    """The values in the rows of the table of lines, or why they say nothing of the present."""
    found = read([str(row[LINE]) for row in rows.values() if LINE in row])
    return found if isinstance(found, str) else _unfit(found, uptime_s) or found


def read(lines: list[str]) -> Told | str:
    """The values in the lines, or what is wrong with them."""
    words = [line.split() for line in lines]
    head = words[0] if words else []
    if not head:
        return "nothing"
    if len(head) != 3 or head[:2] != ["watch", "1"] or not _NUMBER.fullmatch(head[2]):
        return "a first line of another form"
    interfaces: dict[str, Row] = {}
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


def _interface(admin: str, oper: str, incoming: int, outgoing: int) -> Row:
    return {"admin": admin, "oper": oper, "in_octets": incoming, "out_octets": outgoing}


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
