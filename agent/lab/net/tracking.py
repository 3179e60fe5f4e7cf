"""Since when things are up or down: agreement takes a while to show, disagreement shows at once."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from agent.lab.net.reasons import Reason

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tracked:
    """State of one thing. ``since`` and ``agreed`` in lab seconds; ``flaps`` counts how often it went down.

    ``up_before`` is how long it has been up in earlier spells.
    """

    up: bool
    since: float
    reason: Reason | None = None
    agreed: float | None = None
    flaps: int = 0
    up_before: float = 0.0

    def up_for(self, now: float) -> float:
        """Seconds of being up in all spells."""
        return self.up_before + (now - self.since if self.up else 0.0)


#: A key with its state before and after, None where it was not or is no more.
Change = tuple[Key, Tracked | None, Tracked | None]


class Tracker(Generic[Key]):
    """Keeps one state a key; ``delay`` is how long (lab seconds) an agreement needs until it counts."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self.states: dict[Key, Tracked] = {}
        #: What came up, went down or vanished while it was up when last settled: key, before, after.
        self.changes: list[Change[Key]] = []
        #: The next moment at which something comes up by itself.
        self.due = math.inf

    def settle(self, wanted: Mapping[Key, Reason | None], now: float) -> None:
        """Take in what is wanted now (None: all agrees); keys that are gone are forgotten."""
        before = self.states
        self.states = {key: self._next(before.get(key), reason, now) for key, reason in wanted.items()}
        self.changes = [
            (key, before.get(key), after)
            for key, after in self.states.items()
            if after.up != (key in before and before[key].up)
        ]
        self.changes += [(key, gone, None) for key, gone in before.items() if gone.up and key not in self.states]
        waiting = (one.agreed for one in self.states.values() if one.agreed is not None and not one.up)
        self.due = min(waiting, default=math.inf) + self._delay

    def up(self, key: Key) -> bool:
        """Whether ``key`` is known and up."""
        state = self.states.get(key)
        return state is not None and state.up

    def _next(self, old: Tracked | None, reason: Reason | None, now: float) -> Tracked:
        if old is None:
            old = Tracked(up=False, since=now)
        if reason is not None:
            if not old.up:
                return replace(old, reason=reason, agreed=None)
            return Tracked(False, now, reason, None, old.flaps + 1, old.up_for(now))
        if old.up:
            return old
        agreed = now if old.agreed is None else old.agreed
        if now - agreed >= self._delay:
            return replace(old, up=True, since=agreed + self._delay, reason=None, agreed=agreed)
        return replace(old, reason=Reason.CONVERGING, agreed=agreed)
