"""From the collectors' answers to the sample that states are decided from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from agent.monitoring.sample import Answer
from agent.monitoring.servers.sample import CertificateReading, ClockReading, PortReading, ServerSample
from agent.monitoring.snmp import NOT_ASKED, SILENT
from collectors.clocks import reading as clocks
from collectors.clocks.ntp import NtpProbe
from collectors.services.server import ServerAnswers
from collectors.services.windows import WindowsSample
from collectors.tls.stages import PortProbe, Stage

HERE = "this machine's clock"
#: HTTP answers from here on say that the service itself fails.
SERVER_ERROR = 500


def neutral(
    answers: ServerAnswers, name: str | None, set_by: tuple[float, ...] = (), *, jumped: bool = False
) -> ServerSample:
    """The sample; ``name`` is what the server's certificates should be for, if that is known.

    ``set_by``: this machine's clock is that many seconds ahead of what it was; ``jumped``: it was set during the look.
    """
    windows = answers.windows
    sip = {port: _sip(probe, name) for port, probe in answers.sip.items()}
    https = {port: _https(probe, name) for port, probe in answers.https.items()}
    heard, reason = _heard(answers)
    clock, clock_reason = _clock(answers, set_by) if not jumped else (None, "this machine's own clock was set just now")
    snmp, snmp_reason = _snmp(windows)
    read = windows if windows is not None and windows.failure is None else None
    return ServerSample(
        server=answers.server,
        at=answers.at,
        heard=heard,
        reason="" if heard else reason,
        snmp=snmp,
        snmp_reason=snmp_reason,
        uptime_s=read.uptime_s if read else None,
        cpu_percent=sum(read.loads) / len(read.loads) if read and read.loads else None,
        volumes=None
        if read is None or read.volumes is None
        else {name: volume.percent for name, volume in read.volumes.items() if volume.fixed},
        services=read.services if read else None,
        programs=len(read.software) if read and read.software is not None else None,
        unread=read.unread if read else {},
        sip=sip,
        https=https,
        clock=clock,
        clock_reason=clock_reason,
        faults=tuple(str(problem) for problem in read.problems) if read else (),
        or_at=tuple(answers.at - timedelta(seconds=ahead) for ahead in set_by),
    )


def _heard(answers: ServerAnswers) -> tuple[bool | None, str]:
    """Whether anything came back: an answer, a refusal, even one that cannot be used, shows that a machine is there."""
    signs: list[tuple[str, bool | None]] = []
    if answers.windows is not None:
        signs.append(("SNMP", _snmp_heard(answers.windows)))
    signs += [(f"SIP {port}", probe.heard) for port, probe in answers.sip.items()]
    signs += [(f"HTTPS {port}", probe.heard) for port, probe in answers.https.items()]
    if answers.ntp is not None and answers.ntp.heard:
        signs.append(("SNTP", True))
    told = [name for name, heard in signs if heard is not None]
    if not told:
        reasons = [
            _snmp(answers.windows)[1],
            *(probe.problem for probe in (*answers.sip.values(), *answers.https.values())),
        ]
        return None, "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return any(heard for _, heard in signs), f"no answer on {', '.join(told)}"


def _snmp_heard(windows: WindowsSample) -> bool | None:
    if windows.failure in NOT_ASKED:
        return None
    return windows.failure not in SILENT


def _snmp(windows: WindowsSample | None) -> tuple[Answer | None, str]:
    if windows is None:
        return None, ""
    if windows.failure is None:
        return Answer.ANSWERED, ""
    reason = f"{windows.failure}: {windows.detail}" if windows.detail else str(windows.failure)
    if windows.failure in SILENT:
        return Answer.SILENT, reason
    return (Answer.NOT_ASKED if windows.failure in NOT_ASKED else Answer.UNUSABLE), reason


def _sip(probe: PortProbe, name: str | None) -> PortReading:
    """Any well-formed answer means alive; one that wants a certificate of ours is alive as well."""
    place = f"SIP {probe.port}"
    if probe.stage is Stage.ANSWERED:
        return _reading(probe, True, f"{place} answers {probe.status} {probe.words}".rstrip(), name)
    if probe.wants_certificate:
        return _reading(probe, True, f"{place} is alive: it wants a certificate of ours (mutual TLS)", name)
    return _reading(probe, _not_serving(probe), f"{place}: {_words(probe)}", name)


def _https(probe: PortProbe, name: str | None) -> PortReading:
    """A web server whose pool of processes is stopped still answers, 503: that is no service."""
    place = f"HTTPS {probe.port}"
    if probe.stage is Stage.ANSWERED and probe.status is not None:
        text = f"{place} answers {probe.status} {probe.words}".rstrip()
        return _reading(probe, probe.status < SERVER_ERROR, text, name)
    if probe.wants_certificate:
        return _reading(probe, True, f"{place} is alive: it wants a certificate of ours (mutual TLS)", name)
    return _reading(probe, _not_serving(probe), f"{place}: {_words(probe)}", name)


def _not_serving(probe: PortProbe) -> bool | None:
    return None if probe.stage is Stage.NOT_ASKED else False


def _words(probe: PortProbe) -> str:
    """Where it stopped, and why."""
    stages = {Stage.CONNECTED: "it takes the connection, but no TLS: ", Stage.SECURED: "TLS runs, but no answer: "}
    return stages.get(probe.stage, "") + probe.problem


def _reading(probe: PortProbe, serves: bool | None, text: str, name: str | None) -> PortReading:
    found = probe.certificate
    if found is None:
        return PortReading(serves, text, probe.heard)
    mismatch = name is not None and not found.is_for(name)
    certificate = CertificateReading(
        subject=found.subject,
        issuer=found.issuer,
        names=found.names,
        not_before=found.not_before,
        not_after=found.not_after,
        expected=name or "",
        mismatch=mismatch,
        untrusted=probe.untrusted,
    )
    return PortReading(serves, text, probe.heard, certificate)


def _clock(answers: ServerAnswers, set_by: tuple[float, ...]) -> tuple[ClockReading | None, str]:
    """The server's clock by its best source, against the pool's time source where that tells its time, else ours."""
    best = next(iter(sorted(_own(answers), key=lambda one: list(clocks.Source).index(one.source))), None)
    if best is None:
        return None, "neither SNTP, nor HTTP, nor SNMP tells the server's time"
    reference, or_s = answers.reference, tuple(best.offset_s + ahead for ahead in set_by)
    if reference is None:
        return ClockReading(best.offset_s, best.within_s, best.source, HERE, or_s), ""
    if reference.clock is None or not reference.synchronised:
        against = f"{HERE}; the pool's time source: {reference.problem or 'it is not synchronised'}"
        return ClockReading(best.offset_s, best.within_s, best.source, against, or_s), ""
    offset = best.offset_s - reference.clock.offset_s
    return ClockReading(offset, best.within_s + reference.clock.within_s, best.source, "the pool's time source"), ""


def _own(answers: ServerAnswers) -> Iterable[clocks.ClockReading]:
    found: list[NtpProbe | PortProbe | WindowsSample | None] = [answers.ntp, *answers.https.values(), answers.windows]
    return [one.clock for one in found if one is not None and one.clock is not None]
