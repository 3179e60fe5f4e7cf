"""What is kept of the poller's service level, and for how long, by whatever clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.monitoring.cycle.ports import Reason
from agent.monitoring.service_level import Day, Gap, OfDay
from agent.store.base import open_store
from agent.store.service_level import KEEP_DAYS, ServiceLevels
from tests.tables import create_all

FIRST = datetime(2026, 11, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def levels(request: pytest.FixtureRequest, tmp_path: Path) -> ServiceLevels:
    """On each of the databases."""
    at = f"sqlite:///{tmp_path / 'store.db'}"
    engine = open_store(at if request.param == "sqlite" else request.getfixturevalue("server").url())
    create_all(engine)
    return ServiceLevels(engine)


def counted(first: int, days: int) -> list[Day]:
    """That many days, of which the first begins ``first`` days after the beginning."""
    number = int(FIRST.timestamp()) // 86400 + first
    return [Day(number + day, {"r1": OfDay(360, 240.0, 0.0)}) for day in range(days)]


def test_a_day_goes_when_as_many_were_counted_after_it(levels: ServiceLevels) -> None:
    levels.keep(counted(0, 10))
    began = FIRST.timestamp()
    levels.add([Gap("r1", began + 86400 * day, began + 86400 * day + 400, 400.0, Reason.NOT_RUNNING) for day in (0, 9)])
    levels.drop_old(FIRST + 5000 * DAY)
    assert len(levels.since(FIRST)) == 10, "a clock that is ahead ends nothing"
    levels.keep(counted(5000, KEEP_DAYS - 9))
    levels.drop_old(FIRST + 100 * DAY)
    assert len(levels.gaps(FIRST)) == 2, "what is to come does not count"
    levels.drop_old(FIRST + (5000 + KEEP_DAYS) * DAY)
    assert len(levels.since(FIRST)) == KEEP_DAYS
    assert [gap.began - began for gap in levels.gaps(FIRST)] == [9 * 86400]
