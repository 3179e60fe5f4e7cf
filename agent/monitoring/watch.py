"""What one poll leads to: alarms, and whether an incident is opened, joined or cleared. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Interface

from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status
from agent.incidents.opening import Decision, Hub, Situation, decide
from agent.monitoring import deciding
from agent.monitoring.alarms import Alarm, Kind, Raise, Verdicts
from agent.monitoring.ports import Doings, Known, Outcome
from agent.monitoring.states import BROKEN, Expected, Happened, Reach, RouterState, Step
from agent.monitoring.told import Told
from device_templates import platform_of, vpn_ref
from inventory import Inventory, SiteView

#: Alarms that mean the customer's service suffers; the others are for the management centre.
FAULTS = frozenset(
    {
        Kind.ROUTER_UNREACHABLE,
        Kind.INTERFACE_DOWN,
        Kind.PACKET_LOSS,
        Kind.SLOW_ANSWERS,
        Kind.CPU_LOAD,
        Kind.SESSION_HANGS,
        Kind.REGISTRATION_LOST,
        Kind.STANDBY_LOST,
    }
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the inventory says of a router, as far as watching it needs to know."""

    router: str
    site: str
    proactive: bool
    expected: Expected
    #: By tunnel, the hub routers that it leads to and that would carry an incident themselves.
    hubs: dict[str, frozenset[str]]

    @classmethod
    def of(cls, view: SiteView, hubs: dict[str, tuple[SiteView, ...]]) -> Subject:
        """``hubs`` by VPN: those other than the router itself."""
        tunnels = {tunnel_of(view, vpn): _carrying(hubs.get(vpn, ())) for vpn in view.vpns}
        ipsec: dict[str, tuple[str, tuple[str, ...]]] = {}
        for vpn, others in hubs.items():
            for hub in others:
                address = hub.site.access.address
                if isinstance(address, IPv4Interface):
                    name = f"IPsec to {hub.router.name}"
                    over = ipsec[name][1] if name in ipsec else ()
                    ipsec[name] = str(address.ip), (*over, tunnel_of(view, vpn))
                    tunnels[name] = _carrying((hub,))
        expected = Expected(expected_interfaces(view), ipsec if watches_peers(view) else {}, registers_with(view))
        return cls(view.router.name, view.key, view.site.options.proactive_monitoring, expected, tunnels)


def expected_interfaces(view: SiteView) -> tuple[str, ...]:
    """What must be up for the service: the access, and a tunnel per VPN. A LAN port is the customer's end [WV-34]."""
    return (view.site.access.interface, *(tunnel_of(view, vpn) for vpn in view.vpns))


def registers_with(view: SiteView) -> dict[str, tuple[str, str]]:
    """The hubs that the router keeps a registration with [WV-3], by their tunnel's address: router and our tunnel."""
    found: dict[str, tuple[str, str]] = {}
    for vpn in view.vpns:
        for name in view.customer.vpns[vpn].hubs:
            hub = view.customer.sites[name]
            if name != view.name and vpn in hub.tunnels:
                found[str(hub.tunnels[vpn])] = hub.router.name, tunnel_of(view, vpn)
    return found


def expected_groups(view: SiteView) -> tuple[str, ...]:
    """The groups in which the router stands by beside a primary [WV-4], by interface and number."""
    resilience = view.site.resilience
    if resilience is None or resilience.protocol != "hsrp":
        return ()
    lan_of = platform_of(view).lan_of
    return tuple(f"{lan_of(view.site.lans[vpn][0].vlan)} {group.group}" for vpn, group in resilience.hsrp.items())


def tunnel_of(view: SiteView, vpn: str) -> str:
    """The tunnel interface of a VPN, as the router's SNMP agent names it."""
    return platform_of(view).tunnel_of(vpn_ref(view, vpn))


def subjects(inventory: Inventory) -> dict[str, Subject]:
    """What is watched, by router name."""
    return {view.router.name: Subject.of(view, _hubs(inventory, view)) for view in inventory.sites()}


def watches_peers(view: SiteView) -> bool:
    """Whether its IPsec tunnels are read in a poll: a spoke has few, a hub as many as it has spokes."""
    return not any(view.is_hub(vpn) for vpn in view.vpns)


def _hubs(inventory: Inventory, view: SiteView) -> dict[str, tuple[SiteView, ...]]:
    return {vpn: tuple(inventory.hubs(view, vpn)) for vpn in view.vpns}


def _carrying(hubs: Iterable[SiteView]) -> frozenset[str]:
    """Those whose own fault would open an incident."""
    return frozenset(hub.router.name for hub in hubs if hub.site.options.proactive_monitoring)


