"""The program's own log: what it did and why, one line each, and no content of any file."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from . import places


def note(text: str) -> None:
    """Add a line; neither a full disk, a missing folder nor a character that is none stops anything."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = f"{moment} {os.getpid()} {' '.join(text.split())[:2000]}\n"
    try:
        handle = os.open(places.LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            os.write(handle, line.encode(errors="replace"))
        finally:
            os.close(handle)
    except OSError:
        pass


def guarded(what: str, act: Callable[..., object], *given: object) -> None:
    """Do ``act``; a fault in it is noted, and ends neither the program nor what comes after."""
    try:
        act(*given)
    except Exception as error:  # noqa: BLE001 -- whatever it is, a router must not be left without its program
        place = traceback.extract_tb(error.__traceback__)[-1]
        note(f"a fault in {what}: {type(error).__name__} in {place.name}, line {place.lineno}")


def brief(outcome: Mapping[str, Any]) -> str:
    """What failed, without the words of the program that refused it: they may quote a line that holds a secret."""
    return str(outcome.get("message", "")).partition(": ")[0]
