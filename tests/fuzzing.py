"""Packets that no sender meant: valid ones changed in every way that a wire or a liar changes them, and noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

#: Octets at the edges of lengths, tags and texts.
EDGES = (
    0,
    1,
    2,
    4,
    5,
    6,
    0x1F,
    0x20,
    0x30,
    0x3C,
    0x3E,
    0x5B,
    0x5D,
    0x7F,
    0x80,
    0x81,
    0x82,
    0x84,
    0x85,
    0xA4,
    0xA7,
    0xFF,
)
MOST = 3000

Change = Callable[[Random, bytes, Sequence[bytes]], bytes]


def _place(chance: Random, packet: bytes) -> tuple[int, int]:
    """Where a slice of the packet starts and stops."""
    start = chance.randrange(len(packet) + 1)
    return start, min(len(packet), start + 1 + int(chance.expovariate(0.1)))


def _bit(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(packet))
    return packet[:at] + bytes((packet[at] ^ 1 << chance.randrange(8),)) + packet[at + 1 :]


def _edge(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(packet))
    return packet[:at] + bytes((chance.choice(EDGES),)) + packet[at + 1 :]


def _more(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(packet))
    return packet[:at] + bytes(((packet[at] + chance.choice((-2, -1, 1, 2))) % 256,)) + packet[at + 1 :]


def _cut(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    return packet[: chance.randrange(len(packet))]


def _without(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    start, stop = _place(chance, packet)
    return packet[:start] + packet[stop:]


def _twice(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    start, stop = _place(chance, packet)
    return packet[:stop] + packet[start:stop] * chance.choice((1, 1, 2, 30)) + packet[stop:]


def _noise_in(chance: Random, packet: bytes, _others: Sequence[bytes]) -> bytes:
    start, stop = _place(chance, packet)
    return packet[:start] + chance.randbytes(chance.randrange(1, 12)) + packet[stop:]


def _spliced(chance: Random, packet: bytes, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    return packet[: chance.randrange(len(packet) + 1)] + other[chance.randrange(len(other) + 1) :]


_CHANGES: tuple[Change, ...] = (_bit, _edge, _more, _cut, _without, _twice, _noise_in, _spliced)


def changed(chance: Random, packet: bytes, others: Sequence[bytes]) -> bytes:
    """``packet`` after one to four changes, at most MOST octets."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        packet = chance.choice(_CHANGES)(chance, packet, others) if packet else chance.randbytes(4)
    return packet[:MOST]


def packets(seed: int, number: int, valid: Sequence[bytes]) -> Iterator[bytes]:
    """``number`` packets, the same for the same seed: of ten, one is noise, one valid as it is, eight are changed."""
    chance = Random(seed)
    for _ in range(number):
        kind = chance.randrange(10)
        one = chance.choice(valid)
        if kind == 0:
            yield chance.randbytes(chance.choice((0, 1, 7, 60, 400)))
        else:
            yield one if kind == 1 else changed(chance, one, valid)
