"""A scrape has few series, whatever the fleet's size, and says of each router what the store says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine, insert

from agent.daemon.metrics import Picture, WatchCollector
from agent.monitoring.reach import Reach
from agent.monitoring.views import Heartbeat, Managed, Roster
from agent.store.base import open_store, write
from agent.store.figures import FleetFigures
from agent.store.fleet import Fleet, Mark
from agent.store.incidents import incidents
from agent.store.watching.tables import alarms, states
from tests.tables import create_all

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
REACHES = ("up", "down", "suspect")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Six routers: two of each state, the last not polled of late, and one that was never polled."""
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)
    managed = tuple(Managed(f"r{number}", f"acme/s{number}", proactive=False) for number in range(7))
    Fleet(engine).keep(Roster(managed, ()), Mark("", "", NOW))
    common = {"state": "{}", "since": NOW, "reason": "", "broken": ""}
    with write(engine) as connection:
        for number in range(6):
            at = NOW - timedelta(seconds=1000 if number == 5 else 10 * number)
            row = {"router": f"r{number}", "polled_at": at, "reach": REACHES[number % 3], **common}
            connection.execute(insert(states).values(row))
        alarm = {"raised_at": NOW, "first_failed_at": NOW, "why": "", "item": ""}
        for subject, kind in (("r1", "router_unreachable"), ("r4", "router_unreachable"), ("r0", "backup_failed")):
            connection.execute(insert(alarms).values(subject=subject, kind=kind, **alarm))
        connection.execute(insert(alarms).values(subject="r2", kind="cpu_load", cleared_at=NOW, **alarm))
        texts = {"site": "s", "summary": "", "cause": ""}
        for subject, status in (("r1", "open"), ("r4", "cleared"), ("r0", "closed")):
            moments = {"opened_at": NOW, "first_failed_at": NOW}
            connection.execute(insert(incidents).values(subject=subject, status=status, **moments, **texts))
    yield engine
    engine.dispose()


def scraped(engine: Engine, most: int, now: datetime = NOW) -> list[str]:
    registry = CollectorRegistry()
    beat = Heartbeat(7, NOW, NOW, NOW, NOW, 3, "") if now < NOW else None
    registry.register(WatchCollector(lambda: Picture(now, FleetFigures(engine).read(now, most), beat)))
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


COUNTED = [
    'spokesman_routers{state="up"} 2.0',
    'spokesman_routers{state="suspect"} 1.0',
    'spokesman_routers{state="down"} 2.0',
    'spokesman_routers{state="unknown"} 2.0',
    "spokesman_routers_wrong 6.0",
    'spokesman_backups{state="ok"} 0.0',
    'spokesman_backups{state="failed"} 0.0',
    'spokesman_backups{state="overdue"} 0.0',
    'spokesman_backups{state="never"} 7.0',
    'spokesman_alarms_active{severity="critical"} 2.0',
    'spokesman_alarms_active{severity="major"} 1.0',
    'spokesman_alarms_active{severity="warning"} 0.0',
    'spokesman_incidents{status="open"} 1.0',
    'spokesman_incidents{status="cleared"} 1.0',
    "spokesman_oldest_poll_age_seconds 1000.0",
]


def test_a_large_fleet_is_counted(engine: Engine) -> None:
    found = [line for line in scraped(engine, 6) if not line.startswith("spokesman_server")]
    assert sorted(found) == sorted(COUNTED)


def test_each_router_of_a_small_one_has_three_series_more(engine: Engine) -> None:
    found = set(scraped(engine, 7)) - set(COUNTED)
    assert len(found) == 3 * 6 + 2
    for number, up, state in ((0, 1, 1), (1, 0, 3), (2, 0, 2), (5, 0, 0), (6, 0, 0)):
        labels = f'{{router="r{number}",site="acme/s{number}"}}'
        assert {f"spokesman_router_up{labels} {up}.0", f"spokesman_router_state{labels} {state}.0"} <= found
    assert 'spokesman_router_poll_age_seconds{router="r4",site="acme/s4"} 40.0' in found


def test_no_age_is_negative_after_the_clock_was_set_back(engine: Engine) -> None:
    found = scraped(engine, 7, NOW - timedelta(days=3))
    assert "spokesman_cycle_polls 3.0" in found
    assert [line for line in found if "_age_" in line] == []


def test_every_state_has_its_number() -> None:
    from agent.daemon.metrics import STATES

    assert set(STATES) == set(Reach)