def outcome(subject: Subject, known: Known, step: Step, doings: Doings, told: tuple[Told, ...] = ()) -> Outcome:
    """What ``step`` leads to, with what is known of the router.

    ``told`` is what the router told of late by itself: an incident that is opened or joined tells it too.
    """
    verdicts = deciding.decide(step, known.active, ours=_ours(step, known.state, doings))
    incident, decisions = known.incident, {}
    for raised, before in _pending(known.active, verdicts):
        situation = Situation(
            fault=raised.key.kind in FAULTS,
            proactive=subject.proactive,
            in_service=doings.in_service(subject.site),
            our_work=doings.running(subject.router),
            hub=_hub(raised, before, subject, known),
            incident=incident.status if incident else None,
        )
        decision = decisions[raised.key] = decide(situation)
        if decision is Decision.OPENED:
            incident = _opened(known.next_reference, subject, raised, before, step.state.polled_at)
            incident = _telling(incident, told)
        elif decision is Decision.ATTACHED and incident is not None:
            incident = life.attach(incident, step.state.polled_at, raised.first_failed_at, raised.why)
            incident = _telling(incident, told)
    incident = _cleared(incident, known.active, verdicts, step)
    return Outcome(step, verdicts, decisions, incident if incident != known.incident else None)


def _ours(step: Step, before: RouterState | None, doings: Doings) -> bool:
    """Whether an action of ours explains that the configuration changed."""
    if before is None or all(change.what is not Happened.CONFIG_CHANGED for change in step.changes):
        return False
    if doings.running(step.state.router):
        return True
    since = before.answered_at or before.polled_at
    return doings.changed(step.state.router, since, step.state.polled_at)


def _pending(active: tuple[Alarm, ...], verdicts: Verdicts) -> Iterable[tuple[Raise, Alarm | None]]:
    """The alarms that a decision is due for: new ones, and those whose former decision was not final."""
    former = {alarm.key: alarm for alarm in active}
    over = {clear.key for clear in verdicts.cleared}
    raised = {item.key: item for item in verdicts.raised}
    for key, item in raised.items():
        if key not in former or not Decision(former[key].decision).final:
            yield item, former.get(key)
    for key, alarm in former.items():
        if key not in raised and key not in over and not Decision(alarm.decision).final:
            yield Raise(key, alarm.raised_at, alarm.first_failed_at, alarm.why), alarm


def _hub(raised: Raise, before: Alarm | None, subject: Subject, known: Known) -> Hub:
    """How the hubs look that a tunnel leads to; only a tunnel's own alarm depends on them."""
    names = subject.hubs.get(raised.key.item, frozenset())
    if raised.key.kind is not Kind.INTERFACE_DOWN or not names:
        return Hub.NOT_CONCERNED
    found = [known.hubs[name] for name in sorted(names) if name in known.hubs]
    if found and all(hub.reach in (Reach.SUSPECT, Reach.DOWN) for hub in found):
        return Hub.NOT_UP
    since = before.raised_at if before else raised.at
    asked = any(hub.reach not in (Reach.SUSPECT, Reach.DOWN) and hub.polled_at >= since for hub in found)
    return Hub.ASKED_SINCE if asked else Hub.NOT_ASKED_SINCE


def _opened(reference: str, subject: Subject, raised: Raise, before: Alarm | None, now: datetime) -> Incident:
    """A new incident. Evidence is due from the first failed poll on, unless nobody was to look at it until now."""
    unwatched = before is not None and before.decision in (Decision.NOT_PROACTIVE, Decision.NOT_IN_SERVICE)
    return Incident(
        reference=reference,
        subject=subject.router,
        site=subject.site,
        summary=f"{subject.router}: {raised.key.kind.replace('_', ' ')}",
        status=Status.OPEN,
        opened_at=now,
        first_failed_at=now if unwatched else raised.first_failed_at,
        timeline=(life.Entry(now, life.Step.OPENED, life.AGENT, raised.why),),
    )


def _telling(incident: Incident, told: tuple[Told, ...]) -> Incident:
    """With what the router told by itself, each once."""
    for one in told:
        entry = life.Entry(one.at, life.Step.TOLD, incident.subject, str(one))
        incident = incident if entry in incident.timeline else life.note(incident, entry)
    return incident


def _cleared(incident: Incident | None, active: tuple[Alarm, ...], verdicts: Verdicts, step: Step) -> Incident | None:
    """Believed cleared when the router is up, no fault alarm is left, and no interface is about to raise one.

    What the customer calls still broken is not cleared by the mere absence of alarms, only by one that ends.
    """
    if incident is None or step.state.reach is not Reach.UP:
        return incident
    over = {clear.key: clear.why for clear in verdicts.cleared if clear.key.kind in FAULTS}
    left = ({alarm.key for alarm in active} | {item.key for item in verdicts.raised}) - over.keys()
    broken = any(link.link in BROKEN for link in step.state.links.values())
    if broken or any(key.kind in FAULTS for key in left) or (not over and life.waits_for_a_person(incident)):
        return incident
    return life.clear(incident, step.state.polled_at, life.AGENT, "; ".join(over.values()) or "no fault is left")
