"""Polls broken devices beside healthy ones through the product's own path, and collects what it says of them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.monitoring.heard import Heard
from agent.monitoring.ports import Outcome
from agent.monitoring.sample import Answer
from agent.monitoring.snmp import RouterOrder
from agent.store.states import States
from tests.bench.faults.cases import Case
from tests.bench.polling.fleet import fleet, name, number_of
from tests.bench.polling.pipeline import pipeline
from tests.bench.responder import SHA256, SPOKE, Responder

#: Where alarms are looked for that were cleared.
EVER = datetime(2000, 1, 1, tzinfo=UTC)

#: Healthy devices beside the broken ones.
HEALTHY = 25

#: Cycles before something breaks, so that what is usual is known, and after it.
BEFORE, AFTER = 8, 8
PERIOD_S = 1.0

#: A try's time-out, and how many follow the first one.
TIMEOUT_S, RETRIES = 0.5, 2


@dataclass
class Verdict:
    """What was said of one broken device: its state at the end, alarms with their reasons; and how its polls ended."""

    case: Case
    reach: str = ""
    reason: str = ""
    alarms: list[str] = field(default_factory=list)
    faults: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    answered: int = 0
    polls: int = 0

    @property
    def words(self) -> str:
        """All of it as one text."""
        return "; ".join(filter(None, (self.reach, self.reason, *self.alarms, *self.broken, *self.faults)))


@dataclass
class Trial:
    """``unheard`` are healthy devices that did not answer in some cycle, as (cycle, device)."""

    verdicts: list[Verdict]
    unheard: list[tuple[int, str]]
    cycles: int


async def tried(cases: Sequence[Case], before: int = BEFORE, after: int = AFTER) -> Trial:
    """Break a device for each case after ``before`` cycles, and poll all for so many more."""
    verdicts = [Verdict(case) for case in cases]
    answered: set[str] = set()
    broken = False

    def heard(one: Heard, _: Outcome | None) -> None:
        number = number_of(one.router)
        good = one.answer is Answer.ANSWERED
        if good:
            answered.add(one.router)
        if broken and number < len(verdicts):
            verdicts[number].polls += 1
            verdicts[number].answered += good

    numbers = range(len(cases) + HEALTHY)
    healthy = {name(number) for number in numbers if number >= len(cases)}
    unheard: list[tuple[int, str]] = []
    with Responder(SPOKE) as agents, tempfile.TemporaryDirectory(prefix="faults-") as place:
        ordered = fleet(agents.port, SHA256, TIMEOUT_S, RETRIES)
        async with pipeline(ordered, numbers, Path(place), heard) as path:
            for cycle in range(before + after):
                if cycle == before:
                    broken = True
                    for number, (case, order) in enumerate(zip(cases, ordered.orders(numbers), strict=False)):
                        if case.spoil is not None:
                            case.spoil(agents, number, len(cases))
                        if case.ordered is not None:
                            path.cycles.change({order.device: RouterOrder(case.ordered(order))})
                answered.clear()
                await path.cycle(PERIOD_S)
                unheard += [(cycle, router) for router in sorted(healthy - answered)]
            _collect(verdicts, path.states)
    return Trial(verdicts, unheard, before + after)


def _collect(verdicts: Sequence[Verdict], states: States) -> None:
    """What the store says in the end."""
    known = states.states()
    for number, verdict in enumerate(verdicts):
        state = known[name(number)]
        verdict.reach, verdict.reason, verdict.faults = str(state.reach), state.reason, state.faults
        verdict.broken = state.broken
        verdict.alarms = [
            f"{alarm.key.kind} {alarm.key.item}: {alarm.why}".replace(" :", ":")
            for alarm in states.alarm_history(EVER)
            if alarm.key.subject == name(number)
        ]
