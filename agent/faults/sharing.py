"""Sharing a hub between incidents: its sessions are handed on, its read-outs serve several for some seconds.

When a hub or a supplier fails, many spokes' incidents ask the same hub at once. A router has few terminal lines.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

#: Sessions with one router at a time, all incidents together.
SESSIONS = 3
#: How long what a router showed may serve other incidents.
SERVES = timedelta(seconds=30)

Reader = TypeVar("Reader")


@dataclass(frozen=True, slots=True)
class Readout:
    """What a router showed, and when."""

    text: str
    at: datetime


class Readouts:
    """What routers showed in the last seconds, for all incidents; safe between threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        self._kept: dict[tuple[str, str], Readout] = {}

    def get(self, router: str, command: str, not_before: datetime, read: Callable[[], str]) -> Readout:
        """What ``command`` showed not long ago, else what ``read`` gives now; whoever asks meanwhile waits for it.

        What was shown before ``not_before``, when the fault began, tells nothing of it.
        """
        key = (router, command)
        with self._guard:
            self._kept = {one: seen for one, seen in self._kept.items() if self._fresh(seen)}
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            found = self._kept.get(key)
            if found is None or not self._fresh(found) or found.at < not_before:
                at = self._clock()
                found = Readout(read(), at)
                with self._guard:
                    self._kept[key] = found
            return found

    def _fresh(self, readout: Readout) -> bool:
        return timedelta() <= self._clock() - readout.at <= SERVES


@dataclass
class _Line(Generic[Reader]):
    """The sessions with one router: places, and open sessions that wait for their next user."""

    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(SESSIONS))
    waiting: int = 0
    idle: list[tuple[AbstractContextManager[Reader], Reader]] = field(default_factory=list)


class SharedSessions(Generic[Reader]):
    """Hands open sessions from one user to the next; at most SESSIONS with one router at a time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._lines: dict[str, _Line[Reader]] = {}

    @contextmanager
    def borrow(self, router: str, open_: Callable[[], AbstractContextManager[Reader]]) -> Iterator[Reader]:
        """A session for one user; it is closed unless somebody waits for one, and when its user failed with it."""
        with self._guard:
            line = self._lines.setdefault(router, _Line())
            line.waiting += 1
        line.places.acquire()
        try:
            with self._guard:
                line.waiting -= 1
                taken = line.idle.pop() if line.idle else None
            if taken is None:
                manager = open_()
                taken = manager, manager.__enter__()
            yield from self._used(line, *taken)
        finally:
            line.places.release()

    def _used(self, line: _Line[Reader], manager: AbstractContextManager[Reader], reader: Reader) -> Iterator[Reader]:
        try:
            yield reader
        except BaseException as error:
            if not manager.__exit__(type(error), error, error.__traceback__):
                raise
        else:
            with self._guard:
                keep = line.waiting > len(line.idle)  # each who waits takes one
                if keep:
                    line.idle.append((manager, reader))
            if not keep:
                manager.__exit__(None, None, None)
