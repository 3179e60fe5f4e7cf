"""The program's own log: what it did and why, one line each, and no content of any file."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from . import places


def note(text: str) -> None:
    """Add a line; a full disk or a missing folder stops nothing."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = f"{moment} {os.getpid()} {' '.join(text.split())[:2000]}\n"
    try:
        handle = os.open(places.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
    except OSError:
        pass


def brief(outcome: Mapping[str, Any]) -> str:
    """What failed, without the words of the program that refused it: they may quote a line that holds a secret."""
    return str(outcome.get("message", "")).partition(": ")[0]
