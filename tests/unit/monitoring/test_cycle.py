"""The cycle in virtual time: nobody is left out for over 300 s or polled twice at once, whatever holds it up."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.monitoring.cycle import Cycle, Doubt, Pace, Reason, Refused, Taken, Times, Trouble
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.monitoring.schedule import LIMIT_S, MARGIN_S, next_start, offset
from tests.examples import examples
from tests.unit.monitoring.conftest import VirtualTime, second
from tests.unit.monitoring.rounds import Rounds

NAMES = tuple(f"router-{number}" for number in range(12))
PERIOD_S = 240.0


class Fleet(Rounds[str]):
    """Routers that answer after a second, polled by a cycle as the daemon runs it."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        super().__init__(self.time.at)
        self.begun: dict[str, list[float]] = {}
        self.flying: Counter[str] = Counter()
        self.most_flying = 0
        self.kept: list[Taken] = []
        self.batches: list[int] = []
        self.troubles: list[Trouble] = []
        self.doubtful: dict[str, Doubt] = {}
        self.takes_s: dict[str, float] = {}
        self.answers: dict[str, Answer] = {}
        self.raises: dict[str, Exception] = {}
        self.asleep_s = 0.0
        self.script: list[tuple[float, Callable[[Cycle[str]], None]]] = []

    async def read(self, order: str) -> Heard:
        self.begun.setdefault(order, []).append(self.time.passed())
        self.flying[order] += 1
        self.most_flying = max(self.most_flying, self.flying[order])
        if order in self.raises:
            raise self.raises[order]
        try:
            await self.time.at(self.time.passed() + self.takes_s.get(order, 1.0))
        finally:
            self.flying[order] -= 1
        return Heard(order, self.time.wall(), self.answers.get(order, Answer.ANSWERED))

    async def keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        self.kept += batch
        self.batches.append(len(batch))
        return {one.heard.router: self.doubtful[one.heard.router] for one in batch if one.heard.router in self.doubtful}

    def held(self, at: float, for_s: float) -> None:
        """From a moment on nothing runs for so long."""

        def hold(_: Cycle[str]) -> None:
            self.time.now = second(self.time.passed() + for_s)

        self.script.append((at, hold))

    def asleep(self, at: float, for_s: float) -> None:
        """The machine is suspended: the steady clock goes on, and the loop's does not."""

        def sleep(cycle: Cycle[str]) -> None:
            self.asleep_s += for_s
            cycle.reconsider()

        self.script.append((at, sleep))

    def run(self, until: float, orders: Mapping[str, str | Refused] | None = None) -> None:
        asyncio.run(self._run(until, orders or {name: name for name in NAMES}))

    async def _run(self, until: float, orders: Mapping[str, str | Refused]) -> None:
        times = Times(self.steady, self.time.passed, self.time.wall, self.steadily, _soon)
        cycle = Cycle[str](self, self.keep, times, self.troubles.append)
        cycle.change(orders, pace=Pace.of(PERIOD_S, 2.0, 2))
        tasks = [asyncio.create_task(self._cycles(cycle)), asyncio.create_task(self._play(cycle))]
        await self.time.run(second(until))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await cycle.stop(0)

    def steady(self) -> float:
        return self.time.passed() + self.asleep_s

    async def steadily(self, moment: float) -> None:
        while (left := moment - self.steady()) > 0:
            await self.time.at(self.time.passed() + min(left + 1e-6, 5.0))  # its moments are whole microseconds

    async def _cycles(self, cycle: Cycle[str]) -> None:
        while True:
            start = self.steady()
            await cycle.run(start)
            await self.steadily(next_start(start, PERIOD_S, self.steady()))

    async def _play(self, cycle: Cycle[str]) -> None:
        for at, act in sorted(self.script, key=lambda one: one[0]):
            await self.time.at(at)
            act(cycle)


def _soon(_after_s: float, call: Callable[[], None]) -> asyncio.Handle:
    return asyncio.get_running_loop().call_soon(call)


def tells(router: str) -> Callable[[Cycle[str]], None]:
    """A router tells of a fault."""
    return lambda cycle: cycle.at_once(router)


@settings(max_examples=examples(60))
@given(
    holds=st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 700)), max_size=5),
    told=st.lists(st.tuples(st.floats(0, 3000), st.sampled_from(NAMES)), max_size=12),
)
def test_no_interval_exceeds_300_s_where_a_poll_could_be_begun(
    holds: list[tuple[float, float]], told: list[tuple[float, str]]
) -> None:
    """Only who was held up when the 300 s were over may be late, and is polled as soon as that ends."""
    fleet = Fleet()
    stood: list[tuple[float, float]] = []

    def hold(for_s: float) -> Callable[[Cycle[str]], None]:
        def act(_: Cycle[str]) -> None:
            now = fleet.time.passed()
            since = stood.pop()[0] if stood and now <= stood[-1][1] + 1 else now  # one after the other are one
            stood.append((since, now + for_s))
            fleet.time.now = second(fleet.time.passed() + for_s)

        return act

    fleet.script += [(at, hold(for_s)) for at, for_s in holds]
    fleet.script += [(at, tells(name)) for at, name in told]
    fleet.run(7000)
    assert fleet.most_flying == 1, "one poll of a router at a time"
    for name in NAMES:
        begun = fleet.begun[name]
        for before, after in itertools.pairwise(begun):
            if after - before > LIMIT_S + 1e-3:
                assert any(since <= before + LIMIT_S <= until + 5 and after <= until + 5 for since, until in stood), (
                    name, before, after, stood,
                )  # fmt: skip
        assert fleet.time.passed() - begun[-1] <= LIMIT_S


