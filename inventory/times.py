"""Days and hours as the inventory writes them: ``Sat``, ``Mon-Fri``, ``Mon-Fri 08:00-17:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"(\S+) (\d\d:\d\d)-(\d\d:\d\d)")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class Hours:
    """The same hours on some days of the week (0 is Monday); an end before the start is on the next day."""

    days: frozenset[int]
    start: time
    end: time


def parse_days(text: str) -> frozenset[int]:
    """The days of the week that ``text`` names, 0 for Monday: ``Sat``, ``Mon-Fri``, ``Mon,Wed,Fri``, ``daily``.

    Raises ValueError with words for people.
    """
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, hyphen, last = part.strip().partition("-")
        begin, end = _day(first), _day(last if hyphen else first)
        found.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(found)


def parse_hours(text: str) -> Hours:
    """Days and hours such as ``Mon-Fri 08:00-17:00``; raises ValueError with words for people."""
    match = _HOURS.fullmatch(text)
    if not match or not all(_TIME.fullmatch(match.group(n)) for n in (2, 3)):
        raise ValueError("must be days and hours, such as Mon-Fri 08:00-17:00")
    start, end = time.fromisoformat(match.group(2)), time.fromisoformat(match.group(3))
    if start == end:
        raise ValueError("must not start and end at the same time")
    return Hours(parse_days(match.group(1)), start, end)


def _day(text: str) -> int:
    try:
        return DAYS.index(text)
    except ValueError:
        raise ValueError(f"must name days as {', '.join(DAYS)}, a range such as Mon-Fri, or daily") from None
