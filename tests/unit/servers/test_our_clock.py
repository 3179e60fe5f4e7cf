"""A jump of this machine's own clock is no fault of a server; a server's own fault is still found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent.monitoring.alarms import Kind
from agent.monitoring.servers import alarms
from agent.monitoring.servers.judging import Verdict
from agent.monitoring.servers.our_clock import OurClock
from agent.monitoring.servers.reading import neutral
from agent.monitoring.servers.states import Item, ServerState, step
from collectors.clocks.ntp import NtpProbe
from collectors.clocks.reading import ClockReading, Source
from collectors.services.server import ServerAnswers
from collectors.tls.certificate import Certificate
from collectors.tls.stages import PortProbe, Stage
from tests.unit.servers.samples import EXPECTED, START

DAY_S = 86_400.0
VALID = Certificate("CN=fe1", "CN=Authority", ("fe1",), START - timedelta(400), START + timedelta(300), "00")


class World:
    """The true time in seconds; by how much this machine's and the server's clocks are off it."""

    def __init__(self, ours: float = 0.0) -> None:
        self.passed, self.ours, self.server = 0.0, ours, 0.0
        self.clock = OurClock(lambda: START.timestamp() + self.passed + self.ours, lambda: 500 + self.passed)
        self.state: ServerState | None = None

    def look(self, *, reference: bool = False, jumped: bool = False) -> dict[Kind, Item]:
        """Look twice, a period apart; what is watched then."""
        for _ in range(2):
            self.passed += 300
            set_by = self.clock.set_by()
            own = NtpProbe(True, "", ClockReading(Source.SNTP, self.server - self.ours, 0.1), True, 2)
            true = NtpProbe(True, "", ClockReading(Source.SNTP, -self.ours, 0.1), True, 1)
            at = START + timedelta(seconds=self.passed + self.ours)
            https = {443: PortProbe(443, Stage.ANSWERED, certificate=VALID, status=200)}
            answers = ServerAnswers("fe1", at, None, {}, https, own, true if reference else None)
            self.state = step(self.state, neutral(answers, "fe1", set_by, jumped=jumped), EXPECTED).state
        assert self.state is not None
        return {item.kind: item for item in self.state.items}

    def raised(self) -> set[Any]:
        assert self.state is not None
        return {one.key.kind for one in alarms.decide(self.state, (), EXPECTED).raised}


@pytest.mark.parametrize("ahead_s", [3 * DAY_S, -3 * DAY_S, 1000 * DAY_S, -1000 * DAY_S])
def test_our_own_jump_blames_no_server(ahead_s: float) -> None:
    world = World()
    assert world.look()[Kind.TIME_OFFSET].verdict is Verdict.GOOD
    world.ours = ahead_s
    found = world.look()
    assert not world.raised()
    assert found[Kind.TIME_OFFSET].verdict is Verdict.UNKNOWN
    assert "own clock was set" in found[Kind.TIME_OFFSET].text
    world.ours = 0.2  # and back
    found = world.look()
    assert {one.verdict for one in found.values()} == {Verdict.GOOD}
    assert not world.raised()


def test_a_clock_that_was_wrong_from_the_start_and_is_set_right_clears_whom_it_blamed() -> None:
    world = World(-1000 * DAY_S)
    world.look()
    assert world.raised() == {Kind.TIME_OFFSET, Kind.CERTIFICATE_EXPIRES}
    world.ours = 0
    assert {one.verdict for one in world.look().values()} == {Verdict.GOOD}


@pytest.mark.parametrize("reference", [False, True])
def test_a_server_that_is_off_is_found_before_and_after_our_own_jump(reference: bool) -> None:
    world = World()
    world.look(reference=reference)
    world.ours, world.server = DAY_S, 42.0
    world.look(reference=reference)
    assert world.raised() == {Kind.TIME_OFFSET}


def test_the_pools_time_source_tells_although_our_own_clock_was_set() -> None:
    world = World()
    world.look(reference=True)
    world.ours = DAY_S
    assert world.look(reference=True)[Kind.TIME_OFFSET].verdict is Verdict.GOOD


def test_a_jump_during_the_look_leaves_the_servers_time_unknown() -> None:
    world = World()
    world.server = 42
    assert world.look(jumped=True)[Kind.TIME_OFFSET].verdict is Verdict.UNKNOWN


def test_a_clock_that_is_adjusted_is_not_set() -> None:
    now = [0.0, 0.0]
    clock = OurClock(lambda: now[0], lambda: now[1])
    for second in range(100):
        now[:] = [second * 1.01, float(second)]
        assert clock.set_by() == ()
    now[0] += 50
    assert clock.set_by() == pytest.approx((50,))
    assert clock.steps == 1
