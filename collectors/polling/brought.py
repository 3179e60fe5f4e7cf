"""What a poll's script brought: values, flat, in the order of their questions, and tables that were walked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from collectors import told
from collectors.answers import reading, sound, together, walked
from collectors.codec.values import COUNTER32, COUNTER64, GAUGE32, NO_SUCH_INSTANCE, TIME_TICKS, Flat
from collectors.modules import Object, Table, Type
from collectors.polling.facts import NOWHERE
from collectors.polling.plan import Plan
from collectors.questions import Questions
from collectors.reading import Reader, Reading, Row
from collectors.snmp import Answer
from collectors.taking import Cell

#: The tags of values that are kept of interfaces that only the router's own program tells.
KEPT = {Type.COUNTER32: COUNTER32, Type.COUNTER64: COUNTER64, Type.GAUGE32: GAUGE32}
#: What is kept of them: of expected ones only. Rows of other tables that are walked come and go, and are not kept.
INTERFACES, OCTETS = "interfaces", ("in_octets", "out_octets")


class Part(NamedTuple):
    """The answers to questions that are asked together: fewer values than were asked for where one had no answer."""

    asked: Questions
    kinds: bytes | bytearray
    values: Sequence[Flat]
    walks: Mapping[str, Answer]

    @property
    def reading(self) -> Reading:
        """What they say."""
        return reading(self.asked, self.kinds, self.values, self.walks)

    @property
    def sound(self) -> bool:
        """Whether a reading of them has all values, and no problems."""
        reader = Reader()
        for _, table in self.asked.walks:
            if table.name not in self.walks or walked(reader, table, self.walks[table.name]) is None:
                return False
        return not reader.problems and sound(self.asked, self.kinds, self.values)


class Walked(NamedTuple):
    """What the tables say that are walked at each poll: what decides (None: not known), and what is kept."""

    deciding: object | None
    places: tuple[tuple[Table, str, Object], ...] = ()
    kinds: bytes = b""
    values: tuple[Flat, ...] = ()


#: Where no table is walked.
NOTHING_WALKED = Walked(())


class Brought:
    """What one poll brought in the device's ``turn`` since its rows were found; the first part is that of each poll.

    ``alike``: it says what the poll before said; then ``data`` is how it differs from the device's key.
    """

    def __init__(self, plan: Plan, turn: int, parts: Sequence[Part]) -> None:
        self.plan = plan
        self.turn = turn
        self.parts = parts
        self.uptime_s = _uptime_s(plan, parts[0])
        self.walked = _walked(plan, parts[0], self.uptime_s) if plan.walks else NOTHING_WALKED
        self.alike = False
        self.data = b""

    @cached_property
    def reading(self) -> Reading:
        """What it all says."""
        return together([part.reading for part in self.parts])


def _uptime_s(plan: Plan, part: Part) -> float | None:
    """The device's uptime; None where it told none."""
    at, values = plan.facts.uptime, part.values
    value = values[at] if NOWHERE != at < len(values) else None
    return value / 100 if isinstance(value, int) and part.kinds[at] == TIME_TICKS else None


def _walked(plan: Plan, part: Part, uptime_s: float | None) -> Walked:
    """What the tables of each poll say."""
    reader, deciding = Reader(), list[object]()
    kept: list[tuple[Table, str, Object, Row]] = []
    for _, table in plan.walks:
        rows = walked(reader, table, part.walks[table.name]) if table.name in part.walks else None
        if rows is None:
            return Walked(None)
        if table.name != told.TABLE:
            deciding.append((table.name, *sorted((key, *_deciding(table, row)) for key, row in rows.items())))
        else:
            lines = told.present(rows, uptime_s)
            if isinstance(lines, str):
                return Walked(None)
            deciding.append(told.deciding(lines))
            kept += _octets(plan, lines)
    kinds, values = bytearray(), list[Flat]()
    for _, _, one, row in kept:
        cell = row.get(one.name)
        kinds.append(KEPT[one.type] if isinstance(cell, int) else NO_SUCH_INSTANCE)
        values.append(int(cell) if isinstance(cell, int) else None)
    places = tuple((table, key, one) for table, key, one, _ in kept)
    return Walked(None if reader.problems else tuple(deciding), places, bytes(kinds), tuple(values))


def _deciding(table: Table, row: Row) -> tuple[Cell | None, ...]:
    return tuple(row.get(one.name) for one in table.columns if one.decides)


def _octets(plan: Plan, lines: told.Told) -> list[tuple[Table, str, Object, Row]]:
    """What is kept of the interfaces in the lines: of those that are expected, and that the agent itself has not.

    One that is not there has its place all the same, so that what comes and goes makes no new layouts.
    """
    base = plan.groups[0][1]
    own = {place.key for place in base.places if place.table.name == INTERFACES}
    wanted = dict(plan.expected).get(INTERFACES, frozenset()) - own
    tables = [table for module in base.modules for table in module.tables if table.name == INTERFACES]
    return [
        (table, name, one, lines.interfaces.get(name, {}))
        for table in tables
        for name in sorted(wanted)
        for one in table.columns
        if one.name in OCTETS
    ]
