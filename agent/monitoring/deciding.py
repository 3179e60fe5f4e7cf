"""Which alarms a step of a router raises and clears. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from agent.monitoring.alarms import Alarm, AlarmKey, Clear, Cleared, Kind, Raise, Verdicts
from agent.monitoring.conditions import Watched
from agent.monitoring.levels import Level
from agent.monitoring.states import BROKEN, Change, Happened, Link, Reach, RouterState, Step

#: A reboot is shown until the router has been up for this long, in seconds.
STEADY_AFTER_S = 900
#: So many answers in a row must leave unknown how an expected interface is before that is told.
UNTOLD_READINGS = 3


def decide(step: Step, active: Iterable[Alarm], *, ours: bool) -> Verdicts:
    """What ``step`` means for its router's alarms; ``ours``: an action of ours explains a changed configuration."""
    state = step.state
    keys = {alarm.key for alarm in active}
    raised = [
        *_reach(state),
        *_faults(state),
        *_links(state),
        *_impaired(state),
        *_services(state),
        *_changes(step.changes, state, ours=ours),
    ]
    again = {item.key for item in raised}
    cleared = [clear for key in keys - again if (clear := _over(key, state)) is not None]
    return Verdicts(tuple(raised), tuple(sorted(cleared, key=lambda clear: (clear.key.kind, clear.key.item))))


def _reach(state: RouterState) -> list[Raise]:
    if state.reach is not Reach.DOWN:
        return []
    key = AlarmKey(state.router, Kind.ROUTER_UNREACHABLE)
    return [Raise(key, state.polled_at, state.first_failure or state.since, state.reason)]


def _faults(state: RouterState) -> list[Raise]:
    texts = state.faults or ((state.reason,) if state.reach is Reach.UNKNOWN else _untold(state))
    if not texts or state.reach in (Reach.DOWN, Reach.SUSPECT):
        return []
    key = AlarmKey(state.router, Kind.ANSWER_UNUSABLE)
    return [Raise(key, state.polled_at, state.polled_at, "; ".join(texts))]


def _untold(state: RouterState) -> tuple[str, ...]:
    """That nothing is heard of what the inventory expects, though the router answers: it may be down all the while."""
    names = [
        name for name, link in state.links.items() if link.link is Link.UNKNOWN and link.readings >= UNTOLD_READINGS
    ]
    return (f"its answers do not tell the state of {', '.join(names)}",) if names else ()


def _links(state: RouterState) -> list[Raise]:
    """Broken in two readings in a row; one alone is asked again first."""
    return [
        Raise(AlarmKey(state.router, Kind.INTERFACE_DOWN, name), state.polled_at, link.since, f"{name} is {link.link}")
        for name, link in state.links.items()
        if link.link in BROKEN and link.readings >= 2
    ]


def _levels(state: RouterState) -> dict[Kind, tuple[Level, str]]:
    """What the last polls show beside reach and interfaces: whether it is bad, and the figures."""
    seen = state.quality
    usual = f", usual is {seen.usual_ms:.0f} ms" if seen.usual_ms is not None else ""
    return {
        Kind.PACKET_LOSS: (
            seen.loss,
            f"{seen.lost} of {seen.sent} requests of the last {len(seen.losses)} polls went unanswered",
        ),
        Kind.SLOW_ANSWERS: (seen.slow, f"the last answer took {seen.round_trip_ms or 0:.0f} ms{usual}"),
        Kind.CPU_LOAD: (seen.cpu, f"the processor's load is {seen.cpu_percent or 0:.0f} % over a minute"),
        Kind.SESSION_HANGS: (seen.session, f"SNMP answers, and SSH does not greet: {seen.greets}"),
    }


def _impaired(state: RouterState) -> list[Raise]:
    """Impairments of a router that answers."""
    if state.reach is not Reach.UP:
        return []
    return [
        Raise(AlarmKey(state.router, kind), state.polled_at, level.since or state.polled_at, text)
        for kind, (level, text) in _levels(state).items()
        if level.bad
    ]


