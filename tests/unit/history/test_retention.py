"""What goes and what stays, by whatever clock: on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Table, delete, func, select, text

from agent.store.base import write
from agent.store.history import History, Keeping, keys, names, parts, tables
from agent.store.history import history as module
from agent.store.history.tables import polls
from tests.postgres import Postgres
from tests.unit.history.fleet import PORT, START, Router, polled
from tests.unit.history.steps import DAY, EVER, HOUR, drop, roll, values

#: How far a clock is ahead.
AHEAD = 500 * DAY
AHEAD_HOURS = 500 * 24


def count(history: History, table: Table) -> int:
    with history._engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def kept_since(history: History) -> float:
    """How many hours after the beginning the oldest poll is."""
    with history._engine.connect() as connection:
        oldest = connection.execute(select(func.min(polls.c.id))).scalar_one()
    return (keys.moment(oldest)[1] - START.timestamp()) / 3600


def test_what_is_too_old_goes_in_steps_and_the_rest_stays(url: str) -> None:
    history = History(url, Keeping(polls_days=1, hours_days=31))
    routers = [Router(f"acme-r{number}") for number in range(3)]
    history.add(polled(routers, range(3 * 360)))
    now = timedelta(days=3, hours=1)
    roll(history, now)
    drop(history, now)
    points = history.series("acme-r1", "up", START, EVER)
    left = count(history, polls)
    assert 3 * 340 <= left <= 3 * 2 * 365
    hours = [point for point in points if point.at.minute == point.at.second == point.at.microsecond == 0]
    assert 20 <= len(hours) <= 51
    assert len(points) - len(hours) >= 330
    assert [one.was.up > 86000 for one in history.availability("acme-r1", START, START + 2 * DAY)][:2] == [True, True]


def test_polls_that_cannot_be_rolled_up_do_not_fill_the_disk(url: str) -> None:
    history, router = History(url, Keeping(polls_days=1)), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(5 * 360)])
    drop(history, timedelta(days=5))
    assert len(history.series("acme-r1", "up", START, EVER)) <= 3 * 360 + 360


def test_layouts_go_with_the_last_hour_that_has_them(url: str) -> None:
    history, router = History(url, Keeping(polls_days=1, hours_days=31)), Router("acme-r1", larger_every=1)
    history.add([router.poll(cycle) for cycle in range(15)])
    router.larger_every = 0
    history.add([router.poll(day * 360, whole_every=1) for day in range(5, 40)])
    roll(history, 40 * DAY)
    drop(history, 40 * DAY)
    assert count(history, tables.layouts) == 1
    assert values(history.series("acme-r1", "cpu_percent", START, START + 30 * DAY))


def test_layouts_stay_while_polls_have_them_however_short_hours_are_kept(url: str) -> None:
    history, router = History(url, Keeping(polls_days=100, hours_days=31)), Router("acme-r1", larger_every=1)
    history.add([router.poll(cycle) for cycle in range(15)])
    router.larger_every = 0
    history.add([router.poll(day * 360, whole_every=1) for day in range(5, 60)])
    roll(history, 60 * DAY)
    drop(history, 60 * DAY)
    assert values(History(url).series("acme-r1", "temperature", START, EVER)) == [-40] * 15


def test_a_clock_that_is_ahead_ends_no_more_than_it_is_polled_by(url: str) -> None:
    """A history of some days; the clock jumps ahead, and back after three hours of polls."""
    history, router = History(url, Keeping(polls_days=2, hours_days=31)), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(60 * 15)])
    roll(history, 60 * HOUR)
    hours = count(history, tables.hours)
    drop(history, AHEAD)
    assert kept_since(history) <= 12.1, "the newest 48 hours"
    assert count(history, tables.hours) == hours
    history.add(router.hourly(range(AHEAD_HOURS, AHEAD_HOURS + 3)))
    roll(history, AHEAD + 3 * HOUR)
    drop(history, AHEAD + 3 * HOUR)
    assert kept_since(history) <= 15.1
    assert count(history, tables.hours) >= hours
    history.add([router.poll(cycle) for cycle in range(60 * 15, 63 * 15)])
    roll(history, 63 * HOUR)
    drop(history, 63 * HOUR)
    assert kept_since(history) <= 15.1, "what is to come counts no longer"
    days = history.availability("acme-r1", START, START + 2 * DAY - HOUR)
    assert [one.was.up >= 79_000 for one in days] == [True, True]


def test_a_single_poll_of_a_wrong_clock_ends_an_hour_at_most(url: str) -> None:
    history, router = History(url, Keeping(polls_days=1)), Router("acme-r1")
    history.add(router.hourly(range(72)))
    history.add([router.poll(AHEAD_HOURS * 15), Router("acme-r2").poll(-AHEAD_HOURS * 15)])
    drop(history, AHEAD + DAY)
    assert kept_since(history) <= 24, "nothing was summed up: two days longer"
    assert history.metrics("acme-r1")[0].name == "up"
    assert len(values(history.series("acme-r1", "up", START, START + 3 * DAY))) >= 71 - 24


def test_a_year_off_leaves_what_was_kept_until_there_is_as_much_again(url: str) -> None:
    history, router = History(url, Keeping(polls_days=1, hours_days=31)), Router("acme-r1")
    history.add(router.hourly(range(24)))
    history.add(router.hourly(range(2 * AHEAD_HOURS, 2 * AHEAD_HOURS + 24)))  # by a clock that was ahead
    roll(history, 30 * HOUR)
    drop(history, AHEAD)
    assert count(history, polls) == 48, "what is to come is not what came after"
    history.add(router.hourly(range(AHEAD_HOURS, AHEAD_HOURS + 12)))
    roll(history, AHEAD + 13 * HOUR)
    drop(history, AHEAD + 13 * HOUR)
    assert count(history, polls) >= 48, "as many hours as a day has, and on PostgreSQL a whole day"
    history.add(router.hourly(range(AHEAD_HOURS + 12, AHEAD_HOURS + 49)))
    roll(history, AHEAD + 50 * HOUR)
    drop(history, AHEAD + 50 * HOUR)
    assert kept_since(history) >= AHEAD_HOURS
    assert count(history, tables.hours) == 24 + 49


def test_hours_go_by_the_days_that_were_summed_up(url: str) -> None:
    history, router = History(url, Keeping(polls_days=1, hours_days=31)), Router("acme-r1")
    history.add([router.poll(day * 360, whole_every=1) for day in range(32)])
    roll(history, 32 * DAY)
    drop(history, 10 * AHEAD)
    assert count(history, tables.hours) == 31
    history.add([router.poll(day * 360, whole_every=1) for day in range(5000, 5002)])
    roll(history, 5002 * DAY)
    drop(history, 5002 * DAY)
    assert count(history, tables.hours) == 31


def test_parts_are_found_over_gaps(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in (0, 1, 15, 400_000)])
    hour = 15 * keys.SPAN
    with history._engine.connect() as connection:
        found = parts.newest(connection, polls, hour, keys.LAST, 10)
        assert [one % hour for one in found] == [0, 0, 0]
        assert [(found[0] - one) // hour for one in found] == [0, 400_000 // 15 - 1, 400_000 // 15]
        assert parts.newest(connection, polls, hour, keys.LAST, 2) == found[:2]
        assert parts.newest(connection, polls, hour, found[1], 2) == found[2:]
        assert parts.newest(connection, polls, hour, 0, 2) == []


def test_a_poll_far_ahead_makes_one_day_more(server: Postgres) -> None:
    history, router = History(server.url()), Router("acme-r1")
    history.add([router.poll(0), router.poll(1), router.poll(400 * 360)])
    with history._engine.connect() as connection:
        asked = "SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass('history_polls')"
        assert connection.execute(text(asked)).scalar_one() == 2
    assert len(history.series("acme-r1", "up", START, EVER)) == 3


def test_a_day_that_went_can_be_written_again(url: str) -> None:
    """Whoever dropped it: this process, or another."""
    history, other, router = History(url, Keeping(polls_days=1)), History(url, Keeping(polls_days=1)), Router("acme-r1")
    history.add(router.hourly(range(100)))
    for dropping in (history, other):
        while dropping.drop_old(START + 101 * HOUR):
            pass
        assert kept_since(history) >= 24
        late = Router("acme-r2", uptime_s=5000.0)
        history.add([late.poll(30), router.poll(1600)])
        assert len(history.series("acme-r2", "up", START, START + DAY)) == 1


def test_a_layout_that_went_is_kept_again(url: str) -> None:
    """The process that has met it is not the one that removed it."""
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(0)])
    with write(history._engine) as connection:
        connection.execute(delete(polls))
        connection.execute(delete(tables.layouts))
    history.add([router.poll(400 * 360, whole_every=1)])
    assert values(history.series("acme-r1", f"{PORT} oper", START, EVER)) == [1]


def test_a_layout_that_is_met_again_stays(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(0), router.poll(14)])
    history.add([router.poll(400 * 360)])
    with history._engine.connect() as connection:
        used = connection.execute(select(tables.layouts.c.used)).scalar_one()
    assert used == int(START.timestamp() + 400 * 86400 - keys.EPOCH) // 3600


def test_what_is_remembered_of_layouts_is_bounded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LAYOUTS", 1)
    monkeypatch.setattr(names, "MOST", 1)
    history, router = History(url), Router("acme-r1", larger_every=2)
    for cycle in range(30):
        history.add([router.poll(cycle)])
        assert len(history._numbers) <= 2
    roll(history, 3 * HOUR)
    assert len(history.series("acme-r1", f"{PORT} in_octets", START, EVER)) == 30
    assert max(len(history._layouts._known), len(history._layouts._used) - 1) == 1
