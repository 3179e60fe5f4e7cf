"""Polls devices: finds their rows once, then reads them by few GETs, and finds them again when they may have moved."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from collectors import idle, told
from collectors.answers import columns, due, reading
from collectors.codec.values import REFUSED, Flat, typed
from collectors.engine import Device, Engine, Script
from collectors.engine.polled import MOST_REFUSALS
from collectors.idle import Idle
from collectors.modules import Module
from collectors.questions import Expected, Questions, questions
from collectors.rates import Rates, Taken, rates
from collectors.reading import Reading
from collectors.rows import Rows, discovery, find_rows, names
from collectors.snmp import Answer, Failure, Oid, Target, Value
from collectors.snmp.reading import DEFAULT_REPETITIONS, MAX_ROWS, Columns, Instances, Problem, packets

T = TypeVar("T")

#: Values in an answer to a walk of a table: few, because a large answer over a lossy link is lost more often.
MOST_VALUES = 24
#: Where a device did not answer what its rows were looked for with, they are looked for again after this many polls;
#: so is what it refused to tell, which may have been a moment's trouble.
LOOK_AGAIN = 15


@dataclass(frozen=True, slots=True)
class PollOrder:
    """A device to poll for ``modules``; ``expected`` names the rows that are needed, of tables where not all are.

    Name what is needed: five interfaces fit one packet.
    """

    device: str
    target: Target
    modules: tuple[Module, ...]
    expected: Expected = ()

    def due(self, turn: int) -> tuple[Module, ...]:
        """What is asked in the device's ``turn`` since its rows were found."""
        return due(self.modules, turn, zlib.crc32(self.device.encode()))


@dataclass(frozen=True, slots=True)
class Polled:
    """One poll, which began ``at``.

    With a ``failure`` nothing was read and ``detail`` says more. ``rates`` are since the last reading. ``requests``
    were answered, and ``lost`` tries before went unanswered.
    """

    device: str
    at: datetime
    failure: Failure | None = None
    detail: str = ""
    reading: Reading = field(default_factory=Reading)
    rates: Rates = field(default_factory=dict)
    round_trip_s: float | None = None
    requests: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Memory:
    order: PollOrder
    rows: Rows
    turn: int
    taken: Taken
    idles: tuple[Idle, ...]
    #: Rows that are not where they were found even when they have just been found: looking again helps nobody.
    stuck: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a poll's script brought, in the device's ``turn`` since its ``rows`` were found."""

    rows: Rows
    turn: int
    reading: Reading


#: A part of a poll's script; it is sent None when what it yields is read, or why it could not be.
_Part = Generator[Instances | Columns, Problem | None, T]


class DevicePoller:
    """Remembers the rows of each device between polls; ``clock`` gives the moment a poll began, in UTC and aware."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._devices: dict[str, Device] = {}
        self._memories: dict[str, _Memory] = {}

    async def read(self, order: PollOrder) -> Polled:
        """Poll one device; whatever the network does, there is something to tell."""
        at, device = self._clock(), self._device(order)
        memory = self._memories.get(order.device)
        if memory is not None and memory.order != order:
            memory = None
        told = await self._engine.read(device, _script(device, order, memory))
        if isinstance(told.found, Problem):
            return Polled(order.device, at, told.found.failure, told.found.detail)
        whole, growth = self._finished(order, at, memory, told.found)
        return Polled(order.device, at, None, "", whole, growth, told.round_trip_s, told.requests, told.lost)

    def _device(self, order: PollOrder) -> Device:
        device = self._devices.get(order.device)
        if device is None or device.target != order.target:
            device = self._devices[order.device] = Device(order.device, order.target)
        return device

    def _finished(self, order: PollOrder, at: datetime, memory: _Memory | None, found: _Found) -> tuple[Reading, Rates]:
        """Finish a reading with what the device's former ones told, and remember it."""
        rows, raw = found.rows, found.reading
        idles: tuple[Idle, ...] = ()
        growth: Rates = {}
        if memory is not None:
            idles = memory.idles
            raw = with_slow(order, found.turn, memory.taken.reading, raw)
            growth = rates(order.modules, memory.taken, Taken(at, raw), moved(memory.rows, rows))
        stuck = raw.moved if memory is None or rows is not memory.rows else memory.stuck
        kept = _Memory(order, rows, found.turn, Taken(at, raw), idle.remembered(idles, raw), stuck)
        self._memories[order.device] = kept
        whole = idle.averaged(idles, raw)
        if any(table.name == told.TABLE for module in order.modules for table in module.tables):
            whole = told.with_told(whole, dict(order.expected).get("interfaces", frozenset()))
        return whole, growth


