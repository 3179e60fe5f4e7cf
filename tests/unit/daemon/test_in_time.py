"""From the first failed poll to complete evidence within 15 minutes [WV-10]: cycle, keeper, duties and diagnostics as
the daemon has them, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest

from agent.daemon import work
from agent.daemon.ports import Jobs, Stores
from agent.daemon.service import DIAGNOSTICS_S
from agent.daemon.work import DIAGNOSES_AT_ONCE, Duties
from agent.errors import Unreachable
from agent.faults.diagnostics import BUDGET, Diagnostics
from agent.faults.ports import AgentAnswer, Files, Instruments, Reader
from agent.faults.sharing import Readouts
from agent.incidents.desk import Desk
from agent.incidents.incident import EVIDENCE_WITHIN, Incident
from agent.monitoring.alarms import Kind
from agent.monitoring.cycle import Doubt, Taken, doubts
from agent.monitoring.sample import Greets
from agent.provisioning.ports import PingResult
from agent.store.base import open_store
from agent.store.incidents import Incidents
from agent.store.states import States
from inventory import SiteView
from tests.tables import create_all
from tests.unit.monitoring.conftest import Story, VirtualTime, build_inventory

T = TypeVar("T")
#: A fault begins at this moment of the story, when every router was polled.
FAULT_S = 300.0
#: So many incidents at once are diagnosed in time, though each takes all of its budget.
MANY = 4 * DIAGNOSES_AT_ONCE


class Slots:
    """Threads in virtual time: each diagnosis takes all of its budget, anything else no time."""

    time: VirtualTime

    def __init__(self, limit: int) -> None:
        self._takes = BUDGET.total_seconds() if limit == DIAGNOSES_AT_ONCE else 0.0
        self._free = asyncio.Semaphore(limit)

    async def run(self, act: Callable[[], T]) -> T:
        if not self._takes:
            return act()
        async with self._free:
            await self.time.at(self.time.passed() + self._takes)
            return act()


class Watched(Story):
    """A fleet whose polls the daemon's duties keep; diagnostics find every router dead."""

    duties: Duties

    async def keep(self, batch: Sequence[Taken]) -> Mapping[str, Doubt]:
        kept = await self.duties.keep([taken.heard for taken in batch])
        return doubts(kept.outcomes)

    async def _cycles(self, cycle: Any, period_s: float) -> None:
        Slots.time = self.time
        nothing = SimpleNamespace(add=lambda _batch: None)
        stores = Stores(self.states, self.incidents, cast(Any, nothing), *cast(Any, [None] * 3))
        jobs = Jobs(*cast(Any, (None, None, lambda: self.inventory, None, None, self._diagnostics(), self)))
        self.duties = Duties(jobs, stores, Desk(self.incidents, cast(Any, None), self.time.clock), self.time.clock)
        self.duties.attend = self.attend
        await self.duties.reload()
        looking = asyncio.create_task(self._diagnosing())
        try:
            await super()._cycles(cycle, period_s)
        finally:
            looking.cancel()

    async def _diagnosing(self) -> None:
        while True:
            await self.duties.diagnose()
            await self.time.at(self.time.passed() + DIAGNOSTICS_S)

    def _diagnostics(self) -> Diagnostics:
        def opened(view: SiteView) -> AbstractContextManager[Reader]:
            raise Unreachable("nothing answers", where=view.router.name)

        clock = self.time.clock
        tools = Instruments(
            open=opened,
            open_shared=opened,
            ping=lambda _view: PingResult(5, 0),
            snmp=lambda _view: AgentAnswer("no answer", silent=True),
            greet=lambda _view: (Greets.UNREACHABLE, ""),
            states=self.states.states,
            redact=lambda _view, text: text,
            intended_key=lambda _view, _vpn: None,
            readouts=Readouts(clock),
            pause=lambda _seconds: None,
        )
        return Diagnostics(tools, Files(self.incidents, self.incidents, clock))

    def first_failed(self, router: str) -> float:
        """When the first poll after the fault began."""
        return min(moment for moment, name in self.polls if name == router and moment >= FAULT_S)

    def is_in_time(self, router: str) -> Incident:
        """Its incident, whose evidence is complete in time."""
        incident = self.incident(router)
        assert incident is not None, router
        assert incident.first_failed_at == self.moment(self.first_failed(router)), "the clock runs from the first poll"
        assert incident.diagnosed_at is not None, router
        assert incident.diagnosed_at - incident.first_failed_at <= EVIDENCE_WITHIN
        evidence = self.incidents.evidence(incident.reference)
        assert evidence
        assert not any(one.late for one in evidence)
        return incident


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Watched]]:
    """Makes a hub and so many spokes."""
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)
    monkeypatch.setattr(work, "Threads", Slots)

    def make(spokes: int) -> Watched:
        names = {name: name for name in ("hub", *(f"spoke-{number}" for number in range(spokes)))}
        return Watched(States(engine), Incidents(engine), build_inventory(names))

    yield make
    engine.dispose()


def test_a_silent_router_is_diagnosed_in_time(fleet: Callable[[int], Watched]) -> None:
    story = fleet(2)
    story.at(FAULT_S).fails("spoke-1")
    story.run(FAULT_S + 240 + EVIDENCE_WITHIN.total_seconds())
    incident = story.is_in_time("spoke-1")
    assert incident.opened_at - incident.first_failed_at <= timedelta(seconds=60), "two polls, soon one after the other"
    assert story.incident("spoke-0") is None


def test_a_tunnel_that_waits_for_its_hub_is_diagnosed_in_time(fleet: Callable[[int], Watched]) -> None:
    """Whether the hub is what fails is asked first: its turn may be a period away."""
    story = fleet(3)
    for spoke in ("spoke-0", "spoke-1", "spoke-2"):
        story.at(FAULT_S).interface(spoke, "Tunnel10", up=False)
    story.run(FAULT_S + 480 + EVIDENCE_WITHIN.total_seconds())
    for spoke in ("spoke-0", "spoke-1", "spoke-2"):
        story.is_in_time(spoke)
        alarm = story.alarm(spoke, Kind.INTERFACE_DOWN)
        assert alarm is not None
        assert alarm.incident


def test_many_at_once_are_diagnosed_in_time_though_each_takes_all_of_its_budget(
    fleet: Callable[[int], Watched],
) -> None:
    story = fleet(MANY)
    failing = [f"spoke-{number}" for number in range(MANY)]
    for spoke in failing:
        story.at(FAULT_S).fails(spoke)
    story.run(FAULT_S + 240 + EVIDENCE_WITHIN.total_seconds())
    for spoke in failing:
        story.is_in_time(spoke)
