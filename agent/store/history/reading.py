"""Reads polls back: one router's or those of neighbours, in order, with the values that others differ from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Engine, text

from agent.store.history import keys, rows
from agent.store.history.names import Layouts
from agent.store.history.rows import Poll
from collectors.codec.values import Flat
from collectors.errors import BadRecord
from collectors.record import Whole, check, unpack_from
from collectors.record.metrics import Metrics

log = logging.getLogger(__name__)

#: How long before a poll the whole one may be that it differs from, and some time for one that came late.
KEY_S = 3600 + 600

#: Looks once into each span; before ``whole`` only at whole polls. The same words for both databases.
_SPANS = text(
    "WITH RECURSIVE spans(first) AS (SELECT CAST(:first AS BIGINT) UNION ALL"
    " SELECT first + :step FROM spans WHERE first + :step <= :last)"
    " SELECT polls.id, polls.data FROM spans CROSS JOIN history_polls AS polls"
    " WHERE polls.id BETWEEN spans.first + :low AND spans.first + :high AND (spans.first >= :whole OR polls.id % 2 = 1)"
    " ORDER BY polls.id"
)


class Kept(NamedTuple):
    """A poll with its values as they came; ``metrics`` say what they are: None where it has none that can be read."""

    poll: Poll
    metrics: Metrics | None
    kinds: bytes
    values: list[Flat]


def raw(
    engine: Engine, low: int, high: int, since: float, until: float, values_since: float | None = None
) -> dict[int, list[tuple[int, bytes]]]:
    """The rows of the places from ``low`` to ``high``, by place, in order.

    They are those of ``since`` to ``until``, and some around them; from ``values_since`` on, if that is earlier, only
    whole polls.
    """
    start = since if values_since is None else min(since, values_since)
    between = {
        "first": keys.span(start),
        "last": keys.span(until) + keys.SPAN,
        "step": keys.SPAN,
        "low": low << 16,
        "high": high << 16 | 0xFFFF,
        "whole": keys.span(since),
    }
    found: dict[int, list[tuple[int, bytes]]] = {}
    with engine.connect() as connection:
        for number, data in connection.execute(_SPANS, between):
            found.setdefault(number >> 16 & keys.PLACES - 1, []).append((number, data))
    return found


def polls(found: Iterable[tuple[int, bytes]]) -> Iterator[Poll]:
    """The polls in rows; a damaged row is told and left out."""
    for number, data in found:
        try:
            yield rows.read(keys.moment(number)[1], data)
        except BadRecord as error:
            log.warning("a poll of the history is left out: %s", error)


class Unpacker:
    """Unpacks the polls of one router, in order. Others differ from the whole ones of the hour before them.

    A whole poll is found again by its layout and its check: who else polls the router has whole ones of its own.
    """

    def __init__(self, layouts: Layouts) -> None:
        self._layouts = layouts
        self._data: dict[tuple[int, int], bytes] = {}
        self._whole: dict[tuple[int, int], Whole] = {}
        self.damaged = 0

    def remember(self, poll: Poll) -> None:
        """A poll that is of no interest but for those that differ from it."""
        if poll.layout and poll.data[:1] == b"\0":
            self._data[poll.layout, check(poll.data)] = poll.data

    def kept(self, poll: Poll) -> Kept:
        """A poll with its values, without them where they cannot be read: that is counted."""
        if not poll.layout:
            return Kept(poll, None, b"", [])
        metrics = self._layouts.metrics(poll.layout)
        if metrics is not None:
            self.remember(poll)
            try:
                return Kept(poll, metrics, *self._values(poll))
            except BadRecord:
                pass
        self.damaged += 1
        return Kept(poll, None, b"", [])

    def _values(self, poll: Poll) -> tuple[bytes, list[Flat]]:
        key = poll.layout, check(poll.data)
        if key not in self._whole and key in self._data:
            self._whole[key] = Whole.of(self._data[key])
        whole = self._whole.get(key)
        if whole is not None and poll.data[:1] == b"\0":
            return whole.kinds, whole.values
        return unpack_from(poll.data, whole)
