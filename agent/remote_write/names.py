"""What a column of a poll is called among Prometheus's metrics, in their units: seconds, bytes, ratios. Pure."""

from __future__ import annotations

from typing import NamedTuple

from collectors.modules import Type
from collectors.record import Column, Role

PREFIX = "spokesman_"
#: A row's name stands under this label; all labels must come before ``router``, for that they are sorted.
LABELS = {"interfaces": "interface", "bgp": "peer"}
ITEM = "item"
#: Ends of our names, what Prometheus calls the unit, and what makes a number one of it.
_UNITS = (
    ("_s", "_seconds", 1.0),
    ("_ms", "_seconds", 0.001),
    ("_kb", "_bytes", 1024.0),
    ("octets", "bytes", 1.0),
    ("_percent", "_ratio", 0.01),
)


class Named(NamedTuple):
    """A metric: its name, the label of its rows (empty: it has none), and what makes what was told one of its unit."""

    metric: str
    label: str
    factor: float


def named(column: Column) -> Named | None:
    """How a column is sent; None where it is no number that tells anything by itself."""
    if column.role in (Role.TEXT, Role.SINCE):
        return None
    name, factor = "_".join(filter(None, (column.table, column.name))), 1.0 if column.scale is None else column.scale
    if column.type is Type.TICKS:
        factor = 0.01
    for ours, theirs, times in _UNITS:
        if name.endswith(ours):
            name, factor = name.removesuffix(ours) + theirs, factor * times
            break
    if column.role is Role.COUNTER:
        name += "_total"
    return Named(PREFIX + name, LABELS.get(column.table, ITEM) if column.table else "", factor)
