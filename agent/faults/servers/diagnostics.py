"""Initial diagnostics of a server's incident: all looks at once, evidence kept as it comes, a first conclusion."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from agent.errors import AgentError
from agent.faults.evidence import HERE, Evidence, Fact, Finding, Probe
from agent.faults.ports import Files
from agent.faults.servers.conclusion import HEARD, ROUTER, conclude
from agent.faults.servers.ports import ServerInstruments
from agent.incidents import incident as life
from agent.incidents.incident import Incident
from agent.monitoring.servers import states
from agent.monitoring.servers.judging import Verdict
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.states import Reach
from agent.provisioning.ports import PingResult
from inventory import Inventory, ServerView, UnknownName

#: Evidence is concluded from after this long at most; what comes later is kept and marked.
BUDGET = timedelta(seconds=120)

_FINDINGS = {Verdict.GOOD: Finding.GOOD, Verdict.WARNING: Finding.GOOD, Verdict.BAD: Finding.BAD}


class ServerDiagnostics:
    """Collects and keeps the evidence of a server's incident; blocking, one call an incident."""

    def __init__(self, tools: ServerInstruments, files: Files) -> None:
        self._tools = tools
        self._files = files

    def __call__(self, incident: Incident, inventory: Inventory) -> None:
        """Look, keep, conclude. A dead server is evidence; what the store raises is raised."""
        try:
            view = inventory.server(incident.subject)
        except UnknownName:
            self._conclude(incident, "the server is no longer in the inventory", 0)
            return
        collected = [*self._watched(view, inventory)]
        self._keep(incident, collected, late=False)
        collected.extend(self._collect(incident, view))
        self._conclude(incident, str(conclude(collected)), len(collected))

    def _collect(self, incident: Incident, view: ServerView) -> Iterator[Evidence]:
        """Evidence as the looks bring it; those that outlast the time run on alone, and what they bring is kept."""
        arrived: queue.Queue[tuple[Evidence, ...] | None] = queue.Queue()
        over = threading.Event()
        looks = (self._look, self._ping, self._ping_from_router)

        def run(look: Callable[[ServerView], tuple[Evidence, ...]]) -> None:
            try:
                found = look(view)
                self._keep(incident, found, late=over.is_set())
                arrived.put(found)
            finally:
                arrived.put(None)

        for look in looks:
            threading.Thread(
                target=run, args=(look,), name=f"{incident.reference} {look.__name__}", daemon=True
            ).start()
        until, running = self._files.clock() + BUDGET, len(looks)
        while running:
            try:
                found = arrived.get(timeout=max(0.0, (until - self._files.clock()).total_seconds()))
            except queue.Empty:
                over.set()
                return
            if found is None:
                running -= 1
            else:
                yield from found

    def _look(self, view: ServerView) -> tuple[Evidence, ...]:
        """Everything that the server shows now, against what is expected of it."""
        try:
            sample = self._tools.look(view)
        except AgentError as error:
            text = f"the server could not be looked at: {error}"
            return (self._evidence(view, Finding.NOT_KNOWN, text, HEARD),)
        heard = {True: Finding.GOOD, False: Finding.BAD, None: Finding.NOT_KNOWN}[sample.heard]
        first = self._evidence(view, heard, "the server is heard" if sample.heard else sample.reason, HEARD)
        if not sample.heard:
            return (first,)
        return (first, *self._items(view, sample))

    def _items(self, view: ServerView, sample: ServerSample) -> Iterator[Evidence]:
        for item in states.step(None, sample, self._tools.expected(view)).state.items:
            facts: dict[str, Fact] = {"kind": item.kind, "refused": "refused" in item.text}
            finding = _FINDINGS.get(item.verdict, Finding.NOT_KNOWN)
            yield self._evidence(view, finding, item.text, f"{item.kind} {item.name}".strip(), facts)

    def _ping(self, view: ServerView) -> tuple[Evidence, ...]:
        finding, text = self._pinged(lambda: self._tools.ping(view))
        found = self._evidence(view, finding, text)
        return (replace(found, probe=Probe.PING_MANAGEMENT),)

    def _ping_from_router(self, view: ServerView) -> tuple[Evidence, ...]:
        router = view.site.router.name
        finding, text = self._pinged(lambda: self._tools.ping_from_router(view))
        found = self._evidence(view, finding, f"from {router} over the LAN: {text}")
        return (replace(found, probe=Probe.PING_LAN, source=router),)

    def _pinged(self, ping: Callable[[], PingResult]) -> tuple[Finding, str]:
        try:
            result = ping()
        except AgentError as error:
            return Finding.NOT_KNOWN, f"the ping could not be made: {error}"
        text = f"{result.received} of {result.sent} pings answered"
        return (Finding.GOOD if result.received else Finding.BAD), text

    def _watched(self, view: ServerView, inventory: Inventory) -> Iterator[Evidence]:
        """What monitoring knows of the router before the server, and of the other servers at the site."""
        router = view.site.router.name
        state = self._tools.routers().get(router)
        if state is not None:
            finding = {Reach.UP: Finding.GOOD, Reach.UNKNOWN: Finding.NOT_KNOWN}.get(state.reach, Finding.BAD)
            text = f"{router} is {state.reach} since {state.since:%Y-%m-%d %H:%M:%S}Z: {state.reason}"
            found = self._evidence(view, finding, text, ROUTER)
            yield replace(found, probe=Probe.WATCHED)
        known = self._tools.servers()
        others = [one.name for one in inventory.servers() if one.site.key == view.site.key and one.name != view.name]
        seen = [known[name] for name in others if name in known]
        if seen:
            silent = sum(one.reach in (Reach.SUSPECT, Reach.DOWN) for one in seen)
            text = f"of {len(seen)} other servers at the site {silent} are silent"
            facts: dict[str, Fact] = {"neighbours": len(seen), "silent": silent}
            found = self._evidence(view, Finding.GOOD, text, "others", facts)
            yield replace(found, probe=Probe.WATCHED)

    def _evidence(
        self, view: ServerView, finding: Finding, text: str, item: str = "", facts: dict[str, Fact] | None = None
    ) -> Evidence:
        return Evidence(Probe.SERVER, HERE, view.name, self._files.clock(), finding, text, item, facts or {})

    def _keep(self, incident: Incident, evidence: list[Evidence] | tuple[Evidence, ...], *, late: bool) -> None:
        """On the disk when it returns; what comes after evidence was due is marked."""
        due = self._files.clock() > incident.evidence_due
        kept = tuple(replace(one, late=late or due) for one in evidence)
        self._files.evidence.add_evidence(incident.reference, kept)

    def _conclude(self, incident: Incident, text: str, count: int) -> None:
        now: datetime = self._files.clock()
        late = "" if now <= incident.evidence_due else " (late)"
        summary = f"{count} pieces of evidence{late}, first conclusion: {text}"

        def change(one: Incident) -> Incident:
            return life.concluded(one, incident, life.Entry(now, life.Step.CONCLUSION, life.AGENT, summary), text)

        self._files.incidents.change(incident.reference, change)