def _script(device: Device, order: PollOrder, memory: _Memory | None) -> Script[_Found | Problem]:
    """Read the rows where they were; find them, and read them there, where they are not known or may have moved."""
    if memory is not None:
        turn = memory.turn + 1
        look_again = turn % LOOK_AGAIN == 0
        if look_again:
            device.ask_refused()
        found = yield from _ask(order, memory.rows, turn)
        if isinstance(found, Problem):
            return found
        if restarted(memory.taken.reading, found):
            device.changed()
        again = look_again and not memory.rows.whole
        if not again and not outdated(memory.taken.reading, found, memory.stuck):
            return _Found(memory.rows, turn, found)
    rows = yield from _find(order)
    if isinstance(rows, Problem):
        return rows
    found = yield from _ask(order, rows, 0)
    return found if isinstance(found, Problem) else _Found(rows, 0, found)


def _find(order: PollOrder) -> _Part[Rows | Problem]:
    """Where the device keeps its rows; why not, where it told nothing at all."""
    known: dict[Oid, Value] = {}
    whole: set[Oid] = set()
    for place, columns_of in enumerate(discovery(order.modules)):
        walk = Columns(columns_of, DEFAULT_REPETITIONS, MAX_ROWS)
        problem = yield walk
        if problem is None:
            known.update(walk.values)
            whole.update(columns_of)
        elif not place:
            return problem
        elif problem.failure is Failure.TIMEOUT:
            break  # it answers other questions: this poll has waited long enough
    wanted = names(order.modules, known)
    for packet in packets(wanted):
        naming = Instances((packet,), MOST_REFUSALS)
        if (yield naming) is not None:
            break
        told_of = zip(packet.oids, naming.kinds, naming.values, strict=True)
        known.update({oid: typed(kind, value) for oid, kind, value in told_of if kind != REFUSED})
    return find_rows(order.modules, known, whole)


def _ask(order: PollOrder, rows: Rows, turn: int) -> _Part[Reading | Problem]:
    """The reading; why there is none, where not even the first packet was answered."""
    asked = questions(order.due(turn), rows, order.expected)
    kinds, values = bytearray(), list[Flat]()
    for packet in asked.packets:
        part = Instances((packet,), MOST_REFUSALS)
        problem = yield part
        if problem is not None and not values:
            return problem
        if problem is not None:
            break
        kinds += part.kinds
        values += part.values
    walks = yield from _walks(order, asked)
    return reading(asked, kinds, values, walks)


def _walks(order: PollOrder, asked: Questions) -> _Part[dict[str, Answer]]:
    walks: dict[str, Answer] = {}
    for _, table in asked.walks:
        wanted = columns(table)
        walk = Columns(wanted, max(2, MOST_VALUES // len(wanted)), table.most)
        problem = yield walk
        if problem is None:
            walks[table.name] = Answer(order.target, walk.values)
            continue
        walks[table.name] = Answer(order.target, walk.values, problem.failure, problem.detail)
        if problem.failure is Failure.TIMEOUT:
            break
    return walks


def restarted(before: Reading, after: Reading) -> bool:
    """Whether uptime fell."""
    uptime, former = after.seconds("uptime_s"), before.seconds("uptime_s")
    return uptime is not None and former is not None and uptime < former


def outdated(before: Reading, after: Reading, stuck: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether the rows may have moved: one is not where it was, uptime fell, or something was configured."""
    if after.moved - stuck or restarted(before, after):
        return True
    return any(after.scalars.get(name) != before.scalars.get(name) for name in ("interface_count", "config_changed_s"))


def with_slow(order: PollOrder, turn: int, before: Reading, now: Reading) -> Reading:
    """The reading with what holds from the former one, of modules that were not due: problems, and tables that keep."""
    asked = {module.name for module in order.due(turn)}
    others = [module for module in order.modules if module.name not in asked]
    kept = [table.name for module in others for table in module.tables if table.keeps and table.name in before.tables]
    tables = {**now.tables, **{name: before.tables[name] for name in kept}}
    problems = [problem for problem in before.problems if problem.module in {module.name for module in others}]
    return replace(now, tables=tables, problems=(*now.problems, *problems))


def moved(before: Rows, after: Rows) -> frozenset[tuple[str, str]]:
    """Table and name of rows that have another index now."""
    if before is after:
        return frozenset()
    former = {(table.name, key): index for table, found in before.tables for key, index in found}
    latter = {(table.name, key): index for table, found in after.tables for key, index in found}
    return frozenset(row for row, index in latter.items() if former.get(row, index) != index)
