"""Polls that wait to be sent: bounded, the oldest dropped where there are too many, and put in without waiting."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from threading import Condition
from typing import NamedTuple

from agent.monitoring.heard import Heard
from agent.remote_write.counts import Counts
from collectors.record import Layout

log = logging.getLogger(__name__)

#: A router is not asked the same in each poll; more layouts than this are those of rows that are gone.
LAYOUTS = 16


class Waiting(NamedTuple):
    """A poll, and the data of the whole poll that its record differs from, where it does."""

    heard: Heard
    key: bytes | None


class Queue:
    """At most ``most`` polls, in the order in which they came."""

    def __init__(self, most: int, counts: Counts) -> None:
        self._most, self._counts = most, counts
        self._polls: deque[Waiting] = deque()
        self._keys: dict[str, dict[Layout, bytes]] = {}
        self._changed = Condition()
        self._closed = self._full = False

    def put(self, batch: Sequence[Heard]) -> None:
        """Take polls in; never waits for whoever sends them."""
        with self._changed:
            for heard in batch:
                self._polls.append(Waiting(heard, self._key(heard)))
            dropped = max(0, len(self._polls) - self._most)
            for _ in range(dropped):
                self._polls.popleft()
            self._counts.queued(len(self._polls), dropped)
            self._changed.notify()
            begins = bool(dropped) and not self._full
            self._full = self._full or begins
        if begins:  # once, until the queue has been empty: each poll from now on costs one
            log.warning("remote write: %d polls wait, which is all that may: the oldest are dropped", self._most)

    def _key(self, heard: Heard) -> bytes | None:
        """What the record differs from: the router's last whole one of the same layout."""
        record = heard.record
        if record is None:
            return None
        keys = self._keys.setdefault(heard.router, {})
        if record.whole:
            keys.pop(record.layout, None)
            keys[record.layout] = record.data
            if len(keys) > LAYOUTS:
                del keys[next(iter(keys))]
        return keys.get(record.layout)

    def take(self, most: int, within_s: float) -> list[Waiting]:
        """The oldest polls, as soon as there are ``most`` of them, or after a time, or when the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._polls) >= most or self._closed, within_s)
            found = [self._polls.popleft() for _ in range(min(most, len(self._polls)))]
            self._full = self._full and bool(self._polls)
            self._counts.queued(len(self._polls), 0)
            return found

    def close(self) -> None:
        """Let whoever takes wait no longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether it is closed, and nothing waits any more."""
        with self._changed:
            return self._closed and not self._polls
