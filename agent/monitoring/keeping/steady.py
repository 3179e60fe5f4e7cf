"""Routers of which nothing is to be decided: which these are, and how polls that are as before carry them on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from agent.incidents.incident import Incident, Status
from agent.incidents.opening import Decision
from agent.monitoring.alarms import AlarmKey, Kind
from agent.monitoring.deciding import STEADY_AFTER_S
from agent.monitoring.heard import Heard
from agent.monitoring.keeping.note import Note
from agent.monitoring.levels import GOOD
from agent.monitoring.quality import BASELINE_MEMORY, BASELINE_POLLS, CLEAN_POLLS
from agent.monitoring.reboots import TOLERANCE_S
from agent.monitoring.sample import Answer
from agent.monitoring.states import Link, Reach, RouterState
from inventory.settings import Thresholds

#: Alarms that polls do not end, however many find everything as before: a backup does.
WAITING = frozenset({Kind.CONFIG_CHANGED_OUTSIDE, Kind.BACKUP_FAILED})


def settled(state: RouterState, active: Mapping[AlarmKey, str], incident: Incident | None) -> bool:
    """Whether polls that find everything as before would change nothing, however many follow.

    ``active`` are the decisions on its active alarms, ``incident`` its incident that is not closed. Settled is a router

    - that answers (reach UP), whose answers have no faults, and that booted ``STEADY_AFTER_S`` ago or earlier;
    - all of whose expected interfaces and IPsec tunnels are up;
    - whose levels are good with nothing against them: losses (none in the polls that are counted), round trip, load,
      SSH's greeting, and each of its services' conditions;
    - whose time of configuration is on our clock already, where it tells one;
    - whose active alarms are of kinds that only a backup ends, with decisions that are final;
    - that has no open incident. One that is cleared waits for the customer, and polls do not touch it.

    Then the next such poll leaves the state as it is but for the fields that a ``Note`` carries on, raises and clears
    no alarm, leaves no decision pending and no incident to change; and the state after it is settled again.
    """
    quality = state.quality
    return (
        state.reach is Reach.UP
        and state.life is not None
        and not state.faults
        and state.booted_at is not None
        and state.polled_at - state.booted_at >= timedelta(seconds=STEADY_AFTER_S)
        and all(link.link is Link.UP for link in state.links.values())
        and quality.loss == quality.slow == quality.cpu == quality.session == GOOD
        and quality.lost == 0
        and all(one.level == GOOD for items in state.conditions.values() for one in items.values())
        and (state.config_changed_at is not None or state.config_changed_s is None)
        and all(key.kind in WAITING and Decision(decision).final for key, decision in active.items())
        and (incident is None or incident.status is not Status.OPEN)
    )


class Steady:
    """One settled router, carried on in memory by polls that find everything as before."""

    __slots__ = (
        "at",
        "before",
        "cpu_percent",
        "doubted",
        "polls",
        "round_trip_ms",
        "router",
        "sent",
        "since",
        "uptime_s",
        "usual_ms",
        "usual_polls",
    )

    def __init__(self, state: RouterState) -> None:
        """``state`` is as it was written, and settled."""
        quality = state.quality
        self.router = state.router
        self.since = self.at = state.polled_at.timestamp()
        #: When the poll before the last one began.
        self.before = self.at
        self.polls = 0
        #: Whether somebody may know better: then nothing is carried on, and what was stays as it is.
        self.doubted = False
        self.uptime_s = state.life.uptime_s if state.life is not None else 0.0
        self.round_trip_ms, self.usual_ms = quality.round_trip_ms, quality.usual_ms
        self.usual_polls, self.cpu_percent = quality.usual_polls, quality.cpu_percent
        self.sent = tuple(sent for sent, _ in quality.losses)

    def takes(self, heard: Heard, limits: Thresholds) -> bool:
        """Carry on by a poll; False, and nothing is carried on, where something is to be decided after all.

        That is where it was not steady, the load or the round trip exceeds its limit, or uptime does not go on.
        """
        uptime_s, took, load = heard.uptime_s, heard.round_trip_ms, heard.cpu_percent
        if (
            self.doubted
            or heard.sample is not None
            or heard.answer is not Answer.ANSWERED
            or heard.lost
            or uptime_s is None
            or uptime_s < self.uptime_s + (heard.at - self.at) - TOLERANCE_S
            or (load is not None and load >= limits.cpu_percent)
        ):
            return False
        if took is not None:
            if not self._usual(took, limits):
                return False
            self.round_trip_ms = took
        if heard.requests:
            self.sent = _sent(self.sent, heard.requests)
        self.before, self.at = self.at, heard.at
        self.uptime_s, self.cpu_percent = uptime_s, load
        self.polls += 1
        return True

    def _usual(self, took: float, limits: Thresholds) -> bool:
        """Let a round trip count for what is usual; False where it is too slow for that."""
        usual, polls = self.usual_ms, self.usual_polls
        if usual is None:
            self.usual_ms, self.usual_polls = took, 1
            return True
        if polls >= BASELINE_POLLS and took > limits.slow_floor_ms and took > limits.slow_factor * usual:
            return False
        known = min(polls, BASELINE_MEMORY - 1)
        self.usual_ms, self.usual_polls = (usual * known + took) / (known + 1), known + 1
        return True

    def note(self) -> Note:
        """What is to be kept of it."""
        return Note(
            self.router,
            self.since,
            self.at,
            self.polls,
            self.uptime_s,
            self.round_trip_ms,
            self.usual_ms,
            self.usual_polls,
            self.cpu_percent,
            _text(self.sent),
        )


@lru_cache(maxsize=10_000)
def _sent(before: tuple[int, ...], requests: int) -> tuple[int, ...]:
    """One poll more; most routers share what comes out."""
    return (*before, requests)[-CLEAN_POLLS:]


@lru_cache(maxsize=10_000)
def _text(sent: tuple[int, ...]) -> str:
    return " ".join(map(str, sent))
