"""Makes and stores plans: reads the routers, renders what they should run, and refuses what must not be started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from agent.errors import AgentError, Refused, RolledBack, Uncertain
from agent.events import Event, Result
from agent.provisioning.plan import DeviceState, Header, Kind, Plan, delivery_reason, make_plan
from agent.provisioning.ports import PlanTexts, Ports, Runtime
from device_templates import Rendered, TemplatesError
from inventory import Inventory, InventoryError, SiteView


class Tell(Protocol):
    """Tells the audit why something was tried, and what came of it."""

    def __call__(self, reason: str, detail: str = "") -> None: ...


class Planner:
    """Plans for sites: what provisioning would change."""

    def __init__(self, ports: Ports, runtime: Runtime) -> None:
        self._ports = ports
        self._runtime = runtime

    def plan(
        self, inventory: Inventory, site: str, *, who: str, reference: str = "", also: tuple[str, ...] = ()
    ) -> Plan:
        """Read the site's router and its hubs, and store the plan for what differs from intended.

        ``reference`` names an order of the site or a request (``SSR-…``); the site's newest accepted order otherwise.
        ``also`` are further sites that have to follow at the same time.
        Every hub of the site's VPNs must answer: whether it has to change cannot be known otherwise. Raises Refused
        (order, licence, enrolment), DeviceError where a router is not reached; every attempt leaves an event.
        """
        with audited(self._ports, self._runtime, who, "plan", site) as tell:
            view = inventory.site(site)
            reason = delivery_reason(view, reference)
            sites = {one.key: one for one in (*hubs_of(inventory, view), *map(inventory.site, also), view)}
            states = tuple(self._state(inventory, site) for site in sites.values())
            header = Header(
                id=self._runtime.new_id(),
                kind=Kind.PROVISION,
                site=view,
                reason=reason,
                created=self._runtime.clock(),
                author=who,
                inventory_digest=inventory.digest_of(view.customer.customer),
            )
            plan = stored(self._ports, header, states)
            tell(f"{reason}, plan {plan.id}", "nothing to change" if plan.nothing_to_do else "")
        return plan

    def _state(self, inventory: Inventory, view: SiteView) -> DeviceState:
        self._runtime.progress(f"{view.router.name}: reading")
        intended = self._ports.texts(view).intended(inventory, view)
        return read_state(self._ports, inventory, view, intended, intended.text)


def hubs_of(inventory: Inventory, view: SiteView) -> tuple[SiteView, ...]:
    """The hub sites of all VPNs that a site joins, other than itself, each once."""
    hubs = {hub.key: hub for vpn in view.vpns for hub in inventory.hubs(view, vpn)}
    return tuple(hubs.values())


def read_state(ports: Ports, inventory: Inventory, view: SiteView, intended: Rendered, wanted: str) -> DeviceState:
    """Read a router and compare it with what is wanted; ``intended`` tells which feature a line belongs to.

    SNMPv3 users, which no configuration shows, are asked for.
    """
    texts = ports.texts(view)
    users = texts.snmp_users(inventory, view)
    with ports.devices.open(view) as device:
        running = device.running_config()
        missing = tuple(sorted(set(users) - device.snmp_users())) if users else ()
    new = texts.candidate(wanted, running)
    return DeviceState(
        view=view,
        hub=any(view.is_hub(vpn) for vpn in view.vpns),
        running_digest=digest_of(ports, view, running),
        candidate_digest=digest_of(ports, view, new),
        changes=texts.changes(replace(intended, text=new), running),
        missing_users=missing,
        running=running,
        candidate=new,
    )


def stored(ports: Ports, header: Header, states: tuple[DeviceState, ...]) -> Plan:
    """Make the plan and keep it with its texts."""
    plan = make_plan(header, states)
    texts = {state.view.router.name: PlanTexts(state.running, state.candidate) for state in states}
    ports.plans.save(plan, {router: texts[router] for router in plan.routers})
    return plan


def digest_of(ports: Ports, view: SiteView, text: str) -> str:
    """The keyed digest of a configuration of a site's router, without what changes by itself."""
    return ports.plans.digest(view.router.name, ports.texts(view).lasting(text))


@contextmanager
def audited(
    ports: Ports, runtime: Runtime, who: str, action: str, subject: str, *, success: bool = True
) -> Iterator[Tell]:
    """One event for an attempt, whatever its end; call what is given with the reason and what was done.

    Without ``success`` only a failure is told: what follows tells the rest.
    """
    why, done = "", ""

    def tell(reason: str, detail: str = "") -> None:
        nonlocal why, done
        why, done = reason, detail

    try:
        yield tell
    except Exception as error:
        ports.events.record(Event(runtime.clock(), who, action, subject, why, result_of(error), words_of(error)))
        raise
    if success:
        ports.events.record(Event(runtime.clock(), who, action, subject, why, Result.DONE, done))


def result_of(error: Exception) -> Result:
    """How the audit calls the end that ``error`` tells of."""
    if isinstance(error, Uncertain):
        return Result.UNCERTAIN
    if isinstance(error, RolledBack):
        return Result.ROLLED_BACK
    return Result.REFUSED if isinstance(error, (Refused, InventoryError, TemplatesError)) else Result.FAILED


def words_of(error: BaseException) -> str:
    """What the audit says of ``error``; an unforeseen one may hold anything, so only its kind is told."""
    known = isinstance(error, (AgentError, InventoryError, TemplatesError))
    return str(error) if known else f"unforeseen {type(error).__name__}"
