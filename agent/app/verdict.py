"""How a check of an installation ends."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


#: How it ended, what was found, and what to do; the last is empty where there is nothing to do.
Finding = tuple[Verdict, str, str]
