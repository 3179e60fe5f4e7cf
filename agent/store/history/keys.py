"""Where in its table a poll is kept: by cycle, within it by the routers' turns, so that new rows come at the end. Pure.

A router's ``place`` is a number of 24 bits that grows with its turn in the cycle. Time is counted for each router from
its own turn on, in spans as long as a usual cycle: so all polls of a cycle are in one span, in the order in which they
come, and a router's polls of a day are found by looking once into each span. Other cycles are kept as well, only less
tidily. A number has the span, the place, the time in the span in 2**15 parts, and whether the poll is whole.
"""

from __future__ import annotations

import hashlib

from agent.monitoring.schedule import SPREAD

#: 2020-01-01: before any poll.
EPOCH = 1_577_836_800
#: A span, in seconds.
SPAN_S = 240
#: Places, and parts of a span.
PLACES, PARTS = 2**24, 2**15
#: From a row of one span to the same of the next.
SPAN = 1 << 40
#: More than any number.
LAST = 2**63 - 1
_PART_S, _PARTS_PER_S = SPAN_S / PARTS, PARTS / SPAN_S


def first_place(router: str) -> int:
    """The place that a router has if it is still free; the next free one is taken otherwise."""
    return int.from_bytes(hashlib.sha256(router.encode()).digest()[:3])


def turn(place: int) -> float:
    """When the first span of a place begins, in Unix seconds."""
    return EPOCH + place / PLACES * SPAN_S * SPREAD


def key(place: int, begins: float, at: float, whole: bool = False) -> int:
    """The number of a poll, where the first span of its ``place`` ``begins``; those of 7 ms may have the same."""
    parts = int((at - begins) * _PARTS_PER_S + 0.5)
    return parts >> 15 << 40 | place << 16 | (parts & PARTS - 1) << 1 | whole


def moment(number: int) -> tuple[int, float]:
    """The place and the moment (Unix seconds, to 4 ms) of a poll."""
    place = number >> 16 & PLACES - 1
    return place, turn(place) + ((number // SPAN) * PARTS + (number >> 1 & PARTS - 1)) * _PART_S


def span(at: float) -> int:
    """The first number of the span that a moment is in, for the router whose turn is last: earlier than for others."""
    return max(0, int((at - turn(PLACES)) // SPAN_S)) * SPAN
