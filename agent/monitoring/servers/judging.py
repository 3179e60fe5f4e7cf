"""What one sample says of each thing that is watched: good, bad, or unknown where nobody could tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.monitoring.alarms import Kind
from agent.monitoring.sample import Answer
from agent.monitoring.servers.expected import Expected
from agent.monitoring.servers.sample import CertificateReading, ClockReading, PortReading, ServerSample

#: How far below its limit a value must be before it counts as good again, in percent points.
STORAGE_BAND, CPU_BAND = 5, 10
#: The tables that verdicts need; the list of programs is for people only.
NEEDED = frozenset({"processors", "storage", "services"})
#: Longest name of an item that is kept.
MAX_NAME = 63


class Verdict(StrEnum):
    """How one thing is; a warning is shown and raises nothing."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing; a verdict of None lies between two limits: what it was, it stays."""

    kind: Kind
    name: str
    verdict: Verdict | None
    text: str
    urgent: bool = True


def judge(sample: ServerSample, expected: Expected, volumes: Iterable[str]) -> Iterator[Found]:
    """Everything that can be said of a server that was heard; ``volumes`` are those that were seen before."""
    yield from _snmp(sample)
    yield from _services(sample, expected)
    yield from _volumes(sample, expected.limits.storage_full_percent, volumes)
    yield from _processor(sample, expected.limits.cpu_percent)
    for kind, label, ports in ((Kind.SIP_DOWN, "SIP", sample.sip), (Kind.HTTPS_DOWN, "HTTPS", sample.https)):
        for port, reading in sorted(ports.items()):
            yield _port(kind, port, reading)
            place = f"{label} {port}"
            yield _or(*(_certificate(place, reading, at, expected) for at in (sample.at, *sample.or_at)))
    yield _time(sample, expected.limits.time_offset_s)


def _snmp(sample: ServerSample) -> Iterator[Found]:
    """The agent that tells services, disks and load; without it they are unknown, and that is told."""
    if sample.snmp is None:
        return
    problems = [*sample.faults, *(f"{name}: {why}" for name, why in sample.unread.items() if name in NEEDED)]
    if sample.snmp is Answer.NOT_ASKED:
        yield Found(Kind.ANSWER_UNUSABLE, "SNMP", Verdict.UNKNOWN, sample.snmp_reason, urgent=False)
    elif sample.snmp is not Answer.ANSWERED:
        yield Found(Kind.ANSWER_UNUSABLE, "SNMP", Verdict.BAD, f"SNMP: {sample.snmp_reason}", urgent=False)
    elif problems:
        yield Found(Kind.ANSWER_UNUSABLE, "SNMP", Verdict.BAD, f"SNMP: {'; '.join(problems)}", urgent=False)
    else:
        yield Found(Kind.ANSWER_UNUSABLE, "SNMP", Verdict.GOOD, "SNMP answers", urgent=False)


def _services(sample: ServerSample, expected: Expected) -> Iterator[Found]:
    """A stopped service has no row: what is expected and missing is down. No table, no verdict; no SNMP, no item."""
    if sample.snmp is None:
        return
    for name in expected.services:
        if sample.services is None:
            why = sample.unread.get("services") or sample.snmp_reason or "the services were not read"
            yield _service(name, Verdict.UNKNOWN, f"{name}: not known, {why}")
        elif name not in sample.services:
            yield _service(name, Verdict.BAD, f"{name} does not run (expected by {expected.origin})")
        elif (serves := sample.services[name]) is None:
            yield _service(name, Verdict.UNKNOWN, f"{name}: its state cannot be read")
        elif serves:
            yield _service(name, Verdict.GOOD, f"{name} runs")
        else:
            yield _service(name, Verdict.BAD, f"{name} is paused")


def _service(name: str, verdict: Verdict, text: str) -> Found:
    return Found(Kind.SERVICE_DOWN, name[:MAX_NAME], verdict, text)


def _volumes(sample: ServerSample, limit: int, before: Iterable[str]) -> Iterator[Found]:
    if sample.volumes is None:
        for name in before:
            yield Found(Kind.STORAGE_FULL, name, Verdict.UNKNOWN, f"{name}: not known, the volumes were not read")
    for name, percent in sorted((sample.volumes or {}).items()):
        verdict = _between(percent, limit, STORAGE_BAND)
        yield Found(Kind.STORAGE_FULL, name[:MAX_NAME], verdict, f"{name} is {percent:.0f} % full (limit {limit} %)")


