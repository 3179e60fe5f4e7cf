"""The row of a poll: how it ended, its figures, and its packed values or why there are none. Pure.

An octet of flags, round trip and load as halves of a float, requests and losses (255 and more are 255); then the number
of the layout in groups of seven bits and the packed values, or the reason in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan, nan
from struct import Struct
from typing import NamedTuple

from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.store.history.keys import key
from collectors.errors import BadRecord
from collectors.record.numbers import read_number

_HEAD = Struct("<BeeBB")
_ANSWERS, _ANSWERED = tuple(Answer), Answer.ANSWERED
_NUMBERS = {answer: number for number, answer in enumerate(_ANSWERS)}
_RECORD = 0x10
#: Longest reason that is kept, in octets; the largest number that half a float has.
_REASON, _MOST = 200, 65504.0


class Poll(NamedTuple):
    """One poll as it was kept; ``layout`` is the number of the layout of its packed ``data``, 0: there are none."""

    at: float
    answer: Answer
    round_trip_ms: float | None
    cpu_percent: float | None
    requests: int
    lost: int
    reason: str
    layout: int
    data: bytes


def rows(
    batch: Iterable[Heard], places: Mapping[str, tuple[int, float]], layouts: Mapping[str, bytes]
) -> list[tuple[int, bytes]]:
    """The rows of polls with their numbers, in one go: a call for each costs half as much again.

    ``places`` are the routers' places and when the first span of each begins; ``layouts`` are the layouts' numbers by
    their digests, as ``number`` gives them.

    Raises:
        KeyError: a router has no place, or a layout no number.
    """
    found: list[tuple[int, bytes]] = []
    for router, at, answer, reason, _, trip, load, requests, lost, record, _ in batch:
        place, begins = places[router]
        head = _HEAD.pack(
            (0 if answer is _ANSWERED else _NUMBERS[answer]) | (0 if record is None else _RECORD),
            nan if trip is None else trip if trip < _MOST else _MOST,
            nan if load is None else load if load < _MOST else _MOST,
            requests if requests < 255 else 255,
            lost if lost < 255 else 255,
        )
        if record is None:
            found.append((key(place, begins, at), head + reason.encode()[:_REASON] if reason else head))
        else:
            layout, whole, data = record
            found.append((key(place, begins, at, whole), head + layouts[layout.digest] + data))
    return found


def read(at: float, data: bytes) -> Poll:
    """The poll in a row.

    Raises:
        BadRecord: it is damaged.
    """
    if len(data) < _HEAD.size:
        raise BadRecord("a row is cut short")
    flags, trip, load, requests, lost = _HEAD.unpack_from(data)
    if flags & ~_RECORD >= len(_ANSWERS):
        raise BadRecord("a row has an answer that there is not")
    answer, rest = _ANSWERS[flags & ~_RECORD], _HEAD.size
    layout, reason, content = 0, "", b""
    if flags & _RECORD:
        layout, rest = read_number(data, rest)
        content = data[rest:]
    else:
        reason = data[rest:].decode(errors="replace")
    figures = (None if isnan(trip) else trip, None if isnan(load) else load)
    return Poll(at, answer, *figures, requests, lost, reason, layout, content)
