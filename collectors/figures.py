"""One number out of many, as the modules say: the busiest processor, the memory in use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collectors.modules import Figure, Module
from collectors.reading import Row
from collectors.taking import Cell


def figures(modules: Iterable[Module], scalars: Row, tables: Mapping[str, Mapping[str, Row]]) -> dict[str, float]:
    """The figures that can be told; of several ways to one the first that gives a value."""
    found: dict[str, float] = {}
    for one in (one for module in modules for one in module.figures):
        value = None if one.name in found else figure(one, scalars, tables)
        if value is not None:
            found[one.name] = value
    return found


def figure(figure: Figure, scalars: Row, tables: Mapping[str, Mapping[str, Row]]) -> float | None:
    """One figure; None where it cannot be told."""
    if figure.by == "scalar":
        return _plain(scalars.get(figure.scalar))
    if figure.by == "difference":
        whole, part = scalars.get(figure.scalar), scalars.get(figure.minus)
        if isinstance(whole, str) or isinstance(part, str) or whole is None or part is None or part > whole:
            return None
        return whole - part
    cells = (row.get(figure.column) for row in tables.get(figure.table, {}).values())
    numbers = [cell for cell in cells if cell is not None and not isinstance(cell, str)]
    return reduced(figure.by, numbers)


def reduced(by: str, numbers: Sequence[float]) -> float | None:
    """One number of many; None of none."""
    if not numbers:
        return None
    match by:
        case "max":
            return max(numbers)
        case "mean":
            return round(sum(numbers) / len(numbers))
        case "sum":
            return sum(numbers)
        case "count":
            return len(numbers)
        case _:
            return numbers[0]


def _plain(cell: Cell | None) -> float | None:
    return None if isinstance(cell, str) else cell
