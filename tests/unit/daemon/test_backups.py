"""When a daily backup is due: a table of moments, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.monitoring.due import due, last_turn
from agent.monitoring.views import BackupRun


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "zone", "now", "expected"),
    [
        ("02:00", "UTC", "2026-11-30 02:00", "2026-11-30 02:00"),
        ("02:00", "UTC", "2026-11-30 01:59", "2026-11-29 02:00"),
        ("02:00", "Europe/London", "2026-07-01 01:30", "2026-07-01 01:00"),
        ("00:15", "Asia/Tokyo", "2026-11-30 16:00", "2026-11-30 15:15"),
        ("23:30", "America/New_York", "2026-11-30 04:00", "2026-11-29 04:30"),
        ("01:30", "Europe/London", "2026-03-29 06:00", "2026-03-29 01:30"),  # the hour that the clocks skip
        ("01:30", "Europe/London", "2026-10-25 06:00", "2026-10-25 00:30"),  # the hour that they repeat
    ],
)
def test_last_turn(hour: str, zone: str, now: str, expected: str) -> None:
    assert last_turn(hour, zone, utc(now)) == utc(expected)


RAN = BackupRun("leeds", utc("2026-11-29 02:00"), utc("2026-11-29 02:00"), "")
FAILED = BackupRun("leeds", utc("2026-11-30 02:00"), utc("2026-11-29 02:00"), "nothing answers")


@pytest.mark.parametrize(
    ("run", "now", "expected"),
    [
        (None, "2026-11-30 01:00", True),
        (RAN, "2026-11-30 01:59", False),
        (RAN, "2026-11-30 02:00", True),
        (RAN, "2026-12-04 17:00", True),  # missed while the daemon was down
        (RAN, "2026-11-27 02:00", True),  # a clock was set back: what the future holds is not known
        (FAILED, "2026-11-30 02:29", False),
        (FAILED, "2026-11-30 02:30", True),
    ],
)
def test_due(run: BackupRun | None, now: str, expected: bool) -> None:
    assert due(run, "02:00", "UTC", utc(now)) is expected


@given(
    now=st.integers(0, 2 * 366 * 24 * 60),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["UTC", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"]),
)
def test_a_turn_comes_round_within_a_day_and_an_hour_wherever(now: int, hour: int, zone: str) -> None:
    moment = utc("2026-01-01") + timedelta(minutes=now)
    turn = last_turn(f"{hour:02}:15", zone, moment)
    assert timedelta(0) <= moment - turn <= timedelta(hours=25)
