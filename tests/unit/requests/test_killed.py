"""kill -9 between any two steps: nothing is lost, nothing is done twice, whoever comes next goes on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, cast

import pytest

from agent.errors import RolledBack
from agent.requests.charges import ChargeKind
from agent.requests.model import State
from tests.unit.requests.bench import Bench, Killed, Routers, path_of


class Mortal:
    """Passes calls on to ``inner`` and dies at the given one: before it takes effect, or right after."""

    def __init__(self, inner: Any, clock: itertools.count[int], at: int, *, after: bool) -> None:
        self._inner, self._clock, self._at, self._after = inner, clock, at, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            dies = next(self._clock) == self._at
            if dies and not self._after:
                raise Killed
            try:
                return method(*arguments, **named)
            finally:
                if dies:
                    raise Killed

        return call


def live(bench: Bench, at: int, *, after: bool) -> bool:
    """One process that works until it dies at call ``at`` or nothing is left to do; returns whether it died."""
    calls = itertools.count()
    store = Mortal(bench.store, calls, at, after=after)
    intents = Mortal(bench.intents, calls, at, after=after)
    routers, bench.routers = bench.routers, cast(Routers, Mortal(bench.routers, calls, at, after=after))
    try:
        worker = bench.work(owner=f"process {at} {after}", store=store, intents=intents)
        for _ in range(3):
            worker.advance()
    except Killed:
        return True
    finally:
        bench.routers = routers
    return False


def go_on(bench: Bench) -> None:
    """Another process works until nothing moves."""
    for _ in range(6):
        bench.work(owner="the next").advance()
        bench.later(minutes=1)


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_call_loses_nothing_and_repeats_nothing(bench: Bench, *, after: bool) -> None:
    for at in itertools.count():
        bench.routers.running.clear()
        bench.routers.runs.clear()
        prefix = f"10.10.{100 + at}.0/24"
        request = bench.scheduled(
            key=f"k{at}", parameters={"vpn": "corporate", "prefix": prefix, "via": "10.10.2.254"}, expedite=True
        )
        died = live(bench, at, after=after)
        go_on(bench)
        ended = bench.desk.get(request.reference)
        assert ended.state is State.APPLIED, (at, ended.reason)
        assert bench.told(request.reference) == [str(state) for state in path_of(ended)]
        assert bench.intent.count(request.reference) == 1
        assert bench.routers.running == {request.reference}
        assert [one.kind for one in bench.store.charged() if one.request == request.reference] == [ChargeKind.EXPEDITE]
        if not died:
            break
    assert at > 8


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_while_it_is_taken_back_leaves_no_intent(bench: Bench, *, after: bool) -> None:
    for at in itertools.count():
        prefix = f"10.10.{100 + at}.0/24"
        request = bench.scheduled(key=f"k{at}", parameters={"vpn": "corporate", "prefix": prefix, "via": "10.10.2.254"})
        bench.routers.endings = [RolledBack("taken back")] * 9
        died = live(bench, at, after=after)
        go_on(bench)
        ended = bench.desk.get(request.reference)
        assert ended.state is State.ROLLED_BACK, (at, ended.reason)
        assert bench.told(request.reference) == [str(state) for state in path_of(ended)]
        assert request.reference not in bench.intent
        if not died:
            break
    assert at > 8