def _processor(sample: ServerSample, limit: int) -> Iterator[Found]:
    percent = sample.cpu_percent
    if percent is not None:
        text = f"the processors' load is {percent:.0f} % (limit {limit} %)"
        yield Found(Kind.CPU_LOAD, "", _between(percent, limit, CPU_BAND), text)
    elif sample.snmp is not None:
        yield Found(Kind.CPU_LOAD, "", Verdict.UNKNOWN, "the processors' load is not known")


def _between(value: float, limit: int, band: int) -> Verdict | None:
    """Bad from the limit on, good again only well below it."""
    if value >= limit:
        return Verdict.BAD
    return Verdict.GOOD if value < limit - band else None


def _port(kind: Kind, port: int, reading: PortReading) -> Found:
    verdict = {True: Verdict.GOOD, False: Verdict.BAD, None: Verdict.UNKNOWN}[reading.serves]
    return Found(kind, str(port), verdict, reading.text)


def _certificate(place: str, reading: PortReading, now: datetime, expected: Expected) -> Found:
    """Its dates raise alarms; a name that does not fit and an authority that is not known are shown."""
    found, limits = reading.certificate, expected.limits
    if found is None:
        return Found(Kind.CERTIFICATE_EXPIRES, place, Verdict.UNKNOWN, f"{place}: no certificate was seen")
    days = (found.not_after - now).total_seconds() / 86_400
    if now < found.not_before:
        text = f"{place}: the certificate is not valid before {found.not_before:%Y-%m-%d %H:%M}Z"
        return Found(Kind.CERTIFICATE_EXPIRES, place, Verdict.BAD, text)
    until = f"{found.not_after:%Y-%m-%d %H:%M}Z"
    if days < 0:
        text = f"{place}: the certificate expired at {until} ({found.subject})"
        return Found(Kind.CERTIFICATE_EXPIRES, place, Verdict.BAD, text)
    if days < max(limits.certificate_warn_days, limits.certificate_urgent_days):
        text = f"{place}: the certificate expires in {days:.0f} days, at {until} ({found.subject})"
        urgent = days < limits.certificate_urgent_days
        return Found(Kind.CERTIFICATE_EXPIRES, place, Verdict.BAD, text, urgent)
    if doubts := _doubts(found):
        return Found(Kind.CERTIFICATE_EXPIRES, place, Verdict.WARNING, f"{place}: {doubts}")
    return Found(Kind.CERTIFICATE_EXPIRES, place, Verdict.GOOD, f"{place}: the certificate is good until {until}")


def _doubts(found: CertificateReading) -> str:
    doubts = []
    if found.mismatch:
        doubts.append(f"the certificate is for {', '.join(found.names) or found.subject}, not for {found.expected}")
    if found.untrusted:
        doubts.append(f"the certificate is not trusted: {found.untrusted} (issued by {found.issuer})")
    return "; ".join(doubts)


def _or(found: Found, *others: Found) -> Found:
    """What is bad only because this machine's own clock was set is not known; ``others`` are by what it was before."""
    if found.verdict is not Verdict.BAD:
        return found
    milder = [one for one in others if one.verdict is Verdict.BAD and not one.urgent]
    if any(one.verdict is not Verdict.BAD for one in others):
        text = f"not known, this machine's own clock was set; by what it is now {found.text}"
        return Found(found.kind, found.name, Verdict.UNKNOWN, text, found.urgent)
    return milder[0] if milder else found


def _time(sample: ServerSample, limit_s: float) -> Found:
    clock = sample.clock
    if clock is None:
        return Found(Kind.TIME_OFFSET, "", Verdict.UNKNOWN, sample.clock_reason or "the server's time is not known")
    return _or(*(_clock(replace(clock, offset_s=offset), limit_s) for offset in (clock.offset_s, *clock.or_s)))


def _clock(clock: ClockReading, limit_s: float) -> Found:
    """Off only where that is sure; near the limit what it was, it stays."""
    sure = abs(clock.offset_s) - clock.within_s
    text = (
        f"the clock is off by {clock.offset_s:+.1f} s ± {clock.within_s:.1f} s ({clock.source} against {clock.against})"
    )
    if sure > limit_s:
        return Found(Kind.TIME_OFFSET, "", Verdict.BAD, text)
    fine = abs(clock.offset_s) < max(limit_s / 2, limit_s - clock.within_s)
    return Found(Kind.TIME_OFFSET, "", Verdict.GOOD if fine else None, text)
