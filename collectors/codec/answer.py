"""Reads what an agent answers against what it was asked: names are compared as octets, values come flat."""

from __future__ import annotations

from collectors.codec import ber
from collectors.codec.ber import Oid
from collectors.codec.values import WIDTHS, Flat, flat
from collectors.errors import MalformedMessage

#: The machine's own numbers where this is compiled (answer.pxd).
_SEQUENCE, _OCTETS, PLAIN = ber.SEQUENCE, ber.OCTETS, ber.PLAIN


class Reply:
    """A response: the tag of each value in ``kinds``, the values flat, in the order of the answer.

    ``names`` are those of the answer; None: exactly those that were asked for. ``error_index`` counts from 1.
    """

    __slots__ = ("error_index", "error_status", "kinds", "names", "values")

    def __init__(
        self, error_status: int, error_index: int, kinds: bytearray, values: list[Flat], names: tuple[Oid, ...] | None
    ) -> None:
        self.error_status = error_status
        self.error_index = error_index
        self.kinds = kinds
        self.values = values
        self.names = names


def read(data: bytes, at: int, end: int, status: int, index: int, asked: tuple[bytes, ...]) -> Reply:
    """The variables that fill ``data[at:end]``; ``asked`` are the fields of the names, () if the agent chooses them.

    Raises:
        MalformedMessage: the octets are no variables.
    """
    kinds, values = bytearray(), list[Flat]()
    if asked and _as_asked(data, at, end, asked, kinds, values):
        return Reply(status, index, kinds, values, None)
    return _as_told(data, at, end, status, index)


def _as_asked(data: bytes, at: int, end: int, asked: tuple[bytes, ...], kinds: bytearray, values: list[Flat]) -> bool:
    """Read the answer that holds the names that were asked for, in their order; False where it holds others."""
    number = int.from_bytes
    for name in asked:
        start = at + len(name) + 4
        if start > end:
            return False
        kind = data[start - 2]
        stop = start + data[start - 1]
        if not (data[at] == _SEQUENCE and data[at + 1] == stop - at - 2 < 0x80 and data.startswith(name, at + 2)):
            start, stop = ber.expect(data, at, end, ber.SEQUENCE)
            if not data.startswith(name, start):
                return False
            kind, start, last = ber.header(data, start + len(name), stop)
            if last != stop:
                raise MalformedMessage("octets follow a value")
        elif stop > end:
            raise MalformedMessage("a field is longer than what holds it")
        if kind == _OCTETS:
            values.append(data[start:stop])
        elif 0 < stop - start <= WIDTHS[kind] and data[start] < 0x80:
            values.append(number(data[start:stop], "big") if PLAIN else ber.number(data, start, stop))
        else:
            values.append(flat(kind, data[start:stop]))
        kinds.append(kind)
        at = stop
    return at == end


def _as_told(data: bytes, at: int, end: int, status: int, index: int) -> Reply:
    names, kinds, values = list[Oid](), bytearray(), list[Flat]()
    while at < end:
        start, at = ber.expect(data, at, end, ber.SEQUENCE)
        start, stop = ber.expect(data, start, at, ber.OBJECT_ID)
        names.append(ber.object_id(data[start:stop]))
        kind, start, stop = ber.header(data, stop, at)
        if stop != at:
            raise MalformedMessage("octets follow a value")
        values.append(flat(kind, data[start:stop]))
        kinds.append(kind)
    return Reply(status, index, kinds, values, tuple(names))
