"""Keeping daemons alive: one that dies is started again, ever later while it goes on dying."""

from __future__ import annotations

import os
import selectors
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..log import brief, note
from ..system import uptime
from ..wire.workers import Outcome, Workers
from .daemons import Daemon, running

_LATER_S = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
_SETTLED_S = 60.0
_LIMIT_S = 150.0
"""Longer than a daemon may take to answer, to be told its part, and to be ended where that fails."""

Revive = Callable[[Daemon], None]


@dataclass
class _Life:
    """One daemon that is to live: the handle of its process while it does, and else when it is due to be started."""

    daemon: Daemon
    handle: int = -1
    since_s: float = 0.0
    due_s: float | None = None
    deaths: int = 0


class Keeper:
    """Knows which daemons are to run; a worker does the starting, so that the loop never waits."""

    def __init__(
        self, selector: selectors.BaseSelector, workers: Workers, revive: Revive, busy: Callable[[], bool]
    ) -> None:
        self._selector = selector
        self._workers = workers
        self._busy = busy
        self._revive = revive
        self._lives: dict[str, _Life] = {}
        self._reviving = False
        self._worker = 0

    def keep(self, daemons: list[Daemon]) -> None:
        """From now on keep exactly these alive."""
        former = self._lives
        for life in former.values():
            self._let_go(life)
        self._lives = {daemon.name: _Life(daemon) for daemon in daemons}
        for name, life in self._lives.items():
            if name in former:
                life.deaths = former[name].deaths
            self._look(life)

    def deadline_s(self) -> float | None:
        """When a daemon is due to be started, on the clock of the boot."""
        if self._reviving:
            return None
        return min((life.due_s for life in self._lives.values() if life.due_s is not None), default=None)

    def on_time(self) -> None:
        """Start one that is due, unless a configuration is being applied; the others follow one by one."""
        due = self.deadline_s()
        if due is None or self._busy() or uptime() < due:
            return
        life = next(life for life in self._lives.values() if life.due_s == due)
        life.due_s = None
        self._reviving = True

        def done(outcome: Outcome) -> None:
            self._reviving, self._worker = False, 0
            if not outcome["ok"]:
                note(f"{life.daemon.name} could not be started: {brief(outcome)}")
            if self._lives.get(life.daemon.name) is life:
                self._look(life)

        what = f"starting {life.daemon.name}"
        self._worker = self._workers.start(what, lambda: self._revive(life.daemon), done, limit_s=_LIMIT_S)

    def give_way(self) -> None:
        """Let what is being started be: the way back must not wait for it, and brings it too."""
        if self._worker:
            self._workers.end(self._worker, "the way back goes first")

    def _look(self, life: _Life) -> None:
        """Hold on to the process, or plan to start one."""
        pid = running(life.daemon.name)
        with suppress(OSError):
            if pid:
                life.handle = os.pidfd_open(pid)
                life.since_s = uptime()
                self._selector.register(life.handle, selectors.EVENT_READ, lambda _: self._died(life))
                return
        if uptime() - life.since_s > _SETTLED_S:
            life.deaths = 0
        life.due_s = uptime() + _LATER_S[min(life.deaths, len(_LATER_S) - 1)]
        life.deaths += not self._busy()  # what a change ends on purpose is no death

    def _died(self, life: _Life) -> None:
        if self._lives.get(life.daemon.name) is not life:
            return  # others are kept since what came before it in the same turn
        note(f"{life.daemon.name} ended")
        self._let_go(life)
        self._look(life)

    def _let_go(self, life: _Life) -> None:
        if life.handle >= 0:
            self._selector.unregister(life.handle)
            os.close(life.handle)
            life.handle = -1
