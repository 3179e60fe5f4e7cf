"""Runs plans and restorations: lease, backup, change, proof or undo, all journalled; finishes what a crash left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.errors import AgentError, ConfigurationProblem, DeviceError, LeaseLost, Refused, RolledBack, Uncertain
from agent.events import Event, Result
from agent.lync.exports import put_back
from agent.lync.keeping import Keeper
from agent.lync.model import INCLUDED, Change, Closing, Contents, Kind, LyncPlan, Restoration, Step, Why
from agent.lync.moving import RECOVER, Move, Mover, Undone, run_to_end
from agent.lync.planning import Draft, draft, server_for
from agent.lync.ports import Ports, Session, Timing
from agent.lync.reading import all_met, digest, expectations, read_settings
from agent.provisioning.ports import Runtime
from device_templates.lync import State
from inventory import Inventory, InventoryError, ServerView


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a change ended well; ``backup`` is the number of the one taken just before."""

    subject: str
    server: str
    changed: bool
    message: str
    backup: int | None = None
    restoration: Restoration | None = None


class Applying:
    """The use cases that change a deployment."""

    def __init__(self, ports: Ports, runtime: Runtime, timing: Timing) -> None:
        self._ports = ports
        self._runtime = runtime
        self._timing = timing
        self._keeper = Keeper(ports, runtime)

    def apply(self, inventory: Inventory, plan_id: str, *, who: str) -> Outcome:
        """Run a stored plan exactly as it was shown.

        Raises Refused (stale, somebody else at work), DeviceError (nothing was changed), RolledBack, Uncertain.
        """
        plan = self.check(inventory, plan_id)
        view = inventory.server(plan.server)
        work = self._begin(Kind.APPLY, plan.id, view, who, f"{plan.reason}, plan {plan.id}")
        with work:
            with self._ports.servers.open(view) as session:
                state = read_settings(session, view.pool.version)
                if not self._to_do(plan, view, state):
                    return work.done(Outcome(plan.id, view.name, False, f"{plan.pool} is as planned already"))
                backup = work.backed_up(session)
                work.step(Step.RUNNING)
                work.mover.forward(move_of(plan, view), session)
            message = f"{plan.pool} is changed and proved; backup {backup} of {view.name} holds what was before"
            return work.done(Outcome(plan.id, view.name, True, message, backup))

    def check(self, inventory: Inventory, plan_id: str) -> LyncPlan:
        """The plan, where it may still be run; Refused where there is none or the inventory moved since."""
        plan = self._ports.plans.plan(plan_id)
        if plan.inventory_digest != inventory.digest:
            raise stale(plan, "the inventory")
        return plan

    def restore(self, inventory: Inventory, server: str, number: int, *, who: str, why: str) -> Outcome:
        """Import a kept backup after taking one; counted [LY-7]. Raises as ``apply``."""
        view = server_for(inventory, server)
        contents = self._keeper.contents(view.name, number)
        work = self._begin(Kind.RESTORE, str(number), view, who, why or f"restoration of backup {number}")
        with work:
            with self._ports.servers.open(view) as session:
                backup = work.backed_up(session, frozenset({number}))
                work.step(Step.RUNNING)
                move = self._restoring(view, contents, self._keeper.contents(view.name, backup))
                work.mover.forward(move, session)
            return work.done(self._restored(work.change, view, backup))

    def recover(self, inventory: Inventory) -> tuple[AgentError | Outcome, ...]:
        """Finish or take back every change whose owner is gone; each with how it ended."""
        ended: list[AgentError | Outcome] = []
        for change in self._ports.changes.open_changes():
            now = self._runtime.clock()
            if change.closing is None and change.expires > now and self._runtime.may_live(change.owner):
                continue
            with suppress(Refused):  # another process was faster
                taken = self._ports.changes.take_over(change, self._runtime.owner, self._lease_end())
                ended.append(self._finished(inventory, taken, again=change.closing is Closing.UNCERTAIN))
        return tuple(ended)

    def _finished(self, inventory: Inventory, change: Change, *, again: bool) -> AgentError | Outcome:
        work = self._work(change, quiet=again)
        try:
            with work:
                return self._settled(inventory, work)
        except AgentError as error:
            return error

    def _settled(self, inventory: Inventory, work: Work) -> Outcome:
        change = work.change
        if change.step in (Step.BEGUN, Step.BACKED_UP):
            raise Undone(AgentError("the change was interrupted before anything was sent"), changed=False)
        try:
            view = inventory.server(change.server)
            move = self._move_again(change, view)
        except (AgentError, InventoryError) as error:
            raise Uncertain(f"the interrupted change cannot be read back ({error})", where=change.server) from error
        cause = AgentError("the change was interrupted", where=change.server)
        if change.step is Step.UNDOING:
            work.mover.back(move, cause, begun=change.step_at)
        work.mover.settle(move, cause, change.step_at)
        if change.kind is Kind.RESTORE and change.before is not None:
            return work.done(self._restored(change, view, change.before))
        message = "the interrupted change is finished and proved"
        return work.done(Outcome(change.subject, change.server, True, message, change.before))

    def _move_again(self, change: Change, view: ServerView) -> Move:
        if change.kind is Kind.APPLY:
            return move_of(self._ports.plans.plan(change.subject), view)
        if change.before is None:
            raise Refused("it has no backup from before", where=change.id)
        wanted = self._keeper.contents(view.name, int(change.subject))
        return self._restoring(view, wanted, self._keeper.contents(view.name, change.before))

    def _to_do(self, plan: LyncPlan, view: ServerView, state: State) -> bool:
        """Whether something is left to do; Refused where the plan no longer fits."""
        if plan.changes and all_met(plan.after, state):
            return False
        made = draft(view, state)
        if not made.changes:
            return False
        if made != Draft(plan.changes, plan.before, plan.after, plan.script, plan.undo):
            raise stale(plan, "what the server has")
        return True

    def _restoring(self, view: ServerView, wanted: Contents, before: Contents) -> Move:
        release = view.pool.version

        def put(contents: Contents) -> Callable[[Session], None]:
            return lambda session: put_back(session, view, contents, self._runtime.new_id())

        def has(contents: Contents) -> Callable[[State], bool]:
            return lambda state: digest(expectations(state, directory=False)) == digest(contents.settings)

        return Move(
            view=view,
            what="the import",
            run=put(wanted),
            undo=put(before),
            read=lambda session: read_settings(session, release),
            is_after=has(wanted),
            is_before=has(before),
        )

    def _restored(self, change: Change, view: ServerView, backup: int) -> Outcome:
        now = self._runtime.clock()
        year = now.astimezone(ZoneInfo(view.customer.calendar.timezone)).year
        counted = self._ports.restorations.add(
            Restoration(
                change.id, view.customer.customer, view.name, int(change.subject), now, change.who, year, 0, False
            )
        )
        told = "chargeable" if counted.chargeable else f"{INCLUDED} are included"
        message = (
            f"backup {change.subject} is restored and proved; restoration {counted.number} of {year}, {told}; "
            f"backup {backup} of {view.name} holds what was before"
        )
        return Outcome(change.subject, view.name, True, message, backup, counted)

    def _begin(self, kind: Kind, subject: str, view: ServerView, who: str, why: str) -> Work:
        now, owner = self._runtime.clock(), self._runtime.owner
        change = Change(
            self._runtime.new_id(), kind, subject, view.customer.customer, view.name, who, why, owner,
            self._lease_end(), now,
        )  # fmt: skip
        return self._work(self._ports.changes.begin(change, now), view)

    def _work(self, change: Change, view: ServerView | None = None, *, quiet: bool = False) -> Work:
        return Work(self._ports, self._runtime, self._timing, self._keeper, change, view, quiet=quiet)

    def _lease_end(self) -> datetime:
        return self._runtime.clock() + timedelta(seconds=self._timing.lease_s)


