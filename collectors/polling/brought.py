"""What a poll's script brought: values, flat, in the order of their questions, and tables that were walked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from collectors import told
from collectors.answers import reading, sound, together, walked
from collectors.codec.values import COUNTER32, COUNTER64, GAUGE32, NO_SUCH_INSTANCE, TIME_TICKS, Flat
from collectors.modules import Object, Table, Type
from collectors.polling.facts import NOWHERE
from collectors.polling.plan import Plan
from collectors.polling.trail import Trail, Walk
from collectors.polling.trail import told as told_of
from collectors.questions import Questions
from collectors.reading import Reader, Reading, Row
from collectors.snmp import Answer, Target
from collectors.taking import Cell

#: The tags of values that are kept of interfaces that only the router's own program tells.
KEPT = {Type.COUNTER32: COUNTER32, Type.COUNTER64: COUNTER64, Type.GAUGE32: GAUGE32}
#: What is kept of them: of expected ones only. Rows of other tables that are walked come and go, and are not kept.
INTERFACES, OCTETS = "interfaces", ("in_octets", "out_octets")


class Part:
    """A target's answers to questions that are asked together: fewer than were asked for where one had no answer.

    The tables to walk are in ``walks``. Where they were found on a ``trail``, what their rows say is behind the others
    in the ``further`` tags and values.
    """

    __slots__ = ("asked", "further", "kinds", "target", "trail", "values", "walks")

    def __init__(
        self,
        target: Target,
        asked: Questions,
        kinds: bytearray,
        values: list[Flat],
        walks: Mapping[str, Walk],
        trail: Trail | None = None,
        further: tuple[bytearray, list[Flat]] = (bytearray(), []),
    ) -> None:
        self.target = target
        self.asked = asked
        self.kinds = kinds
        self.values = values
        self.walks = walks
        self.trail = trail
        self.further = further

    @property
    def answers(self) -> dict[str, Answer]:
        """What the walked tables say."""
        if self.trail is not None:
            variables = self.trail.variables
            return {
                table.name: Answer(self.target, told_of(table, variables, *self.further))
                for _, table in self.asked.walks
            }
        return {
            name: Answer(self.target, walk.values, *(problem or (None, "")))
            for name, (walk, problem) in self.walks.items()
        }

    @property
    def reading(self) -> Reading:
        """What they say."""
        return reading(self.asked, self.kinds, self.values, self.answers)

    @property
    def sound(self) -> bool:
        """Whether a reading of them has all values, and no problems."""
        reader, answers = Reader(), self.answers
        for _, table in self.asked.walks:
            if table.name not in answers or walked(reader, table, answers[table.name]) is None:
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

    ``alike``: it says what the poll before said; then ``data`` is how it differs from the device's key. ``kinds`` and
    ``values`` are what is kept of one that may be alike.
    """

    __slots__ = ("_reading", "_walked", "alike", "data", "kinds", "parts", "plan", "turn", "uptime_s", "values")

    def __init__(self, plan: Plan, turn: int, parts: list[Part]) -> None:
        self.plan = plan
        self.turn = turn
        self.parts = parts
        self.uptime_s = _uptime_s(plan, parts[0])
        self.alike = False
        self.data = b""
        self.kinds, self.values = parts[0].kinds, parts[0].values
        self._walked: Walked | None = None
        self._reading: Reading | None = None

    @property
    def walked(self) -> Walked:
        """What the tables say that are walked."""
        if self._walked is None:
            walks = self.plan.walks
            self._walked = _walked(self.plan, self.parts[0], self.uptime_s) if walks else NOTHING_WALKED
        return self._walked

    @property
    def reading(self) -> Reading:
        """What it all says."""
        if self._reading is None:
            self._reading = together([part.reading for part in self.parts])
        return self._reading


def _uptime_s(plan: Plan, part: Part) -> float | None:
    """The device's uptime; None where it told none."""
    at, values = plan.facts.uptime, part.values
    value = values[at] if NOWHERE != at < len(values) else None
    return value / 100 if isinstance(value, int) and part.kinds[at] == TIME_TICKS else None


def _walked(plan: Plan, part: Part, uptime_s: float | None) -> Walked:
    """What the tables of each poll say."""
    reader, deciding, answers = Reader(), list[object](), part.answers
    kept: list[tuple[Table, str, Object, Row]] = []
    for _, table in plan.walks:
        rows = walked(reader, table, answers[table.name]) if table.name in answers else None
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
