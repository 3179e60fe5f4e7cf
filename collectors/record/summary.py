"""What many polls of a device come to: of each number its least, mean and largest, of a counter those of its growth.

Pure, and compiled where it can be. A counter's growth is told only where it is known for sure, as of rates; its mean is
what it grew in the time that is known. What is kept has 16 bits a number: sign, six bits of exponent, nine of fraction,
exact for whole numbers up to 1,024 and to one in a thousand otherwise.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

from collectors.errors import BadRecord
from collectors.rates import growth

#: Between the least and the largest: what a number was in the time that is summed up.
Span = tuple[float, float, float]


class Part(NamedTuple):
    """What is summed up of one value of a poll: its ``place`` in the poll, the ``tag`` that it must have, the ``slot``
    of the summary that it goes to; for a counter its ``bits`` and the place of since when it counts, -1 for none."""

    place: int
    tag: int
    slot: int
    bits: int = 0
    since: int = -1
    scale: float = 1.0
    low: float = float("-inf")
    high: float = float("inf")


class Summary:
    """Sums up the polls of one device, in order."""

    def __init__(self, size: int) -> None:
        self.least: list[float] = [0.0] * size
        self.largest: list[float] = [0.0] * size
        self.total: list[float] = [0.0] * size
        self.weight: list[float] = [0.0] * size
        self.former: list[Any] = [None] * size

    def take(
        self, parts: Sequence[Part], kinds: bytes, values: list[Any], clock: float, life: int, counts: bool
    ) -> None:
        """Take a poll. ``clock`` is the device's, in seconds from any moment of its ``life``, and goes on evenly in it.

        Not ``counts``: the poll is from before the time that is summed up, and only what counters grow from.
        """
        size = len(kinds)
        for part in parts:
            place, tag, slot, bits, since, scale, low, high = part
            if place >= size or kinds[place] != tag:
                continue
            if bits:
                began = values[since] if 0 <= since < size else None
                self._count(slot, values[place], bits, clock, life, began, counts)
            elif counts:
                number = values[place]
                if low <= number <= high:
                    self._add(slot, number * scale, number * scale, 1.0)

    def _count(self, slot: int, value: int, bits: int, clock: float, life: int, began: Any, counts: bool) -> None:
        former = self.former[slot]
        self.former[slot] = (value, clock, life, began)
        if former is None or not counts:
            return
        count, then, same_life, same_began = former
        seconds = clock - then
        if life != same_life or began != same_began or seconds <= 0:
            return
        rate = growth(count, value, bits, seconds)
        if isinstance(rate, float):
            self._add(slot, rate, rate * seconds, seconds)

    def _add(self, slot: int, number: float, total: float, weight: float) -> None:
        if self.weight[slot] == 0:
            self.least[slot] = self.largest[slot] = number
        elif number < self.least[slot]:
            self.least[slot] = number
        elif number > self.largest[slot]:
            self.largest[slot] = number
        self.total[slot] += total
        self.weight[slot] += weight

    def spans(self) -> list[Span | None]:
        """What each slot came to; None: nothing is known of it."""
        return [
            None if not weight else (least, total / weight, largest)
            for least, total, weight, largest in zip(self.least, self.total, self.weight, self.largest, strict=True)
        ]


def pack_spans(spans: Sequence[Span | None]) -> bytes:
    """Spans in few octets: a bit for each that is known, a bit for each that is more than one number, the numbers."""
    known, wide = bytearray((len(spans) + 7) // 8), bytearray((len(spans) + 7) // 8)
    numbers: list[float] = []
    for place, span in enumerate(spans):
        if span is None:
            continue
        known[place >> 3] |= 1 << (place & 7)
        if span[0] == span[2]:
            numbers.append(span[0])
        else:
            wide[place >> 3] |= 1 << (place & 7)
            numbers += span
    return bytes(known + wide) + shorten(numbers)


def read_spans(data: bytes, size: int) -> list[Span | None]:
    """The spans that ``pack_spans`` packed.

    Raises:
        BadRecord: they are not so many.
    """
    octets = (size + 7) // 8
    if len(data) < 2 * octets or (len(data) - 2 * octets) % 2:
        raise BadRecord("a summary is cut short")
    numbers = iter(lengthen(data[2 * octets :]))
    spans: list[Span | None] = []
    try:
        for place in range(size):
            bit = 1 << (place & 7)
            if not data[place >> 3] & bit:
                spans.append(None)
                continue
            first = next(numbers)
            wide = data[octets + (place >> 3)] & bit
            spans.append((first, next(numbers), next(numbers)) if wide else (first, first, first))
    except StopIteration as error:
        raise BadRecord("a summary is cut short") from error
    if next(numbers, None) is not None:
        raise BadRecord("a summary has octets left over")
    return spans


#: What a float of 32 bits has more: bits of fraction, and of the exponent what is added to it.
_FRACTION, _BIAS = 14, 111 << 9


def shorten(numbers: Sequence[float]) -> bytes:
    """Numbers in two octets each; what is too large becomes the largest, what is too near zero zero."""
    wide = array("I", array("f", numbers).tobytes())
    short = array("H", bytes(2 * len(wide)))
    for place, bits in enumerate(wide):
        code = ((bits & 0x7FFFFFFF) + (1 << _FRACTION - 1) >> _FRACTION) - _BIAS
        short[place] = 0 if code <= 0 else min(code, 0x7FFF) | bits >> 16 & 0x8000
    return short.tobytes()


def lengthen(data: bytes) -> list[float]:
    """The numbers that ``shorten`` shortened."""
    wide = array("I", bytes(2 * len(data)))
    for place, code in enumerate(array("H", data)):
        wide[place] = 0 if not code else (code & 0x7FFF) + _BIAS << _FRACTION | (code & 0x8000) << 16
    return list(array("f", wide.tobytes()))
