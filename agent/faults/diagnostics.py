"""Initial diagnostics of an incident [WV-10]: all probes at once, evidence kept as it comes, a first conclusion."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from agent.faults.case import Case, FarEnd
from agent.faults.conclusion import conclude
from agent.faults.evidence import Evidence
from agent.faults.ports import Files, Instruments
from agent.faults.probes import FromHere, RouterProbes, watched
from agent.incidents import incident as life
from agent.incidents.incident import Incident
from inventory import Inventory, UnknownName

log = logging.getLogger(__name__)

#: Evidence is concluded from after this long at most; probes that still run then are marked late when they end.
BUDGET = timedelta(minutes=3)
#: Kept in hand before the moment by which evidence is due.
MARGIN = timedelta(seconds=30)
#: But a diagnosis that begins late still takes its time, at least this.
AT_LEAST = timedelta(seconds=60)


class Diagnostics:
    """Collects and keeps the evidence of an incident; blocking, one call an incident."""

    def __init__(self, tools: Instruments, files: Files) -> None:
        self._tools = tools
        self._files = files

    def __call__(self, incident: Incident, inventory: Inventory) -> None:
        """Probe, keep, conclude. A dead device is evidence; what the store raises is raised."""
        try:
            subject = inventory.router(incident.subject)
        except UnknownName:
            self._conclude(incident, "the router is no longer in the inventory", ())
            return
        case = Case(inventory, subject, incident.first_failed_at, self._tools.states())
        collected: list[Evidence] = [*watched(case, self._files.clock)]
        self._keep(incident, tuple(collected))
        collected.extend(self._collect(incident, case))
        self._conclude(incident, str(conclude(collected, subject.router.name)), tuple(collected))

    def _collect(self, incident: Incident, case: Case) -> Iterator[Evidence]:
        """Evidence as the probes bring it, each kept before it is given; those that outlast the time run on alone."""
        clock = self._files.clock
        until = _deadline(clock(), incident.evidence_due)
        arrived: queue.Queue[Evidence | None] = queue.Queue()
        late = threading.Event()
        chains = self._chains(case)
        for name, chain in chains:
            work = _Chain(chain, arrived, late, lambda one: self._keep(incident, (one,)))
            threading.Thread(target=work.run, name=f"{incident.reference} {name}", daemon=True).start()
        running = len(chains)
        while running:
            left = (until - clock()).total_seconds()
            try:
                evidence = arrived.get(timeout=max(0.0, left))
            except queue.Empty:
                late.set()
                return
            if evidence is None:
                running -= 1
            else:
                yield evidence

    def _chains(self, case: Case) -> list[tuple[str, Callable[[], Iterator[Evidence]]]]:
        """What runs at the same time: here, the subject, and each far end."""
        far = case.far_ends()
        ends = (FarEnd(case.subject, tuple(link for end in far for link in end.links)), *far)
        probes = {end.view.router.name: self._chain(case, end) for end in ends}
        here = FromHere(case, self._tools, self._files.clock)
        return [("ping", here.ping), ("agents", here.agents), *probes.items()]

    def _chain(self, case: Case, end: FarEnd) -> Callable[[], Iterator[Evidence]]:
        return lambda: RouterProbes(case, end.view, self._tools, self._files.clock).run(end.links)

    def _keep(self, incident: Incident, evidence: tuple[Evidence, ...]) -> None:
        """On the disk when it returns; what comes after evidence was due is marked."""
        due = self._files.clock() > incident.evidence_due
        self._files.evidence.add_evidence(
            incident.reference, tuple(replace(one, late=one.late or due) for one in evidence)
        )

    def _conclude(self, incident: Incident, text: str, evidence: tuple[Evidence, ...]) -> None:
        now = self._files.clock()
        late = "" if now <= incident.evidence_due else " (late)"
        summary = f"{len(evidence)} probes{late}, first conclusion: {text}"

        def change(one: Incident) -> Incident:
            return life.concluded(one, incident, life.Entry(now, life.Step.CONCLUSION, life.AGENT, summary), text)

        self._files.incidents.change(incident.reference, change)


class _Chain:
    """One thread's probes: each piece of evidence is kept, then handed on."""

    def __init__(
        self,
        chain: Callable[[], Iterator[Evidence]],
        arrived: queue.Queue[Evidence | None],
        late: threading.Event,
        keep: Callable[[Evidence], None],
    ) -> None:
        self._chain, self._arrived, self._late, self._keep = chain, arrived, late, keep

    def run(self) -> None:
        """To the end, also when nobody waits any more: late evidence is evidence."""
        try:
            for evidence in self._chain():
                self._keep(replace(evidence, late=self._late.is_set()))
                self._arrived.put(evidence)
        finally:
            self._arrived.put(None)


def _deadline(now: datetime, due: datetime) -> datetime:
    return max(min(now + BUDGET, due - MARGIN), now + AT_LEAST)
