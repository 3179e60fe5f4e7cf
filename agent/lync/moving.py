"""One change of a deployment from before to after, or back: run, checked by reading again, undone where it failed.

A script that was sent may go on at the server though nothing more is heard of it. So nobody undoes it before its grace
is over, and what was undone then is looked at twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.errors import AgentError, CommandRejected, DeviceError, Uncertain
from agent.lync.ports import Servers, Session, Timing
from agent.provisioning.ports import Runtime
from device_templates.lync import DONE, State
from inventory import ServerView

RECOVER = "spokesman lync apply --recover"


@dataclass(frozen=True)
class Move:
    """What is done in a session, what takes it back, and how either is known from the settings that are read."""

    view: ServerView
    what: str
    run: Callable[[Session], None]
    undo: Callable[[Session], None]
    read: Callable[[Session], State]
    is_after: Callable[[State], bool]
    is_before: Callable[[State], bool]


class Undone(AgentError):
    """The change did not hold and everything is as before; ``cause`` says why, ``changed`` whether it had begun."""

    exit_code = 4

    def __init__(self, cause: AgentError, *, changed: bool) -> None:
        self.cause = cause
        self.changed = changed
        super().__init__(cause.message, where=cause.where, remedy=cause.remedy)


class Mover:
    """Makes moves; ``undoing`` is called before anything is taken back."""

    def __init__(self, servers: Servers, runtime: Runtime, timing: Timing, undoing: Callable[[], None]) -> None:
        self._servers = servers
        self._runtime = runtime
        self._timing = timing
        self._undoing = undoing

    def forward(self, move: Move, session: Session) -> None:
        """Run it and prove it; raises Undone where it did not hold, Uncertain where nobody knows."""
        try:
            self._tell(move, f"running {move.what}")
            move.run(session)
        except CommandRejected as error:
            self.back(move, error, begun=None)
            return
        except DeviceError as error:
            self.settle(move, error, self._runtime.clock())
            return
        self.settle(move, None, None)

    def settle(self, move: Move, cause: AgentError | None, begun: datetime | None) -> None:
        """See whether it holds; ``begun`` says since when it may go on unheard, None: it has ended."""
        quiet = begun + timedelta(seconds=self._timing.grace_s) if begun is not None else None
        last, told = self._deadline(quiet), False
        while True:
            state = self._state(move)
            if state is not None and move.is_after(state):
                return
            now = self._runtime.clock()
            if quiet is not None and now < quiet:
                if not told:
                    self._tell(move, f"its script may still run; looking again until {quiet:%H:%M:%S} UTC")
                    told = True
                self._runtime.sleep(self._timing.poll_s)
            elif state is not None or now >= last:
                mismatch = CommandRejected("the settings are not what was asked for", where=move.view.name)
                self.back(move, cause or mismatch, begun=begun)
                return
            else:
                self._runtime.sleep(self._timing.poll_s)

    def back(self, move: Move, cause: AgentError, *, begun: datetime | None) -> None:
        """Take it back and prove it: raises Undone, or Uncertain where it cannot be proved."""
        last = self._deadline(None)
        state = self._state(move)
        if state is not None and move.is_before(state) and begun is None:
            raise Undone(cause, changed=False)
        self._undoing()
        problem: AgentError = cause
        while True:
            try:
                with self._servers.open(move.view) as session:
                    self._tell(move, "taking the change back")
                    move.undo(session)
                if self._stays_back(move, twice=begun is not None):
                    raise Undone(cause, changed=True)
                problem = CommandRejected("the settings are not what they were", where=move.view.name)
            except DeviceError as error:
                problem = error
            if self._runtime.clock() >= last:
                raise self._uncertain(move, cause, problem)
            self._runtime.sleep(self._timing.poll_s)

    def _stays_back(self, move: Move, *, twice: bool) -> bool:
        for again in (False, True) if twice else (False,):
            if again:
                self._runtime.sleep(self._timing.poll_s)
            state = self._state(move)
            if state is None or not move.is_before(state):
                return False
        return True

    def _state(self, move: Move) -> State | None:
        """The settings now; None where the server does not tell."""
        try:
            with self._servers.open(move.view) as session:
                return move.read(session)
        except DeviceError as error:
            self._tell(move, f"it cannot be looked at: {error.message}")
            return None

    def _deadline(self, after: datetime | None) -> datetime:
        return max(after or self._runtime.clock(), self._runtime.clock()) + timedelta(seconds=self._timing.settle_s)

    def _uncertain(self, move: Move, cause: AgentError, problem: AgentError) -> Uncertain:
        return Uncertain(
            f"it is not known which settings it has ({cause.message}; then: {problem.message})",
            where=move.view.name,
            commands=(f"when {move.view.name} answers again: {RECOVER}",),
        )

    def _tell(self, move: Move, text: str) -> None:
        self._runtime.progress(f"{move.view.name}: {text}")


def run_to_end(session: Session, script: str, server: str) -> None:
    """Run a script; CommandRejected unless its last word came."""
    outputs = session.run(script)
    if not outputs or outputs[-1] != DONE:
        raise CommandRejected("the script did not run to its end", where=server)
