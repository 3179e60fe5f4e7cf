"""The metrics: read from the store at each scrape, with labels that only the inventory can make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from agent.incidents.incident import Incident, Status
from agent.monitoring.alarms import Alarm, Severity
from agent.monitoring.servers.views import ServerRow
from agent.monitoring.states import Reach
from agent.monitoring.views import Heartbeat, StatusRow


@dataclass(frozen=True, slots=True)
class Heard:
    """What routers told since the start: datagrams by what became of them ({}: not received), and polls they started.

    ``polls`` is None where nothing is received at all.
    """

    traps: Mapping[str, int] = field(default_factory=dict)
    syslog: Mapping[str, int] = field(default_factory=dict)
    polls: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that one scrape shows."""

    now: datetime
    routers: tuple[StatusRow, ...]
    alarms: tuple[Alarm, ...]
    incidents: tuple[Incident, ...]
    heartbeat: Heartbeat | None
    servers: tuple[ServerRow, ...] = ()
    heard: Heard = Heard()


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
        yield from _routers(picture)
        yield from _backups(picture)
        yield from _servers(picture)
        alarms = GaugeMetricFamily("spokesman_alarms_active", "Active alarms.", labels=["severity"])
        for severity in Severity:
            alarms.add_metric([severity], sum(alarm.severity is severity for alarm in picture.alarms))
        yield alarms
        incidents = GaugeMetricFamily("spokesman_incidents", "Incidents that are not closed.", labels=["status"])
        for status in (Status.OPEN, Status.CLEARED):
            incidents.add_metric([status], sum(one.status is status for one in picture.incidents))
        yield incidents
        yield from _cycle(picture)
        yield from _heard(picture.heard)


def _routers(picture: Picture) -> Iterator[Metric]:
    labels = ["router", "site"]
    up = GaugeMetricFamily(
        "spokesman_router_up", "1: the router answers; 0: it is suspect, down or unknown.", labels=labels
    )
    state = GaugeMetricFamily("spokesman_router_state", "1 at the state the router is in.", labels=[*labels, "state"])
    age = GaugeMetricFamily("spokesman_router_poll_age_seconds", "Time since the last poll began.", labels=labels)
    for row in picture.routers:
        up.add_metric([row.router, row.site], float(row.reach is Reach.UP))
        for reach in Reach:
            state.add_metric([row.router, row.site, reach], float(row.reach is reach))
        if row.polled_at is not None:
            age.add_metric([row.router, row.site], (picture.now - row.polled_at).total_seconds())
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
        if row.polled_at is not None:
            age.add_metric(place, (picture.now - row.polled_at).total_seconds())
    yield from (up, bad, unknown, age)


def _backups(picture: Picture) -> Iterator[Metric]:
    labels = ["router", "site"]
    good = GaugeMetricFamily("spokesman_backup_ok", "1: the last backup succeeded, within a day.", labels=labels)
    age = GaugeMetricFamily("spokesman_backup_age_seconds", "Time since the last good backup.", labels=labels)
    for row in picture.routers:
        good.add_metric([row.router, row.site], float(row.backup == "ok"))
        if row.backup_at is not None:
            age.add_metric([row.router, row.site], (picture.now - row.backup_at).total_seconds())
    yield from (good, age)


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
    age = (picture.now - beat.cycle_started_at).total_seconds()
    yield GaugeMetricFamily("spokesman_cycle_age_seconds", "Time since the last poll cycle began.", value=age)
    yield GaugeMetricFamily(
        "spokesman_cycle_polls", "Polls that the last complete cycle started.", value=beat.cycle_polls
    )
    if beat.cycle_ended_at is not None and beat.cycle_ended_at >= beat.cycle_started_at:
        took = (beat.cycle_ended_at - beat.cycle_started_at).total_seconds()
        yield GaugeMetricFamily("spokesman_cycle_duration_seconds", "How long the last cycle took.", value=took)
