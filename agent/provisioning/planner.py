"""Makes and stores plans: reads the routers, renders what they should run, and refuses what must not be started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.errors import AgentError, Refused, WrongDevice
from agent.events import Event, Result
from agent.provisioning.plan import DeviceState, Header, Kind, Plan, delivery_reason, make_plan
from agent.provisioning.ports import Device, PlanTexts, Ports, Runtime
from inventory import Inventory, SiteView

#: Gives the candidate of a router from what it runs.
Candidate = Callable[[str], str]


class Planner:
    """Plans for sites: what provisioning would change."""

    def __init__(self, ports: Ports, runtime: Runtime) -> None:
        self._ports = ports
        self._runtime = runtime

    def plan(self, inventory: Inventory, site: str, *, who: str, reference: str = "") -> Plan:
        """Read the site's router and its hubs, and store the plan for what differs from intended.

        ``reference`` names an order of the site or a request (``SSR-…``); the site's newest accepted order otherwise.
        Every hub of the site's VPNs must answer: whether it has to change cannot be known otherwise. Raises Refused
        (order, licence, enrolment), DeviceError where a router is not reached; every attempt leaves an event.
        """
        view = inventory.site(site)
        with audited(self._ports, self._runtime, who, "plan", view.key) as event:
            reason = delivery_reason(view, reference)
            sites = (*hubs_of(inventory, view), view)
            states = tuple(self._state(inventory, site) for site in sites)
            header = Header(
                id=self._runtime.new_id(),
                kind=Kind.PROVISION,
                site=view,
                reason=reason,
                created=self._runtime.clock(),
                author=who,
                inventory_digest=inventory.digest,
            )
            plan = stored(self._ports, header, states)
            event(f"{reason}, plan {plan.id}")
        return plan

    def _state(self, inventory: Inventory, view: SiteView) -> DeviceState:
        self._runtime.progress(f"{view.router.name}: reading")
        intended = self._ports.texts.intended(inventory, view)
        return read_state(self._ports, inventory, view, lambda running: self._ports.texts.candidate(intended, running))


def hubs_of(inventory: Inventory, view: SiteView) -> tuple[SiteView, ...]:
    """The hub sites of all VPNs that a site joins, other than itself, each once."""
    hubs = {hub.key: hub for vpn in view.vpns for hub in inventory.hubs(view, vpn)}
    return tuple(hubs.values())


def read_state(ports: Ports, inventory: Inventory, view: SiteView, candidate: Candidate) -> DeviceState:
    """Read a router, prove that it is the enrolled one, and compare it with its candidate."""
    router = view.router.name
    wanted = ports.texts.snmp_users(inventory, view)
    with enrolled_session(ports, view) as device:
        running = device.running_config()
        missing = tuple(sorted(set(wanted) - device.snmp_users())) if wanted else ()
    new = candidate(running)
    return DeviceState(
        view=view,
        hub=any(view.is_hub(vpn) for vpn in view.vpns),
        running_digest=digest_of(ports, router, running),
        candidate_digest=digest_of(ports, router, new),
        changes=ports.texts.changes(running, new),
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


@contextmanager
def enrolled_session(ports: Ports, view: SiteView) -> Iterator[Device]:
    """A session with the router that was enrolled, and no other; Refused where none was, WrongDevice for another."""
    router = view.router.name
    enrolment = ports.enrolments.enrolment(router)
    if enrolment is None:
        raise Refused("the router is not enrolled", where=router, remedy=f"spokesman enrol {router}")
    with ports.devices.open(view) as device:
        serial = device.facts().serial
        if serial != enrolment.serial:
            raise WrongDevice(
                f"serial number {serial} answers, {enrolment.serial} was enrolled",
                where=router,
                remedy=f"if the router was replaced: spokesman enrol {router} --replace",
            )
        yield device


def digest_of(ports: Ports, router: str, text: str) -> str:
    """The keyed digest of a configuration after the masks."""
    return ports.plans.digest(router, ports.texts.canonical(text))


@contextmanager
def audited(ports: Ports, runtime: Runtime, who: str, action: str, subject: str) -> Iterator[Callable[[str], None]]:
    """One event for an attempt, whatever its end; call what is given with the reason, once it is known."""
    why = ""

    def because(text: str) -> None:
        nonlocal why
        why = text

    try:
        yield because
    except AgentError as error:
        result = Result.REFUSED if isinstance(error, Refused) else Result.FAILED
        ports.events.record(Event(runtime.clock(), who, action, subject, why, result, str(error)))
        raise
    ports.events.record(Event(runtime.clock(), who, action, subject, why, Result.DONE))
