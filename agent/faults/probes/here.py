"""What is known and seen from here: the inventory, the watch, ping, SNMP and the first word of SSH."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.errors import AgentError
from agent.events import Clock
from agent.faults.case import Case, FarEnd
from agent.faults.evidence import HERE, Evidence, Fact, Finding, Probe
from agent.faults.ports import AgentAnswer, Instruments
from agent.faults.probes import commands
from agent.faults.probes.commands import Found
from agent.monitoring.sample import Greets
from agent.monitoring.states import Reach, RouterState
from agent.provisioning.ports import PingResult
from device_templates import IkeFault, platform_of
from inventory import SiteView

#: A negotiation that fails is tried again every minute or so: older failures than this, in seconds, are over.
FAILURE_RECENT_S = 180.0
#: Runs of the ping command where loss or delay is looked for.
RUNS = 5


class FromHere:
    """Asks from this machine; each probe is bounded by its instrument."""

    def __init__(self, case: Case, tools: Instruments, clock: Clock) -> None:
        self._case, self._tools, self._clock = case, tools, clock
        self._name = case.subject.router.name

    def ping(self) -> Iterator[Evidence]:
        """The management address; several runs where loss or delay is looked for."""
        yield self._probe(Probe.PING_MANAGEMENT, self._ping)

    def agents(self) -> Iterator[Evidence]:
        """The subject's SNMP agent and SSH greeting, then what the agents of both ends say of failed IKE."""
        yield self._probe(Probe.GREETING, self._greeting)
        subject = self._case.subject
        answer = self._answer(subject)
        fault = "it answers" if not answer.fault else answer.fault
        known = Finding.GOOD if not answer.fault else Finding.BAD if answer.silent else Finding.UNREADABLE
        yield self._evidence(Probe.SNMP, (known, f"SNMP: {fault}", {}))
        for end in self._case.far_ends():
            yield from self._failures(subject, answer, end, self._case.wan_address(end.view))
            yield from self._failures(end.view, self._answer(end.view), end, self._case.wan_address(subject))

    def _ping(self) -> Found:
        """Many echoes where loss or delay is looked for, or where the first ones lost some."""
        subject, sent, received, times = self._case.subject, 0, 0, []
        for _ in range(RUNS):
            result = self._tools.ping(subject)
            sent, received = sent + result.sent, received + result.received
            times += [result.average_ms] if result.average_ms is not None else []
            if not self._case.impaired and received in (0, sent):
                break
        average = sum(times) / len(times) if times else None
        return commands.ping(str(subject.router.management.address), PingResult(sent, received, average))

    def _greeting(self) -> Found:
        stage, detail = self._tools.greet(self._case.subject)
        good = Finding.GOOD if stage is Greets.GREETED else Finding.BAD
        return good, f"SSH: {stage}{': ' + detail if detail else ''}", {"stage": stage.value}

    def _answer(self, view: SiteView) -> AgentAnswer:
        try:
            return self._tools.snmp(view)
        except AgentError as error:
            return AgentAnswer(f"it could not be asked: {error}")

    def _failures(self, view: SiteView, answer: AgentAnswer, end: FarEnd, peer: str | None) -> Iterator[Evidence]:
        """What the agent of one end says of failed IKE with the other; without an address nothing can be told."""
        if answer.failures is None or peer is None:
            return
        rows = sorted(
            (row for row in answer.failures if row.peer == peer and row.age_s <= FAILURE_RECENT_S),
            key=lambda row: row.age_s,
        )
        facts: dict[str, Fact] = {"far": end.view.router.name, "auth_failed": False, "certificate": False}
        finding, text = Finding.GOOD, f"no IKE with {peer} failed in the last {FAILURE_RECENT_S:.0f} s"
        if rows:
            reason = rows[0].reason
            fault = platform_of(view).ike_faults.get(reason, IkeFault(f"reason {reason}"))
            facts |= {"auth_failed": fault.authentication, "certificate": fault.certificate}
            facts |= {"reason": reason, "age_s": rows[0].age_s}
            text = f"IKE with {peer}: {fault.words}, {rows[0].age_s:.0f} s ago ({len(rows)} rows)"
            finding = Finding.BAD
        for link in end.links:
            yield self._evidence(Probe.IKE_FAILURES, (finding, text, facts), link.vpn, view.router.name)

    def _probe(self, probe: Probe, ask: Callable[[], Found]) -> Evidence:
        at = self._clock()
        try:
            found = ask()
        except AgentError as error:
            found = (Finding.NOT_KNOWN, f"it could not be asked: {error}", {})
        return Evidence(probe, HERE, self._name, at, found[0], found[1], "", found[2])

    def _evidence(self, probe: Probe, found: Found, item: str = "", source: str = HERE) -> Evidence:
        return Evidence(probe, source, self._name, self._clock(), found[0], found[1], item, found[2])


