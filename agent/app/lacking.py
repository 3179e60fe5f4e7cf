"""Secrets that cannot be had: gathered while much is rendered, and told all at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.errors import ConfigurationProblem
from device_templates import Secrets
from inventory import Secret

#: Stands in for a secret while the others are asked for; short enough for every place.
_NONE = Secret("lacking")


@dataclass
class Lacking:
    """Resolves references as ``secrets`` does, and goes on where it cannot; ``refuse`` says which they were."""

    secrets: Secrets
    problems: dict[str, ConfigurationProblem] = field(default_factory=dict)

    def __call__(self, reference: str) -> Secret:
        """The secret, or one that nobody has."""
        if reference in self.problems:
            return _NONE
        try:
            return self.secrets(reference)
        except ConfigurationProblem as problem:
            self.problems[reference] = problem
            return _NONE

    def refuse(self) -> None:
        """Raises ConfigurationProblem where any was asked for in vain."""
        found = list(dict.fromkeys((one.where, one.message, one.remedy) for one in self.problems.values()))
        if len(found) == 1:
            where, message, remedy = found[0]
            raise ConfigurationProblem(message, where=where, remedy=remedy)
        if found:
            said = "; ".join(f"{where}: {message}" for where, message, _ in found)
            remedies = "; ".join(dict.fromkeys(remedy for *_, remedy in found))
            raise ConfigurationProblem(f"{len(found)} secrets cannot be had: {said}", remedy=remedies)
