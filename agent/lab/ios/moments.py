"""Moments and uptimes as IOS writes them."""

from __future__ import annotations

from datetime import UTC, datetime

_STAMP = "%H:%M:%S UTC %a %b %e %Y"


def moment(seconds: float) -> str:
    """A moment as IOS writes it: ``10:00:00 UTC Mon Jan 1 2024``."""
    return " ".join(datetime.fromtimestamp(seconds, UTC).strftime(_STAMP).split())


def elapsed(seconds: float) -> str:
    """An uptime as IOS writes it: the two to four largest units."""
    minutes = int(seconds) // 60
    parts: list[str] = []
    for unit, size in (("year", 525600), ("week", 10080), ("day", 1440), ("hour", 60), ("minute", 1)):
        count, minutes = divmod(minutes, size)
        if count or (unit == "minute" and not parts):
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return ", ".join(parts)
