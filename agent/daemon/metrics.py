"""The metrics: read from the store at each scrape, with labels that only the inventory can make, and bounded in number.

A fleet of any size is counted; routers have series of their own only where there are few (``daemon.router_series``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from agent.incidents.incident import Status
from agent.monitoring.alarms import Severity
from agent.monitoring.reach import Reach
from agent.monitoring.servers.views import ServerRow
from agent.monitoring.views import Figures, Heartbeat

#: What a state is as a number.
STATES: Mapping[Reach, int] = {Reach.UNKNOWN: 0, Reach.UP: 1, Reach.SUSPECT: 2, Reach.DOWN: 3}
BACKUPS = ("ok", "failed", "overdue", "never")
OPEN = (Status.OPEN, Status.CLEARED)


@dataclass(frozen=True, slots=True)
class Heard:
    """What routers told since the start: datagrams by what became of them ({}: not received), and polls they started.

    ``polls`` is None where nothing is received at all.
    """

    traps: Mapping[str, int] = field(default_factory=dict)
    syslog: Mapping[str, int] = field(default_factory=dict)
    polls: int | None = None


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """The poller's own service level since the start, in seconds and routers; ``gaps`` by reason."""

    oldest_s: float
    longest_s: float
    late: int
    gaps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that one scrape shows."""

    now: datetime
    fleet: Figures
    heartbeat: Heartbeat | None
    servers: tuple[ServerRow, ...] = ()
    heard: Heard = Heard()
    level: LevelFigures | None = None
    lost_polls: int | None = None


class WatchCollector(Collector):
    """Turns a picture into metric families; names of routers and sites are the only free labels."""

    def __init__(self, picture: Callable[[], Picture]) -> None:
        self._picture = picture

    def describe(self) -> list[Metric]:
        """Nothing up front, so that registering does not read the store."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One scrape."""
        picture = self._picture()
        fleet = picture.fleet
        yield _counted("spokesman_routers", "Routers by state.", "state", Reach, fleet.counts.states)
        yield GaugeMetricFamily("spokesman_routers_wrong", "Routers that show something wrong.", fleet.counts.wrong)
        yield _counted("spokesman_backups", "Routers by how their backup is.", "state", BACKUPS, fleet.counts.backups)
        yield _counted("spokesman_alarms_active", "Active alarms.", "severity", Severity, fleet.alarms)
        yield _counted("spokesman_incidents", "Incidents that are not closed.", "status", OPEN, fleet.incidents)
        if fleet.oldest_poll is not None:
            text = "Time since the last poll of the router that was not polled for longest."
            oldest = GaugeMetricFamily("spokesman_oldest_poll_age_seconds", text, labels=[])
            _aged(oldest, [], picture.now, fleet.oldest_poll)
            yield oldest
        if fleet.routers:
            yield from _routers(picture)
        yield from _servers(picture)
        yield from _cycle(picture)
        yield from _heard(picture.heard)
        if picture.level is not None:
            yield from _level(picture.level)
        if picture.lost_polls is not None:
            text = "Polls that were decided on and are not in the history: it could not be written, or was too slow."
            yield CounterMetricFamily("spokesman_history_lost_polls", text, value=picture.lost_polls)


def _counted(name: str, text: str, label: str, values: Iterable[str], counts: Mapping[str, int]) -> Metric:
    """Each value has its series, also where nothing is so."""
    family = GaugeMetricFamily(name, text, labels=[label])
    for value in values:
        family.add_metric([value], counts.get(value, 0))
    return family


def _aged(family: GaugeMetricFamily, place: list[str], now: datetime, moment: datetime | None) -> None:
    """How long ago that was; nothing where it never was, or where it lies ahead because a clock was set back."""
    if moment is not None and moment <= now:
        family.add_metric(place, (now - moment).total_seconds())


