"""A poll that cannot be kept costs its own router alone, and is told; a database that fails is told as such."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from agent.errors import ConfigurationProblem
from agent.monitoring import watch
from agent.monitoring.alarms import Kind, backup
from agent.monitoring.heard import Heard, told_by
from agent.monitoring.keeping.keeper import Terms
from agent.monitoring.keeping.note import Note
from agent.monitoring.keeping.parting import in_parts
from agent.monitoring.keeping.steady import Steady
from agent.monitoring.ports import Outcome
from agent.monitoring.sample import Answer
from agent.monitoring.states import Reach, RouterState
from agent.store.watching import rows
from agent.store.watching.rows import columns
from agent.store.watching.tables import alarms, states
from tests.unit.monitoring.keeping.fleet import ROUTERS, START, TUNNEL, Fleet, subjects

SPOILT = RuntimeError("no such thing")
MANY = tuple(f"r{number:03}" for number in range(300))


def silent(name: str, at: float) -> Heard:
    return Heard(name, START.timestamp() + at, Answer.SILENT, "no answer")


def spoils(*names: str) -> Any:
    """Deciding on polls of these raises."""

    def decide(subject: watch.Subject, *given: Any) -> Outcome:
        if subject.router in names:
            raise SPOILT
        return watch.outcome(subject, *given)

    return mock.patch("agent.monitoring.keeping.keeper.outcome", decide)


def reaches(kept: Fleet) -> dict[str, Reach]:
    return {name: state.reach for name, state in kept.states.states().items()}


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_one_bad_poll_of_many_costs_its_router_alone(kept: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    spoke = subjects()["leeds"]
    kept.terms = Terms({name: replace(spoke, router=name, site=f"acme/{name}", hubs={}) for name in MANY}, 2)
    bad = MANY[123]
    with spoils(bad), mock.patch.object(kept.states, "turn", wraps=kept.states.turn) as turn:
        for at in (0, 240):
            found = kept.keeper.keep([silent(name, at) for name in MANY], kept.terms)
            assert [*found.lost] == [bad]
    assert {key.subject for key in (alarm.key for alarm in kept.states.active_alarms())} == {*MANY} - {bad}
    assert len(kept.incidents.incidents(closed=False)) == len(MANY) - 1
    assert turn.call_count < 2 * 20, "the good ones are not written one by one"
    [line] = told(caplog)
    assert line.startswith(f"what {bad} answers cannot be kept, it stays as it was: RuntimeError in ")
    assert line.endswith("no such thing")
    assert kept.keeper.failing == 1
    assert found.lost[bad].endswith("no such thing")
    assert kept.keeper.keep([silent(bad, 480)], kept.terms).lost == {}
    assert kept.keeper.failing == 0


def test_a_spoilt_poll_is_not_forgotten_by_the_next_one_that_is_as_before(kept: Fleet) -> None:
    with spoils("leeds"):
        found = kept.whole_of(*ROUTERS, at=240)
    assert found.attend == ("leeds",), "its next poll tells all"
    assert [outcome is None for outcome in found.outcomes] == [name == "leeds" for name in ROUTERS]
    found = kept.as_before(*ROUTERS, at=480)
    assert [outcome is None for outcome in found.outcomes] == [name != "leeds" for name in ROUTERS]
    assert kept.states.states()["leeds"].answered_at == START + timedelta(seconds=480)


def test_a_state_that_cannot_be_read_is_begun_anew(kept: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    with kept.engine.begin() as connection:
        connection.execute(update(states).where(states.c.router == "hub").values(state='{"router": 5}'))
    kept.restart()
    assert kept.states.states().keys() == {*ROUTERS} - {"hub"}
    caplog.clear()
    found = kept.keeper.keep([silent(name, 240) for name in ROUTERS], kept.terms)
    assert None not in found.outcomes
    assert told(caplog) == [
        "the state of hub cannot be read and is taken for none: router Input should be a valid string"
    ]
    kept.keeper.keep([silent(name, 480) for name in ROUTERS], kept.terms)
    assert reaches(kept) == dict.fromkeys(ROUTERS, Reach.DOWN)
    assert {alarm.key.subject for alarm in kept.states.active_alarms()} == {*ROUTERS}


def test_an_alarm_that_cannot_be_read_costs_its_router_alone(kept: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    kept.states.apply(backup("leeds", START, "no space"))
    with kept.engine.begin() as connection:
        connection.execute(update(alarms).values(kind="of_a_later_release"))
    kept.keeper.keep([silent(name, 240) for name in ROUTERS], kept.terms)
    assert [line.partition(":")[0] for line in told(caplog)] == [
        "what leeds answers cannot be kept, it stays as it was"
    ]
    assert reaches(kept) == {name: Reach.UP if name == "leeds" else Reach.SUSPECT for name in ROUTERS}


def test_a_row_that_the_database_refuses_costs_its_router_alone(kept: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    with mock.patch("agent.store.watching.rows.columns", lambda state: _columns(state, "cork")):
        kept.keeper.keep([silent(name, 240) for name in ROUTERS], kept.terms)
    assert [line.partition(":")[0] for line in told(caplog)] == ["what cork answers cannot be kept, it stays as it was"]
    assert reaches(kept) == {name: Reach.UP if name == "cork" else Reach.SUSPECT for name in ROUTERS}


def _columns(state: RouterState, bad: str) -> dict[str, object]:
    """Of one router a column is missing that must be there."""
    return columns(state) | ({"reach": None} if state.router == bad else {})


def test_a_note_that_cannot_be_written_costs_its_router_alone(kept: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    def note(steady: Steady) -> Note:
        found = of(steady)
        return found._replace(polls=None) if steady.router == "leeds" else found  # type: ignore[arg-type]

    of = Steady.note
    with mock.patch.object(Steady, "note", note):
        kept.keeper.keep([silent("hub", 240), *(kept.heard(name, 240) for name in ROUTERS[1:])], kept.terms)
    assert [line.partition(":")[0] for line in told(caplog)] == [
        "what leeds answers cannot be kept, it stays as it was"
    ]
    polled = {name: (moment - START).total_seconds() for name, moment in kept.states.last_polls().items()}
    assert polled == {name: 0 if name == "leeds" else 240 for name in ROUTERS}
    assert kept.as_before("leeds", at=480).outcomes[0] is not None, "its next poll is decided on"


def test_a_database_that_fails_is_not_tried_for_each_router(kept: Fleet) -> None:
    problem = ConfigurationProblem("no space", where="here", remedy="make some")
    with (
        mock.patch.object(kept.states, "turn", side_effect=problem) as turn,
        pytest.raises(ConfigurationProblem),
    ):
        kept.keeper.keep([silent(name, 240) for name in ROUTERS], kept.terms)
    assert turn.call_count == 1


def test_what_spoils_even_an_empty_turn_is_nobodys_fault(kept: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    with (
        mock.patch.object(rows, "revise", side_effect=SPOILT) as revise,
        pytest.raises(RuntimeError, match="no such thing"),
    ):
        kept.keeper.keep([silent(name, 240) for name in ROUTERS], kept.terms)
    assert revise.call_count == 2
    assert (told(caplog), kept.keeper.failing) == ([], 0)
    kept.keeper.keep([silent(name, 240) for name in ROUTERS], kept.terms)
    assert reaches(kept) == dict.fromkeys(ROUTERS, Reach.SUSPECT)


@given(st.lists(st.booleans(), max_size=40))
def test_all_but_the_bad_ones_are_done_once_and_in_order(bad: list[bool]) -> None:
    done: list[int] = []
    calls: list[int] = []

    def work(items: Sequence[int]) -> None:
        calls.append(len(items))
        if any(bad[item] for item in items):
            raise SPOILT
        done.extend(items)

    failed = in_parts(range(len(bad)), work)
    assert failed == [(item, SPOILT) for item, is_bad in enumerate(bad) if is_bad]
    assert done == [item for item, is_bad in enumerate(bad) if not is_bad]
    assert len(calls) <= max(0, 2 * len(bad) - 1)


def test_a_change_while_the_store_could_not_be_written_is_alarmed_when_it_can(kept: Fleet) -> None:
    problem = ConfigurationProblem("no space", where="here", remedy="make some")
    kept.routers["leeds"].down.add(TUNNEL)
    lost = [told_by(kept.routers[name].answer(START + timedelta(seconds=240))) for name in ("leeds", "leeds", "cork")]
    lost[1] = lost[1]._replace(at=lost[1].at + 1)  # a piece of the batch of its own, with cork
    with mock.patch.object(kept.states, "turn", side_effect=problem):
        with pytest.raises(ConfigurationProblem):
            kept.keeper.keep(lost, kept.terms)
        for at in (480, 720):
            with pytest.raises(ConfigurationProblem):
                kept.as_before("leeds", "cork", at=at)
    # The poller has told often enough what it found by now: its polls are steady again.
    found = kept.as_before("leeds", "cork", at=960)
    assert (None in found.outcomes, found.attend) == (False, ("leeds", "cork"))
    for at in (1200, 1440):
        kept.whole_of("leeds", at=at)
    assert {(alarm.key.kind, alarm.key.item) for alarm in kept.states.active_alarms()} == {
        (Kind.INTERFACE_DOWN, TUNNEL)
    }
