"""Days and hours as people write them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.times import DAYS, Hours, parse_days, parse_hours


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Sat", {5}),
        ("Mon-Fri", {0, 1, 2, 3, 4}),
        ("Sat-Mon", {5, 6, 0}),
        ("Mon,Wed-Thu", {0, 2, 3}),
        ("Mon, Wed", {0, 2}),
        ("Tue-Tue", {1}),
        ("daily", set(range(7))),
    ],
)
def test_days(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "sat", "Saturday", "Mon-", "-Fri", "Mon-Fri-Sun", "Mon;Tue", "Mon,,Tue"])
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must name days"):
        parse_days(text)


def test_hours() -> None:
    assert parse_hours("Mon-Fri 08:00-17:30") == Hours(frozenset(range(5)), time(8), time(17, 30))
    assert parse_hours("Sun 22:00-02:00") == Hours(frozenset({6}), time(22), time(2))


@pytest.mark.parametrize("text", ["", "Mon-Fri", "08:00-17:00", "Mon 8:00-17:00", "Mon 08:00-24:00", "Mon 08:60-09:00"])
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be days and hours"):
        parse_hours(text)


def test_hours_without_length_are_refused() -> None:
    with pytest.raises(ValueError, match="same time"):
        parse_hours("Mon 08:00-08:00")


@given(st.integers(0, 6), st.integers(0, 6))
def test_a_range_of_days_holds_both_ends_and_what_is_between(first: int, last: int) -> None:
    days = parse_days(f"{DAYS[first]}-{DAYS[last]}")
    assert {first, last} <= days
    assert len(days) == (last - first) % 7 + 1
