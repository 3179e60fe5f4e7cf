"""What the machine tells of itself: load, log, clock and time servers."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from pathlib import Path
from typing import Any

from ..system import run

_LOGS = (Path("/var/log/messages"), Path("/var/log/syslog"))
_MOST_LINES = 200
_MOST_BYTES = 256 * 1024
_LINE = re.compile(r"(?:<(\d{1,3})>)?(\S+) (\S+) ([^\s:\[]+)(?:\[\d+\])?: ?(.*)")
_TRADITIONAL = re.compile(r"(?:<(\d{1,3})>)?(\w{3} [ \d]\d [\d:]{8}) (\S+) ([^\s:\[]+)(?:\[\d+\])?: ?(.*)")
samples: deque[tuple[float, int, int]] = deque(maxlen=120)
"""(time, busy, all) of the processors in the kernel's ticks, taken by the resident program."""


def sample() -> None:
    """Take one sample of the processors."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    samples.append((time.monotonic(), sum(ticks) - ticks[3] - ticks[4], sum(ticks)))


def load(_: list[str]) -> dict[str, Any]:
    """How busy the processors are, in percent of all of them, and with what."""
    return {
        "cpus": os.cpu_count() or 1,
        "loadavg": list(os.getloadavg()),
        "five_seconds": _percent(5),
        "one_minute": _percent(60),
        "five_minutes": _percent(300),
        "busiest": _busiest(),
    }


def log(arguments: list[str]) -> dict[str, Any]:
    """The last lines of the system's log, oldest first."""
    most = int(arguments[0]) if arguments and arguments[0].isdecimal() else _MOST_LINES
    lines = [line for path in _LOGS for line in _tail(path)]
    return {"lines": [_entry(line) for line in lines[-max(1, min(most, _MOST_LINES)) :]]}


def clock(_: list[str]) -> dict[str, Any]:
    """The time, and whether a time server disciplines it (null: nobody says)."""
    told = _tracking()
    return {
        "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "synchronised": None if told is None else told["leap"] not in ("", "Not synchronised"),
    }


def ntp(_: list[str]) -> dict[str, Any]:
    """The time servers, as chrony sees them."""
    sources = []
    for line in run("chronyc", "-n", "-c", "sources", timeout_s=10).out.splitlines():
        words = line.split(",")
        if len(words) >= 8:
            sources.append(
                {
                    "address": words[2],
                    "state": words[1],
                    "stratum": int(words[3]),
                    "reach": int(words[5]),
                    "offset_s": float(words[7]),
                }
            )
    return {"sources": sources, "tracking": _tracking()}


def _tracking() -> dict[str, Any] | None:
    words = run("chronyc", "-n", "-c", "tracking", timeout_s=10).out.strip().split(",")
    if len(words) < 14:
        return None
    return {"reference": words[1], "stratum": int(words[2]), "offset_s": float(words[4]), "leap": words[13]}


def _percent(seconds: float) -> int | None:
    if len(samples) < 2:
        return None
    at, busy, total = samples[-1]
    before = [one for one in samples if at - one[0] <= seconds + 1]
    _, busy_then, total_then = before[0] if len(before) > 1 else samples[-2]
    return round(100 * (busy - busy_then) / (total - total_then)) if total > total_then else None


def _busiest() -> list[dict[str, Any]]:
    """The processes that take most, over half a second."""
    first, began = _processes(), time.monotonic()
    time.sleep(0.5)
    span = (time.monotonic() - began) * os.sysconf("SC_CLK_TCK") * (os.cpu_count() or 1)
    used = [(ticks - first[pid][1], name) for pid, (name, ticks) in _processes().items() if pid in first]
    most = sorted((one for one in used if one[0] > 0), reverse=True)[:5]
    return [{"name": name, "percent": round(100 * ticks / span, 1)} for ticks, name in most]


def _processes() -> dict[str, tuple[str, int]]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = stat.read_text(errors="replace").rpartition(")")
        except OSError:
            continue
        words = after.split()
        found[stat.parent.name] = (before.partition("(")[2], int(words[11]) + int(words[12]))
    return found


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MOST_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return lines if size <= _MOST_BYTES else lines[1:]


def _entry(line: str) -> dict[str, Any]:
    """One line of rsyslog, with or without the priority that its forward formats begin with."""
    matched = _TRADITIONAL.fullmatch(line) or _LINE.fullmatch(line)
    if not matched:
        return {"at": None, "program": "", "severity": 6, "text": line[:500]}
    severity = int(matched[1]) % 8 if matched[1] else 6
    return {"at": _moment(matched[2]), "program": matched[4], "severity": severity, "text": matched[5][:500]}


def _moment(text: str) -> str | None:
    """A time of the log in UTC; the traditional form has no year, so it is the last that is not ahead of now."""
    now = time.time()
    try:
        if text[:1].isdigit():
            from datetime import UTC, datetime

            return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        year = time.localtime(now).tm_year
        at = time.mktime(time.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S"))
        if at > now + 86400:
            at = time.mktime(time.strptime(f"{year - 1} {text}", "%Y %b %d %H:%M:%S"))
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    except (ValueError, OverflowError):
        return None
