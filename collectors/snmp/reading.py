"""Reads instances and columns in few packets, and checks that the answer is to the question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from collectors.snmp.ber import Oid, oid_field
from collectors.snmp.exchange import Outcome
from collectors.snmp.pdu import ErrorStatus, Missing, Pdu, Request, Value
from collectors.snmp.target import Answer, Failure, Target

Ask = Callable[[Target, Request], Awaitable[Outcome]]

#: Octets of variables in a packet, so that with SNMPv3's 120 and more it stays under 1,400 and is never fragmented.
MAX_VARIABLES = 1240

#: Octets that an answer needs for a variable beside its name: two sequences' heads, the value's head, the value.
VALUE_ROOM = 14

#: Rows in an answer to GETBULK; small, because a large answer over a lossy link is lost more often.
DEFAULT_REPETITIONS = 8

MAX_ROWS = 512


async def read_instances(ask: Ask, target: Target, oids: tuple[Oid, ...]) -> Answer:
    """GET ``oids``; a packet that the agent calls too big is halved."""
    values: dict[Oid, Value] = {}
    parts = list(_packets(oids))
    round_trip_s, requests, lost = None, 0, 0
    while parts:
        part = parts.pop()
        outcome = await ask(target, Request(part))
        if outcome.pdu is None:
            return Answer(target, values, outcome.failure, outcome.detail)
        requests, lost = requests + 1, lost + outcome.lost
        if outcome.pdu.error_status == ErrorStatus.TOO_BIG and len(part) > 1:
            half = len(part) // 2
            parts += [part[half:], part[:half]]
            continue
        if problem := _refused(outcome.pdu, part):
            return Answer(target, values, Failure.REFUSED, problem)
        if tuple(name for name, _ in outcome.pdu.varbinds) != part:
            return Answer(target, values, Failure.UNUSABLE, "the answer holds other objects than were asked for")
        values.update(outcome.pdu.varbinds)
        round_trip_s = outcome.round_trip_s
    return Answer(target, values, None, "", round_trip_s, requests, lost)


async def read_columns(ask: Ask, target: Target, columns: tuple[Oid, ...], repetitions: int, max_rows: int) -> Answer:
    """GETBULK ``columns`` side by side until each has ended."""
    values: dict[Oid, Value] = {}
    at = {column: column for column in columns}
    round_trip_s, requests, lost = None, 0, 0
    while at:
        request = Request(tuple(at.values()), repetitions)
        outcome = await ask(target, request)
        if outcome.pdu is None:
            return Answer(target, values, outcome.failure, outcome.detail)
        requests, lost = requests + 1, lost + outcome.lost
        if outcome.pdu.error_status == ErrorStatus.TOO_BIG and repetitions > 1:
            repetitions //= 2
            continue
        if problem := _refused(outcome.pdu, request.oids):
            return Answer(target, values, Failure.REFUSED, problem)
        if problem := _take(outcome.pdu, request, at, values):
            return Answer(target, values, Failure.UNUSABLE, problem)
        round_trip_s = outcome.round_trip_s
        if len(values) > max_rows * len(columns):
            return Answer(target, values, Failure.UNUSABLE, f"a table has more than {max_rows} rows")
    return Answer(target, values, None, "", round_trip_s, requests, lost)


def _packets(oids: tuple[Oid, ...]) -> Iterator[tuple[Oid, ...]]:
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


def _refused(pdu: Pdu, asked: tuple[Oid, ...]) -> str:
    if pdu.error_status == ErrorStatus.NO_ERROR:
        return ""
    place = ""
    if 0 < pdu.error_index <= len(asked):
        place = " at " + ".".join(map(str, asked[pdu.error_index - 1]))
    return f"error-status {pdu.error_status}{place}"


def _take(pdu: Pdu, request: Request, at: dict[Oid, Oid], values: dict[Oid, Value]) -> str:
    """Put an answer's rows into ``values`` and move or end the columns in ``at``; says what is wrong with it, if so."""
    columns = tuple(at)
    most = len(columns) * request.repetitions
    if not 0 < len(pdu.varbinds) <= most:
        return f"the agent sent {len(pdu.varbinds)} variables where 1 to {most} were asked for"
    for place, (name, value) in enumerate(pdu.varbinds):
        column = columns[place % len(columns)]
        last = at.get(column)
        if last is None:
            continue
        if value is Missing.END_OF_MIB or name[: len(column)] != column:
            del at[column]
        elif name <= last:
            return f"the agent goes back from {'.'.join(map(str, last))}"
        else:
            values[name] = value
            at[column] = name
    return ""
