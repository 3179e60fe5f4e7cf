"""The schedule: exponential, bounded, and never a surprise by what a receiver asks for."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.requests.webhooks.schedule import Attempt, Ended, Schedule, Standing, Status, judge
from tests.unit.webhooks.conftest import NOW

SCHEDULE = Schedule()
FAILED = st.sampled_from((Ended.REFUSED, Ended.BROKEN))


@given(failures=st.integers(1, 10**6), jitter=st.floats(0, 1))
def test_a_delay_grows_to_its_bound_and_never_beyond(failures: int, jitter: float) -> None:
    delay = SCHEDULE.delay(failures, jitter)
    assert SCHEDULE.first * 0.8 <= delay <= SCHEDULE.longest * 1.2
    assert SCHEDULE.delay(failures + 1, jitter) >= delay


def test_the_delays_are_those_that_the_documentation_names() -> None:
    seconds = [SCHEDULE.delay(failures, 0.5).total_seconds() for failures in range(1, 9)]
    assert seconds == [5, 15, 45, 135, 405, 1215, 3600, 3600]


@given(attempts=st.integers(0, 500), age_s=st.integers(0, 10**6), failures=st.integers(0, 500),
       jitter=st.floats(0, 1), ended=st.sampled_from(Ended), wait_s=st.integers(0, 10**9))  # fmt: skip
def test_an_event_is_given_up_by_age_alone_and_never_when_it_was_taken(
    attempts: int, age_s: int, failures: int, jitter: float, ended: Ended, wait_s: int
) -> None:
    standing = Standing(attempts, NOW - timedelta(seconds=age_s), failures)
    verdict = judge(Attempt(ended, "why", wait_s), standing, NOW, jitter, SCHEDULE)
    old = age_s >= SCHEDULE.give_up_after.total_seconds()
    expected = Status.DELIVERED if ended is Ended.TAKEN else Status.FAILED if old else Status.PENDING
    assert verdict.status is expected
    assert (verdict.rests_until is not None) == (ended is Ended.BROKEN)
    assert verdict.receiver_failures == (failures + 1 if ended is Ended.BROKEN else 0)


@given(ended=FAILED, wait_s=st.integers(0, 10**9))
def test_a_receiver_may_ask_for_a_pause_but_not_for_for_ever(ended: Ended, wait_s: int) -> None:
    verdict = judge(Attempt(ended, "why", wait_s), Standing(0, NOW, 0), NOW, 0.5, SCHEDULE)
    asked = min(wait_s, 3600)
    for moment in (verdict.next_at, verdict.rests_until or verdict.next_at):
        assert timedelta(seconds=max(5, asked)) == moment - NOW
