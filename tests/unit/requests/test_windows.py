"""Windows, business hours and holidays, as tables of moments; also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.requests.windows import in_business_hours, next_within
from inventory.customer import Calendar
from inventory.times import parse_hours

LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "expected"),
    [
        ("Mon-Fri 08:00-18:00", "UTC", "2026-11-25 09:00", "2026-11-25 09:00"),
        ("Mon-Fri 08:00-18:00", "UTC", "2026-11-25 07:59", "2026-11-25 08:00"),
        ("Mon-Fri 08:00-18:00", "UTC", "2026-11-25 18:00", "2026-11-26 08:00"),
        ("Mon-Fri 08:00-18:00", "UTC", "2026-11-27 18:00", "2026-11-30 08:00"),
        ("Sat 22:00-04:00", "UTC", "2026-11-29 03:59", "2026-11-29 03:59"),
        ("Sat 22:00-04:00", "UTC", "2026-11-29 04:00", "2026-12-05 22:00"),
        ("daily 22:00-23:00", "Asia/Tokyo", "2026-11-25 12:00", "2026-11-25 13:00"),
        # The night in which London's clocks go forward: 01:30 does not exist, and forward is 00:30 UTC less.
        ("Sun 02:00-05:00", "Europe/London", "2026-03-29 00:00", "2026-03-29 01:00"),
        # The night in which they go back.
        ("Sun 02:00-05:00", "Europe/London", "2026-10-25 00:30", "2026-10-25 02:00"),
    ],
)
def test_the_next_moment_in_a_window(hours: str, zone: str, moment: str, expected: str) -> None:
    assert next_within(parse_hours(hours), ZoneInfo(zone), utc(moment)) == utc(expected)


@given(
    st.integers(0, 2 * 366 * 24 * 60),
    st.sampled_from(["Mon-Fri 08:00-18:00", "Sat 22:00-04:00", "daily 23:00-01:00", "Sun 00:00-23:59"]),
    st.sampled_from(["UTC", "Europe/London", "Pacific/Auckland", "America/New_York"]),
)
def test_it_is_never_in_the_past_and_opens_within_eight_days(minutes: int, hours: str, zone: str) -> None:
    window, where = parse_hours(hours), ZoneInfo(zone)
    moment = utc("2026-01-01") + timedelta(minutes=minutes)
    found = next_within(window, where, moment)
    assert moment <= found <= moment + timedelta(days=8)
    assert next_within(window, where, found) == found


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-25 08:00", True),
        ("2026-11-25 07:59", False),
        ("2026-11-25 17:00", False),
        ("2026-11-28 12:00", False),
        ("2026-12-25 12:00", False),
        ("2026-06-25 07:30", True),
    ],
)
def test_business_hours_are_local_and_know_holidays(moment: str, *, inside: bool) -> None:
    calendar = Calendar(timezone="Europe/London", holidays="GB-ENG", business_hours="Mon-Fri 08:00-17:00")
    assert in_business_hours(calendar, utc(moment)) is inside


def test_a_country_that_is_not_known_has_no_holidays() -> None:
    assert in_business_hours(Calendar(holidays="QQ"), utc("2026-12-25 12:00"))
