"""Which alarms a step raises and clears, each with a reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from agent.monitoring.alarms import Alarm, AlarmKey, Clear, Cleared, Kind, Raise, Verdicts
from agent.monitoring.servers.expected import Expected
from agent.monitoring.servers.judging import Verdict
from agent.monitoring.servers.states import Item, ServerState, needed
from agent.monitoring.states import Reach

#: The alarms that looking at a server raises and clears; others of the same name are not touched.
WATCHED = frozenset(
    {
        Kind.SERVER_UNREACHABLE,
        Kind.ANSWER_UNUSABLE,
        Kind.SERVICE_DOWN,
        Kind.STORAGE_FULL,
        Kind.CPU_LOAD,
        Kind.CERTIFICATE_EXPIRES,
        Kind.TIME_OFFSET,
        Kind.SIP_DOWN,
        Kind.HTTPS_DOWN,
    }
)


def decide(state: ServerState, active: Iterable[Alarm], expected: Expected) -> Verdicts:
    """What the new state means for the server's alarms."""
    raised = [*_reach(state), *(_raise(state, item) for item in state.items if _proved(state, item, expected))]
    again = {one.key for one in raised}
    keys = [alarm.key for alarm in active if alarm.key.kind in WATCHED and alarm.key not in again]
    cleared = [clear for key in keys if (clear := _over(key, state)) is not None]
    return Verdicts(tuple(raised), tuple(sorted(cleared, key=lambda clear: (clear.key.kind, clear.key.item))))


def is_fault(key: AlarmKey, state: ServerState) -> bool:
    """Whether the customer's service suffers, or surely will soon; the others are for the management centre."""
    if key.kind not in WATCHED or key.kind is Kind.ANSWER_UNUSABLE:
        return False
    item = state.item(key.kind, key.item)
    return item is None or item.urgent


def pending(state: ServerState) -> bool:
    """Whether a fault is about to be raised, or has been."""
    bad = (item for item in state.items if item.verdict is Verdict.BAD)
    return any(is_fault(AlarmKey(state.server, item.kind, item.name), state) for item in bad)


def _reach(state: ServerState) -> list[Raise]:
    if state.reach is not Reach.DOWN:
        return []
    key = AlarmKey(state.server, Kind.SERVER_UNREACHABLE)
    return [Raise(key, state.polled_at, state.first_failure or state.since, state.reason)]


def _proved(state: ServerState, item: Item, expected: Expected) -> bool:
    return state.reach is Reach.UP and item.verdict is Verdict.BAD and item.readings >= needed(item, expected)


def _raise(state: ServerState, item: Item) -> Raise:
    return Raise(AlarmKey(state.server, item.kind, item.name), state.polled_at, item.since, item.text)


def _over(key: AlarmKey, state: ServerState) -> Clear | None:
    """Whether the alarm is over. What is not proved over stays: unknown clears nothing."""
    at = state.polled_at
    if state.reach is not Reach.UP:
        return None
    if key.kind is Kind.SERVER_UNREACHABLE:
        return Clear(key, at, Cleared.ANSWERS_AGAIN, "the server answers again")
    item = state.item(key.kind, key.item)
    if item is None:
        return Clear(key, at, Cleared.NO_LONGER_EXPECTED, "it is not expected there any more")
    if item.verdict in (Verdict.GOOD, Verdict.WARNING):
        return Clear(key, at, Cleared.RECOVERED, item.text)
    return None
