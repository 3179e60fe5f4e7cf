"""What one look at a server leads to: state, alarms, and whether an incident is opened, joined or cleared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status
from agent.incidents.opening import Decision, Hub, Situation, decide
from agent.monitoring.alarms import Alarm, Kind, Raise, Verdicts
from agent.monitoring.servers import alarms, states
from agent.monitoring.servers.expected import Expected
from agent.monitoring.servers.ports import ServerKnown, ServerOutcome, ServerStore
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.servers.states import ServerStep
from agent.monitoring.states import Reach
from inventory import ServerView
from inventory.times import Hours, parse_hours

#: A router's decisions in a server's words.
_WORDS = {
    Decision.NOT_PROACTIVE: Decision.SUPPORT_NOT_PROACTIVE,
    Decision.OUR_WORK: Decision.MAINTENANCE,
    Decision.DEPENDENT: Decision.BEHIND_ROUTER,
    Decision.HELD: Decision.HELD_FOR_ROUTER,
}
#: These stand while the alarm lasts; the others, also that it is no fault yet, are looked at again after each look.
_FINAL = frozenset({Decision.OPENED, Decision.ATTACHED})


@dataclass(frozen=True, slots=True)
class ServerSubject:
    """What the inventory says of a server, as far as watching it needs to know; ``router`` stands before it."""

    server: str
    site: str
    router: str
    proactive: bool
    window: Hours | None
    zone: tzinfo

    @classmethod
    def of(cls, view: ServerView) -> ServerSubject:
        """Proactive support is what LY-9 asks for; the patching window is the agreed maintenance [LY-6]."""
        support = view.server.support
        window = support.patching.window if support and support.patching else ""
        return cls(
            server=view.name,
            site=view.site.key,
            router=view.site.router.name,
            proactive=bool(support and support.proactive),
            window=parse_hours(window) if window else None,
            zone=ZoneInfo(view.customer.calendar.timezone),
        )

    def in_window(self, at: datetime) -> bool:
        """Whether the agreed maintenance window is open."""
        if self.window is None:
            return False
        local = at.astimezone(self.zone)
        now, start, end = local.time(), self.window.start, self.window.end
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        if start < end:
            return today in self.window.days and start <= now < end
        return (today in self.window.days and now >= start) or (yesterday in self.window.days and now < end)


class ServerWatch:
    """The use case: takes samples in, keeps what follows. ``at_work``: whether a change of ours holds the server."""

    def __init__(self, store: ServerStore, at_work: Callable[[str], bool]) -> None:
        self._store = store
        self._at_work = at_work

    def observe(self, subject: ServerSubject, sample: ServerSample, expected: Expected) -> ServerOutcome:
        """Decide on ``sample`` and keep what follows durably."""
        our_work = self._at_work(subject.server) or subject.in_window(sample.at)

        def decided(known: ServerKnown) -> ServerOutcome:
            step = states.step(known.state, sample, expected)
            verdicts = alarms.decide(step.state, known.active, expected)
            return _incidents(subject, known, step, verdicts, our_work=our_work)

        return self._store.observe(subject.server, subject.router, decided)


def _incidents(
    subject: ServerSubject, known: ServerKnown, step: ServerStep, verdicts: Verdicts, *, our_work: bool
) -> ServerOutcome:
    """Open, join and clear."""
    incident, decisions = known.incident, {}
    for raised, before in _pending(known.active, verdicts):
        situation = Situation(
            fault=alarms.is_fault(raised.key, step.state),
            proactive=subject.proactive,
            in_service=True,
            our_work=our_work,
            hub=_router(raised, before, known),
            incident=incident.status if incident else None,
        )
        decision = decide(situation)
        decisions[raised.key] = _WORDS.get(decision, decision)
        if decision is Decision.OPENED:
            incident = _opened(known.next_reference, subject, raised, before, step.state.polled_at)
        elif decision is Decision.ATTACHED and incident is not None:
            incident = life.attach(incident, step.state.polled_at, raised.first_failed_at, raised.why)
    incident = _cleared(incident, known.active, verdicts, step)
    return ServerOutcome(step, verdicts, decisions, incident if incident != known.incident else None)


def _pending(active: tuple[Alarm, ...], verdicts: Verdicts) -> Iterable[tuple[Raise, Alarm | None]]:
    """The alarms that a decision is due for: new ones, and those whose former decision was not final."""
    former = {alarm.key: alarm for alarm in active if alarm.key.kind in alarms.WATCHED}
    over = {clear.key for clear in verdicts.cleared}
    raised = {item.key: item for item in verdicts.raised}
    for key, item in raised.items():
        if key not in former or Decision(former[key].decision) not in _FINAL:
            yield item, former.get(key)
    for key, alarm in former.items():
        if key not in raised and key not in over and Decision(alarm.decision) not in _FINAL:
            yield Raise(key, alarm.raised_at, alarm.first_failed_at, alarm.why), alarm


def _router(raised: Raise, before: Alarm | None, known: ServerKnown) -> Hub:
    """How the router before it looks; only a server that nothing is heard of depends on it."""
    if raised.key.kind is not Kind.SERVER_UNREACHABLE or known.router is None:
        return Hub.NOT_CONCERNED
    if known.router.reach in (Reach.SUSPECT, Reach.DOWN):
        return Hub.NOT_UP
    since = before.raised_at if before else raised.at
    return Hub.ASKED_SINCE if known.router.polled_at >= since else Hub.NOT_ASKED_SINCE


def _opened(reference: str, subject: ServerSubject, raised: Raise, before: Alarm | None, now: datetime) -> Incident:
    """A new incident. Evidence is due from the first failure on, unless nobody was to look at it until now."""
    waited = before is not None and before.decision in (
        Decision.SUPPORT_NOT_PROACTIVE, Decision.MAINTENANCE, Decision.NOT_A_FAULT,
    )  # fmt: skip
    what = f"{raised.key.kind.replace('_', ' ')} {raised.key.item}".strip()
    return Incident(
        reference=reference,
        subject=subject.server,
        site=subject.site,
        summary=f"{subject.server}: {what}",
        status=Status.OPEN,
        opened_at=now,
        first_failed_at=now if waited else raised.first_failed_at,
        timeline=(life.Entry(now, life.Step.OPENED, life.AGENT, raised.why),),
    )


def _cleared(
    incident: Incident | None, active: tuple[Alarm, ...], verdicts: Verdicts, step: ServerStep
) -> Incident | None:
    """Believed cleared when the server is heard, no fault is left, and none is about to be raised.

    What the customer calls still broken is not cleared by the mere absence of alarms, only by one that ends.
    """
    state = step.state
    if incident is None or state.reach is not Reach.UP or alarms.pending(state):
        return incident
    over = {clear.key: clear.why for clear in verdicts.cleared if clear.key.kind is not Kind.ANSWER_UNUSABLE}
    left = ({alarm.key for alarm in active} | {item.key for item in verdicts.raised}) - over.keys()
    if any(alarms.is_fault(key, state) for key in left) or (not over and life.waits_for_a_person(incident)):
        return incident
    return life.clear(incident, state.polled_at, life.AGENT, "; ".join(over.values()) or "no fault is left")
