"""Runs a stored plan: all of its routers end on the new configuration, or all on the old one, and it says which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from agent.errors import AgentError, LeaseLost, Refused, RolledBack, Uncertain
from agent.events import Event, Result
from agent.provisioning.change import Mover
from agent.provisioning.journal import Change, Closing, Hold
from agent.provisioning.plan import DevicePlan, Kind, Move, Plan
from agent.provisioning.planner import audited, digest_of, words_of
from agent.provisioning.ports import OutcomeCheck, Ports, Runtime, Timing
from agent.provisioning.recover import Ending, Recovery, end_old, move_of, refuse_unfinished
from inventory import Inventory


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a plan did; ``changed`` names the routers that run something new, ``warnings`` loose ends."""

    plan: str
    changed: tuple[str, ...]
    message: str
    warnings: tuple[str, ...] = ()


class Provisioning:
    """Runs stored plans."""

    def __init__(self, ports: Ports, runtime: Runtime, timing: Timing, check: OutcomeCheck) -> None:
        self._ports = ports
        self._runtime = runtime
        self._timing = timing
        self._check = check
        self._recovery = Recovery(ports, runtime, timing, check)

    def execute(self, inventory: Inventory, plan_id: str, who: str) -> Outcome:
        """Run a plan. Every attempt leaves an event, refused ones too.

        Raises Refused (stale plan, busy router, licence), DeviceError (nothing was changed), RolledBack (every router
        is back on what it had) or Uncertain (with the commands that a person should run).
        """
        with audited(self._ports, self._runtime, who, "provision", plan_id, success=False) as tell:
            plan = self._ports.plans.plan(plan_id)
            tell(f"{plan.kind} of {plan.site}, {plan.reason}")
            hold = self._begun(inventory, plan, who)
        ending = Ending(self._ports, self._runtime, hold, plan, who, str(plan.kind))
        moves: dict[str, Move] = {}
        try:
            return self._run(inventory, plan, ending, moves)
        except LeaseLost as error:
            self._ports.events.record(
                Event(self._runtime.clock(), who, str(plan.kind), plan.site, plan.reason, Result.UNCERTAIN, str(error))
            )
            raise
        except AgentError as error:
            raise end_old(self._mover(hold), ending, moves, error) from error
        except KeyboardInterrupt as error:
            stopped = Refused("interrupted by a person", where=plan.id)
            raise end_old(self._mover(hold), ending, moves, stopped) from error
        except BaseException as error:  # a fault of ours: the routers come first, and what became of them is told
            ended = end_old(self._mover(hold), ending, moves, AgentError(words_of(error), where=plan.id))
            if isinstance(ended, (RolledBack, Uncertain)):
                raise ended from error
            raise

    def _begun(self, inventory: Inventory, plan: Plan, who: str) -> Hold:
        refuse_unfinished(self._recovery.recover(inventory, plan.routers))
        if not plan.fits(inventory):
            raise stale(plan, "the inventory")
        now = self._runtime.clock()
        expires = now + timedelta(seconds=self._timing.lease_s)
        change = Change(self._runtime.new_id(), plan.id, who, plan.routers, self._runtime.owner, expires)
        return self._ports.ledger.begin(change, now)

    def _run(self, inventory: Inventory, plan: Plan, ending: Ending, moves: dict[str, Move]) -> Outcome:
        """Change what has to be changed; ``moves`` tells the caller what was begun, however this ends."""
        mover = self._mover(ending.hold)
        todo = [device for device in plan.devices if self._to_change(inventory, plan, device)]
        moves |= {device.router: move_of(self._ports, inventory, plan, device.router, ending.who) for device in todo}
        for move in moves.values():
            mover.begin(move)
        warnings = [self._moved(mover, device, moves[device.router]) for device in todo]
        outcome = outcome_of(plan, tuple(moves), tuple(filter(None, warnings)))
        closing = Closing.DONE if moves else Closing.UNCHANGED
        ending(closing, Result.DONE, "; ".join((outcome.message, *outcome.warnings)))
        return outcome

    def _mover(self, hold: Hold) -> Mover:
        return Mover(self._ports, self._runtime, self._timing, self._check, hold)

    def _moved(self, mover: Mover, device: DevicePlan, move: Move) -> str:
        count = len(device.changes)
        self._runtime.progress(
            f"{device.router}: {'one feature changes' if count == 1 else f'{count} features change'}"
        )
        if device.changes:
            return mover.forward(move)
        mover.add_users(move)
        return ""

    def _to_change(self, inventory: Inventory, plan: Plan, planned: DevicePlan) -> bool:
        """Whether the router still has to be changed; Refused if it is not what the plan was made from."""
        view = inventory.router(planned.router)
        texts = self._ports.texts(view)
        with self._ports.devices.open(view) as device:
            running = device.running_config()
            users = device.snmp_users() if planned.snmp_users else frozenset()
        if texts.equal(self._ports.plans.texts(plan.id, planned.router).candidate, running):
            return bool(set(planned.snmp_users) - users)
        if digest_of(self._ports, view, running) != planned.running_digest:
            raise stale(plan, f"the running configuration of {planned.router}")
        if plan.kind is Kind.PROVISION:
            intended = texts.intended(inventory, view).text
            candidate = texts.candidate(intended, running)
            if digest_of(self._ports, view, candidate) != planned.candidate_digest:
                raise stale(plan, f"what {planned.router} should run (a template, a secret or its own lines)")
        return True


def outcome_of(plan: Plan, changed: tuple[str, ...], warnings: tuple[str, ...]) -> Outcome:
    """The outcome of a plan that ended well."""
    if not changed:
        return Outcome(plan.id, (), f"nothing to change: {', '.join(plan.routers)} as planned", warnings)
    return Outcome(plan.id, changed, f"changed, checked and confirmed: {', '.join(changed)}", warnings)


def stale(plan: Plan, what: str) -> Refused:
    """The refusal of a plan that no longer fits the world."""
    return Refused(
        f"the plan is stale: {what} changed since it was made",
        where=plan.id,
        remedy=f"plan again: spokesman plan {plan.site}",
    )
