"""What provisioning asks of the platform's templates and parser, put together; nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.provisioning.plan import FeatureChange
from device_templates import PlatformText, Rendered, platform_of
from inventory import Inventory, Secret, SiteView


def texts_by_platform(
    secrets: Callable[[str], Secret], overrides: Path | None = None
) -> Callable[[SiteView], PlatformTexts]:
    """The texts of any router by its platform; ``overrides`` is the workspace's folder of partials."""
    return lambda view: PlatformTexts(platform_of(view), secrets, overrides)


@dataclass(frozen=True)
class PlatformTexts:
    """Implements ``agent.provisioning.ports.Texts`` for the routers of one platform."""

    platform: PlatformText
    secrets: Callable[[str], Secret]
    overrides: Path | None = None

    def intended(self, inventory: Inventory, view: SiteView) -> Rendered:
        """The complete intended configuration of a site's router."""
        return self.platform.render(inventory, view, self.secrets, self.overrides)

    def recognises(self, text: str) -> bool:
        """Whether a text is a configuration of this platform at all."""
        return self.platform.recognises(text)

    def candidate(self, wanted: str, running: str) -> str:
        """What is wanted, with the device's own lines."""
        return self.platform.candidate(wanted, running)

    def equal(self, wanted: str, running: str) -> bool:
        """Whether ``running`` is what is wanted, under the declared masks."""
        return self.platform.compare(wanted, running).equal

    def changes(self, wanted: Rendered, running: str) -> tuple[FeatureChange, ...]:
        """What differs under the masks, by feature in the order of the configuration, secrets hidden."""
        lines: dict[str, list[str]] = {}
        clauses: dict[str, set[str]] = {}
        for found in self.platform.difference_by_feature(wanted, running):
            lines.setdefault(found.title, []).extend(found.lines)
            clauses.setdefault(found.title, set()).update(filter(None, found.clause.split(", ")))
        return tuple(
            FeatureChange(
                feature=title,
                clauses=tuple(sorted(clauses[title])),
                lines=tuple(lines[title]),
                access=title in self.platform.access_features,
            )
            for title in lines
        )

    def masked(self, wanted: str, running: str) -> tuple[str, ...]:
        """The lines that differ and do not count, each with its reason, secrets hidden."""
        return tuple(
            f"{' > '.join((*line.path, line.text))} ({line.reason})"
            for line in self.platform.compare(wanted, running).masked
        )

    def lasting(self, text: str) -> str:
        """``text`` without comments and what changes by itself."""
        return self.platform.lasting(text)

    def as_saved(self, text: str) -> str:
        """``lasting``, equal for what runs and what was saved from it."""
        return self.platform.as_saved(text)

    def snmp_users(self, inventory: Inventory, view: SiteView) -> Mapping[str, Secret]:
        """The SNMPv3 users that the router should have beside its configuration, each with the line that creates it."""
        lines = self.platform.snmp_user_lines(inventory, view, self.secrets)
        return {one.user: Secret(one.line) for one in lines}

    def trustpoints(self, text: str) -> tuple[str, ...]:
        """The authorities that the router proves itself by and has to enrol with."""
        return self.platform.trustpoints(text)

    def last_resort(self, router: str) -> tuple[str, ...]:
        """What a person does on the router itself."""
        return self.platform.last_resort(router)
