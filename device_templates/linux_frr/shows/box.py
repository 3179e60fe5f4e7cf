"""Reads what the router shows of itself: interfaces, load, log, clock, and what strongSwan counts and holds."""

from __future__ import annotations

import re

from device_templates.linux_frr.shows.answers import Answer
from device_templates.shows import (
    Certificate,
    ClockSync,
    IkeRequests,
    InterfaceState,
    Load,
    LogLine,
)
from device_templates.texts import hidden

#: Log lines that are kept as evidence, from the end.
TAIL = 40
#: Programs whose messages tell of faults of this service, and the words by which one of no urgency does.
_TELLING = re.compile(
    r"charon.*|ipsec|swanctl|bgpd|nhrpd|zebra|staticd|watchfrr|kernel|sshd|[Kk]eepalived.*|spokesman.*|chronyd|snmpd"
)
_WORDS = re.compile(
    r"ADJCHANGE|AUTH_FAILED|AUTHENTICATION_FAILED|NO_PROP|TS_UNACCEPT|MAC mismatched|no shared key|giving up|fail|error"
    r"|refus|reject|unreachable|link (?:is )?(?:up|down)|established|deleting|revert|commit|confirm|Entering \w+ STATE",
    re.IGNORECASE,
)
_NOTICE = 5
_ALREADY = re.compile(r"<secret:[0-9A-Za-z]+>")
_AUTHENTICATION = "AUTHENTICATION_FAILED"


def interfaces(answer: Answer) -> dict[str, InterfaceState]:
    """Interfaces of the front door and of every VPN; their names differ, for they were all made in one place."""
    found = {}
    for _, place in answer.items():
        for row in place.rows():
            name, flags = row["ifname"].text(), [flag.text() for flag in row["flags"].rows()]
            state = row["operstate"].text().upper()
            if name and name != "lo":
                enabled = "UP" in flags
                up = enabled and state in ("UP", "UNKNOWN") and "NO-CARRIER" not in flags
                found[name] = InterfaceState(enabled, up, "up" if up else state.lower() if enabled else "shut down")
    return found


def load(answer: Answer) -> Load | None:
    """The load; where it was not measured yet, the kernel's average of what waits for a processor."""
    cpus = answer["cpus"].number() or 1
    averages = [one.real() for one in answer["loadavg"].rows()]
    waiting = [min(100, round(100 * one / cpus)) if one is not None and one >= 0 else None for one in averages]
    minute, five = answer["one_minute"].number(), answer["five_minutes"].number()
    if minute is None and waiting:
        minute = waiting[0]
    if five is None and len(waiting) > 1:
        five = waiting[1]
    if minute is None or five is None or not (0 <= minute <= 100 and 0 <= five <= 100):
        return None
    rows = ((row["name"].text(), row["percent"].real()) for row in answer["busiest"].rows())
    return Load(minute, five, tuple((name, share) for name, share in rows if name and share)[:3])


def log(answer: Answer) -> tuple[LogLine, ...]:
    """The last messages that tell of faults, oldest first."""
    found = []
    for row in answer["lines"].rows():
        program, text, severity = row["program"].text(), row["text"].text(), row["severity"].number()
        urgent = severity is not None and severity < _NOTICE
        if _TELLING.fullmatch(program) and (urgent or _WORDS.search(text)):
            found.append(LogLine(row["at"].moment(), program, severity, f"{program}: {text}"))
    return tuple(found[-TAIL:])


def ntp(answer: Answer) -> ClockSync:
    """Whether the clock follows a server, and which."""
    tracking = answer["tracking"]
    leap, reference = tracking["leap"].text(), tracking["reference"].text()
    if not tracking.told or not leap:
        return ClockSync(False, "no answer")
    if leap == "Not synchronised" or not reference:
        return ClockSync(False, "the clock follows no time server")
    return ClockSync(True, f"the clock follows {reference}, stratum {tracking['stratum'].text()}")


def ike_failures(answer: Answer) -> int | None:
    """How often an end did not prove who it is."""
    return answer["errors"][_AUTHENTICATION].number()


def ike_errors(answer: Answer) -> dict[str, int]:
    """What was counted, by the words of IKE."""
    counts = {name: count.number() or 0 for name, count in answer["errors"].items()}
    return {name: count for name, count in counts.items() if count > 0}


def ike_requests(answer: Answer) -> tuple[IkeRequests, ...]:
    """First messages of IKE: those that were answered, and those that were not."""
    found = []
    for direction, asked, answered in (("incoming", "in", "out"), ("outgoing", "out", "in")):
        requests = answer["counters"][f"ike-init-{asked}-req"].number()
        responses = answer["counters"][f"ike-init-{answered}-resp"].number()
        if requests is not None and responses is not None:
            found.append(IkeRequests(direction, responses, max(0, requests - responses)))
    return tuple(found)


def keys(answer: Answer) -> dict[str, frozenset[str]]:
    """The keys of each secret, hidden."""
    found: dict[str, frozenset[str]] = {}
    for row in answer["secrets"].rows():
        name, key = row["name"].text(), row["secret"].text()
        if name and key:
            shown = key if _ALREADY.fullmatch(key) else hidden(key)
            found[name] = found.get(name, frozenset()) | {shown}
    return found


def certificates(answer: Answer) -> tuple[Certificate, ...]:
    """The certificates on the router's disk."""
    return tuple(
        Certificate(
            own=row["own"].value is True,
            status="available",
            subject=row["subject"].text(),
            starts=row["not_before"].moment(),
            ends=row["not_after"].moment(),
            authority="",
        )
        for row in answer["certificates"].rows()
    )
