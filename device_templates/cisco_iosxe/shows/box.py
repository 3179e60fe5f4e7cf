"""Reads what IOS-XE shows of the router itself: its clock, processor, log and interfaces."""

from __future__ import annotations

import re
from datetime import datetime

from device_templates.cisco_iosxe.shows.crypto import moment
from device_templates.shows import ClockSync, InterfaceState, Load, LogLine

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
#: A row of ``show ip interface brief``: name, status, protocol.
_BRIEF = re.compile(r"^(\S+) .*? (up|administratively down|down) +(up|down)\s*$", re.MULTILINE)
#: Facilities whose messages tell of faults of this service.
_TELLING = frozenset(
    {"BGP", "CRYPTO", "DHCP", "DMVPN", "IKEV2", "IOSXE", "LINEPROTO", "LINK", "NHRP", "PKI", "PLATFORM", "SSH", "SYS"}
)
#: Log lines that are kept as evidence, from the end.
TAIL = 40


def load(text: str) -> Load | None:
    """The load; None where the text has no such line, or one of more than a whole processor."""
    found = _LOAD.search(text)
    if found is None or any(int(percent) > 100 for percent in found.groups()):
        return None
    shares = [(name, float(minute)) for _, minute, _, name in _PROCESS.findall(text) if float(minute) > 0]
    busiest = tuple(sorted(shares, key=lambda one: -one[1])[:3])
    return Load(int(found[3]), int(found[4]), busiest)


def log_tail(text: str, now: datetime | None) -> tuple[LogLine, ...]:
    """The last telling messages of ``show logging``, oldest first; ``now`` gives the year that lines leave out."""
    found: list[LogLine] = []
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match is None or match[6] not in _TELLING:
            continue
        said = f"%{match[6]}-{match[7]}-{match[8]}: {match[9].strip()}"
        found.append(LogLine(_when(match, now), match[6], int(match[7]), said))
    return tuple(found[-TAIL:])


def _when(match: re.Match[str], now: datetime | None) -> datetime | None:
    month, day, year, time, zone = match[1], match[2], match[3], match[4], match[5]
    if month is None or (year is None and now is None):
        return None
    written = moment(f"{time} {zone or 'UTC'} {month} {day} {year or (now.year if now else 0)}")
    if written is not None and year is None and now is not None and (written - now).days > 1:
        return moment(f"{time} {zone or 'UTC'} {month} {day} {now.year - 1}")
    return written


def interfaces(text: str) -> dict[str, InterfaceState]:
    """The interfaces in ``show ip interface brief``."""
    return {
        name: InterfaceState(
            not status.startswith("administratively"),
            (status, protocol) == ("up", "up"),
            "up" if (status, protocol) == ("up", "up") else f"{status}, line protocol {protocol}",
        )
        for name, status, protocol in _BRIEF.findall(text)
    }


def ntp(text: str) -> ClockSync:
    """What ``show ntp status`` says first."""
    first = text.strip().partition("\n")[0].partition(",")[0]
    return ClockSync(text.strip().startswith("Clock is synchronized"), first or "no answer")
