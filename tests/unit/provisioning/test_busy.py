"""A router that is making or reverting a change does not answer for a while: it is waited for, as others are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from agent.errors import CommitOutcomeUnknown, DeviceBusy, IncompleteOutput, RolledBack, Uncertain
from agent.events import Result
from inventory import Inventory
from tests.unit.provisioning.bench import SPOKE, Bench, want_spoke
from tests.unit.provisioning.fakes import FakeDevice, Fault, error_of
from tests.unit.provisioning.killing import execute, ready, recover, sides

#: Longer than three polls, and shorter than what is allowed for settling and for coming back.
LONG_S = 60


class Busy:
    """Until some time after the first ``begins`` every reading of what runs, and every commit, is put off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, begins: str, seconds: float = LONG_S) -> None:
        self._begins, self._seconds = begins, seconds
        self._until: datetime | None = None
        self.refused = 0
        call = FakeDevice._call

        @contextmanager
        def called(device: FakeDevice, name: str) -> Iterator[dict[str, Any]]:
            now = device._world.clock()
            if self._until and now < self._until and name in ("running_config", "compare", "commit"):
                self.refused += 1
                raise DeviceBusy("a change is being made or reverted", where=SPOKE)
            with call(device, name) as router:
                yield router
            if name == self._begins and self._until is None:
                self._until = now + timedelta(seconds=self._seconds)

        monkeypatch.setattr(FakeDevice, "_call", called)


def changed(bench: Bench) -> None:
    with bench.process() as process:
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")
        process.provisioning.execute(bench.inventory, plan.id, "eve")


@pytest.mark.parametrize("begins", ["commit", "confirm"])
def test_a_router_that_is_still_applying_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    want_spoke(bench)
    busy = Busy(monkeypatch, begins)
    changed(bench)
    assert busy.refused > 3
    assert sides(bench, (SPOKE,)) == {"new"}


def test_a_commit_that_got_no_answer_goes_on_for_a_while(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    want_spoke(bench)
    busy = Busy(monkeypatch, "commit")
    commit = FakeDevice.commit

    def unanswered(device: FakeDevice, revert_in_s: int) -> None:
        commit(device, revert_in_s)
        raise CommitOutcomeUnknown("no answer", where=SPOKE)

    monkeypatch.setattr(FakeDevice, "commit", unanswered)
    changed(bench)
    assert busy.refused > 3
    assert sides(bench, (SPOKE,)) == {"new"}


def test_a_router_that_is_still_going_back_is_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    want_spoke(bench)
    bench.texts.wanted[SPOKE] = bench.texts.wanted[SPOKE].replace("link cctv 10.255.16.1\n", "")
    busy = Busy(monkeypatch, "revert_now")
    assert isinstance(error_of(partial(changed, bench)), RolledBack)
    assert busy.refused > 3
    assert sides(bench, (SPOKE,)) == {"old"}


def test_a_router_that_goes_back_for_ever_is_uncertain(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    want_spoke(bench)
    bench.texts.wanted[SPOKE] = bench.texts.wanted[SPOKE].replace("link cctv 10.255.16.1\n", "")
    Busy(monkeypatch, "revert_now", seconds=10_000)
    begun = bench.world.clock()
    error = error_of(partial(changed, bench))
    assert isinstance(error, Uncertain)
    assert "a change is being made or reverted" in str(error)
    assert bench.world.clock() - begun < timedelta(seconds=1000)


def test_what_dies_of_a_change_and_cannot_tell_what_runs_is_back_with_the_routers_own_timer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    want_spoke(bench)
    call = FakeDevice._call

    @contextmanager
    def called(device: FakeDevice, name: str) -> Iterator[dict[str, Any]]:
        with call(device, name) as router:
            if name == "running_config" and router["pending"]:
                raise IncompleteOutput("the FRR of corporate does not answer", where=SPOKE)
            yield router

    monkeypatch.setattr(FakeDevice, "_call", called)
    assert isinstance(error_of(partial(changed, bench)), RolledBack)
    assert sides(bench, (SPOKE,)) == {"old"}


def test_after_a_crash_a_router_that_is_still_applying_is_waited_for(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = execute(*ready(inventory, "spoke")).gate.calls.index("device.commit")
    bench, plan = ready(inventory, "spoke")
    busy = Busy(monkeypatch, "commit")
    execute(bench, plan, Fault(at + 1, "kill"))
    assert [one.result for one in recover(bench)] == [Result.DONE]
    assert busy.refused > 3
    assert sides(bench, (SPOKE,)) == {"new"}