#: The alarm of each kind of condition.
SERVICES = {
    Watched.REGISTRATION: Kind.REGISTRATION_LOST,
    Watched.STANDBY: Kind.STANDBY_LOST,
    Watched.STANDS_IN: Kind.STANDS_IN,
    Watched.PROBE: Kind.PROBE_FAILS,
    Watched.ENVIRONMENT: Kind.ENVIRONMENT,
}


def _services(state: RouterState) -> list[Raise]:
    """What a router that answers tells of its services."""
    if state.reach is not Reach.UP:
        return []
    return [
        Raise(
            AlarmKey(state.router, SERVICES[kind], item), state.polled_at, one.level.since or state.polled_at, one.text
        )
        for kind, items in state.conditions.items()
        for item, one in items.items()
        if one.level.bad
    ]


def _service_over(key: AlarmKey, state: RouterState) -> Clear | None:
    kind = next(watched for watched, of in SERVICES.items() if of is key.kind)
    if kind not in state.conditions:
        return Clear(key, state.polled_at, Cleared.NO_LONGER_EXPECTED, "it is not watched any more")
    one = state.conditions[kind].get(key.item)
    if one is None:
        return Clear(key, state.polled_at, Cleared.NO_LONGER_EXPECTED, "the router has no such thing any more")
    return None if one.level.bad else Clear(key, state.polled_at, Cleared.RECOVERED, one.text)


def _changes(changes: tuple[Change, ...], state: RouterState, *, ours: bool) -> list[Raise]:
    kinds = {Happened.REBOOTED: Kind.ROUTER_REBOOTED, Happened.UPTIME_INCONSISTENT: Kind.UPTIME_INCONSISTENT}
    if not ours:
        kinds[Happened.CONFIG_CHANGED] = Kind.CONFIG_CHANGED_OUTSIDE
    return [
        Raise(AlarmKey(state.router, kinds[change.what]), state.polled_at, change.at, change.why)
        for change in changes
        if change.what in kinds
    ]


def _over(key: AlarmKey, state: RouterState) -> Clear | None:
    """Whether the alarm is over. What is not proved over stays: unknown clears nothing."""
    at, up = state.polled_at, state.reach is Reach.UP
    if key.kind is Kind.ROUTER_UNREACHABLE and up:
        return Clear(key, at, Cleared.ANSWERS_AGAIN, "the router answers again")
    if key.kind is Kind.ANSWER_UNUSABLE and up:
        return Clear(key, at, Cleared.USABLE_AGAIN, "the answers can be used again")
    if key.kind is Kind.INTERFACE_DOWN and up:
        return _link_over(key, state)
    if key.kind in SERVICES.values() and up:
        return _service_over(key, state)
    if key.kind is Kind.ROUTER_REBOOTED and up and _steady(state):
        return Clear(key, at, Cleared.STEADY, f"up since {state.booted_at:%Y-%m-%d %H:%M:%S}Z")
    if key.kind is Kind.UPTIME_INCONSISTENT and up:
        return Clear(key, at, Cleared.STEADY, "uptime goes on")
    if key.kind in _UNIMPAIRED and up and not _levels(state)[key.kind][0].bad:
        return Clear(key, at, *_UNIMPAIRED[key.kind])
    return None


_UNIMPAIRED = {
    Kind.PACKET_LOSS: (Cleared.NO_LOSS, "the last polls lost nothing"),
    Kind.SLOW_ANSWERS: (Cleared.FAST_AGAIN, "the answers are as fast as usual again"),
    Kind.CPU_LOAD: (Cleared.LOAD_GONE, "the processor's load is low again"),
    Kind.SESSION_HANGS: (Cleared.GREETS_AGAIN, "SSH greets again"),
}


def _steady(state: RouterState) -> bool:
    return state.booted_at is not None and state.polled_at - state.booted_at >= timedelta(seconds=STEADY_AFTER_S)


def _link_over(key: AlarmKey, state: RouterState) -> Clear | None:
    link = state.links.get(key.item)
    if link is None:
        return Clear(key, state.polled_at, Cleared.NO_LONGER_EXPECTED, "the inventory has no such interface any more")
    if link.link is Link.UP:
        return Clear(key, state.polled_at, Cleared.INTERFACE_UP, f"{key.item} is up")
    return None
