"""What the inventory refuses, and how it says so: one error tree for this package."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a finding refuses the inventory or only asks a person to look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding: where it is, what is wrong, which rule says so and what to do.

    ``file`` is relative to the workspace, ``line`` counts from 1 (0: the file as a whole),
    ``field`` is a dotted path such as ``sites.leeds.access.address``.
    """

    file: str
    line: int
    field: str
    message: str
    rule: str = ""
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"
        if self.rule:
            text += f" [{self.rule}]"
        if self.remedy:
            text += f" -> {self.remedy}"
        return text


class InventoryError(Exception):
    """The workspace's inventory cannot be used; ``problems`` holds every reason, in file order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownName(InventoryError):
    """A site, router, customer or VPN was asked for that the inventory does not hold."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        choices = ", ".join(sorted(known)) or "none"
        super().__init__((Problem("customers/", 0, "", f"no {kind} {name!r}", remedy=f"known: {choices}"),))
