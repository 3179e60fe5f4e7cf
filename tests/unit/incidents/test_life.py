"""The life of an incident as tables of moments [OP-2]."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Refused
from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status, Step

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)

#: Hours after opening, what happens, and where the incident stands then.
Moment = tuple[float, str, Status]

OPEN, CLEARED, CLOSED = Status.OPEN, Status.CLEARED, Status.CLOSED

STORIES: dict[str, list[Moment]] = {
    "confirmed": [(1, "clear", CLEARED), (2, "contact", CLEARED), (5, "confirm", CLOSED)],
    "confirmed without our contact": [(1, "clear", CLEARED), (5, "confirm", CLOSED)],
    "contacted, no answer": [
        (1, "clear", CLEARED),
        (2, "contact", CLEARED),
        (25.9, "tick", CLEARED),
        (26, "tick", CLOSED),
    ],
    "never contacted": [(1, "clear", CLEARED), (26, "tick", CLEARED), (500, "tick", CLEARED)],
    "contacted late": [(1, "clear", CLEARED), (30, "contact", CLEARED), (53, "tick", CLEARED), (54, "tick", CLOSED)],
    "a second call does not prolong": [
        (1, "clear", CLEARED),
        (2, "contact", CLEARED),
        (20, "contact", CLEARED),
        (26, "tick", CLOSED),
    ],
    "told while open counts for nothing": [(0.5, "contact", OPEN), (1, "clear", CLEARED), (25, "tick", CLEARED)],
    "still broken": [(1, "clear", CLEARED), (2, "contact", CLEARED), (3, "still_broken", OPEN), (50, "tick", OPEN)],
    "still broken, cleared again, waits anew": [
        (1, "clear", CLEARED),
        (2, "contact", CLEARED),
        (3, "still_broken", OPEN),
        (20, "clear", CLEARED),
        (27, "tick", CLEARED),
        (28, "contact", CLEARED),
        (52, "tick", CLOSED),
    ],
    "comes back before it is confirmed": [
        (1, "clear", CLEARED),
        (2, "contact", CLEARED),
        (3, "attach", OPEN),
        (90, "tick", OPEN),
    ],
    "another alarm while open": [(1, "attach", OPEN)],
    "cleared twice": [(1, "clear", CLEARED), (2, "clear", CLEARED)],
    "confirmed in the last minute": [(1, "clear", CLEARED), (2, "contact", CLEARED), (25.99, "confirm", CLOSED)],
}


def opened() -> Incident:
    return Incident("INC-000001", "leeds", "acme/leeds", "down", Status.OPEN, T0, T0 - timedelta(minutes=1))


def act(incident: Incident, what: str, at: datetime) -> Incident:
    acts: dict[str, Callable[[], Incident]] = {
        "clear": lambda: life.clear(incident, at, "spokesman", "answers again"),
        "contact": lambda: life.contact(incident, at, "anna", "called the network desk"),
        "confirm": lambda: life.confirm(incident, at, "anna"),
        "still_broken": lambda: life.still_broken(incident, at, "anna", "no"),
        "attach": lambda: life.attach(incident, at, at, "down again"),
        "tick": lambda: life.tick(incident, at),
    }
    return acts[what]()


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    incident = opened()
    for hours, what, expected in STORIES[name]:
        incident = act(incident, what, T0 + timedelta(hours=hours))
        assert incident.status is expected, (hours, what)


def test_an_incident_that_nobody_contacted_says_so_once() -> None:
    incident = act(opened(), "clear", T0)
    for hours in range(100):
        incident = act(incident, "tick", T0 + timedelta(hours=hours))
    assert [entry.what for entry in incident.timeline].count(Step.WAITS_FOR_CONTACT) == 1


@pytest.mark.parametrize("what", ["confirm", "contact", "still_broken"])
def test_a_closed_incident_stays_closed(what: str) -> None:
    closed = act(act(opened(), "clear", T0), "confirm", T0)
    with pytest.raises(Refused, match="was closed at 2026-11-30 08:00Z"):
        act(closed, what, T0)


def test_an_open_incident_is_not_confirmed() -> None:
    with pytest.raises(Refused, match=r"still open.*OP-2"):
        act(opened(), "confirm", T0)


def test_evidence_is_due_15_minutes_after_the_first_failed_poll_WV_10() -> None:
    assert opened().evidence_due == T0 + timedelta(minutes=14)


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from(["clear", "contact", "tick", "attach", "still_broken"]))))
def test_it_closes_by_itself_only_24_h_after_a_contact_since_it_cleared(steps: list[tuple[float, str]]) -> None:
    incident, now = opened(), T0
    for hours, what in steps:
        now += timedelta(hours=hours)
        if incident.status is Status.CLOSED:
            break
        before, incident = incident, act(incident, what, now)
        assert incident.timeline[: len(before.timeline)] == before.timeline, "a timeline only grows"
    if incident.status is Status.CLOSED:
        assert incident.contacted_at is not None
        assert incident.cleared_at is not None
        assert incident.closed_at is not None
        assert incident.closed_at - incident.contacted_at >= timedelta(hours=24)
        assert incident.contacted_at >= incident.cleared_at
