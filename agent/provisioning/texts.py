"""What provisioning asks of the platform's templates and parser, put together; nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.archive.platform import lasting
from agent.provisioning.plan import FeatureChange
from device_templates import (
    PathLine,
    Rendered,
    RenderedLine,
    candidate,
    compare,
    redact,
    render,
    snmp_user_lines,
)
from inventory import Inventory, Secret, SiteView

#: Features whose change touches the internet access, or how the centre reaches the router [WV-22].
ACCESS = frozenset({"Internet access", "Management tunnel"})
#: What no line of the intended configuration belongs to.
OTHER = "Other lines on the router"

_Key = tuple[tuple[str, ...], str]


@dataclass(frozen=True)
class PlatformTexts:
    """Implements ``agent.provisioning.ports.Texts``; ``overrides`` is the workspace's folder of partials."""

    secrets: Callable[[str], Secret]
    overrides: Path | None = None

    def intended(self, inventory: Inventory, view: SiteView) -> Rendered:
        """The complete intended configuration of a site's router."""
        return render(inventory, view, self.secrets, self.overrides)

    def candidate(self, wanted: str, running: str) -> str:
        """What is wanted, with the device's own lines."""
        return candidate(wanted, running)

    def equal(self, wanted: str, running: str) -> bool:
        """Whether ``running`` is what is wanted, under the declared masks."""
        return compare(wanted, running).equal

    def changes(self, running: str, candidate: str, lines: tuple[RenderedLine, ...]) -> tuple[FeatureChange, ...]:
        """What differs under the masks, by feature in the order of the configuration, secrets hidden."""
        found = compare(candidate, running)
        features = _Features(lines)
        grouped: dict[str, list[str]] = {}
        for sign, differing in (("-", found.only_in_b), ("+", found.only_in_a)):
            for line in differing:
                grouped.setdefault(features.of(line), []).append(f"{sign} {line}")
        order = sorted(grouped, key=features.rank)
        return tuple(FeatureChange(feature=name, lines=tuple(grouped[name]), access=name in ACCESS) for name in order)

    def masked(self, wanted: str, running: str) -> tuple[str, ...]:
        """The lines that differ and do not count, each with its reason, secrets hidden."""
        return tuple(
            f"{' > '.join((*line.path, line.text))} ({line.reason})" for line in compare(wanted, running).masked
        )

    def lasting(self, text: str) -> str:
        """``text`` without comments and what changes by itself."""
        return lasting(text)

    def snmp_users(self, inventory: Inventory, view: SiteView) -> Mapping[str, Secret]:
        """The SNMPv3 users that the router should have, each with the line that creates it."""
        return {one.user: Secret(one.line) for one in snmp_user_lines(inventory, view, self.secrets)}


class _Features:
    """Which feature a line belongs to: its own, that of its section, or that of lines that begin alike."""

    def __init__(self, lines: tuple[RenderedLine, ...]) -> None:
        self._exact: dict[_Key, str] = {}
        self._sections: dict[str, str] = {}
        self._starts: dict[str, str] = {}
        self._rank: dict[str, int] = {}
        for line in lines:
            path = tuple(redact(text).strip() for text in line.path)
            text = redact(line.text).strip()
            self._exact.setdefault((path, text), line.feature)
            self._rank.setdefault(line.feature, len(self._rank))
            if not path:
                self._sections.setdefault(text, line.feature)
                self._starts.setdefault(_start(text), line.feature)

    def of(self, line: PathLine) -> str:
        """The feature of a line that differs."""
        section = line.path[0] if line.path else line.text
        exact = self._exact.get((line.path, line.text))
        return exact or self._sections.get(section) or self._starts.get(_start(section)) or OTHER

    def rank(self, feature: str) -> int:
        """Where a feature stands in the configuration; what belongs to none comes last."""
        return self._rank.get(feature, len(self._rank))


def _start(text: str) -> str:
    return " ".join(text.removeprefix("no ").split()[:2])
