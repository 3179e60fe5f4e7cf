"""Whatever shows when a router was polled shows the noted moment, and the state's where that is later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from agent.monitoring.heard import Heard
from agent.monitoring.keeping.keeper import NOTE_AFTER_S
from agent.monitoring.sample import Answer
from agent.monitoring.views import Managed, Roster, Selection
from agent.store.figures import FleetFigures
from agent.store.fleet import Fleet as Shown
from agent.store.fleet import Mark
from agent.store.watching import rows
from tests.unit.monitoring.keeping.fleet import ROUTERS, START, Fleet

#: Seconds after the start: a whole one, and one with a fraction.
MOMENTS = (240.0, 720.25)


def polled(kept: Fleet, now: datetime) -> dict[str, float]:
    """By router the moment that all agree on, in seconds after the start."""
    figures = FleetFigures(kept.engine).read(now, len(ROUTERS))
    shown = {row.router: row.polled_at for row in Shown(kept.engine).rows(Selection(), now)}
    assert shown == kept.states.last_polls() == {brief.router: brief.polled_at for brief in figures.routers}
    assert shown == {name: state.polled_at for name, state in kept.states.states().items()}
    assert figures.oldest_poll == min(kept.states.last_polls().values())
    return {name: (moment - START).total_seconds() for name, moment in kept.states.last_polls().items()}


@pytest.mark.parametrize("at", MOMENTS)
def test_the_later_of_state_and_note_is_shown(kept: Fleet, at: float) -> None:
    Shown(kept.engine).keep(Roster(tuple(Managed(name, f"acme/{name}", proactive=True) for name in ROUTERS), ()), MARK)
    now = START + timedelta(seconds=at)
    kept.as_before(*ROUTERS, at=at)
    assert polled(kept, now) == dict.fromkeys(ROUTERS, at)
    rows_shown = Shown(kept.engine).rows(Selection(), now)
    assert {row.reach for row in rows_shown} == {"up"}, "though their states are older than the limit"
    later = at + NOTE_AFTER_S / 2
    kept.keeper.keep([Heard("leeds", START.timestamp() + later, Answer.SILENT, "no answer")], kept.terms)
    assert polled(kept, now) == dict.fromkeys(ROUTERS, at) | {"leeds": later}


@given(st.datetimes(datetime(2001, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 - in UTC, as SQLite has it
def test_a_moment_is_written_as_its_column_writes_it(moment: datetime) -> None:
    write = DateTime().dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert write is not None
    assert rows._text(moment.replace(tzinfo=UTC).timestamp()) == write(moment)


MARK = Mark("", "", START)