class Work:
    """A change that is going on: writes its steps down, and its end, whichever that is."""

    def __init__(
        self,
        ports: Ports,
        runtime: Runtime,
        timing: Timing,
        keeper: Keeper,
        change: Change,
        view: ServerView | None,
        *,
        quiet: bool,
    ) -> None:
        self._ports, self._runtime, self._timing, self._keeper = ports, runtime, timing, keeper
        self.change = change
        self._view = view
        self._quiet = quiet
        self.mover = Mover(ports.servers, runtime, timing, lambda: self.step(Step.UNDOING))

    def step(self, step: Step, before: int | None = None) -> None:
        """Write a step down; from then on a crash finds it so."""
        now = self._runtime.clock()
        expires = now + timedelta(seconds=self._timing.lease_s)
        self.change = self._ports.changes.advance(self.change, step, now, expires, before)

    def backed_up(self, session: Session, spare: frozenset[int] = frozenset()) -> int:
        """Take the backup from just before; its number. Those to ``spare`` stay, however old they are."""
        if self._view is None:
            raise Refused("there is no server to back up", where=self.change.server)
        kept = self._keeper.take_in(
            session, self._view, why=Why.BEFORE, reason=f"before: {self.change.why}", who=self.change.who, spare=spare
        )
        self.step(Step.BACKED_UP, kept.number)
        return kept.number

    def done(self, outcome: Outcome) -> Outcome:
        """The change ended well."""
        self._end(Closing.DONE if outcome.changed else Closing.UNCHANGED, Result.DONE, outcome.message)
        return outcome

    def __enter__(self) -> Work:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Whatever was raised becomes how the change ended, and what the caller is told."""
        if error is None or isinstance(error, LeaseLost):
            return
        if isinstance(error, Undone) and error.changed:
            ended = RolledBack(f"{error.message}; taken back and proved: it is as before", where=self.change.server)
            self._end(Closing.TAKEN_BACK, Result.ROLLED_BACK, str(ended))
            raise ended from error.cause
        if isinstance(error, Undone):
            self._end(Closing.UNCHANGED, Result.FAILED, f"{error.cause}; nothing was changed")
            raise error.cause
        if isinstance(error, Uncertain):
            with suppress(ConfigurationProblem):
                self._end(Closing.UNCERTAIN, Result.UNCERTAIN, str(error))
            return
        if self.change.step in (Step.BEGUN, Step.BACKED_UP):
            result = Result.FAILED if isinstance(error, DeviceError) else Result.REFUSED
            self._end(Closing.UNCHANGED, result, str(error) or type(error).__name__)
            return
        self._left_open(error)

    def _left_open(self, error: BaseException) -> None:
        """Interrupted in the middle: what the server has is not known, and recovery will see."""
        told = f"the change was interrupted ({str(error) or type(error).__name__})"
        uncertain = Uncertain(told, where=self.change.server, commands=(RECOVER,))
        with suppress(ConfigurationProblem):
            self._end(Closing.UNCERTAIN, Result.UNCERTAIN, str(uncertain))
        raise uncertain from error

    def _end(self, closing: Closing, result: Result, text: str) -> None:
        """Tell the audit, then the journal; a crash between tells it twice."""
        change = self.change
        if not (self._quiet and closing is Closing.UNCERTAIN):
            now, action = self._runtime.clock(), f"lync.{change.kind}"
            self._ports.events.record(Event(now, change.who, action, change.server, change.why, result, text))
        self._ports.changes.close(change, closing)


def move_of(plan: LyncPlan, view: ServerView) -> Move:
    """The move that a plan describes."""
    return Move(
        view=view,
        what=f"plan {plan.id}",
        run=lambda session: run_to_end(session, plan.script, view.name),
        undo=lambda session: run_to_end(session, plan.undo, view.name),
        read=lambda session: read_settings(session, view.pool.version),
        is_after=lambda state: all_met(plan.after, state),
        is_before=lambda state: all_met(plan.before, state),
    )


def stale(plan: LyncPlan, what: str) -> Refused:
    """The refusal of a plan that no longer fits the world."""
    return Refused(
        f"the plan is stale: {what} changed since it was made",
        where=plan.id,
        remedy=f"plan again: spokesman lync plan {plan.customer}/{plan.pool}",
    )
