"""What the resident program does by itself every few seconds: samples of the processors, and the file for the poll."""

from __future__ import annotations

from .change import sets
from .showing import machine
from .showing.watch import write_watch
from .system import uptime
from .wire.workers import Workers

EVERY_S = 10.0
LOOK_EVERY_S = 60.0
_LIMIT_S = 20.0


class Chores:
    """One at a time, each in a worker, so that a slow one delays nothing but itself."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._next_s = 0.0
        self._next_look_s = 0.0
        self._at_work = False

    def soon(self) -> None:
        """Something changed: tell it now. Who changed the machine has looked at it then."""
        self._next_s = 0.0

    def deadline_s(self) -> float | None:
        """When the next is due, on the clock of the boot."""
        return None if self._at_work else self._next_s

    def on_time(self, *, busy: bool) -> None:
        """Do what is due; what runs is not looked at while it is being changed."""
        now = uptime()
        if self._at_work or now < self._next_s:
            return
        machine.sample()
        look = now >= self._next_look_s and not busy
        self._next_s = now + EVERY_S
        if look:
            self._next_look_s = now + LOOK_EVERY_S
        self._at_work = True

        def done(_: object) -> None:
            self._at_work = False

        self._workers.start(
            "the watch file", lambda: write_watch(sets.active() if look else None), done, limit_s=_LIMIT_S
        )
