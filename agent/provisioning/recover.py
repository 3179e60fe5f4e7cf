"""After a crash: finishes what was begun, from the journal and from what the routers themselves say."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from agent.errors import AgentError, ConfigurationProblem, LeaseLost, Refused, RolledBack, Uncertain
from agent.events import Event, Result
from agent.provisioning.change import Mover, WentBack
from agent.provisioning.journal import Change, Closing, Entry, Hold, Step, reached
from agent.provisioning.plan import Move, Plan
from agent.provisioning.planner import result_of
from agent.provisioning.ports import OutcomeCheck, Ports, Runtime, Timing
from device_templates.errors import TemplatesError
from inventory import Inventory, InventoryError

FINISHED = "finished, checked and confirmed"


@dataclass(frozen=True, slots=True)
class Recovered:
    """How an interrupted change ended; ``commands`` are for a person where it is still uncertain."""

    change: str
    plan: str
    result: Result
    message: str
    commands: tuple[str, ...] = ()


class Recovery:
    """Finishes interrupted changes; any process may do it, as often as it likes."""

    def __init__(self, ports: Ports, runtime: Runtime, timing: Timing, check: OutcomeCheck) -> None:
        self._ports = ports
        self._runtime = runtime
        self._timing = timing
        self._check = check

    def recover(self, inventory: Inventory, routers: tuple[str, ...] | None = None) -> tuple[Recovered, ...]:
        """Finish every change whose owner is gone; of these routers only, where given.

        A change that only waits for its confirmation is confirmed if it passes its checks; everything else is taken
        back. One that cannot be finished stays open and is tried again the next time.
        """
        ended = []
        for change in self._ports.ledger.open_changes(routers):
            hold = self._taken_over(change)
            if hold is not None:
                ended.append(self._finished(inventory, change, hold))
        return tuple(ended)

    def abandon(self, change_id: str, *, who: str, why: str) -> None:
        """Close an uncertain change whose router is gone for good; a person answers for what the router runs.

        Refused while the change is not uncertain.
        """
        for change in self._ports.ledger.open_changes():
            if change.id == change_id and change.closing is Closing.UNCERTAIN:
                plan = self._ports.plans.plan(change.plan)
                hold = self._taken_over(change)
                if hold is not None:
                    ending = Ending(self._ports, self._runtime, hold, plan, who, "abandon")
                    ending(Closing.ABANDONED, Result.DONE, f"{', '.join(change.routers)} left as they are: {why}")
                    return
        raise Refused("no uncertain change has this name", where=change_id, remedy="spokesman doctor names them")

    def _taken_over(self, change: Change) -> Hold | None:
        now = self._runtime.clock()
        abandoned = change.closing is Closing.UNCERTAIN or change.expires <= now
        if not abandoned and self._runtime.may_live(change.owner):
            return None
        try:
            return self._ports.ledger.take_over(
                change, self._runtime.owner, now + timedelta(seconds=self._timing.lease_s)
            )
        except Refused:  # another process was faster
            return None

    def _finished(self, inventory: Inventory, change: Change, hold: Hold) -> Recovered:
        try:
            plan = self._ports.plans.plan(change.plan)
        except Refused as lost:  # it must not keep the other changes from being finished
            self._ports.ledger.close(hold, Closing.UNCERTAIN)
            text = f"an interrupted change cannot be read back: {lost}"
            return Recovered(change.id, change.plan, Result.UNCERTAIN, text)
        again = change.closing is Closing.UNCERTAIN
        ending = Ending(self._ports, self._runtime, hold, plan, change.who, "recover", quiet=again)
        mover = Mover(self._ports, self._runtime, self._timing, self._check, hold, patient=not again)
        error = self._tried(inventory, plan, mover, ending)
        return Recovered(
            change.id,
            plan.id,
            Result.DONE if error is None else result_of(error),
            f"interrupted change of {plan.site}: {error or FINISHED}",
            error.commands if isinstance(error, Uncertain) else (),
        )

    def _tried(self, inventory: Inventory, plan: Plan, mover: Mover, ending: Ending) -> AgentError | None:
        entries = self._ports.ledger.entries(ending.hold.change)
        todo = [router for router in plan.routers if reached(entries, router, Step.BEGUN)]
        try:
            finish = self._may_finish(inventory, plan, todo, entries)
            moves = {router: move_of(self._ports, inventory, plan, router, ending.who, users=finish) for router in todo}
        except (AgentError, InventoryError, TemplatesError) as error:
            return ending.uncertain(Uncertain(f"the interrupted change cannot be read back ({error})", where=plan.id))
        try:
            if not finish:
                return end_old(mover, ending, moves, _interruption(plan, entries))
            for router in todo:
                self._finish(mover, plan, moves[router], entries)
            ending(Closing.DONE, Result.DONE, FINISHED)
        except LeaseLost as error:
            return error
        except AgentError as error:
            return end_old(mover, ending, moves, error)
        return None

    def _may_finish(self, inventory: Inventory, plan: Plan, todo: list[str], entries: tuple[Entry, ...]) -> bool:
        """Whether nothing but checks and confirmations is left, and that is still wanted."""
        if any(reached(entries, router, Step.TAKING_BACK) for router in todo):
            return False
        changing = [router for router in todo if plan.device(router).changes]
        if not changing or not all(reached(entries, router, Step.COMMITTING) for router in changing):
            return False
        decided = reached(entries, changing[-1], Step.CONFIRMING)
        return decided or (plan.finish_on_recovery and plan.fits(inventory))

    def _finish(self, mover: Mover, plan: Plan, move: Move, entries: tuple[Entry, ...]) -> None:
        if plan.device(move.router).changes:
            if not reached(entries, move.router, Step.KEPT):
                mover.finish(move)
        else:
            mover.add_users(move)


def _interruption(plan: Plan, entries: tuple[Entry, ...]) -> AgentError:
    if any(entry.step >= Step.COMMITTING for entry in entries):
        return WentBack("the change was interrupted", where=plan.id)
    return AgentError("the change was interrupted before anything was changed", where=plan.id, remedy="run it again")


def move_of(ports: Ports, inventory: Inventory, plan: Plan, router: str, author: str, *, users: bool = True) -> Move:
    """The move of one router of a plan, with its texts and, for going forward, the secrets of its SNMPv3 users."""
    planned = plan.device(router)
    view = inventory.router(router)
    texts = ports.plans.texts(plan.id, router)
    lines = ports.texts(view).snmp_users(inventory, view) if users and planned.snmp_users else {}
    return Move(
        view=view,
        reason=f"{plan.reason}, plan {plan.id}",
        author=author,
        old=texts.running,
        new=texts.candidate,
        users={user: line for user, line in lines.items() if user in planned.snmp_users},
        expects=frozenset(planned.expects),
    )


@dataclass(frozen=True)
class Ending:
    """Tells the end of a change: first to the audit, then to the journal; a crash between tells it twice.

    ``quiet``: that the change is uncertain was told before.
    """

    ports: Ports
    runtime: Runtime
    hold: Hold
    plan: Plan
    who: str
    action: str
    quiet: bool = False

    def __call__(self, closing: Closing, result: Result, text: str) -> None:
        if not (self.quiet and closing is Closing.UNCERTAIN):
            why = f"{self.plan.reason}, plan {self.plan.id}"
            event = Event(self.runtime.clock(), self.who, self.action, self.plan.site, why, result, text)
            self.ports.events.record(event)
        self.ports.ledger.close(self.hold, closing)

    def uncertain(self, error: Uncertain) -> Uncertain:
        """Leave the change open, for recovery to try again; where nothing can be written, it is open anyway."""
        with suppress(ConfigurationProblem):
            self(Closing.UNCERTAIN, Result.UNCERTAIN, str(error))
        return error


def end_old(mover: Mover, ending: Ending, moves: Mapping[str, Move], cause: AgentError) -> AgentError:
    """Bring every router of a change that failed for ``cause`` back to what it had, last one first, and close it.

    Returns what to raise: ``cause`` where nothing had been changed, RolledBack, or Uncertain.
    """
    entries = ending.ports.ledger.entries(ending.hold.change)
    left: list[str] = []
    lost: list[Uncertain] = []
    for router, move in reversed(tuple(moves.items())):
        try:
            if reached(entries, router, Step.COMMITTING):
                left += [router] if mover.back(move) else []
            elif reached(entries, router, Step.LOADING):
                mover.tidy(move)
        except LeaseLost:
            raise
        except Uncertain as error:
            lost.append(error)
        except AgentError as error:  # the store cannot be written: nothing is sent that is not written down
            lost.append(mover.uncertain(move, error))
        except TemplatesError as error:  # what it had cannot be put together any more; the others still go back
            lost.append(mover.uncertain(move, AgentError(str(error))))
    if lost:
        return ending.uncertain(_uncertain(cause, lost, moves))
    if left or isinstance(cause, WentBack):
        had = ", ".join(moves)
        told = f"{cause}".removeprefix(f"{ending.plan.id}: ")
        ended = RolledBack(f"{told}; taken back and proved: {had} run what they had before", where=ending.plan.id)
        ending(Closing.TAKEN_BACK, Result.ROLLED_BACK, str(ended))
        return ended
    ending(Closing.UNCHANGED, result_of(cause), str(cause))
    return cause


def _uncertain(cause: AgentError, lost: list[Uncertain], moves: Mapping[str, Move]) -> Uncertain:
    unsure = {error.where for error in lost}
    sure = ", ".join(router for router in moves if router not in unsure)
    text = f"{cause}; " + "; ".join(f"{error.where}: {error.message}" for error in lost)
    if sure:
        text += f"; {sure}: runs what it had before"
    return Uncertain(text, where=", ".join(sorted(unsure)), commands=tuple(c for error in lost for c in error.commands))


def refuse_unfinished(ended: tuple[Recovered, ...]) -> None:
    """Raise Uncertain where an interrupted change could not be finished."""
    for recovered in ended:
        if recovered.result is Result.UNCERTAIN:
            raise Uncertain(recovered.message, where=recovered.plan, commands=recovered.commands)