def test_after_a_long_hold_up_everybody_is_polled_once_at_once_and_then_in_turn() -> None:
    fleet = Fleet()
    fleet.held(300, 2000)
    fleet.run(3200)
    for name in NAMES:
        after = [moment for moment in fleet.begun[name] if moment >= 2300]
        assert after[0] <= 2305, "as soon as it can be"
        assert after[1] - after[0] > MARGIN_S, "and not twice at once"
        assert all(later - before <= LIMIT_S for before, later in itertools.pairwise(after))


def test_a_suspended_machine_polls_at_once_who_is_overdue() -> None:
    """The loop's timers wait on as if nothing had been; the turns are told anew."""
    fleet = Fleet()
    fleet.asleep(300, 3600)
    fleet.run(1400)
    for name in NAMES:
        assert any(300 <= moment <= 305 for moment in fleet.begun[name]), (name, fleet.begun[name])


def test_a_router_whose_turn_a_round_waits_for_is_polled_at_once_and_only_once_at_a_time() -> None:
    """The next turn is in the round's hands already when its router tells of a fault."""
    fleet = Fleet()
    turns = sorted((offset(name, PERIOD_S), name) for name in NAMES)
    _, turn, first = max((later[0] - before[0], *later) for before, later in itertools.pairwise(turns))
    fleet.takes_s[first] = 2.0
    fleet.script.append((turn - 1.0, lambda cycle: cycle.at_once(first)))
    fleet.run(600)
    assert fleet.most_flying == 1
    assert fleet.begun[first][0] == pytest.approx(turn - 1.0, abs=1e-3)
    assert fleet.begun[first][1] - fleet.begun[first][0] <= LIMIT_S
    assert len(fleet.begun[first]) == 3


def test_routers_come_and_go_within_a_cycle() -> None:
    fleet = Fleet()
    late = max(NAMES, key=lambda name: offset(name, PERIOD_S))
    fleet.script.append((10, lambda cycle: cycle.change({"new": "new"}, (late,))))
    fleet.run(1000)
    assert late not in fleet.begun
    assert fleet.begun["new"][0] <= 10 + LIMIT_S


def test_who_cannot_be_asked_is_told_of_in_its_turn() -> None:
    fleet = Fleet()
    fleet.run(300, {"leeds": "leeds", "york": Refused("no such secret")})
    york = [one for one in fleet.kept if one.heard.router == "york"]
    assert [(one.heard.answer, one.heard.reason) for one in york] == [(Answer.NOT_ASKED, "no such secret")]
    assert "york" not in fleet.begun


def test_a_poll_that_fails_by_an_error_of_ours_is_told_with_it_and_is_no_poll_that_was_asked() -> None:
    fleet = Fleet()
    fleet.script.append((250, lambda _: fleet.raises.update({"router-3": KeyError("no such row")})))
    fleet.script.append((251, lambda cycle: cycle.at_once("router-3")))
    fleet.script.append((252, lambda _: fleet.raises.clear()))
    fleet.run(490)
    lost = [one.heard for one in fleet.kept if one.heard.answer is not Answer.ANSWERED]
    assert [(one.router, one.answer, one.reason) for one in lost] == [
        ("router-3", Answer.NOT_ASKED, "the poll failed: 'no such row'")
    ]
    assert fleet.begun["router-3"][-1] > 252, "and it is polled again in its turn"


def test_a_poll_of_which_nothing_is_heard_is_given_up_and_holds_up_no_cycle() -> None:
    fleet = Fleet()
    fleet.takes_s["router-3"] = 100_000.0
    fleet.run(1200)
    lost = [one.heard for one in fleet.kept if one.heard.router == "router-3"]
    assert len(lost) == 5
    assert {(heard.answer, heard.reason) for heard in lost} == {(Answer.NOT_ASKED, "the poll was given up after 60 s")}
    assert all(len(fleet.begun[name]) == 5 for name in NAMES if name != "router-3")


def test_a_poll_that_was_given_up_and_ends_late_is_not_taken_for_the_one_after_it() -> None:
    fleet = Fleet()
    turn = offset("router-3", PERIOD_S)
    fleet.takes_s["router-3"], fleet.answers["router-3"] = PERIOD_S + 10, Answer.SILENT
    fleet.script.append((turn + 100, lambda _: fleet.takes_s.update({"router-3": 30.0})))
    fleet.run(turn + PERIOD_S + 40)
    given_up, second_poll = (one for one in fleet.kept if one.heard.router == "router-3")
    assert given_up.heard.answer is Answer.NOT_ASKED
    assert second_poll.heard.at - second(second_poll.began).timestamp() == pytest.approx(30, abs=1)
    assert fleet.attended == {"router-3"}, "what it told is brought anew"


def test_turns_that_begin_late_are_told_as_trouble() -> None:
    fleet = Fleet()
    fleet.held(20, 100)
    fleet.run(240)
    assert {trouble.reason for trouble in fleet.troubles} == {Reason.WINDOW_FULL}
    assert all(trouble.until - trouble.since > 5 for trouble in fleet.troubles)


def test_doubt_asks_again_thrice_at_most() -> None:
    fleet = Fleet()
    fleet.doubtful["router-1"] = Doubt.AGAIN
    fleet.run(235)
    begun = fleet.begun["router-1"]
    assert [round(later - before) for before, later in itertools.pairwise(begun)] == [16, 16, 16]
