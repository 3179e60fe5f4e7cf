"""A poll's script: reads the rows where they were; finds them, and reads them there, where they may have moved."""

from __future__ import annotations

import zlib
from collections.abc import Generator
from typing import TypeVar

from collectors.answers import columns
from collectors.codec.pdu import Request
from collectors.codec.values import REFUSED, Flat, Value, typed
from collectors.engine import Script
from collectors.engine.polled import MOST_REFUSALS
from collectors.polling.brought import Brought, Part
from collectors.polling.known import Known
from collectors.polling.order import PollOrder
from collectors.polling.plan import Plan, Plans, due
from collectors.polling.remembering import marks
from collectors.polling.trail import Trail, Walk, said
from collectors.questions import Questions
from collectors.reading import Reading
from collectors.rows import Rows, discovery, find_rows, names
from collectors.snmp import Failure, Oid
from collectors.snmp.reading import DEFAULT_REPETITIONS, MAX_ROWS, Columns, Instances, Problem, packets

T = TypeVar("T")

#: Values in an answer to a walk of a table: few, because a large answer over a lossy link is lost more often.
MOST_VALUES = 24
#: Where a device did not answer what its rows were looked for with, they are looked for again after this many polls;
#: so is what it refused to tell, which may have been a moment's trouble.
LOOK_AGAIN = 15

#: Polls that said the same, after which rows that were walked are asked for where they were.
FOLLOW_AFTER = 2
#: After a poll in which rows on a trail were asked for and nothing was heard, they are walked in so many, a day's: the
#: packet may have been too large for its way.
WALK_AGAIN = 360

#: A part of a poll's script; it is sent None when what it yields is read, or why it could not be.
_Part = Generator[Instances | Columns, Problem | None, T]


def script(known: Known, plans: Plans) -> Script[Brought | Problem]:
    """What is asked of a device that this much is known of; what it brings, or why nothing came."""
    if known.plan is not None:
        turn = known.turn + 1
        look_again = turn % LOOK_AGAIN == 0
        if look_again:
            known.device.ask_refused()
        trail = None if look_again else _trail(known, turn)
        brought = yield from _ask(known.order, known.plan, turn, trail)
        if isinstance(brought, Problem):
            if trail is not None:
                known.walk_until = turn + WALK_AGAIN
            return brought
        again = look_again and not known.plan.rows.whole
        brought.alike = known.alike(brought)
        if not again and (brought.alike or not outdated(known, brought.reading)):
            return brought
    rows = yield from _find(known.order)
    if isinstance(rows, Problem):
        return rows
    order = known.order
    return (yield from _ask(order, plans.of(order.modules, rows, order.expected), 0, None))


def _trail(known: Known, turn: int) -> Trail | None:
    """Where rows of walked tables are asked for; None: walk, because all is to be heard, or the packet may be lost."""
    calm = known.sound and known.calm_polls >= FOLLOW_AFTER and not known.attended
    return known.trail if calm and turn >= known.walk_until and known.device.learned is None else None


def outdated(known: Known, told: Reading) -> bool:
    """Whether the rows may have moved: one is not where it was, uptime fell, or something was configured."""
    uptime_s = told.seconds("uptime_s")
    if uptime_s is not None and known.uptime_s is not None and uptime_s < known.uptime_s:
        known.device.changed()
        return True
    return bool(told.moved - known.stuck) or marks(told) != known.marks


def _find(order: PollOrder) -> _Part[Rows | Problem]:
    """Where the device keeps its rows; why not, where it told nothing at all."""
    known: dict[Oid, Value] = {}
    whole: set[Oid] = set()
    for place, columns_of in enumerate(discovery(order.modules)):
        walk = Columns(columns_of, DEFAULT_REPETITIONS, MAX_ROWS)
        problem = yield walk
        if problem is None:
            known.update(walk.values)
            whole.update(columns_of)
        elif not place:
            return problem
        elif problem.failure is Failure.TIMEOUT:
            break  # it answers other questions: this poll has waited long enough
    wanted = names(order.modules, known)
    for packet in packets(wanted):
        naming = Instances((packet,), MOST_REFUSALS)
        if (yield naming) is not None:
            break
        told_of = zip(packet.oids, naming.kinds, naming.values, strict=True)
        known.update({oid: typed(kind, value) for oid, kind, value in told_of if kind != REFUSED})
    return find_rows(order.modules, known, whole)


def _ask(order: PollOrder, plan: Plan, turn: int, trail: Trail | None) -> _Part[Brought | Problem]:
    """The answers; why there are none, where not even the first packet was answered."""
    parts: list[Part] = []
    spread = 0 if turn == 0 else zlib.crc32(order.device.encode())
    for every, asked in plan.groups:
        if due(every, turn, spread):
            part, problem = yield from _part(order, asked, None if parts else trail)
            if problem is not None and not parts and not part.values:
                return problem
            parts.append(part)
            if problem is not None and problem.failure is Failure.TIMEOUT:
                break  # this poll has waited long enough
    return Brought(plan, turn, parts)


def _part(order: PollOrder, asked: Questions, trail: Trail | None) -> _Part[tuple[Part, Problem | None]]:
    """The answers to a group of questions, and why they are not all."""
    kinds, values = bytearray(), list[Flat]()
    missed: Problem | None = None
    for packet in asked.packets if trail is None else _joined(asked.packets, trail):
        part = Instances((packet,), MOST_REFUSALS)
        missed = yield part
        if missed is not None:
            break
        kinds, values = (kinds + part.kinds, values + part.values) if values else (part.kinds, part.values)
    size = len(asked.slots)
    further = kinds[size:], values[size:]
    if trail is not None:
        kinds, values = kinds[:size], values[:size]
        if missed is None and said(*further, trail.moving) == trail.said:
            return Part(order.target, asked, kinds, values, {}, trail, further), None
    if missed is not None and not values:
        return Part(order.target, asked, kinds, values, {}), missed
    walks, told = yield from _walks(asked)
    return Part(order.target, asked, kinds, values, walks), told or missed


def _walks(asked: Questions) -> _Part[tuple[dict[str, Walk], Problem | None]]:
    """The tables that are walked."""
    missed: Problem | None = None
    walks: dict[str, Walk] = {}
    for _, table in asked.walks:
        wanted = columns(table)
        walk = Columns(wanted, max(2, MOST_VALUES // len(wanted)), table.most)
        problem = yield walk
        walks[table.name] = walk, problem
        if problem is not None:
            missed = problem
            if problem.failure is Failure.TIMEOUT:
                break
    return walks, missed


def _joined(packets: tuple[Request, ...], trail: Trail) -> tuple[Request, ...]:
    """The packets, of which the last one asks also for the rows on the trail."""
    return (*packets[:-1], packets[-1].joined(trail.variables))
