"""Reads instances and columns in few packets, and checks that the answer is to the question. Pure.

A reading says what to ask next, takes the answer, and says why it cannot go on; whoever drives it does the asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

from collectors.codec.answer import Reply
from collectors.codec.ber import Oid, oid_field
from collectors.codec.pdu import ErrorStatus, Request
from collectors.codec.values import END_OF_MIB, REFUSED, Flat, Value, typed
from collectors.security.session import Failure

#: Octets of variables in a packet, so that with SNMPv3's 120 and more it stays under 1,400 and is never fragmented.
MAX_VARIABLES = 1240

#: Octets that an answer needs for a variable beside its name: a sequence's head, the value's head, most values.
VALUE_ROOM = 12

#: Rows in an answer to GETBULK; small, because a large answer over a lossy link is lost more often.
DEFAULT_REPETITIONS = 8

MAX_ROWS = 512

#: The machine's own numbers where this is compiled (reading.pxd).
_TOO_BIG = int(ErrorStatus.TOO_BIG)
_END_OF_MIB = END_OF_MIB


class Problem(NamedTuple):
    """Why a reading ends before its end."""

    failure: Failure
    detail: str


class Reading(Protocol):
    """What to ask next, None at the end."""

    @property
    def request(self) -> Request | None:
        """The next request."""

    def take(self, reply: Reply) -> Problem | None:
        """The answer to it."""


class Instances:
    """GETs what is in ``packets``; one that the agent calls too big is halved.

    ``kinds`` and ``values`` come in the order of what was asked, complete when there is nothing more to ask. Up to
    ``refusals`` objects that the agent refuses to tell are left out: they have the kind ``REFUSED``. ``too_big`` is the
    least number of objects that it called too many, 0 where it did not.
    """

    __slots__ = ("_parts", "_refusals", "kinds", "packets", "refused", "too_big", "values")

    def __init__(self, packets: tuple[Request, ...], refusals: int = 0) -> None:
        self.packets = packets
        self._parts = list(packets[::-1])
        self._refusals = refusals
        self.kinds = bytearray()
        self.values: list[Flat] = []
        self.refused: frozenset[Oid] = frozenset()
        self.too_big = 0

    @property
    def request(self) -> Request | None:
        return self._parts[-1] if self._parts else None

    def spare(self, parts: tuple[Request, ...], refused: frozenset[Oid]) -> None:
        """Ask in ``parts`` instead, which hold all but what is ``refused``."""
        self._parts = list(parts[::-1])
        self.refused = refused

    def take(self, reply: Reply) -> Problem | None:
        part = self._parts.pop()
        if reply.error_status:
            if (problem := self._wrong(part.oids, reply)) is not None:
                return problem
        elif reply.names is not None:
            return Problem(Failure.UNUSABLE, "the answer holds other objects than were asked for")
        elif self.values:
            self.kinds += reply.kinds
            self.values += reply.values
        else:
            self.kinds, self.values = reply.kinds, reply.values
        if self.refused and not self._parts:
            self._leave_room()
        return None

    def _wrong(self, oids: tuple[Oid, ...], reply: Reply) -> Problem | None:
        """Ask for less than ``oids`` where that may be the cause; why not, else."""
        index = reply.error_index
        if reply.error_status == _TOO_BIG and len(oids) > 1:
            half = len(oids) // 2
            self.too_big = len(oids)
            self._parts += [Request.of(oids[half:]), Request.of(oids[:half])]
        elif self._refusals and 0 < index <= len(oids):
            self._refusals -= 1
            self.refused |= {oids[index - 1]}
            if len(oids) > 1:
                self._parts.append(Request.of(oids[: index - 1] + oids[index:]))
        else:
            return Problem(Failure.REFUSED, refusal(reply, oids))
        return None

    def _leave_room(self) -> None:
        """A place for each object that was refused."""
        told = iter(zip(self.kinds, self.values, strict=True))
        oids = (oid for packet in self.packets for oid in packet.oids)
        whole = [(REFUSED, None) if oid in self.refused else next(told) for oid in oids]
        self.kinds, self.values = bytearray(kind for kind, _ in whole), [value for _, value in whole]


class Columns:
    """GETBULKs columns side by side until each has ended.

    What their rows hold lies in ``names``, ``kinds`` (tags) and ``flat`` in the order in which it came. ``repetitions``
    become fewer where the agent calls an answer ``too_big``.
    """

    __slots__ = ("_at", "_columns", "_max_rows", "flat", "kinds", "names", "repetitions", "too_big")

    def __init__(self, columns: tuple[Oid, ...], repetitions: int, max_rows: int) -> None:
        self._columns = columns
        self._at = {column: column for column in columns}
        self.repetitions = repetitions
        self.too_big = False
        self._max_rows = max_rows
        self.names: list[Oid] = []
        self.kinds = bytearray()
        self.flat: list[Flat] = []

    @property
    def request(self) -> Request | None:
        if not self._at:
            return None
        after = tuple(self._at.values())
        return Request.of(after, self.repetitions) if self.names else opening(after, self.repetitions)

    @property
    def values(self) -> dict[Oid, Value]:
        """What the rows hold, as typed objects."""
        return {name: typed(kind, value) for name, kind, value in zip(self.names, self.kinds, self.flat, strict=True)}

    def take(self, reply: Reply) -> Problem | None:
        if reply.error_status == _TOO_BIG and self.repetitions > 1:
            self.repetitions //= 2
            self.too_big = True
            return None
        if reply.error_status:
            return Problem(Failure.REFUSED, refusal(reply, tuple(self._at.values())))
        if wrong := self._wrong(reply):
            return Problem(Failure.UNUSABLE, wrong)
        if len(self.names) > self._max_rows * len(self._columns):
            return Problem(Failure.UNUSABLE, f"a table has more than {self._max_rows} rows")
        return None

    def _wrong(self, reply: Reply) -> str:
        """Take the rows, and move or end the columns; what is wrong with the answer, if so."""
        columns, names = tuple(self._at), reply.names or ()
        count = len(columns)
        most = count * self.repetitions
        if not 0 < len(names) <= most:
            return f"the agent sent {len(names)} variables where 1 to {most} were asked for"
        for place, name in enumerate(names):
            column, kind = columns[place % count], reply.kinds[place]
            last = self._at.get(column)
            if last is None:
                continue
            if kind == _END_OF_MIB or name[: len(column)] != column:
                del self._at[column]
            elif name <= last:
                return f"the agent goes back from {'.'.join(map(str, last))}"
            else:
                self.names.append(name)
                self.kinds.append(kind)
                self.flat.append(reply.values[place])
                self._at[column] = name
        return ""


@lru_cache(maxsize=1024)
def opening(columns: tuple[Oid, ...], repetitions: int) -> Request:
    """The GETBULK that a walk of ``columns`` begins with."""
    return Request.of(columns, repetitions)


@lru_cache(maxsize=1024)
def packets(oids: tuple[Oid, ...]) -> tuple[Request, ...]:
    """GETs of ``oids``, as few as their answers most likely fit."""
    return tuple(Request.of(part) for part in _parts(oids))


def _parts(oids: tuple[Oid, ...]) -> Iterator[tuple[Oid, ...]]:
    part: list[Oid] = []
    room = MAX_VARIABLES
    for oid in oids:
        need = len(oid_field(oid)) + VALUE_ROOM
        if part and need > room:
            yield tuple(part)
            part, room = [], MAX_VARIABLES
        part.append(oid)
        room -= need
    if part:
        yield tuple(part)


def refusal(reply: Reply, asked: tuple[Oid, ...]) -> str:
    """What an error-status says, and about which object."""
    place = ""
    if 0 < reply.error_index <= len(asked):
        place = " at " + ".".join(map(str, asked[reply.error_index - 1]))
    return f"error-status {reply.error_status}{place}"
