"""What is shown: an old state is unknown, a silent daemon is not running, a failed backup is not ok."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status
from agent.monitoring.alarms import Alarm, AlarmKey, Kind
from agent.monitoring.reach import reach_now
from agent.monitoring.states import Link, LinkState, Reach, RouterState
from agent.monitoring.views import (
    BackupRun,
    Heartbeat,
    Managed,
    alarm_rows,
    backup_verdict,
    daemon,
    incident_rows,
    status,
)

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def test_a_state_older_than_300_s_is_unknown() -> None:
    def shown(now: datetime) -> tuple[Reach, str]:
        return reach_now(Reach.UP, "answers", T0, now)

    assert shown(after(300)) == (Reach.UP, "answers")
    assert shown(after(301)) == (Reach.UNKNOWN, "not polled for 301 s; it was up then")
    assert shown(after(-301))[0] is Reach.UNKNOWN  # a clock was set back


@pytest.mark.parametrize(
    ("heartbeat", "running", "words"),
    [
        (None, False, "never run"),
        (Heartbeat(7, T0, T0, T0, T0, 3, "d"), True, "(process 7)"),
        (Heartbeat(7, T0, after(-16), T0, T0, 3, "d"), True, "(process 7), last heard of 16 s ago"),
        (Heartbeat(7, T0, after(-61), T0, T0, 3, "d"), False, "61 s old"),
        (Heartbeat(7, T0, after(61), T0, T0, 3, "d"), False, "61 s in the future"),
        (Heartbeat(7, T0, T0, T0, T0, 3, "d", stopped_at=T0), False, "stopped at 2026-11-30 08:00:00Z"),
    ],
)
def test_daemon(heartbeat: Heartbeat | None, running: bool, words: str) -> None:
    row = daemon(heartbeat, T0)
    assert row.running is running
    assert words in row.text


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (None, "never"),
        (BackupRun("leeds", T0, T0, ""), "ok"),
        (BackupRun("leeds", T0, T0, "nothing answers"), "failed"),
        (BackupRun("leeds", after(3601), after(3601), ""), "overdue"),  # a clock was set back
        (BackupRun("leeds", after(-90001), after(-90001), ""), "overdue"),
        (BackupRun("leeds", T0, None, ""), "overdue"),
    ],
)
def test_backup_verdict(run: BackupRun | None, expected: str) -> None:
    assert backup_verdict(run, T0) == expected


def test_status_shows_every_router_of_the_inventory_once(story: Any) -> None:
    links = {"Tunnel10": LinkState(Link.DOWN, T0), "GigabitEthernet0/0/0": LinkState(Link.UP, T0)}
    states = {"leeds": RouterState("leeds", Reach.UP, T0, "answers", T0, links=links)}
    alarm = Alarm(1, AlarmKey("leeds", Kind.INTERFACE_DOWN, "Tunnel10"), T0, T0, "down", "opened", "INC-000001")
    rows = {row.router: row for row in status(map(Managed.of, story.inventory.sites()), states, (alarm,), {}, T0)}
    assert set(rows) == {"hub", "leeds", "york"}
    assert (rows["leeds"].broken, rows["leeds"].incident, rows["leeds"].alarms) == (("Tunnel10 down",), "INC-000001", 1)
    assert (rows["york"].reach, rows["york"].backup) == (Reach.UNKNOWN, "never")


def test_an_alarm_row_says_why_no_incident_was_opened() -> None:
    key = AlarmKey("leeds", Kind.ROUTER_UNREACHABLE)
    (row,) = alarm_rows([Alarm(1, key, T0, T0, "silent", "suppressed: proactive monitoring is not ordered [WV-10]")])
    assert (row.severity, row.decision) == ("critical", "suppressed: proactive monitoring is not ordered [WV-10]")


def test_an_incident_row_says_what_it_waits_for() -> None:
    one = Incident("INC-000001", "leeds", "acme/leeds", "down", Status.OPEN, T0, T0)
    cleared = life.clear(one, T0, "spokesman", "up")
    told = life.contact(cleared, T0, "anna", "called")
    closed = life.confirm(told, T0, "anna")
    assert [row.next for row in incident_rows([one, cleared, told, closed])] == [
        "evidence due 2026-11-30 08:15Z",
        "contact with the customer",
        "confirmation until 2026-12-01 08:00Z",
        "closed 2026-11-30 08:00Z",
    ]
