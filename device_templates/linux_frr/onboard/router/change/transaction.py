"""Commit, confirm and revert: the whole set or none of it, with the way back armed before anything is touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import files, places, system
from ..errors import NothingPending, Pending, Refused, RouterError, Unknown
from ..log import brief, note
from ..wire.workers import Outcome, Workers, attempt, refusal
from . import ballast, journal, sets, work
from .apply import precheck
from .document import build, digest
from .journal import Change, State
from .parts import Files

APPLY_S = 300.0
"""How long the way to a set may take before it counts as failed."""
LONGEST_TRIAL_S = 24 * 3600
_RETRY_S = (1.0, 5.0, 15.0, 60.0)

Answer = Callable[[Outcome], None]


@dataclass(frozen=True)
class Request:
    """What a commit asks for: ``revert_in_s`` None is for good, ``sha256`` is what `load` told ("" = whatever)."""

    user: str
    revert_in_s: float | None
    message: str = ""
    sha256: str = ""


@dataclass(eq=False)
class _Task:
    """What is done now; of the program's ``own`` accord it gives way to a way back, and a commit waits for its end."""

    what: str
    own: bool
    pid: int = 0


class Transaction:
    """The one change that may be under way; lives in the supervisor, works in processes that may die."""

    def __init__(self, workers: Workers, applied: Callable[[], None]) -> None:
        self._workers = workers
        self._applied = applied
        self._task: _Task | None = None
        self._next: Callable[[], None] | None = None
        self._lease_waits = False
        self._tries = 0
        self._retry_at_s: float | None = None
        self.change = journal.read()

    @property
    def busy(self) -> bool:
        """Whether a set is being applied now: then daemons come and go on purpose."""
        return self._task is not None

    @property
    def going_back(self) -> bool:
        """Whether the way back is being made now, for which everything else lets the machine be."""
        return self.busy and self.change is not None and self.change.state is State.REVERTING

    def recover(self) -> None:
        """After a start: go on waiting, go back from a half-made change, or apply what is confirmed."""
        work.end_former_worker()
        change = self.change
        if change is None or sets.is_confirmed(change.digest):
            self._drop()
            self._apply_confirmed()
            return
        waits = change.state is State.ON_TRIAL and change.boot == system.boot_id()
        if waits and change.deadline_s > system.uptime():
            note(f"waiting on for the confirmation of the change by {change.user}")
            self._go("keeping the configuration on trial", sets.active, lambda _: None, back=True, own=True)
            return
        self._revert(change.reason or f"the change by {change.user} was not confirmed before this start")

    def commit(self, asked: Request, answer: Answer) -> None:
        """Check, arm, apply; ``answer`` gets the outcome, after what the program does by itself just now."""
        waits = self.change is not None and self.change.state is State.ON_TRIAL
        if self._task and self._task.own and self._next is None and not waits:
            self._next = partial(self.commit, asked, answer)
            return
        try:
            staged = self._committable(asked)
        except RouterError as error:
            answer(refusal(error))
            return

        def checked(outcome: Outcome) -> None:
            if outcome["ok"]:
                outcome = attempt(partial(self._arm, asked, staged))
            if not outcome["ok"]:
                note(f"commit by {asked.user}: {brief(outcome)}")
                answer(outcome)
                return
            note(f"commit by {asked.user}: revert armed; {asked.message or 'no message'}")
            self._go("applying the change", lambda: staged, lambda done: self._committed(done, answer))

        self._start(_Task("checking the change", own=False), partial(precheck, staged), checked)

    def _committable(self, asked: Request) -> Files:
        """What is staged, where it may be committed now. Raises Pending and Refused."""
        # A way back that failed so far must not keep a person from a way on.
        hopeless = self.change is not None and self.change.state is State.REVERTING
        if self._task or (self.change is not None and not hopeless):
            raise Pending(f"a change by {self.change.user if self.change else 'the program'} is under way or on trial")
        revert_in_s = asked.revert_in_s
        if revert_in_s is None and files.read(places.STAGED_MODE) != "merge":
            raise Refused("a replacement is never committed without revert_in_s")
        if revert_in_s is not None and not 1 <= revert_in_s <= LONGEST_TRIAL_S:
            raise Refused(f"revert_in_s is between 1 and {LONGEST_TRIAL_S}")
        return sets.staged(asked.sha256)

    def confirm(self, user: str) -> dict[str, str]:
        """Keep what is on trial: from here on a reboot applies it. Raises NothingPending."""
        if self.change is None or self.change.state is not State.ON_TRIAL:
            raise NothingPending("there is no change to confirm")
        places.TRIAL.rename(places.CONFIRMED)
        files.sync(places.STATE)
        _saved()
        note(f"confirmed by {user}")
        self._drop()
        self._applied()
        return {}

    def revert(self, user: str, answer: Answer) -> None:
        """Go back to the confirmed set now. Raises NothingPending."""
        if self.change is None or self.change.state is not State.ON_TRIAL:
            raise NothingPending("there is no change to revert")
        self._revert(f"reverted by {user}", answer)

    def pending(self) -> dict[str, Any] | None:
        """Who has a change on trial, and for how many seconds more."""
        if self.change is None:
            return None
        left = max(0.0, self.change.deadline_s - system.uptime()) if self.change.state is not State.REVERTING else 0.0
        return {"user": self.change.user, "left_s": round(left, 1)}

    def deadline_s(self) -> float | None:
        """When something is due, on the clock of the boot."""
        if self._task and not self._task.own:
            return None
        if self._retry_at_s is not None:
            return self._retry_at_s
        if self.change is not None and self.change.state is State.ON_TRIAL:
            return self.change.deadline_s
        return None

    def on_time(self) -> None:
        """Fire what is due."""
        due = self.deadline_s()
        if due is None or system.uptime() < due:
            return
        self._retry_at_s = None
        if self.change is None:
            self._apply_confirmed()
        else:
            self._revert(f"the change by {self.change.user} was not confirmed in time")

    def _arm(self, asked: Request, staged: Files) -> None:
        """Put the way back on the disk; only then may anything be touched."""
        text = build(staged)
        ballast.take()
        files.write(places.TRIAL, text)
        trial_s = asked.revert_in_s or 0.0
        self._retry_at_s = None
        armed = Change(
            State.APPLYING, asked.user, system.boot_id(), system.uptime() + APPLY_S + trial_s, trial_s, digest(text)
        )
        journal.write(armed)
        self.change = armed

    def _committed(self, outcome: Outcome, answer: Answer) -> None:
        change = self.change
        if change is None:
            outcome = {"ok": False, "kind": "failed", "message": "the change was taken back while it was made"}
        if change is None or not outcome["ok"]:
            self._revert(f"the change failed: {brief(outcome)}", lambda back: answer(_after_failure(outcome, back)))
            return
        self._set(dataclasses.replace(change, state=State.ON_TRIAL, deadline_s=system.uptime() + change.revert_in_s))
        note(f"commit by {change.user}: applied")
        with suppress(OSError, RouterError):
            sets.discard(change.digest)
        answer(attempt(partial(self.confirm, change.user)) if not change.revert_in_s else {"ok": True, "result": {}})

    def _revert(self, reason: str, answer: Answer | None = None) -> None:
        self._end_own()
        note(f"going back to the confirmed configuration: {reason}")
        ballast.release()
        change = self.change or Change(State.REVERTING, "", system.boot_id(), 0, 0, "")
        self._set(dataclasses.replace(change, state=State.REVERTING, reason=reason[:500]))

        def done(outcome: Outcome) -> None:
            if outcome["ok"]:
                self._tries = 0
                self._drop()
                _saved()
                note("the confirmed configuration runs")
            else:
                note(f"the way back failed, trying again: {brief(outcome)}")
                self._retry_later()
            if answer:
                answer(outcome if outcome["ok"] else _uncertain(outcome))

        self._go("going back", sets.confirmed, done, back=True)

    def _apply_confirmed(self) -> None:
        """After a start, with no change under way: bring what is confirmed, or as much of it as can be."""
        self._end_own()

        def done(outcome: Outcome) -> None:
            if outcome["ok"]:
                self._tries = 0
                note("the confirmed configuration runs")
            else:
                note(f"the confirmed configuration could not be applied, trying again: {brief(outcome)}")
                self._retry_later()

        self._go("applying the confirmed configuration", sets.confirmed, done, back=True, own=True)

    def _retry_later(self) -> None:
        self._retry_at_s = system.uptime() + _RETRY_S[min(self._tries, len(_RETRY_S) - 1)]
        self._tries += 1

    def follow_lease(self) -> None:
        """The WAN's address changed: bring the interfaces to it, after what is being done now."""
        self._lease_waits = self.busy
        if not self._task:
            self._work(_Task("following the lease", own=True), work.follow, lambda _: None)

    def _go(
        self,
        what: str,
        target: Callable[[], Files],
        done: Callable[[Outcome], None],
        *,
        back: bool = False,
        own: bool = False,
    ) -> None:
        """Apply a set; on the way ``back``, and at a start, as much of it as can be."""
        act = partial(work.apply, target, keep_going=back, anew=back and self._tries > 0)
        self._work(_Task(what, own), act, done)

    def _work(self, task: _Task, act: Callable[[], None], done: Callable[[Outcome], None]) -> None:
        """Change the machine, and then do what waited for it."""

        def finished(outcome: Outcome) -> None:
            if not outcome["ok"]:
                note(f"{task.what}: {brief(outcome)}")
            done(outcome)
            self._applied()
            waiting, self._next = self._next, None
            if self._lease_waits:
                self.follow_lease()
            if waiting:
                waiting()

        self._start(task, act, finished)

    def _start(self, task: _Task, act: Callable[[], None], done: Callable[[Outcome], None]) -> None:
        """Do a task in a process; ``done`` hears of its end, unless it gave way to another."""

        def ended(outcome: Outcome) -> None:
            if self._task is task:
                self._task = None
                done(outcome)

        self._task = task
        task.pid = self._workers.start(task.what, act, ended, limit_s=APPLY_S)

    def _end_own(self) -> None:
        """End what the program does of its own accord: what goes first brings the machine where it has to be."""
        task, self._task = self._task, None
        if task:
            note(f"ending: {task.what}")
            self._workers.end(task.pid, "something else goes first")

    def _set(self, change: Change) -> None:
        self.change = change
        try:
            journal.write(change)
        except OSError as error:
            note(f"the journal could not be written: {error}")

    def _drop(self) -> None:
        """No change is under way any more; what is left of it on the disk harms nothing."""
        self.change = None
        ballast.release()
        with suppress(OSError):
            journal.clear()
            files.remove(places.TRIAL)


def _saved() -> None:
    """Remember for the poll that what runs is what a reboot applies."""
    with suppress(OSError):
        files.write(places.SAVED, str(int(system.uptime())))


def _after_failure(outcome: Outcome, back: Outcome) -> Outcome:
    if back["ok"]:
        return {**outcome, "message": f"{outcome['message']}; everything was put back"}
    return _uncertain({"message": f"{outcome['message']}; then {back['message']}"})


def _uncertain(outcome: Outcome) -> Outcome:
    error: RouterError = Unknown(f"what runs is not known, the way back is tried again: {outcome['message']}")
    return {"ok": False, "kind": error.kind, "message": str(error)}
