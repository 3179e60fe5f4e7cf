"""Reads what IOS-XE shows of the router itself: its clock, processor and log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from agent.faults.readings.crypto import moment

_LOAD = re.compile(
    r"CPU utilization for five seconds: +(\d{1,3})%/(\d{1,3})%; +one minute: +(\d{1,3})%; +five minutes: +(\d{1,3})%"
)
_PROCESS = re.compile(
    r"^[ \t]*\d+\s+\d+\s+\d+\s+\d+\s+(\d+\.\d+)%\s+(\d+\.\d+)%\s+(\d+\.\d+)%\s+\d+\s+(\S.*?)\s*$", re.MULTILINE
)
_LINE = re.compile(
    r"^(?:\d+: )?[*.]?"
    r"(?:([A-Z][a-z]{2}) +(\d{1,2}) +(?:(\d{4}) +)?(\d{1,2}:\d\d:\d\d)(?:\.\d+)?(?: +([A-Z]{3,4}))?: +)?"
    r"%([A-Z0-9_]+)-(\d)-([A-Z0-9_]+): ?(.*)$"
)
#: Facilities whose messages tell of faults of this service.
_TELLING = frozenset(
    {"BGP", "CRYPTO", "DHCP", "DMVPN", "IKEV2", "IOSXE", "LINEPROTO", "LINK", "NHRP", "PKI", "PLATFORM", "SSH", "SYS"}
)
#: Log lines that are kept as evidence, from the end.
TAIL = 40


@dataclass(frozen=True, slots=True)
class Load:
    """``show processes cpu``, in percent; ``busiest`` are the processes by their share of the last minute."""

    five_seconds: int
    one_minute: int
    five_minutes: int
    busiest: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message of the log; ``at`` is the router's own time, None where it is not a moment in UTC."""

    at: datetime | None
    facility: str
    severity: int
    mnemonic: str
    text: str

    def __str__(self) -> str:
        return f"%{self.facility}-{self.severity}-{self.mnemonic}: {self.text}"


def load(text: str) -> Load | None:
    """The load; None where the text has no such line, or one of more than a whole processor."""
    found = _LOAD.search(text)
    if found is None or any(int(percent) > 100 for percent in found.groups()):
        return None
    shares = [(name, float(minute)) for _, minute, _, name in _PROCESS.findall(text) if float(minute) > 0]
    busiest = tuple(sorted(shares, key=lambda one: -one[1])[:3])
    return Load(int(found[1]), int(found[3]), int(found[4]), busiest)


def clock(text: str) -> datetime | None:
    """The router's time in ``show clock``; None where it is in a zone that this machine cannot tell."""
    return moment(text)


def log_tail(text: str, now: datetime | None) -> tuple[LogLine, ...]:
    """The last telling messages of ``show logging``, oldest first; ``now`` gives the year that lines leave out."""
    found: list[LogLine] = []
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match is None or match[6] not in _TELLING:
            continue
        found.append(LogLine(_when(match, now), match[6], int(match[7]), match[8], match[9].strip()))
    return tuple(found[-TAIL:])


def _when(match: re.Match[str], now: datetime | None) -> datetime | None:
    month, day, year, time, zone = match[1], match[2], match[3], match[4], match[5]
    if month is None or (year is None and now is None):
        return None
    written = moment(f"{time} {zone or 'UTC'} {month} {day} {year or (now.year if now else 0)}")
    if written is not None and year is None and now is not None and (written - now).days > 1:
        return moment(f"{time} {zone or 'UTC'} {month} {day} {now.year - 1}")
    return written
