"""The history's contract, which SQLite and PostgreSQL keep alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from agent.errors import ConfigurationProblem
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.store.base import write
from agent.store.history import History, Keeping, hours, tables
from agent.store.history.keys import PLACES, first_place, span
from agent.store.history.reading import Kept
from agent.store.history.rolling import Rolling
from agent.store.history.tables import polls
from collectors.modules import Type
from collectors.rates import Gap
from collectors.record import Column, Layout, Role, packed
from tests.unit.history.fleet import BEGAN, COLUMNS, PERIOD_S, PORT, START, TAGS, Router, polled
from tests.unit.history.steps import DAY, EVER, HOUR, close, drop, roll, values


def test_what_was_polled_comes_back(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(20)])
    until = START + 2 * HOUR
    assert values(history.series("acme-r1", "up", START, until)) == [1.0] * 20
    assert values(history.series("acme-r1", "round_trip_ms", START, until)) == [4.5] * 20
    assert values(history.series("acme-r1", "cpu_5_min_percent", START, until)) == [10] * 20, "the busiest of two"
    octets = history.series("acme-r1", f"{PORT} in_octets", START, until)
    assert octets[0].value is None, "nothing is known of the time before the first"
    assert all(close(point.value, 1000) for point in octets[1:]), "over its wrap"
    assert all(close(one, 0.05) for one in values(history.series("acme-r1", f"{PORT} in_errors", START, until))[1:])
    assert values(history.series("acme-r1", f"{PORT} oper", START, until)) == [1] * 20
    assert abs(octets[3].at.timestamp() - router.at(3)) < 0.005


def test_a_part_of_a_series_is_as_in_the_whole(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(40)])
    whole = history.series("acme-r1", f"{PORT} in_octets", START, EVER)
    since, until = whole[17].at, whole[23].at
    assert history.series("acme-r1", f"{PORT} in_octets", since, until) == whole[17:23]


def test_metrics_are_told_by_names_that_a_person_types(url: str) -> None:
    history, router = History(url), Router("acme-r1", larger_every=15)
    history.add([router.poll(cycle) for cycle in range(20)])
    names = [one.name for one in history.metrics("acme-r1")]
    assert names[:5] == ["up", "round_trip_ms", "cpu_percent", "loss_percent", "cpu_5_min_percent"]
    assert {f"{PORT} in_octets", "uptime_s", "temperature"} <= set(names)
    assert history.metrics("nobody") == ()
    assert history.series("nobody", "up", START, EVER) == ()


def test_polls_that_ask_for_more_keep_the_others_whole(url: str) -> None:
    """Two layouts take turns; each differs from its own whole poll, and counters go on across them."""
    history, router = History(url), Router("acme-r1", larger_every=4)
    history.add([router.poll(cycle, whole_every=7) for cycle in range(30)])
    octets = history.series("acme-r1", f"{PORT} in_octets", START, EVER)
    assert len(octets) == 30
    assert all(close(point.value, 1000) for point in octets[1:])
    assert values(history.series("acme-r1", "temperature", START, EVER)) == [-40] * 8


def test_who_else_polls_a_router_spoils_nothing(url: str) -> None:
    """The daemon's polls differ from its own whole one, a person's from another."""
    daemon, person = Router("acme-r1"), Router("acme-r1", load=20)
    batch = [daemon.poll(0), daemon.poll(1)]
    batch += [person.poll(1)._replace(at=daemon.at(1) + 60), person.poll(1)._replace(at=daemon.at(1) + 70)]
    batch += [daemon.poll(2), daemon.poll(3)]
    history = History(url)
    history.add(batch)
    loads = values(history.series("acme-r1", "cpu_5_min_percent", START, EVER))
    assert loads == [10, 10, 20, 20, 10, 10]


def test_a_failed_poll_is_kept_with_no_values(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(0), router.poll(1), router.miss(2), router.miss(3, Answer.NOT_ASKED), router.poll(4)])
    assert values(history.series("acme-r1", "up", START, EVER)) == [1.0, 1.0, 0.0, None, 1.0]
    assert values(history.series("acme-r1", "loss_percent", START, EVER)) == [0.0, 0.0, 100.0, 100.0, 0.0]
    octets = values(history.series("acme-r1", f"{PORT} in_octets", START, EVER))
    assert octets[:1] + octets[2:4] == [None, None, None]
    assert close(octets[4], 1000 / 3), "the counter grew meanwhile: its mean is known"


def test_a_reboot_is_a_gap_and_no_spike(url: str) -> None:
    history, router = History(url), Router("acme-r1", octets=10**15)
    batch = [router.poll(cycle) for cycle in range(5)]
    router.reboot()
    history.add(batch + [router.poll(cycle) for cycle in range(5, 8)])
    octets = values(history.series("acme-r1", f"{PORT} in_octets", START, EVER))
    assert octets[5] is None
    assert all(close(one, 1000) for one in octets[1:5] + octets[6:])


def test_a_rate_that_is_not_known_has_its_reason(url: str) -> None:
    history, router, fast = History(url), Router("acme-r1"), Router("acme-r2")
    batch = [router.poll(cycle) for cycle in range(3)]
    router.reboot()
    batch += [router.poll(cycle) for cycle in range(3, 5)]
    for cycle in range(5):
        fast.uptime_s += 9 * PERIOD_S  # as in a lab that runs at ten times the speed
        batch.append(fast.poll(cycle))
    history.add(batch)
    whys = [one.why for one in history.series("acme-r1", f"{PORT} in_octets", START, EVER)]
    assert whys == ["", "", "", Gap.ENGINE, ""]
    whys = [one.why for one in history.series("acme-r2", f"{PORT} in_octets", START, EVER)]
    assert whys == ["", *[Gap.CLOCKS] * 4]
    assert {one.why for one in history.series("acme-r2", "cpu_5_min_percent", START, EVER)} == {""}


def test_adding_again_changes_nothing(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    batch = [router.poll(cycle) for cycle in range(5)]
    history.add(batch)
    history.add(batch)
    history.add([])
    assert len(history.series("acme-r1", "up", START, EVER)) == 5


def test_two_polls_within_a_second_are_two(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.miss(0), router.miss(0, after_s=0.5), router.miss(0, after_s=0.52)])
    assert len(history.series("acme-r1", "up", START, EVER)) == 3


def test_routers_of_the_same_turn_have_places_of_their_own(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.store.history.names.first_place", lambda _name: 2**24 - 1)
    history, routers = History(url), [Router(f"acme-r{number}") for number in range(4)]
    history.add(polled(routers, range(2)))
    again = History(url)
    again.add(polled(routers, range(2, 4)))
    for router in routers:
        assert len(again.series(router.name, "up", START, EVER)) == 4
    assert first_place("acme-r1") < 2**24


def test_two_processes_keep_the_same_routers(url: str) -> None:
    """The daemon and a command: neither knows what the other has met."""
    one, other = History(url), History(url)
    routers = [Router(f"acme-r{number}") for number in range(3)]
    one.add(polled(routers[:2], range(1)))
    other.add(polled(routers, range(1, 2)))
    one.add(polled(routers, range(2, 3)))
    assert [len(one.series(router.name, f"{PORT} in_octets", START, EVER)) for router in routers] == [3, 3, 2]


def test_hours_say_what_the_polls_came_to(url: str) -> None:
    history, router = History(url, Keeping(polls_days=1)), Router("acme-r1")
    batch = [router.poll(cycle, octets_per_s=500 if cycle == 20 else 1000) for cycle in range(45)]
    router.load = 60
    history.add(batch + [router.poll(cycle) for cycle in range(45, 60)])
    before = {
        metric: history.series("acme-r1", metric, START, START + 4 * HOUR)
        for metric in ("up", "cpu_percent", "cpu_5_min_percent", f"{PORT} in_octets")
    }
    history.add(Router("acme-r2").hourly(range(24, 52)))
    assert roll(history, 3 * DAY) > 0
    assert drop(history, 40 * DAY) > 0
    assert values(before["up"]) == [1.0] * 60
    hours = history.series("acme-r1", f"{PORT} in_octets", START, START + 4 * HOUR)
    assert [point.at for point in hours] == [START + number * HOUR for number in range(4)]
    assert all(close(point.largest, 1000) for point in hours)
    assert close(hours[1].least, 500)
    assert close(hours[1].value, 1000 - 500 / 15)
    assert close(hours[0].value, 1000)
    busy = history.series("acme-r1", "cpu_5_min_percent", START, START + 4 * HOUR)
    assert values(busy) == [10, 10, 10, 60]
    assert values(history.series("acme-r1", "up", START, EVER)) == [1.0] * 4


def test_rolling_up_twice_comes_to_the_same(url: str) -> None:
    history, routers = History(url), [Router(f"acme-r{number}") for number in range(7)]
    history.add(polled(routers, range(60)))
    roll(history, 5 * HOUR)
    with history._engine.connect() as connection:
        first = connection.execute(select(tables.hours).order_by(tables.hours.c.id)).all()
    with write(history._engine) as connection:
        connection.execute(update(tables.marks).where(tables.marks.c.name == "hours").values(value=0))
    roll(history, 5 * HOUR)
    with history._engine.connect() as connection:
        assert connection.execute(select(tables.hours).order_by(tables.hours.c.id)).all() == first
    assert len(first) == 7 * 4


def test_an_hour_is_rolled_up_only_when_it_has_settled(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(15)])
    assert roll(history, HOUR + timedelta(minutes=14)) == 0
    assert roll(history, HOUR + timedelta(minutes=16)) > 0
    assert roll(history, HOUR + timedelta(minutes=16)) == 0


def test_a_year_without_polls_costs_no_steps(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(15)])
    roll(history, 2 * HOUR)
    later = 360 * 365
    history.add([router.poll(cycle) for cycle in range(later, later + 15)])
    assert roll(history, timedelta(days=365, hours=3)) < 10


def test_availability_is_seconds_of_each_day(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    batch = [router.poll(cycle) for cycle in range(100)]
    batch += [router.miss(cycle) for cycle in range(100, 110)]
    batch += [router.poll(cycle) for cycle in range(110, 150)]
    batch += [router.miss(150)]
    batch += [router.poll(cycle) for cycle in range(151, 370)]
    history.add(batch)
    day = history.availability("acme-r1", START, START + DAY)
    roll(history, DAY + HOUR)
    drop(history, timedelta(days=3000))
    whole = history.availability("acme-r1", START, START + DAY)
    assert day == whole
    assert len(whole) == 1
    assert whole[0].was.down == 10 * PERIOD_S
    assert whole[0].was.suspect == PERIOD_S
    assert whole[0].was.unknown == round(router.at(0) - BEGAN)
    assert sum(whole[0].was) == 86400
    nobody = history.availability("nobody", START, START + 2 * DAY)
    assert [one.was.unknown for one in nobody] == [86400, 86400]


def test_damage_is_told_and_left_out(url: str, caplog: pytest.LogCaptureFixture) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(15)])
    with write(history._engine) as connection:
        numbers = list(connection.scalars(select(polls.c.id).order_by(polls.c.id)))
        for number, data in zip(numbers[3:7], (b"", b"\xff" * 9, b"\x10", b"\x10\0\0\0\0\0\0\1\1\2"), strict=True):
            connection.execute(update(polls).where(polls.c.id == number).values(data=data))
        connection.execute(insert(polls), {"id": numbers[8] + 2, "data": b"\x10\0\0\0\0\0\0\x63\0\0"})
    caplog.clear()
    octets = history.series("acme-r1", f"{PORT} in_octets", START, EVER)
    assert sum(close(point.value, 1000) for point in octets) >= 8
    assert "left out" in caplog.text
    assert "cannot be read" in caplog.text
    assert roll(history, 3 * HOUR) > 0
    assert close(history.availability("acme-r1", START, START + HOUR)[0].was.up, 3600) is False
    with write(history._engine) as connection:
        connection.execute(update(tables.layouts).values(text="nonsense"))
        connection.execute(update(tables.hours).values(data=b"\1"))
    again = History(url)
    assert values(again.series("acme-r1", f"{PORT} in_octets", START, EVER)).count(None) >= 10
    assert again.metrics("acme-r1")[0].name == "up"
    assert sum(again.availability("acme-r1", START, START + HOUR)[0].was) == 3600


def test_a_history_of_another_release_is_refused(url: str) -> None:
    history = History(url)
    with write(history._engine) as connection:
        tables.set_mark(connection, "form", 99)
    with pytest.raises(ConfigurationProblem, match="another release"):
        History(url)


def churning(router: Router, cycle: int, of: int = 10) -> list[Heard]:
    """Polls of a cycle, none of which has the layout of another."""
    found: list[Heard] = []
    for number in range(of):
        column = Column("links", f"{cycle}.{number}", "in_octets", Type.COUNTER64, Role.COUNTER)
        record = packed(Layout((*COLUMNS[:1], column)), TAGS[:1] + TAGS[6:7], [100 * cycle, number], None)
        found.append(Heard(router.name, router.at(cycle) + number, Answer.ANSWERED, record=record))
    return found


def test_an_hour_of_many_layouts_is_summed_up_as_any(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([one for cycle in range(30) for one in churning(router, cycle, 20)])
    roll(history, 3 * HOUR)
    with history._engine.connect() as connection:
        found = list(connection.scalars(select(tables.hours.c.data)))
    assert max(len(hours.read(0, data).layouts) for data in found) >= 256


def test_an_error_of_ours_in_one_router_leaves_the_others_their_hours(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    history, names = History(url), ["acme-r1", "acme-r2", "acme-r3"]
    history.add(polled([Router(name) for name in names], range(30)))
    broken, kept_of = first_place("acme-r2"), Rolling._kept

    def kept(self: Rolling, numbered: Sequence[tuple[int, bytes]], since: float, until: float) -> list[Kept]:
        if numbered[0][0] >> 16 & PLACES - 1 == broken:
            raise IndexError
        return kept_of(self, numbered, since, until)

    monkeypatch.setattr(Rolling, "_kept", kept)
    roll(history, 3 * HOUR)
    with history._engine.connect() as connection:
        places = {number % PLACES for number in connection.scalars(select(tables.hours.c.id))}
    assert places == {first_place("acme-r1"), first_place("acme-r3")}
    assert "not summed up" in caplog.text


def test_a_clock_that_was_ahead_loses_no_availability(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(90)])
    roll(history, 6 * HOUR)
    roll(history, timedelta(days=5, hours=6))
    roll(history, 6 * HOUR)  # the clock is right again
    history.add([router.poll(cycle) for cycle in range(90, 6 * 360 + 15)])
    roll(history, timedelta(days=6, hours=1))
    with write(history._engine) as connection:
        connection.execute(delete(polls))
    days = history.availability("acme-r1", START, START + timedelta(days=6) - timedelta(seconds=1))
    unknown = [day.was.unknown for day in days]
    assert unknown[:5] == [round(router.at(0) - BEGAN), 0, 0, 0, 0]


def test_a_clock_that_is_far_behind_spoils_no_hour_whose_polls_are_gone(url: str) -> None:
    history, router = History(url), Router("acme-r1")
    history.add([router.poll(cycle) for cycle in range(90)])
    roll(history, 7 * HOUR)
    with history._engine.connect() as connection:
        before = connection.execute(select(tables.hours).order_by(tables.hours.c.id)).all()
    with write(history._engine) as connection:
        connection.execute(delete(polls).where(polls.c.id < span(BEGAN + 9000)))
    roll(history, HOUR)
    roll(history, 7 * HOUR)
    with history._engine.connect() as connection:
        assert connection.execute(select(tables.hours).order_by(tables.hours.c.id)).all() == before
