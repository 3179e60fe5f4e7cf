"""What a look leads to in the store: alarms, incidents, what is suppressed and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.incidents import incident as life
from agent.incidents.incident import Incident, Status
from agent.incidents.opening import Decision
from agent.monitoring.alarms import Alarm, AlarmKey, Kind, Raise, Verdicts
from agent.monitoring.ports import Outcome
from agent.monitoring.servers.expected import Baseline
from agent.monitoring.servers.ports import ServerOutcome
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.servers.watch import ServerSubject, ServerWatch
from agent.monitoring.states import Reach, RouterState, Step
from agent.store.base import open_store
from agent.store.incidents import Incidents
from agent.store.servers import Servers
from agent.store.states import States
from inventory.times import Hours
from tests.tables import create_all
from tests.unit.servers.samples import EXPECTED, FRONT_END, SERVER, START, good, port, silent, without

SUBJECT = ServerSubject(SERVER, "acme/london", "lon-r1", True, None, ZoneInfo("Europe/London"))


class World:
    """A store, and a watch on it."""

    def __init__(self, path: Path) -> None:
        engine = open_store(f"sqlite:///{path / 'history.db'}")
        create_all(engine)
        self.servers, self.states, self.incidents = Servers(engine), States(engine), Incidents(engine)
        self.subject, self.at_work = SUBJECT, False

    def look(self, *samples: ServerSample) -> ServerOutcome:
        watch = ServerWatch(self.servers, lambda _: self.at_work)
        outcomes = [watch.observe(self.subject, sample, EXPECTED) for sample in samples]
        return outcomes[-1]

    def router(self, minute: float, reach: Reach) -> None:
        """The router before the server was polled."""
        at = START + timedelta(minutes=minute)
        outcome = Outcome(Step(RouterState("lon-r1", reach, at, "", at)), Verdicts(), {}, None)
        with self.states.turn(None) as turn:
            turn.write(turn.read(("lon-r1",), ()), (outcome,))

    @property
    def alarms(self) -> dict[Kind, Alarm]:
        return {alarm.key.kind: alarm for alarm in self.states.active_alarms()}

    @property
    def incident(self) -> Incident | None:
        found = self.incidents.incidents(closed=False)
        assert len(found) <= 1, "one incident a server"
        return found[0] if found else None

    def status(self) -> Status | None:
        """Of the incident that is not closed."""
        return self.incident.status if self.incident else None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def stopped(world: World, minute: float = 0) -> None:
    world.look(without(good(minute), FRONT_END), without(good(minute + 1), FRONT_END))


def test_a_service_stops_and_comes_back(world: World) -> None:
    world.look(good())
    stopped(world, 1)
    found = world.incident
    assert found is not None
    assert found.summary == f"{SERVER}: service down {FRONT_END}"
    assert found.first_failed_at == START + timedelta(minutes=1)
    assert world.alarms[Kind.SERVICE_DOWN].incident == found.reference
    world.look(good(5))
    assert world.status() is Status.CLEARED
    assert world.alarms == {}


def test_further_faults_join_the_incident_and_all_must_end(world: World) -> None:
    stopped(world)
    ill = replace(without(good(3), FRONT_END), sip={5061: port("refused", serves=False)})
    world.look(ill, replace(ill, at=START + timedelta(minutes=4)))
    assert {alarm.decision for alarm in world.alarms.values()} == {Decision.OPENED, Decision.ATTACHED}
    world.look(replace(good(5), sip={5061: port("refused", serves=False)}))
    assert world.status() is Status.OPEN
    world.look(good(6))
    assert world.status() is Status.CLEARED


def test_what_comes_back_opens_the_cleared_incident_again(world: World) -> None:
    stopped(world)
    world.look(good(3))
    stopped(world, 4)
    assert world.status() is Status.OPEN
    assert world.incident is not None
    assert life.Step.RECURRED in [entry.what for entry in world.incident.timeline]


def test_without_proactive_support_the_state_is_shown_and_nothing_opens(world: World) -> None:
    world.subject = replace(SUBJECT, proactive=False)
    stopped(world)
    assert world.alarms[Kind.SERVICE_DOWN].decision == Decision.SUPPORT_NOT_PROACTIVE
    assert "[LY-9]" in world.alarms[Kind.SERVICE_DOWN].decision
    assert world.status() is None
    world.subject = SUBJECT
    world.look(without(good(5), FRONT_END))
    assert world.status() is Status.OPEN, "ordered meanwhile: the alarm that lasts is looked at again"


def test_our_own_work_holds_incidents_back_and_not_alarms(world: World) -> None:
    world.at_work = True
    stopped(world)
    assert world.alarms[Kind.SERVICE_DOWN].decision == Decision.MAINTENANCE
    assert world.status() is None
    world.at_work = False
    world.look(without(good(5), FRONT_END))
    assert world.status() is Status.OPEN


@pytest.mark.parametrize(
    ("hour", "minute", "inside"), [(1, 59, False), (2, 0, True), (4, 59, True), (5, 0, False), (12, 0, False)]
)
def test_the_patching_window_is_in_the_customers_time(hour: int, minute: int, inside: bool) -> None:
    """2026-06-07 is a Sunday; London is an hour ahead of UTC then."""
    subject = replace(SUBJECT, window=Hours(frozenset({6}), time(2), time(5)))
    at = START.replace(year=2026, month=6, day=7, hour=hour, minute=minute) - timedelta(hours=1)
    assert subject.in_window(at) is inside


def test_a_window_over_midnight_belongs_to_the_day_it_begins() -> None:
    subject = replace(SUBJECT, window=Hours(frozenset({5}), time(22), time(3)))
    saturday = START.replace(year=2026, month=12, day=5)
    assert subject.in_window(saturday.replace(hour=23))
    assert subject.in_window(saturday.replace(hour=2) + timedelta(days=1))
    assert not subject.in_window(saturday.replace(hour=2))


def test_a_server_behind_a_cut_router_depends_on_it(world: World) -> None:
    world.router(0, Reach.UP)
    world.look(good())
    world.router(1, Reach.DOWN)
    world.look(silent(1), silent(2))
    assert world.alarms[Kind.SERVER_UNREACHABLE].decision == Decision.BEHIND_ROUTER
    assert world.status() is None
    world.router(3, Reach.UP)
    world.look(good(4))
    assert world.alarms == {}, "monitoring went on"


def test_the_router_is_asked_again_before_the_server_has_an_incident(world: World) -> None:
    world.router(0, Reach.UP)
    world.look(silent(1), silent(2))
    assert world.alarms[Kind.SERVER_UNREACHABLE].decision == Decision.HELD_FOR_ROUTER
    world.router(3, Reach.UP)
    world.look(silent(4))
    assert world.alarms[Kind.SERVER_UNREACHABLE].decision == Decision.OPENED
    assert world.status() is Status.OPEN


def test_a_stopped_service_does_not_depend_on_the_router(world: World) -> None:
    """It was seen through the router."""
    world.router(0, Reach.UP)
    stopped(world, 1)
    assert world.status() is Status.OPEN


def test_a_certificate_opens_nothing_until_it_is_urgent(world: World) -> None:
    world.look(replace(good(), sip={5061: port(days=20)}))
    assert world.alarms[Kind.CERTIFICATE_EXPIRES].decision == Decision.NOT_A_FAULT
    assert world.status() is None
    world.look(replace(good(1), sip={5061: port(days=13)}))
    assert world.status() is Status.OPEN
    world.look(good(2))
    assert world.status() is Status.CLEARED


def test_alarms_of_others_with_the_same_name_are_not_touched(world: World) -> None:
    key = AlarmKey(SERVER, Kind.LYNC_BACKUP_FAILED)
    world.states.apply(Verdicts(raised=(Raise(key, START, START, "no backup"),)))
    stopped(world)
    world.look(good(5))
    assert set(world.alarms) == {Kind.LYNC_BACKUP_FAILED}
    assert world.status() is Status.CLEARED


def test_states_and_baselines_are_kept_and_forgotten(world: World) -> None:
    stopped(world)
    baseline = Baseline(SERVER, START, "eve", (FRONT_END, "DNS Client"))
    world.servers.keep_baseline(replace(baseline, services=()))
    world.servers.keep_baseline(baseline)
    assert world.servers.baselines() == {SERVER: baseline}
    state = world.servers.states()[SERVER]
    assert state.item(Kind.SERVICE_DOWN, FRONT_END) is not None
    world.servers.forget((SERVER,), START + timedelta(hours=1))
    assert world.servers.states() == {}
    assert world.alarms == {}
