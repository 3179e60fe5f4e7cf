"""Polls devices: finds their rows once, then reads them by few GETs, and finds them again when they may have moved."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from collectors import idle, told
from collectors.answers import columns, due, reading
from collectors.idle import Idle
from collectors.modules import Module
from collectors.questions import Expected, Questions, questions
from collectors.rates import Rates, Taken, rates
from collectors.reading import Reading
from collectors.rows import Rows, discovery, find_rows, names
from collectors.snmp import Answer, Failure, Oid, SnmpClient, Target, Value
from collectors.stream import as_they_come
from collectors.taking import flattened

#: Values in an answer to a walk of a table: few, because a large answer over a lossy link is lost more often.
MOST_VALUES = 24
#: Where a device did not answer what its rows were looked for with, they are looked for again after this many polls.
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


@dataclass(slots=True)
class _Tally:
    """What one poll sent and heard, over all its packets."""

    requests: int = 0
    lost: int = 0
    round_trip_s: float | None = None

    def add(self, answer: Answer) -> Answer:
        if answer.failure is None:
            self.requests, self.lost = self.requests + answer.requests, self.lost + answer.lost
            self.round_trip_s = answer.round_trip_s or self.round_trip_s
        return answer


class DevicePoller:
    """Remembers the rows of each device between polls; ``clock`` gives the moment a poll began, in UTC and aware."""

    def __init__(self, client: SnmpClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._memories: dict[str, _Memory] = {}

    async def read(self, order: PollOrder) -> Polled:
        """Poll one device; whatever the network does, there is something to tell."""
        at, tally = self._clock(), _Tally()
        memory = self._memories.get(order.device)
        if memory is not None and memory.order == order:
            found = await self._ask(order, memory.rows, memory.turn + 1, tally)
            if isinstance(found, Answer):
                return _failed(order, at, found)
            again = not memory.rows.whole and (memory.turn + 1) % LOOK_AGAIN == 0
            if not again and not outdated(memory.taken.reading, found, memory.stuck):
                return self._polled(order, at, tally, memory.rows, memory.turn + 1, found)
        rows = await self._find(order, tally)
        if isinstance(rows, Answer):
            return _failed(order, at, rows)
        found = await self._ask(order, rows, 0, tally)
        if isinstance(found, Answer):
            return _failed(order, at, found)
        return self._polled(order, at, tally, rows, 0, found)

    async def poll(self, orders: Iterable[PollOrder]) -> AsyncGenerator[Polled, None]:
        """Poll all at once; what they told comes as they answer."""
        async with aclosing(as_they_come(self.read(order) for order in orders)) as polls:
            async for polled in polls:
                yield polled

    async def _find(self, order: PollOrder, tally: _Tally) -> Rows | Answer:
        """Where the device keeps its rows; the answer that failed where it told nothing at all."""
        known: dict[Oid, Value] = {}
        whole: set[Oid] = set()
        for place, walk in enumerate(discovery(order.modules)):
            answer = tally.add(await self._client.bulk(order.target, walk))
            if answer.failure is not None and not place:
                return answer
            if answer.failure is None:
                known.update(answer.values)
                whole.update(walk)
            elif answer.failure is Failure.TIMEOUT:
                break  # it answers other questions: this poll has waited long enough
        wanted = names(order.modules, known)
        if wanted:
            known.update(tally.add(await self._client.get(order.target, wanted)).values)
        return find_rows(order.modules, known, whole)

    async def _ask(self, order: PollOrder, rows: Rows, turn: int, tally: _Tally) -> Reading | Answer:
        """The reading; the answer that failed where not even the first packet was answered."""
        asked = questions(order.due(turn), rows, order.expected)
        flat: list[tuple[int, object]] = []
        for packet in asked.packets:
            answer = tally.add(await self._client.get(order.target, packet.oids))
            if answer.failure is not None and not flat:
                return answer
            if answer.failure is not None:
                break
            flat += [flattened(answer.values[oid]) for oid in packet.oids]
        kinds, values = bytes(kind for kind, _ in flat), [value for _, value in flat]
        return reading(asked, kinds, values, await self._walks(order, asked, tally))

    async def _walks(self, order: PollOrder, asked: Questions, tally: _Tally) -> dict[str, Answer]:
        walks: dict[str, Answer] = {}
        for _, table in asked.walks:
            walk = columns(table)
            repetitions = max(2, MOST_VALUES // len(walk))
            answer = await self._client.bulk(order.target, walk, repetitions=repetitions, max_rows=table.most)
            walks[table.name] = tally.add(answer)
            if answer.failure is Failure.TIMEOUT:
                break
        return walks

    def _polled(self, order: PollOrder, at: datetime, tally: _Tally, rows: Rows, turn: int, raw: Reading) -> Polled:
        """Finish a reading with what the device's former ones told, and remember it."""
        memory = self._memories.get(order.device)
        idles: tuple[Idle, ...] = ()
        growth: Rates = {}
        if memory is not None and memory.order == order:
            idles = memory.idles
            raw = with_slow(order, turn, memory.taken.reading, raw)
            growth = rates(order.modules, memory.taken, Taken(at, raw), moved(memory.rows, rows))
        stuck = raw.moved if memory is None or rows is not memory.rows else memory.stuck
        kept = _Memory(order, rows, turn, Taken(at, raw), idle.remembered(idles, raw), stuck)
        self._memories[order.device] = kept
        whole = idle.averaged(idles, raw)
        if any(table.name == told.TABLE for module in order.modules for table in module.tables):
            whole = told.with_told(whole, dict(order.expected).get("interfaces", frozenset()))
        return Polled(order.device, at, None, "", whole, growth, tally.round_trip_s, tally.requests, tally.lost)


def outdated(before: Reading, after: Reading, stuck: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether the rows may have moved: one is not where it was, uptime fell, or something was configured."""
    uptime, former = after.seconds("uptime_s"), before.seconds("uptime_s")
    if after.moved - stuck or (uptime is not None and former is not None and uptime < former):
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


def _failed(order: PollOrder, at: datetime, answer: Answer) -> Polled:
    return Polled(order.device, at, answer.failure, answer.detail)
