"""Polls a table of values without a network: rows are found, asked and read as the poller does it."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path

from collectors.answers import columns, reading
from collectors.modules import Module
from collectors.polling import Polled
from collectors.polling.plan import due
from collectors.questions import Expected, questions
from collectors.reading import Reading
from collectors.rows import discovery, find_rows, names
from collectors.snmp import Answer, Counter32, Counter64, Gauge32, Missing, Oid, Target, TimeTicks, Value
from collectors.taking import flattened
from tests.unit.collectors.agents import COMMUNITY

TARGET = Target("127.0.0.1", 161, COMMUNITY)

Values = Mapping[Oid, Value]


def told_in(polled: Polled) -> Reading:
    """The reading of a poll that brought one."""
    assert polled.reading is not None
    return polled.reading


def collected(modules: tuple[Module, ...], values: Values, expected: Expected = (), turn: int = 0) -> Reading:
    """What a device with these values tells."""
    walked = {oid: value for walk in discovery(modules) for oid, value in below(values, walk).items()}
    walked |= {oid: values.get(oid, Missing.NO_SUCH_INSTANCE) for oid in names(modules, walked)}
    rows = find_rows(modules, walked, [column for walk in discovery(modules) for column in walk])
    asked = questions(tuple(module for module in modules if due(module.every, turn, 0)), rows, expected)
    told = [flattened(values.get(slot.oid, Missing.NO_SUCH_INSTANCE)) for slot in asked.slots]
    walks = {table.name: Answer(TARGET, below(values, columns(table))) for _, table in asked.walks}
    return reading(asked, [kind for kind, _ in told], [value for _, value in told], walks)


def below(values: Values, roots: tuple[Oid, ...]) -> dict[Oid, Value]:
    """What a walk of these columns brings."""
    sizes = {len(root) for root in roots}
    return {oid: value for oid, value in sorted(values.items()) if any(oid[:size] in roots for size in sizes)}


def typed(tag: int, octets: bytes) -> Value:
    """A value from its BER tag and content."""
    match tag:
        case 0x04:
            return octets
        case 0x40:
            return IPv4Address(octets)
        case 0x06:
            return (1, 3, octets[-1] if octets else 0)
        case 0x02:
            return int.from_bytes(octets, "big", signed=True)
        case _:
            kinds: dict[int, type[int]] = {0x41: Counter32, 0x42: Gauge32, 0x43: TimeTicks, 0x46: Counter64}
            return kinds[tag](int.from_bytes(octets, "big"))


def recorded(path: Path) -> dict[Oid, Value]:
    """The values in a recording: lines of name, tag and value."""
    found: dict[Oid, Value] = {}
    for line in path.read_text(encoding="latin-1").splitlines():
        name, tag, text = line.split("|", 2)
        found[tuple(map(int, name.split(".")))] = _recorded(tag, text)
    return found


def _recorded(tag: str, text: str) -> Value:
    kinds: dict[str, type[int]] = {"2": int, "65": Counter32, "66": Gauge32, "67": TimeTicks, "70": Counter64}
    if tag in kinds:
        return kinds[tag](int(text))
    if tag == "6":
        return tuple(int(part) for part in text.split(".") if part)
    if tag == "64":
        return IPv4Address(text)
    return bytes.fromhex(text) if tag.endswith("x") else text.encode("latin-1")
