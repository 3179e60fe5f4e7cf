"""Commit, confirm and revert: the whole set or none of it, with the way back armed before anything is touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from .. import files, places, system
from ..errors import NothingPending, Pending, Refused, RouterError, Unknown
from ..log import brief, note
from ..network.settings import FILE as NETWORK
from ..wire.workers import Outcome, Workers, attempt, refusal
from . import journal, sets, work
from .apply import precheck
from .document import build, digest
from .journal import Change, State
from .parts import Files

APPLY_S = 300.0
"""How long the way to a set may take before it counts as failed."""
LONGEST_TRIAL_S = 24 * 3600
_RETRY_S = (1.0, 5.0, 15.0, 60.0)

Answer = Callable[[Outcome], None]


class Transaction:
    """The one change that may be under way; lives in the supervisor, works in processes that may die."""

    def __init__(self, workers: Workers, applied: Callable[[], None]) -> None:
        self._workers = workers
        self._applied = applied
        self._what = ""
        self._by_itself = False
        self._next: Callable[[], None] | None = None
        self._lease_waits = False
        self._tries = 0
        self._retry_at_s: float | None = None
        self.change = journal.read()

    @property
    def busy(self) -> bool:
        """Whether a set is being applied now: then daemons come and go on purpose."""
        return bool(self._what)

    def recover(self) -> None:
        """After a start: go on waiting, go back from a half-made change, or apply what is confirmed."""
        work.end_former_worker()
        change = self.change
        if change is None or (change.digest and change.digest == digest(files.read(places.CONFIRMED))):
            self._drop()
            self._go("applying the confirmed configuration", sets.confirmed(), self._recovered, back=True)
            self._by_itself = True
            return
        waits = change.state is State.ON_TRIAL and change.boot == system.boot_id()
        if waits and change.deadline_s > system.uptime():
            note(f"waiting on for the confirmation of the change by {change.user}")
            self._go("keeping the configuration on trial", sets.active(), lambda _: None, back=True)
            return
        self._revert(change.reason or f"the change by {change.user} was not confirmed before this start")

    def commit(self, user: str, revert_in_s: float | None, message: str, answer: Answer) -> None:
        """Check, arm, apply; ``answer`` gets the outcome, after what the program does by itself just now."""
        if self._by_itself and self._next is None:
            self._next = partial(self.commit, user, revert_in_s, message, answer)
            return
        try:
            staged = self._committable(revert_in_s)
        except RouterError as error:
            answer(refusal(error))
            return

        def checked(outcome: Outcome) -> None:
            self._what = ""
            if outcome["ok"]:
                outcome = attempt(partial(self._arm, user, revert_in_s, staged))
            if not outcome["ok"]:
                note(f"commit by {user}: {brief(outcome)}")
                answer(outcome)
                return
            note(f"commit by {user}: revert armed; {message or 'no message'}")
            self._go("applying the change", staged, lambda done: self._committed(done, revert_in_s, answer))

        self._what = "checking the change"
        self._workers.start(self._what, partial(precheck, staged), checked, limit_s=APPLY_S)

    def _committable(self, revert_in_s: float | None) -> Files:
        """What is staged, where it may be committed now. Raises Pending and Refused."""
        # A way back that failed so far must not keep a person from a way on.
        hopeless = self.change is not None and self.change.state is State.REVERTING
        if self._what or (self.change is not None and not hopeless):
            raise Pending(f"a change by {self.change.user if self.change else 'the program'} is under way or on trial")
        if revert_in_s is None and files.read(places.STAGED_MODE) != "merge":
            raise Refused("a replacement is never committed without revert_in_s")
        if revert_in_s is not None and not 1 <= revert_in_s <= LONGEST_TRIAL_S:
            raise Refused(f"revert_in_s is between 1 and {LONGEST_TRIAL_S}")
        return sets.staged()

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
        if self._retry_at_s is not None:
            return self._retry_at_s
        if self.change is not None and self.change.state is State.ON_TRIAL and not self._what:
            return self.change.deadline_s
        return None

    def on_time(self) -> None:
        """Fire what is due."""
        due = self.deadline_s()
        if due is None or system.uptime() < due or self._what:
            return
        self._retry_at_s = None
        change = self.change
        self._revert(f"the change by {change.user if change else '?'} was not confirmed in time")

    def _arm(self, user: str, revert_in_s: float | None, staged: Files) -> None:
        """Put the way back on the disk; only then may anything be touched."""
        text = build(staged)
        files.write(places.TRIAL, text)
        trial_s = revert_in_s or 0.0
        self._retry_at_s = None
        armed = Change(
            State.APPLYING, user, system.boot_id(), system.uptime() + APPLY_S + trial_s, trial_s, digest(text)
        )
        journal.write(armed)
        self.change = armed

    def _committed(self, outcome: Outcome, revert_in_s: float | None, answer: Answer) -> None:
        change = self.change
        if change is None:
            return
        if not outcome["ok"]:
            self._revert(f"the change failed: {brief(outcome)}", lambda back: answer(_after_failure(outcome, back)))
            return
        self._set(dataclasses.replace(change, state=State.ON_TRIAL, deadline_s=system.uptime() + change.revert_in_s))
        sets.discard()
        if revert_in_s is None:
            self.confirm(change.user)
        note(f"commit by {change.user}: applied")
        answer({"ok": True, "result": {}})

    def _revert(self, reason: str, answer: Answer | None = None) -> None:
        note(f"going back to the confirmed configuration: {reason}")
        change = self.change or Change(State.REVERTING, "", system.boot_id(), 0, 0, "")
        self._set(dataclasses.replace(change, state=State.REVERTING, reason=reason[:500]))

        def done(outcome: Outcome) -> None:
            if outcome["ok"]:
                self._tries = 0
                files.remove(places.TRIAL)
                self._drop()
                _saved()
                note("the confirmed configuration runs")
            else:
                self._retry_at_s = system.uptime() + _RETRY_S[min(self._tries, len(_RETRY_S) - 1)]
                self._tries += 1
                note(f"the way back failed, trying again: {brief(outcome)}")
            if answer:
                answer(outcome if outcome["ok"] else _uncertain(outcome))

        self._go("going back", sets.confirmed(), done, back=True)

    def _recovered(self, outcome: Outcome) -> None:
        if outcome["ok"]:
            self._tries = 0
            note("the confirmed configuration runs")
            return
        note(f"the confirmed configuration could not be applied, trying again: {brief(outcome)}")
        self._retry_at_s = system.uptime() + _RETRY_S[min(self._tries, len(_RETRY_S) - 1)]
        self._tries += 1

    def follow_lease(self) -> None:
        """The WAN's address changed: bring the interfaces to it, after what is being done now."""
        self._lease_waits = bool(self._what)
        if not self._what:
            wanted = {path: text for path, text in sets.active().items() if path == NETWORK}
            self._work("following the lease", partial(work.follow, wanted), lambda _: None)
            self._by_itself = True

    def _go(self, what: str, target: Files, done: Callable[[Outcome], None], *, back: bool = False) -> None:
        """Apply a set; on the way ``back``, and at a start, as much of it as can be."""
        self._work(what, partial(work.apply, target, keep_going=back, anew=back and self._tries > 0), done)

    def _work(self, what: str, act: Callable[[], None], done: Callable[[Outcome], None]) -> None:
        def finished(outcome: Outcome) -> None:
            self._what, self._by_itself = "", False
            if not outcome["ok"]:
                note(f"{what}: {brief(outcome)}")
            done(outcome)
            self._applied()
            waiting, self._next = self._next, None
            if self._lease_waits:
                self.follow_lease()
            if waiting:
                waiting()

        self._what = what
        self._workers.start(what, act, finished, limit_s=APPLY_S)

    def _set(self, change: Change) -> None:
        self.change = change
        try:
            journal.write(change)
        except OSError as error:
            note(f"the journal could not be written: {error}")

    def _drop(self) -> None:
        self.change = None
        journal.clear()


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
