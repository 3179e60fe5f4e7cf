"""The poller's own service level: what counts as a poll, which gaps there are and why, days, and what is shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.cycle import Reason, Taken, Trouble
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.monitoring.schedule import LIMIT_S
from agent.monitoring.service_level import Day, Gap, Late, OfDay, ServiceLevel, explain
from agent.monitoring.service_level.level import DAY_S
from agent.monitoring.service_level.shown import level_rows

#: Noon of a day, in Unix seconds; the steady clock is at NOW then.
NOON, NOW = 20_000 * DAY_S + DAY_S / 2, 5000.0


def poll(router: str, after: float, answer: Answer = Answer.ANSWERED, step_s: float = 0.0) -> Taken:
    """A poll that began so many seconds after noon; the time of day was set by ``step_s`` since."""
    return Taken(NOW + after, Heard(router, NOON + after + step_s, answer))


def level(*routers: str, age_s: float = 0.0) -> ServiceLevel:
    made = ServiceLevel()
    made.manage(routers, NOW, NOON, dict.fromkeys(routers, NOW - age_s))
    return made


def test_polls_within_300_s_leave_no_gap_whatever_they_bring() -> None:
    counted = level("leeds")
    for after, answer in ((100, Answer.ANSWERED), (399, Answer.SILENT), (699, Answer.UNUSABLE)):
        assert counted.polled([poll("leeds", after, answer)]) == []
    (day,) = counted.days()
    assert day == Day(20_000, {"leeds": OfDay(3, 300.0, NOON + 699)})
    assert counted.late(NOW + 999) == []
    assert counted.late(NOW + 1000) == [Late("leeds", 301.0)]


@pytest.mark.parametrize("reason", [Reason.SUSPENDED, Reason.HELD_UP, Reason.WORKER_DIED, Reason.WINDOW_FULL])
def test_a_gap_has_the_reason_of_what_held_it_up(reason: Reason) -> None:
    counted = level("leeds", "york")
    counted.trouble(Trouble(reason, NOW + 200, NOW + 400))
    gaps = counted.polled([poll("leeds", 401), poll("york", 299)])
    assert gaps == [Gap("leeds", NOON, NOON + 401, 401.0, reason)]
    assert counted.gaps[reason] == 1


def test_a_poll_that_was_not_asked_is_none() -> None:
    counted = level("leeds")
    for after, why in ((200, "no secret"), (210, "the poll failed: KeyError" + "." * 400)):
        taken = poll("leeds", after, Answer.NOT_ASKED)
        counted.polled([taken._replace(heard=taken.heard._replace(reason=why))])
    assert counted.late(NOW + 301) == [Late("leeds", 301.0)]
    told = counted.why(Late("leeds", 301.0), NOW + 301)
    assert told.startswith("it could not be asked: the poll failed: KeyError...")
    assert len(told) < 240
    (gap,) = counted.polled([poll("leeds", 440)])
    assert (gap.reason, gap.detail) == (Reason.NOT_ASKED, told.partition(": ")[2])


def test_a_poll_that_was_left_out_when_others_were_kept_is_none() -> None:
    counted = level("leeds", "york")
    counted.polled([poll("leeds", 200), poll("york", 200)], {"leeds": "RuntimeError in states.py"})
    assert [late.router for late in counted.late(NOW + 310)] == ["leeds"]
    told = counted.why(Late("leeds", 310.0), NOW + 310)
    assert told == "what came back could not be kept: RuntimeError in states.py"
    (gap,) = counted.polled([poll("leeds", 440), poll("york", 440)])
    assert gap == Gap("leeds", NOON, NOON + 440, 440.0, Reason.NOT_KEPT, "RuntimeError in states.py")


def test_what_is_known_of_a_poll_that_was_not_asked_explains_no_other_reason() -> None:
    counted = level("leeds")
    counted.polled([poll("leeds", 390, Answer.NOT_ASKED)])
    counted.trouble(Trouble(Reason.SUSPENDED, NOW + 10, NOW + 380))
    (gap,) = counted.polled([poll("leeds", 400)])
    assert (gap.reason, gap.detail) == (Reason.SUSPENDED, "")


def test_what_stands_behind_others_is_the_reason() -> None:
    """A suspended machine makes turns late as well."""
    both = [Trouble(Reason.WINDOW_FULL, 100, 900), Trouble(Reason.SUSPENDED, 100, 800)]
    assert explain(0, 900, both) is Reason.SUSPENDED
    assert explain(0, 900, [both[0], Trouble(Reason.SUSPENDED, 100, 110)]) is Reason.WINDOW_FULL
    assert explain(0, 900, []) is Reason.UNKNOWN
    assert explain(0, 900, [Trouble(Reason.HELD_UP, 950, 990)]) is Reason.UNKNOWN


def test_the_downtime_of_the_daemon_is_a_gap_of_those_that_were_polled_before() -> None:
    counted = level("leeds", age_s=1000)
    counted.manage(("leeds", "new"), NOW, NOON, {})
    counted.trouble(Trouble(Reason.NOT_RUNNING, NOW - 990, NOW))
    (gap,) = counted.polled([poll("leeds", 1), poll("new", 250)])
    assert gap == Gap("leeds", NOON - 1000, NOON + 1, 1001.0, Reason.NOT_RUNNING)


def test_who_left_the_inventory_is_not_late_and_begins_anew_when_it_comes_back() -> None:
    counted = level("leeds", "york")
    counted.manage(("york",), NOW + 10, NOON + 10, {})
    assert [late.router for late in counted.late(NOW + 400)] == ["york"]
    assert counted.polled([poll("leeds", 20)]) == []
    counted.manage(("york", "leeds"), NOW + 900, NOON + 900, {})
    assert counted.polled([poll("leeds", 1100)]) == []


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_a_clock_that_is_set_makes_no_gap(step_s: float) -> None:
    counted = level("leeds")
    counted.polled([poll("leeds", 100)])
    assert counted.polled([poll("leeds", 340, step_s=step_s)]) == []
    assert counted.longest_s == 240


def test_a_day_that_is_over_is_told_once_and_the_next_begins_at_nothing() -> None:
    counted = level("leeds")
    counted.polled([poll("leeds", 100)])
    midnight = DAY_S / 2
    for after in range(340, int(midnight) + 300, 240):
        counted.polled([poll("leeds", after)])
    first, second = counted.days()
    assert (first.number, first.routers["leeds"].polls) == (20_000, 180)
    assert (second.number, second.routers["leeds"].polls) == (20_001, 1)
    assert [day.number for day in counted.days()] == [20_001]


def test_a_run_goes_on_with_what_the_former_one_counted_of_the_day() -> None:
    counted = level("leeds", "york")
    counted.restore(Day(20_000, {"leeds": OfDay(7, 250.0, NOON), "gone": OfDay(1, 1.0, NOON)}))
    counted.polled([poll("leeds", 100), poll("york", 100)])
    (day,) = counted.days()
    assert day.routers == {"leeds": OfDay(8, 250.0, NOON), "york": OfDay(1, 100.0, NOON + 100)}


@given(waits=st.lists(st.integers(4, 3600).map(lambda quarters: quarters / 4), min_size=1, max_size=40), data=st.data())
def test_each_interval_that_is_too_long_is_one_gap(waits: list[float], data: st.DataObject) -> None:
    counted, after = level("leeds"), 0.0
    found: list[Gap] = []
    for wait in waits:
        after += wait
        found += counted.polled([poll("leeds", after)])
    long = [wait for wait in waits if wait > LIMIT_S]
    assert [round(gap.seconds, 3) for gap in found] == [round(wait, 3) for wait in long]
    assert counted.longest_s == pytest.approx(max(waits))


def test_what_is_shown_puts_first_who_was_not_polled_in_time() -> None:
    now = datetime.fromtimestamp(NOON, UTC)
    days = [
        Day(19_999, {"a": OfDay(360, 240.0, NOON - 50_000), "b": OfDay(300, 500.0, NOON - 60_000)}),
        Day(20_000, {"a": OfDay(180, 250.0, NOON - 10), "c": OfDay(5, 90.0, NOON - 10)}),
    ]
    gaps = [Gap("b", NOON - 60_500, NOON - 60_000, 500.0, Reason.WORKER_DIED, "signal 9")]
    last = {"a": now, "b": now, "c": datetime.fromtimestamp(NOON - 301, UTC)}
    rows = level_rows(("a", "b", "c", "d"), days, gaps, last, now)
    assert [(row.router, row.held, row.polls) for row in rows] == [
        ("b", False, 300), ("c", False, 5), ("d", False, 0), ("a", True, 540),
    ]  # fmt: skip
    assert rows[0].gaps[0].reason == "the worker died: signal 9"
    assert rows[3].longest_s == 250
    assert rows[2].longest_s is None
