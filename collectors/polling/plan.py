"""What devices with the same rows share: their questions, and how the values of a poll are kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar
from weakref import WeakValueDictionary

from collectors import told
from collectors.modules import Module, Object, Table
from collectors.polling.facts import Facts
from collectors.questions import Expected, Questions, questions
from collectors.record import Column, Layout
from collectors.rows import Rows, needed

T = TypeVar("T")


@dataclass(slots=True, weakref_slot=True, eq=False)
class Plan:
    """What is asked of a device for ``modules`` where it keeps ``rows``; shared, and kept as long as a device has it.

    ``groups`` are the questions by how often they are due: the first at each poll, ``facts`` and ``layout`` are theirs.
    ``holding`` are the places, in each further group, of values that hold until they are read again.
    """

    modules: tuple[Module, ...]
    rows: Rows
    expected: Expected
    groups: tuple[tuple[int, Questions], ...]
    holding: tuple[tuple[int, ...], ...]
    facts: Facts
    layout: Layout
    _layouts: dict[tuple[tuple[Table, str, Object], ...], Layout] = field(default_factory=dict)
    _interned: dict[object, object] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: tuple[Module, ...], rows: Rows, expected: Expected) -> Plan:
        """The plan for ``modules`` and ``rows``."""
        ordered = sorted(modules, key=lambda module: module.every)
        by_time = {every: tuple(group) for every, group in groupby(ordered, key=lambda module: module.every)}
        groups = [(every, questions(group, rows, expected)) for every, group in ({1: ()} | by_time).items()]
        base = groups[0][1]
        holding = tuple(_holding(asked) for _, asked in groups[1:])
        return cls(modules, rows, expected, tuple(groups), holding, Facts.of(base), _layout(base))

    def with_walked(self, places: tuple[tuple[Table, str, Object], ...]) -> Layout:
        """The layout with values of walked rows behind those that are asked."""
        if not places:
            return self.layout
        if places not in self._layouts:
            columns = tuple(Column.of(one, table, key) for table, key, one in places)
            self._layouts[places] = Layout(self.layout.columns + columns, self.layout.figures)
        return self._layouts[places]

    def shared(self, one: T) -> T:
        """What equals ``one`` and other devices have as well; for what few differ in."""
        return self._interned.setdefault(one, one)  # type: ignore[return-value]

    @property
    def walks(self) -> tuple[tuple[str, Table], ...]:
        """The tables that are walked at each poll, each with its module."""
        return self.groups[0][1].walks

    @property
    def hears(self) -> bool:
        """Whether the router's own program tells more."""
        return any(table.name == told.TABLE for _, table in self.walks)


def _layout(asked: Questions) -> Layout:
    """What the values are, in the order in which they are asked; a row's name is asked before its values."""
    columns = [Column.of(slot.one) for slot in asked.slots[: asked.scalars]]
    for place in asked.places:
        if place.named:
            columns.append(Column.of(asked.slots[place.at].one, place.table, place.key))
        columns += [Column.of(slot.one, place.table, place.key) for slot in place.slots]
    return Layout(tuple(columns), tuple(figure for module in asked.modules for figure in module.figures))


def _holding(asked: Questions) -> tuple[int, ...]:
    places = [place for place in asked.places if place.table.keeps]
    return tuple(at for place in places for at in range(place.at, place.at + place.named + len(place.slots)))


class Plans:
    """Finds the plan that devices with the same rows share."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[object, ...], Plan] = WeakValueDictionary()

    def of(self, modules: tuple[Module, ...], rows: Rows, expected: Expected) -> Plan:
        """The plan for what is needed of ``rows``."""
        rows = needed(rows, dict(expected))
        key = modules, rows, expected
        plan = self._known.get(key)
        if plan is None:
            plan = self._known[key] = Plan.of(modules, rows, expected)
        return plan

    def __len__(self) -> int:
        return len(self._known)


def due(every: int, turn: int, spread: int) -> bool:
    """Whether what is due so often is asked in a device's ``turn`` since its rows were found; all is in the first.

    ``spread`` is a number of the device's own, so that not all are asked for what is slow in the same cycle.
    """
    return turn == 0 or (turn + spread) % every == 0
