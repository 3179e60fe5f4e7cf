"""From what a poll brought to its reading and its record, and what is remembered of the device then. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from collectors import idle, told
from collectors.answers import reading
from collectors.codec.values import NO_SUCH_INSTANCE, REFUSED, Flat
from collectors.limits import LIMITS, highest
from collectors.polling.brought import INTERFACES, Brought
from collectors.polling.known import WHOLE, Known, differing, held, mark
from collectors.polling.plan import Plan
from collectors.questions import Questions
from collectors.reading import Reading, Row
from collectors.record import Packed, pack, unpack

#: A record differs from one that is younger than this, in seconds.
KEY_S = 3600.0


def read(known: Known, brought: Brought) -> Reading:
    """What a poll says, with what the device's former ones told; before this one is remembered."""
    whole = idle.averaged(known.idles, _with_slow(known, brought))
    if brought.plan.hears:
        whole = told.with_told(whole, dict(known.order.expected).get(INTERFACES, frozenset()))
    return whole


def _with_slow(known: Known, brought: Brought) -> Reading:
    """What it says, with what holds of modules that were not asked: problems, and tables that keep."""
    raw = brought.reading
    if known.plan is not brought.plan:
        return raw
    asked = {module.name for part in brought.parts for module in part.asked.modules}
    tables = {name: rows for name, rows in _kept(known, brought.plan) if name not in raw.tables}
    problems = [problem for problem in known.problems if problem.module not in asked]
    return replace(raw, tables={**raw.tables, **tables}, problems=(*raw.problems, *problems))


def _kept(known: Known, plan: Plan) -> Iterable[tuple[str, dict[str, Row]]]:
    """The tables of slow modules that hold."""
    for (_, asked), places, data in zip(plan.groups[1:], plan.holding, known.kept, strict=True):
        if data is not None:
            found = _unheld(asked, places, data)
            for table in asked.tables:
                if table.keeps:
                    yield table.name, dict(found.tables[table.name])


def _unheld(asked: Questions, places: tuple[int, ...], data: bytes) -> Reading:
    kinds, values = bytearray([NO_SUCH_INSTANCE]) * len(asked.slots), list[Flat]([None]) * len(asked.slots)
    for at, kind, value in zip(places, *unpack(data, None), strict=True):
        kinds[at], values[at] = kind, value
    return reading(asked, kinds, values, {})


def remember(known: Known, brought: Brought, whole: Reading) -> None:
    """Remember a poll that was not like the last one."""
    plan, told_limits = brought.plan, highest(whole.tables.get(LIMITS, {}))
    groups = {id(part.asked): part for part in brought.parts}
    former = known.kept if plan is known.plan else (None,) * len(plan.holding)
    kept = tuple(
        held(groups[id(asked)], places) if id(asked) in groups else before
        for (_, asked), places, before in zip(plan.groups[1:], plan.holding, former, strict=True)
    )
    often = {module.name for module in plan.groups[0][1].modules}
    if brought.turn == 0:
        known.stuck = plan.shared(brought.reading.moved)
    known.plan = plan
    known.kept = kept if any(kept) else plan.shared(kept)
    known.problems = tuple(problem for problem in whole.problems if problem.module not in often)
    known.guards = plan.shared(tuple((at, told_limits[name]) for name, at in plan.facts.sensors if name in told_limits))
    known.marks = marks(brought.reading)
    known.walked = mark(brought.walked.deciding)
    known.follow(brought)
    known.sound = _is_sound(known, brought, whole)


def marks(raw: Reading) -> int:
    """Stands for what says that rows may have moved when it is another."""
    return mark((raw.scalars.get("interface_count"), raw.scalars.get("config_changed_s")))


def _is_sound(known: Known, brought: Brought, whole: Reading) -> bool:
    """Whether all was told that was asked, and none of it is wrong."""
    if whole.problems or whole.moved or any(whole.missing.values()) or brought.uptime_s is None:
        return False
    if brought.walked.deciding is None or any(REFUSED in part.kinds for part in brought.parts):
        return False
    base = brought.parts[0]
    if len(base.values) != len(base.asked.slots) or not all(part.sound for part in brought.parts[1:]):
        return False
    return not any(isinstance(value := base.values[at], int) and value > most for at, most in known.guards)


def recorded(known: Known, brought: Brought, at: float) -> Packed:
    """The record of a poll that is remembered; a whole one is the new key."""
    fresh = known.key_at <= at < known.key_at + KEY_S
    if brought.alike and known.layout is not None:
        layout, data = known.layout, brought.data if fresh else pack(brought.kinds, brought.values, None)
    else:
        layout, (kinds, values) = brought.plan.with_walked(brought.walked.places), _usable(brought)
        data = pack(kinds, values, known.key if fresh and layout is known.layout else None)
        if known.sound and data[0] != WHOLE and differing(data, len(values)) & brought.plan.facts.mask:
            data = pack(kinds, values, None)
    whole = data[0] == WHOLE
    if whole:
        known.key, known.key_at, known.layout = data, at, layout
    return Packed(layout, whole, data)


def _usable(brought: Brought) -> tuple[bytes, list[Flat]]:
    """The values that are kept: those that cannot be used, or lie where their row is not, have no content."""
    base = brought.parts[0]
    size, lacking = len(base.asked.slots), len(base.asked.slots) - len(base.values)
    kinds = bytearray(base.kinds) + bytes([NO_SUCH_INSTANCE]) * lacking
    values = [*base.values, *[None] * lacking]
    astray = [place for place in base.asked.places if (place.table.name, place.key) in brought.reading.moved]
    elsewhere = {at for place in astray for at in range(place.at, place.at + place.named + len(place.slots))}
    for at in range(size):
        slot = base.asked.slots[at]
        unread = slot.read is not None and kinds[at] in slot.tags and slot.read(values[at]) is None
        if values[at] is not None and (kinds[at] not in slot.tags or unread or at in elsewhere):
            kinds[at], values[at] = NO_SUCH_INSTANCE, None
    return bytes(kinds) + brought.walked.kinds, [*values, *brought.walked.values]
