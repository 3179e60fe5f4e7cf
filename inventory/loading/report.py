"""From what rules find to problems with file and line."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.errors import Problem
from inventory.loading.records import CustomerFile, SettingsFile, dotted
from inventory.places import SETTINGS_FILE
from inventory.rules.base import Finding, Place


class Report:
    """Knows the lines of all files of a workspace."""

    def __init__(self, settings: SettingsFile | None, files: Iterable[CustomerFile]) -> None:
        self._settings = settings
        self._files = {file.customer.customer: file for file in files if file.customer}

    def problem(self, finding: Finding, rule: str) -> Problem | None:
        """The finding with its line; None where an error of form has told of that field already."""
        file = self._files.get(finding.place.customer or "")
        if file and finding.place.path in file.told:
            return None
        name, line = self._where(finding.place)
        message = finding.message
        if finding.also is not None:
            other, other_line = self._where(finding.also)
            message = f"{message}; the other is {dotted(finding.also.path)} at {other}:{other_line}"
        field = dotted(finding.place.path)
        return Problem(name, line, field, message, rule, finding.remedy, finding.severity)

    def _where(self, place: Place) -> tuple[str, int]:
        if place.customer is None:
            return str(SETTINGS_FILE), self._settings.line(place.path) if self._settings else 0
        return self._files[place.customer].place(place.path)
