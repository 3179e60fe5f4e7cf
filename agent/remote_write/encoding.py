"""The messages of remote write 1.0: WriteRequest, TimeSeries, Label and Sample, in Protocol Buffers. Pure.

A request is series after series; a series here has one sample. Numbers of fields and of wire types are the protocol's.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from collectors.record.numbers import number

_LABEL = _SERIES = b"\x0a"  # field 1, with a length
_NAME, _VALUE, _SAMPLE = b"\x0a", b"\x12", b"\x12"
_NUMBER, _MOMENT = b"\x09", b"\x10"
_double = struct.Struct("<d").pack


def label(name: str, value: str) -> bytes:
    """One label of a series; a series has them sorted by name."""
    key, text = name.encode(), value.encode("utf-8", "replace")
    inner = _NAME + number(len(key)) + key + _VALUE + number(len(text)) + text
    return _LABEL + number(len(inner)) + inner


#: The lengths that series have, written: names and labels are shorter.
_SIZES = tuple(number(size) for size in range(8192))


class Frame(NamedTuple):
    """What all series of a poll share: ``head`` stands before the number, ``tail`` after it, of a ``size`` with it."""

    head: bytes
    tail: bytes
    size: int


def frame(labels: bytes, at: float) -> Frame:
    """The frame of the series with those last ``labels``, of samples that were taken at ``at``, in Unix seconds."""
    tail = _MOMENT + number(round(at * 1000))
    head = labels + _SAMPLE + number(9 + len(tail)) + _NUMBER
    return Frame(head, tail, len(head) + 8 + len(tail))


def series(labels: bytes, value: float, frame: Frame) -> bytes:
    """A series with one sample; ``labels`` are what ``label`` made of each that comes before those of the frame."""
    return b"".join((_SERIES, _SIZES[len(labels) + frame.size], labels, frame.head, _double(value), frame.tail))
