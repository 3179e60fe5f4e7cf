"""What is as before costs no decision and no row of its own; whoever else writes is heeded; a kill forgets little."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import event

from agent.errors import ConfigurationProblem
from agent.monitoring import alarms
from agent.monitoring.alarms import Kind
from agent.monitoring.heard import Heard
from agent.monitoring.keeping.keeper import NOTE_AFTER_S, Keeper, Kept
from agent.monitoring.keeping.note import Note
from agent.monitoring.sample import Answer
from agent.monitoring.states import Reach
from tests.unit.monitoring.keeping.fleet import ROUTERS, START, Fleet


def seconds(moment: datetime) -> float:
    return (moment - START).total_seconds()


def test_polls_that_are_as_before_are_noted_in_one_go_and_write_no_state(kept: Fleet) -> None:
    noted: list[Note] = []
    with (
        mock.patch("agent.store.watching.rows.save_notes", lambda _connection, notes: noted.extend(notes)),
        mock.patch("agent.store.watching.rows.save_states", side_effect=AssertionError),
    ):
        assert kept.as_before(*ROUTERS, at=240) == Kept((None,) * len(ROUTERS), (), {})
        assert sorted(note.router for note in noted) == sorted(ROUTERS)
        kept.as_before(*ROUTERS, at=240 + NOTE_AFTER_S / 2)
        assert len(noted) == len(ROUTERS), "soon after nothing is written"
        kept.keeper.note()
    assert {note.polls for note in noted[len(ROUTERS) :]} == {2}


def test_a_killed_daemon_knows_when_each_router_was_polled_but_for_the_last_moments(kept: Fleet) -> None:
    kept.as_before("leeds", "cork", at=240)
    kept.as_before("hub", at=241)  # not noted any more
    found = {router: seconds(moment) for router, moment in kept.states.last_polls().items()}
    assert found == {"leeds": 240, "cork": 240, "hub": 0, "hub2": 0}
    again = Keeper(kept.states, kept.doing)
    silent = Heard("leeds", START.timestamp() + 480, Answer.SILENT, "no answer")
    (outcome,) = again.keep((silent,), kept.terms).outcomes
    assert outcome is not None
    state = outcome.step.state
    assert (state.reach, state.answered_at) == (Reach.SUSPECT, datetime.fromtimestamp(START.timestamp() + 240, UTC))


def test_an_alarm_that_somebody_else_raised_is_decided_on_with_the_next_poll(kept: Fleet) -> None:
    kept.states.apply(alarms.backup("leeds", START, "no space"))
    found = kept.as_before("leeds", "cork", at=240)
    assert [outcome is None for outcome in found.outcomes] == [False, True]
    assert found.attend == ("leeds",)
    (alarm,) = kept.states.active_alarms()
    assert (alarm.key.kind, alarm.decision) == (Kind.BACKUP_FAILED, "suppressed: no fault of the service")


def test_what_another_process_wrote_is_not_overwritten(kept: Fleet) -> None:
    silent = Heard("leeds", START.timestamp() + 100, Answer.SILENT, "no answer")
    Keeper(kept.states, kept.doing).keep((silent,), kept.terms)
    silent = silent._replace(at=START.timestamp() + 240)
    (outcome,) = kept.keeper.keep((silent,), kept.terms).outcomes
    assert outcome is not None
    assert (outcome.step.state.reach, outcome.step.state.failures) == (Reach.DOWN, 2)


def test_a_batch_that_cannot_be_written_leaves_everything_as_it_was(kept: Fleet) -> None:
    silent = [Heard(name, START.timestamp() + 240, Answer.SILENT, "no answer") for name in ROUTERS]
    full = ConfigurationProblem("no space", where="here", remedy="make some")
    with mock.patch("agent.store.watching.rows.save_states", side_effect=full), pytest.raises(ConfigurationProblem):
        kept.keeper.keep(silent, kept.terms)
    assert {state.reach for state in kept.states.states().values()} == {Reach.UP}
    found = kept.as_before(*ROUTERS, at=240)
    assert {one and (one.step.state.reach, one.step.state.failures) for one in found.outcomes} == {(Reach.UP, 0)}
    assert found.attend == tuple(ROUTERS), "what was lost may have been more than silence"


@pytest.mark.parametrize("figures", [{"cpu_percent": 99.0}, {"round_trip_ms": 9000.0}, {"lost": 1}, {"uptime_s": 5.0}])
def test_figures_beyond_their_limits_are_decided_on(kept: Fleet, figures: dict[str, Any]) -> None:
    for number in range(1, 7):
        kept.as_before("leeds", at=240 * number)
    heard = kept.heard("leeds", 240 * 7)
    found = kept.keeper.keep((heard._replace(**figures),), kept.terms)
    assert found.outcomes[0] is not None
    assert found.attend == ("leeds",)


def test_many_silent_routers_take_few_statements(kept: Fleet) -> None:
    silent = [Heard(name, START.timestamp() + 240, Answer.SILENT, "no answer") for name in ROUTERS]
    told: list[str] = []
    event.listen(kept.engine, "before_cursor_execute", lambda *given: told.append(given[2]))
    kept.keeper.keep(silent[:1], kept.terms)
    few = len(told)
    kept.keeper.keep(silent[1:], kept.terms)
    assert len(told) <= 2 * few
