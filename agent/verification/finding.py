"""What verification finds."""

from __future__ import annotations

from dataclasses import dataclass

from inventory import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: the rule it breaks, the routers concerned, what is wrong and what to do."""

    rule: str
    routers: tuple[str, ...]
    message: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{', '.join(self.routers)}: {self.message} [{self.rule}] -> {self.remedy}"
