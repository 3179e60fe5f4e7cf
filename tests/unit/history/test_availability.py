"""Seconds up, down, suspect and unknown: a table of stories, and what holds for any polls."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.availability import Seconds, Witness, tally
from agent.monitoring.sample import Answer

UP, NO, BAD, NOT = Answer.ANSWERED, Answer.SILENT, Answer.UNUSABLE, Answer.NOT_ASKED


def polls(*told: tuple[int, Answer]) -> list[Witness]:
    return [Witness(at, answer) for at, answer in told]


@pytest.mark.parametrize(
    ("told", "was"),
    [
        ([], Seconds(unknown=1000)),
        ([(0, UP), (240, UP), (480, UP), (720, UP), (960, UP)], Seconds(up=1000)),
        # An outage counts from its first silent poll, to the first answer.
        ([(0, UP), (240, NO), (255, NO), (480, NO), (720, UP), (960, UP)], Seconds(up=520, down=480)),
        # One silence is a suspicion.
        ([(0, UP), (240, NO), (255, UP), (480, UP), (720, UP), (960, UP)], Seconds(up=985, suspect=15)),
        # What nobody asked is not known, and neither confirms nor ends an outage.
        ([(0, UP), (240, NO), (480, NOT), (720, NO), (960, UP)], Seconds(up=280, down=480, unknown=240)),
        # An answer that cannot be used is neither up nor down, and ends a silence.
        ([(0, UP), (240, NO), (480, BAD), (720, NO), (960, UP)], Seconds(up=280, suspect=480, unknown=240)),
        # Nothing is known between polls that are too far apart, whatever they say.
        ([(0, UP), (400, UP), (640, UP), (880, UP)], Seconds(up=600, unknown=400)),
        ([(0, NO), (240, NO), (700, NO), (940, NO)], Seconds(down=540, unknown=460)),
        # Polls before and after the time say how it began and ended.
        ([(-240, NO), (-100, NO), (140, UP), (380, UP), (620, UP), (860, NO), (1100, NO)],
         Seconds(up=720, down=280)),
        ([(300, UP), (540, UP), (780, UP)], Seconds(up=700, unknown=300)),
    ],
)  # fmt: skip
def test_stories(told: list[tuple[int, Answer]], was: Seconds) -> None:
    assert tally(polls(*told), 0, 1000, 1000, 2) == was


def test_the_time_after_the_last_poll_is_not_known_where_another_was_due() -> None:
    told = polls((0, UP), (240, UP))
    assert tally(told, 0, 500, 500, 2) == Seconds(up=500)
    assert tally(told, 0, 500, 3600, 2) == Seconds(up=240, unknown=260)


STORIES = st.lists(
    st.tuples(st.floats(-2000, 90_000, allow_nan=False), st.sampled_from(tuple(Answer))), max_size=60
).map(lambda found: polls(*sorted(found)))  # type: ignore[arg-type]


@given(STORIES, st.integers(0, 86_400), st.integers(0, 86_400), st.integers(2, 3))
def test_the_sum_is_the_time(told: list[Witness], one: int, other: int, confirm: int) -> None:
    start, end = sorted((one, other))
    was = tally(told, start, end, end + 900, confirm)
    assert sum(was) == end - start
    assert min(was) >= 0


@given(STORIES, st.integers(2, 3))
def test_only_answers_count_as_up_and_only_silence_as_down(told: list[Witness], confirm: int) -> None:
    was = tally(told, 0, 86_400, 87_300, confirm)
    answers = [poll for poll in told if poll.answer is UP]
    silences = [poll for poll in told if poll.answer is NO]
    assert was.up <= 306 * len(answers), "what a poll says holds for 305 s at most"
    assert was.down + was.suspect <= 306 * len(silences)
    if len(silences) < confirm:
        assert was.down == 0


@given(STORIES, st.integers(2, 3), st.lists(st.integers(0, 86_400), max_size=5))
def test_the_parts_of_a_day_come_to_the_day(told: list[Witness], confirm: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 86_400]
    parts = [tally(told, one, other, 87_300, confirm) for one, other in pairwise(edges)]
    whole = tally(told, 0, 86_400, 87_300, confirm)
    total = Seconds()
    for part in parts:
        total = total.plus(part)
    assert total == whole


@given(STORIES, st.integers(2, 3), st.data())
def test_a_poll_that_nobody_made_never_makes_it_more_up(told: list[Witness], confirm: int, data: st.DataObject) -> None:
    """Leave one out that is no silence: up does not grow by more than what the ones before it are good for."""
    if not told:
        return
    place = data.draw(st.integers(0, len(told) - 1))
    fewer = told[:place] + told[place + 1 :]
    was, less = tally(told, 0, 86_400, 87_300, confirm), tally(fewer, 0, 86_400, 87_300, confirm)
    if told[place].answer is UP:
        assert less.up <= was.up
