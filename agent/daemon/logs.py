"""The daemon's log: one line a record, plain or JSON, to standard error; a supervisor keeps it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO


class OneLine(logging.Formatter):
    """A record as one line: what a device sent can neither break it nor pretend to be another record."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, source, message; an exception is named, its traceback is not shown."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message}: {record.exc_info[0].__name__}: {record.exc_info[1]}"
        fields = {"at": at, "level": record.levelname.lower(), "from": record.name, "message": message}
        if self._as_json:
            return json.dumps(fields)
        shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in message)
        return f"{at} {fields['level']} {record.name}: {shown}"


def log_to(stream: TextIO | None = None, *, as_json: bool = False, level: int = logging.INFO) -> None:
    """Send the whole process's log there, and nothing of the libraries below a warning."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(OneLine(as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("agent").setLevel(level)
    # Netmiko and paramiko log what goes over the line at DEBUG: never below a warning, whatever is asked for.
    for name in ("netmiko", "paramiko"):
        logging.getLogger(name).setLevel(logging.ERROR)
