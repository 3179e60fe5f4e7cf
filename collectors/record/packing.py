"""A poll's values in few octets: whole, or what differs from a former poll's. Pure, and compiled where it can be.

Whole: 0, how many values, their tags, their contents. Otherwise: 1, sixteen bits of the CRC of the key (the whole poll
that it differs from), a bit for each value that differs (the lowest bit first), and by how much. Numbers are written in
groups of seven bits, the lowest first, the eighth bit saying that more follow; signed ones zigzag (0, -1, 1, -2 ...);
octets after their number. Differences are taken modulo 2**64, so that wraps and resets cost no more.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from collectors.codec import ber
from collectors.codec import values as snmp
from collectors.codec.values import Flat
from collectors.errors import BadRecord
from collectors.record.layout import Layout

#: More values than any poll has.
MOST = 65535

_WHOLE, _DIFFERS = 0, 1
_MASK = 2**64 - 1

#: How contents are written, by tag: unsigned and signed numbers, octets; 0: nothing.
_UNSIGNED, _SIGNED, _OCTETS = 1, 2, 3
_FORMS = bytes(
    {
        ber.INTEGER: _SIGNED,
        ber.OCTETS: _OCTETS,
        ber.OBJECT_ID: _OCTETS,
        snmp.IP_ADDRESS: _OCTETS,
        snmp.OPAQUE: _OCTETS,
        snmp.COUNTER32: _UNSIGNED,
        snmp.GAUGE32: _UNSIGNED,
        snmp.TIME_TICKS: _UNSIGNED,
        snmp.COUNTER64: _UNSIGNED,
    }.get(tag, 0)
    for tag in range(256)
)


class Packed(NamedTuple):
    """A poll's values in ``data``; where they are not ``whole``, what differs from the device's last that were."""

    layout: Layout
    whole: bool
    data: bytes


def packed(layout: Layout, kinds: bytes | bytearray, values: Sequence[Flat], key: bytes | None) -> Packed:
    """A poll's values, as ``pack`` takes them; ``key`` is the data of the device's last whole one of the hour."""
    data = pack(kinds, values, key)
    return Packed(layout, data[0] == _WHOLE, data)


def pack(kinds: bytes | bytearray, values: Sequence[Flat], key: bytes | None) -> bytes:
    """The tags and flat values of a poll; whole without a key, or where the tags are not those of the key.

    A value that was not told, or must not be used because its row is not where it was found, has a tag without content.
    """
    tags, contents = bytes(kinds), list(values)
    if key is not None:
        data = _difference(tags, contents, key)
        if data is not None:
            return data
    return _whole(tags, contents)


def check(data: bytes) -> int:
    """What a whole poll is known by, of its own data and of those that differ from it."""
    return data[1] | data[2] << 8 if data[:1] == b"\1" and len(data) > 2 else zlib.crc32(data) & 0xFFFF


class Whole(NamedTuple):
    """A whole poll, unpacked, and what others know it by."""

    check: int
    kinds: bytes
    values: list[Flat]

    @classmethod
    def of(cls, data: bytes) -> Whole:
        """The whole poll in ``data``; BadRecord where there is none."""
        return cls(check(data), *unpack(data, None))


def unpack(data: bytes, key: bytes | None) -> tuple[bytes, list[Flat]]:
    """The tags and flat values in ``data``.

    Raises:
        BadRecord: they are damaged, or ``key`` is not the whole poll that they differ from.
    """
    if data[:1] != b"\0":
        return unpack_from(data, None if key is None else Whole.of(key))
    try:
        return _read_whole(data)
    except IndexError as error:
        raise BadRecord("a record is cut short") from error


def unpack_from(data: bytes, whole: Whole | None) -> tuple[bytes, list[Flat]]:
    """The tags and flat values in ``data``, which differ from a whole poll.

    Raises:
        BadRecord: they are damaged, or differ from another one.
    """
    try:
        if data[0] != _DIFFERS:
            raise BadRecord("a record of an unknown form")
        if whole is None or data[1] | data[2] << 8 != whole.check:
            raise BadRecord("the poll that a record differs from is not there")
        return whole.kinds, _read_difference(data, whole.kinds, list(whole.values))
    except IndexError as error:
        raise BadRecord("a record is cut short") from error


def _whole(kinds: bytes, values: list[Any]) -> bytes:
    size = len(kinds)
    out = bytearray((_WHOLE,))
    _write(out, size)
    out += kinds
    for place in range(size):
        form, value = _FORMS[kinds[place]], values[place]
        if form == _OCTETS:
            _write(out, len(value))
            out += value
        elif form == _UNSIGNED:
            _write(out, value)
        elif form == _SIGNED:
            _write(out, _zigzag(value & _MASK))
    return bytes(out)


def _difference(kinds: bytes, values: list[Any], key: bytes) -> bytes | None:
    """What differs from ``key``; None where it has other tags."""
    size = len(kinds)
    count, at = _read(key, 1)
    if count != size or key[at : at + size] != kinds:
        return None
    at += size
    out = bytearray(3 + (size + 7) // 8)
    check = zlib.crc32(key)
    out[0], out[1], out[2] = _DIFFERS, check & 0xFF, check >> 8 & 0xFF
    for place in range(size):
        form = _FORMS[kinds[place]]
        if form == 0:
            continue
        former, at = _read(key, at)
        value = values[place]
        if form == _OCTETS:
            octets = key[at : at + former]
            at += former
            if value != octets:
                out[3 + (place >> 3)] |= 1 << (place & 7)
                _write(out, len(value))
                out += value
            continue
        if form == _SIGNED:
            former, number = _unzigzag(former), value & _MASK
        else:
            number = value
        if number != former:
            out[3 + (place >> 3)] |= 1 << (place & 7)
            _write(out, _zigzag((number - former) & _MASK))
    return bytes(out)


def _read_whole(data: bytes) -> tuple[bytes, list[Flat]]:
    size, at = _read(data, 1)
    kinds = data[at : at + size]
    if len(kinds) != size or size > MOST:
        raise BadRecord("a record is cut short")
    at += size
    values: list[Flat] = []
    for place in range(size):
        form = _FORMS[kinds[place]]
        if form == 0:
            values.append(None)
            continue
        number, at = _read(data, at)
        if form == _OCTETS:
            values.append(_octets(data, at, number))
            at += number
        else:
            values.append(number if form == _UNSIGNED else _signed(_unzigzag(number)))
    if at != len(data):
        raise BadRecord("a record has octets left over")
    return kinds, values


def _read_difference(data: bytes, kinds: bytes, values: list[Any]) -> list[Flat]:
    """``values`` with those in their place that differ."""
    size = len(kinds)
    at = 3 + (size + 7) // 8
    for place in range(size):
        if not data[3 + (place >> 3)] >> (place & 7) & 1:
            continue
        form = _FORMS[kinds[place]]
        number, at = _read(data, at)
        if form == _OCTETS:
            values[place] = _octets(data, at, number)
            at += number
        else:
            values[place] = _sum(form, values[place], _unzigzag(number))
    if at != len(data):
        raise BadRecord("a record has octets left over")
    return values


def _octets(data: bytes, at: int, length: int) -> bytes:
    found = data[at : at + length]
    if len(found) != length:
        raise BadRecord("a record is cut short")
    return found


def _sum(form: int, before: Flat, difference: int) -> int:
    if not isinstance(before, int):
        raise BadRecord("a record has a difference where there is no number")
    number = (before + difference) & _MASK
    return _signed(number) if form == _SIGNED else number


def _signed(number: int) -> int:
    """The number with a sign that 64 bits stand for."""
    return number - 2**64 if number >> 63 else number


def _zigzag(number: int) -> int:
    """64 bits with a sign, so that what is near zero is small."""
    return (number << 1 & _MASK) ^ (_MASK if number >> 63 else 0)


def _unzigzag(number: int) -> int:
    return number >> 1 ^ (_MASK if number & 1 else 0)


def _write(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _read(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends."""
    number, shift = 0, 0
    while True:
        octet = data[at]
        at += 1
        number |= ((octet & 0x7F) << shift) & _MASK
        if octet < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            raise BadRecord("a number of a record is too long")
