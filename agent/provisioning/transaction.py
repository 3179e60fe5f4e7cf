"""Runs a stored plan: all of its routers end on the new configuration, or all on the old one, and it says which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from agent.errors import AgentError, LeaseLost, Refused
from agent.provisioning.change import Move, Mover, OutcomeCheck
from agent.provisioning.journal import Change, Closing
from agent.provisioning.plan import DevicePlan, Kind, Plan
from agent.provisioning.planner import audited, digest_of
from agent.provisioning.ports import Ports, Runtime, Timing
from agent.provisioning.recover import Recovery, end_old, move_of, refuse_unfinished
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
        plan = self._ports.plans.plan(plan_id)
        with audited(self._ports, self._runtime, who, str(plan.kind), plan.site) as tell:
            why = f"{plan.reason}, plan {plan.id}"
            tell(why)
            outcome = self._executed(inventory, plan, who)
            tell(why, outcome.message)
        return outcome

    def _executed(self, inventory: Inventory, plan: Plan, who: str) -> Outcome:
        refuse_unfinished(self._recovery.recover(inventory, plan.routers))
        if inventory.digest != plan.inventory_digest:
            raise stale(plan, "the inventory")
        hold = self._ports.ledger.begin(self._change(plan, who), self._runtime.clock())
        mover = Mover(self._ports, self._runtime, self._timing, self._check, hold)
        moves: dict[str, Move] = {}
        try:
            todo = [device for device in plan.devices if self._to_change(inventory, plan, device)]
            moves = {device.router: move_of(self._ports, inventory, plan, device.router, who) for device in todo}
            for move in moves.values():
                mover.begin(move)
            warnings = [self._moved(mover, device, moves[device.router]) for device in todo]
            self._ports.ledger.close(hold, Closing.DONE if moves else Closing.UNCHANGED)
        except LeaseLost:
            raise
        except AgentError as error:
            raise end_old(self._ports, mover, hold, moves, error) from error
        except KeyboardInterrupt as error:
            stopped = Refused("interrupted by a person", where=plan.id, remedy="nothing was changed; run it again")
            raise end_old(self._ports, mover, hold, moves, stopped) from error
        except BaseException as error:  # a fault of ours: the routers come first
            end_old(self._ports, mover, hold, moves, AgentError(type(error).__name__, where=plan.id))
            raise
        return outcome_of(plan, tuple(moves), tuple(filter(None, warnings)))

    def _moved(self, mover: Mover, device: DevicePlan, move: Move) -> str:
        self._runtime.progress(f"{device.router}: {len(device.changes)} features change")
        if device.changes:
            return mover.forward(move)
        mover.add_users(move)
        return ""

    def _to_change(self, inventory: Inventory, plan: Plan, planned: DevicePlan) -> bool:
        """Whether the router still has to be changed; Refused if it is not what the plan was made from."""
        view = inventory.router(planned.router)
        with self._ports.devices.open(view) as device:
            running = device.running_config()
            users = device.snmp_users() if planned.snmp_users else frozenset()
        digest = digest_of(self._ports, planned.router, running)
        if plan.kind is Kind.PROVISION:
            intended = self._ports.texts.intended(inventory, view)
            candidate = self._ports.texts.candidate(intended, running)
            if digest_of(self._ports, planned.router, candidate) != planned.candidate_digest:
                raise stale(plan, f"what {planned.router} should run (a template, a secret or its own lines)")
        if digest == planned.candidate_digest:
            return bool(set(planned.snmp_users) - users)
        if digest != planned.running_digest:
            raise stale(plan, f"the running configuration of {planned.router}")
        return True

    def _change(self, plan: Plan, who: str) -> Change:
        expires = self._runtime.clock() + timedelta(seconds=self._timing.lease_s)
        return Change(self._runtime.new_id(), plan.id, who, plan.routers, self._runtime.owner, expires)


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