def watched(case: Case, clock: Clock) -> Iterator[Evidence]:
    """What the inventory and the watch know: of the subject, its far ends, and everybody else."""
    now, name, states = clock(), case.subject.router.name, case.states
    ends = case.far_ends()
    yield Evidence(Probe.INVENTORY, HERE, name, now, Finding.GOOD, *case.access_words(ends))
    for end in ends:
        for link in end.links:
            facts: dict[str, Fact] = {"far": link.far, "far_is_hub": end.view.is_hub(link.vpn)}
            facts |= {"proof": "certificates" if case.by_certificate(link.vpn) else "psk", "key": case.key(link.vpn)}
            text = f"{link.vpn}: tunnel to {link.far}, IKE by {facts['proof']}"
            yield Evidence(Probe.INVENTORY, HERE, name, now, Finding.GOOD, text, link.vpn, facts)
    if (own := states.get(name)) is not None:
        yield Evidence(Probe.WATCHED, HERE, name, now, _of(own), _words(own), "self", _facts(own))
    for end in ends:
        if (far := states.get(end.view.router.name)) is not None:
            facts = {**_facts(far), "far": end.view.router.name}
            yield Evidence(
                Probe.WATCHED, HERE, name, now, _of(far), f"{end.view.router.name}: {_words(far)}", "hub", facts
            )
    others = [state for state in states.values() if state.router != name]
    failing = sum(state.reach in (Reach.SUSPECT, Reach.DOWN) for state in others)
    text = f"of {len(others)} other routers {failing} do not answer"
    seen: dict[str, Fact] = {"seen": len(others), "failing": failing}
    yield Evidence(Probe.WATCHED, HERE, name, now, Finding.GOOD, text, "others", seen)


def _of(state: RouterState) -> Finding:
    return {Reach.UP: Finding.GOOD, Reach.UNKNOWN: Finding.NOT_KNOWN}.get(state.reach, Finding.BAD)


def _words(state: RouterState) -> str:
    """What the last answers said: since when it fails, when it booted, when its configuration changed."""
    words = [f"{state.reach} since {state.since:%Y-%m-%d %H:%M:%S}Z: {state.reason}"]
    if state.booted_at is not None:
        words.append(f"booted {state.booted_at:%Y-%m-%d %H:%M:%S}Z")
    if state.config_changed_at is not None:
        words.append(f"configuration changed {state.config_changed_at:%Y-%m-%d %H:%M:%S}Z")
    if state.unsaved:
        words.append("running configuration not saved")
    words.extend(f"{name} {link.link} since {link.since:%H:%M:%S}Z" for name, link in state.links.items())
    if state.quality.losses:
        words.append(_loss(state))
    if state.quality.round_trip_ms is not None:
        words.append(f"last answer in {state.quality.round_trip_ms:.0f} ms")
    return "; ".join(words)


def _loss(state: RouterState) -> str:
    seen = state.quality
    return f"{seen.lost} of {seen.sent} requests of the last {len(seen.losses)} polls lost"


def _facts(state: RouterState) -> dict[str, Fact]:
    """Of impairments only what the polls have decided: a reading in between is not known."""
    seen = state.quality
    calm = seen.cpu_percent is not None and seen.cpu.against == 0
    return {
        "reach": state.reach,
        "booted_at": state.booted_at.isoformat() if state.booted_at else None,
        "config_changed_at": state.config_changed_at.isoformat() if state.config_changed_at else None,
        "unsaved": state.unsaved,
        "losing": True if seen.loss.bad else (False if seen.losses and seen.lost == 0 else None),
        "loss": _loss(state),
        "slow": True if seen.slow.bad else (False if seen.usual_ms is not None and seen.slow.against == 0 else None),
        "round_trip_ms": seen.round_trip_ms,
        "usual_ms": seen.usual_ms,
        "busy": True if seen.cpu.bad else (False if calm else None),
    }
