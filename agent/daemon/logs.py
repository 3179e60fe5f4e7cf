"""The daemon's log: one line a record, plain or JSON, to standard error; a supervisor keeps it.

What goes wrong every minute, or with each of a million damaged rows, fills no disk: the same line comes once in ten
minutes, and the next says how many there were.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import TextIO

#: How long a warning or an error that says the same is left out, in seconds; how many of them are remembered.
AGAIN_AFTER_S = 600.0
MOST_REMEMBERED = 1000


class OneLine(logging.Formatter):
    """A record as one line: what a device sent can neither break it nor pretend to be another record."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, source, message."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = _message(record)
        fields = {"at": at, "level": record.levelname.lower(), "from": record.name, "message": message}
        if self._as_json:
            return json.dumps(fields)
        shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in message)
        return f"{at} {fields['level']} {record.name}: {shown}"


class Seldom(logging.Filter):
    """Leaves out warnings and errors that say what was said a short time ago, on a clock that nobody sets."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        #: When each was shown last, and how many were left out since; the one that came last is last.
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is shown; what was left out before it is told with it."""
        if record.levelno < logging.WARNING:
            return True
        key, now = (record.name, _message(record)), self._clock()
        shown_at, left_out = self._said.pop(key, (now - AGAIN_AFTER_S, 0))
        if shows := now - shown_at >= AGAIN_AFTER_S:
            if left_out:
                record.msg, record.args = f"{record.getMessage()} (and {left_out} times since it was last shown)", ()
            shown_at, left_out = now, -1
        self._said[key] = shown_at, left_out + 1
        if len(self._said) > MOST_REMEMBERED:
            del self._said[next(iter(self._said))]
        return shows


def _message(record: logging.LogRecord) -> str:
    """The message; an exception is named, its traceback is not shown."""
    message = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        message = f"{message}: {record.exc_info[0].__name__}: {record.exc_info[1]}"
    return message


def log_to(stream: TextIO | None = None, *, as_json: bool = False, level: int = logging.INFO) -> None:
    """Send the whole process's log there, and nothing of the libraries below a warning."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(OneLine(as_json=as_json))
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("agent").setLevel(level)
    # Netmiko and paramiko log what goes over the line at DEBUG: never below a warning, whatever is asked for.
    for name in ("netmiko", "paramiko"):
        logging.getLogger(name).setLevel(logging.ERROR)
