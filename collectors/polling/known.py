"""What is remembered of a device between polls, in a few hundred octets, and whether a poll is like the last one.

The packed record of the device's last whole poll serves twice: later ones are kept as what differs from it, and where
nothing that decides differs, they say what it said. It is renewed when something that decides does.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

from collectors.codec.values import Flat
from collectors.engine import Device
from collectors.polling.brought import Brought, Part
from collectors.polling.facts import NOWHERE, Facts
from collectors.polling.order import PollOrder
from collectors.polling.plan import Plan
from collectors.polling.trail import Trail, trail
from collectors.reading import WrongType
from collectors.record import Layout, pack

#: How far the device's clocks and ours may disagree between two polls, in seconds.
TOLERANCE_S = 5.0
#: What stands before the bits of the values that differ; a whole record begins with WHOLE.
HEAD, WHOLE = 3, 0


class Known:
    """A device's memory: where its rows are, when it was last polled and how long it was up, and its key.

    ``key`` is its last whole record, made ``key_at`` in this ``layout``. ``sound``: the last poll had no problem, and
    said what the key says in all that decides. ``calm_polls`` since ``calm_since`` said the same. ``kept`` are packed
    values of slow modules that hold until they are read again, by the plan's further groups, and ``problems`` theirs.
    ``guards`` are the places of sensors' values, each with the largest within its limits. ``stuck`` are rows that are
    not where they were found even when they have just been found: looking again helps nobody. ``marks`` stand for what
    says that rows may have moved, ``walked`` for what decides in tables that are walked. ``trail`` is where their
    rows are, ``walk_until`` the turn before which they are walked all the same. ``idles`` is ``collectors.idle``'s.
    """

    __slots__ = (
        "at", "attended", "calm_polls", "calm_since", "device", "engine_time_s", "guards", "idles", "kept", "key",
        "key_at", "layout", "marks", "order", "plan", "problems", "sound", "stuck", "trail", "turn", "uptime_s",
        "walk_until", "walked",
    )  # fmt: skip

    def __init__(self, order: PollOrder, device: Device) -> None:
        self.order = order
        self.device = device
        self.plan: Plan | None = None
        self.turn = 0
        self.at = self.calm_since = self.key_at = 0.0
        self.calm_polls = 0
        self.attended = self.sound = False
        self.uptime_s: float | None = None
        self.engine_time_s: int | None = None
        self.key: bytes | None = None
        self.layout: Layout | None = None
        self.marks = self.walked = 0
        self.trail: Trail | None = None
        self.walk_until = 0
        self.guards: tuple[tuple[int, int], ...] = ()
        self.stuck: frozenset[tuple[str, str]] = frozenset()
        self.kept: tuple[bytes | None, ...] = ()
        self.problems: tuple[WrongType, ...] = ()
        self.idles = b""

    def alike(self, brought: Brought) -> bool:
        """Whether a poll says what the last one said in all that decides; our own clock is not asked."""
        facts, part = brought.plan.facts, brought.parts[0]
        values = part.values
        if not self.sound or brought.plan is not self.plan or len(values) != facts.size:
            return False
        if brought.plan.walks and not self._as_walked(brought):
            return False
        data = pack(brought.kinds, brought.values, self.key)
        if data[0] == WHOLE or differing(data, len(values)) & facts.mask:
            return False
        for at, read in facts.bounded:
            if values[at] is not None and read(values[at]) is None:
                return False
        for at, most in self.guards:
            if isinstance(value := values[at], int) and value > most:
                return False
        if not self._goes_on(facts, values):
            return False
        brought.data = data
        return len(brought.parts) == 1 or self._all_hold(brought.plan, brought.parts[1:])

    def _as_walked(self, brought: Brought) -> bool:
        """Whether the tables that are walked say what they said; what is kept of them is put in ``brought``."""
        if brought.parts[0].trail is not None:
            return True
        walked = brought.walked
        if walked.deciding is None or mark(walked.deciding) != self.walked:
            return False
        brought.kinds, brought.values = brought.kinds + walked.kinds, [*brought.values, *walked.values]
        self.follow(brought)
        return True

    def follow(self, brought: Brought) -> None:
        """Remember where a poll's walks found rows, if it had no problem with them.

        Lines of the router's own program are read each time.
        """
        part, plan = brought.parts[0], brought.plan
        if part.trail is not None:
            return
        self.trail = None
        if plan.walks and not plan.hears and brought.walked.deciding is not None:
            found = trail(part.asked, part.walks)
            self.trail = found if found is None else found._replace(moving=plan.shared(found.moving))

    def _goes_on(self, facts: Facts, values: Sequence[Flat]) -> bool:
        """Whether uptime grew, and the engine's time as much."""
        ticks = values[facts.uptime]
        if self.uptime_s is None or not isinstance(ticks, int) or ticks / 100 <= self.uptime_s:
            return False
        engine = None if facts.engine_time == NOWHERE else values[facts.engine_time]
        if self.engine_time_s is None or not isinstance(engine, int):
            return engine is None and self.engine_time_s is None
        return abs(engine - self.engine_time_s - ticks / 100 + self.uptime_s) <= TOLERANCE_S

    def _all_hold(self, plan: Plan, slow: list[Part]) -> bool:
        """What is asked now and then; in a method of its own because C has no generators."""
        return all(map(partial(self._holds, plan), slow))

    def _holds(self, plan: Plan, slow: Part) -> bool:
        """Whether what is asked now and then has no problems, and tells what it told where that holds for later."""
        for place, (_, asked) in enumerate(plan.groups[1:]):
            if asked is slow.asked:
                return slow.sound and held(slow, plan.holding[place]) == self.kept[place]
        return False


def mark(thing: object) -> int:
    """Stands for words and numbers; unlike their hash, which -1 and -2 share."""
    return zlib.crc32(repr(thing).encode())


def held(part: Part, places: Sequence[int]) -> bytes | None:
    """The values of a part that hold until they are read again; None where not all came, or there are none."""
    if not places or len(part.values) != len(part.asked.slots):
        return None
    return pack(bytes(part.kinds[at] for at in places), [part.values[at] for at in places], None)


def differing(data: bytes, values: int) -> int:
    """A bit for each of the first so many values that differs, the first one's the lowest; ``data`` is not whole."""
    return int.from_bytes(data[HEAD : HEAD + (values + 7) // 8], "little")
