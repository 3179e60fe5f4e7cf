"""Asks for the rows of walked tables where they were, in a poll's own packet, until they say otherwise. Pure.

A walk is a packet more in each poll, for rows that seldom change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from collectors.codec import ber
from collectors.codec.pdu import Request, fields
from collectors.codec.values import Flat, Value, typed
from collectors.modules import Table, Type
from collectors.questions import VALUE_OCTETS, Questions
from collectors.record import pack
from collectors.snmp import Oid
from collectors.snmp.reading import Columns, Problem
from collectors.taking import taking

#: A table's walk, and why it did not end.
Walk = tuple[Columns, Problem | None]

#: What a value takes at most: rows have addresses and counters.
MOST_OCTETS = VALUE_OCTETS[Type.COUNTER64]
#: More values than these are walked: a poll's packet has little room, and a device's memory is small.
MOST = 24


class Trail(NamedTuple):
    """Where a device keeps the rows of its walked tables, and what they say.

    ``variables`` ask for them (``Request.variables``). ``moving`` are the places of values that count and decide
    nothing, ``said`` stands for all others and for the tags of all.
    """

    variables: bytes
    moving: tuple[int, ...]
    said: bytes


def trail(asked: Questions, walks: Mapping[str, Walk]) -> Trail | None:
    """The trail of a poll's walks; None where the next one is to walk as well.

    That is where a walk had a problem or found nothing, where there is no room for its rows, and where a value that
    moves can be a problem itself.
    """
    names, kinds, values, moving = list[Oid](), bytearray(), list[Flat](), list[int]()
    for _, table in asked.walks:
        walk, problem = walks[table.name]
        if problem is not None or not walk.names or not _counts(table):
            return None
        key = _key(table)
        moving += [at for at, name in enumerate(walk.names, len(names)) if key is None or name[: len(key)] != key]
        names += walk.names
        kinds += walk.kinds
        values += walk.flat
    variables = Request.of(names).variables
    if not names or len(names) > MOST or len(variables) + MOST_OCTETS * len(names) > asked.room:
        return None
    return Trail(variables, tuple(moving), said(kinds, values, tuple(moving)))


def _key(table: Table) -> Oid | None:
    return None if table.key.object is None else table.key.object.oid


def _counts(table: Table) -> bool:
    """Whether all columns but the key are numbers that decide nothing and are never out of range."""
    return all(not one.decides and taking(one)[1] is None and one.oid != _key(table) for one in table.columns)


def said(kinds: bytes | bytearray, values: Sequence[Flat], moving: tuple[int, ...]) -> bytes:
    """Stands for what was told of rows, but for what moves."""
    fixed, tags = list(values), bytearray(kinds)
    for at in moving:
        fixed[at] = None
        tags[at] = ber.NULL
    return bytes(kinds) + pack(tags, fixed, None)


def told(table: Table, variables: bytes, kinds: bytes | bytearray, values: Sequence[Flat]) -> dict[Oid, Value]:
    """What rows on a trail say of ``table``, as a walk of it would have told it."""
    wanted = {one.oid for one in table.columns} | {_key(table) or table.find}
    found: dict[Oid, Value] = {}
    for field, kind, value in zip(fields(variables), kinds, values, strict=True):
        name = ber.object_id(field[2:])
        if any(name[: len(oid)] == oid for oid in wanted):
            found[name] = typed(kind, value)
    return found