def _routers(picture: Picture) -> Iterator[Metric]:
    labels = ["router", "site"]
    up = GaugeMetricFamily(
        "spokesman_router_up", "1: the router answers; 0: it is suspect, down or unknown.", labels=labels
    )
    words = ", ".join(f"{number} {reach}" for reach, number in STATES.items())
    state = GaugeMetricFamily("spokesman_router_state", f"The state the router is in: {words}.", labels=labels)
    age = GaugeMetricFamily("spokesman_router_poll_age_seconds", "Time since the last poll began.", labels=labels)
    for one in picture.fleet.routers:
        place = [one.router, one.site]
        up.add_metric(place, float(one.reach is Reach.UP))
        state.add_metric(place, STATES[one.reach])
        _aged(age, place, picture.now, one.polled_at)
    yield from (up, state, age)


def _servers(picture: Picture) -> Iterator[Metric]:
    labels = ["server", "site"]
    up = GaugeMetricFamily(
        "spokesman_server_up", "1: the Lync server is heard; 0: it is suspect, down or unknown.", labels=labels
    )
    bad = GaugeMetricFamily("spokesman_server_items_bad", "What is wrong on a Lync server, by alarm.", labels=labels)
    unknown = GaugeMetricFamily("spokesman_server_items_unknown", "What nobody could tell of it.", labels=labels)
    age = GaugeMetricFamily("spokesman_server_poll_age_seconds", "Time since the last look began.", labels=labels)
    for row in picture.servers:
        place = [row.server, row.site]
        up.add_metric(place, float(row.reach is Reach.UP))
        bad.add_metric(place, sum(item.verdict == "bad" for item in row.wrong))
        unknown.add_metric(place, len(row.unknown))
        _aged(age, place, picture.now, row.polled_at)
    yield from (up, bad, unknown, age)


def _heard(heard: Heard) -> Iterator[Metric]:
    """Results are a fixed set, and no sender is named: whoever sends, the number of series stays the same."""
    for name, counts in (("traps", heard.traps), ("syslog", heard.syslog)):
        if counts:
            text = f"Datagrams on the port for {name}, by what they told or why they were refused; lost: not read."
            found = CounterMetricFamily(f"spokesman_{name}", text, labels=["result"])
            for result, count in counts.items():
                found.add_metric([result], count)
            yield found
    if heard.polls is not None:
        yield CounterMetricFamily("spokesman_told_polls", "Polls that routers' own messages started.", heard.polls)


def _cycle(picture: Picture) -> Iterator[Metric]:
    beat = picture.heartbeat
    if beat is None or beat.cycle_started_at is None:
        return
    age = GaugeMetricFamily("spokesman_cycle_age_seconds", "Time since the last poll cycle began.", labels=[])
    _aged(age, [], picture.now, beat.cycle_started_at)
    yield age
    yield GaugeMetricFamily(
        "spokesman_cycle_polls", "Polls that the last complete cycle started.", value=beat.cycle_polls
    )
    if beat.cycle_ended_at is not None and beat.cycle_ended_at >= beat.cycle_started_at:
        took = (beat.cycle_ended_at - beat.cycle_started_at).total_seconds()
        yield GaugeMetricFamily("spokesman_cycle_duration_seconds", "How long the last cycle took.", value=took)


def _level(level: LevelFigures) -> Iterator[Metric]:
    text = "The longest time between two polls of a router since the daemon started, or until now."
    longest = max(level.oldest_s, level.longest_s)
    yield GaugeMetricFamily("spokesman_poll_interval_longest_seconds", text, value=longest)
    text = "Routers that were not polled for over 300 s, and are not yet."
    yield GaugeMetricFamily("spokesman_routers_polled_late", text, value=level.late)
    gaps = CounterMetricFamily(
        "spokesman_poll_gaps", "Times over 300 s between two polls, by reason.", labels=["reason"]
    )
    for reason, count in level.gaps.items():
        gaps.add_metric([reason], count)
    yield gaps
