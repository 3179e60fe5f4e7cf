"""What provisioning asks of the platform's templates and parser, put together; nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.archive.platform import lasting
from agent.provisioning.plan import FeatureChange
from device_templates import (
    Rendered,
    candidate,
    compare,
    difference_by_feature,
    read_model,
    render,
    snmp_user_lines,
)
from inventory import Inventory, Secret, SiteView

#: Features whose change touches the internet access, or how the centre reaches the router [WV-22].
ACCESS = frozenset({"Internet access", "Management tunnel"})


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

    def changes(self, wanted: Rendered, running: str) -> tuple[FeatureChange, ...]:
        """What differs under the masks, by feature in the order of the configuration, secrets hidden."""
        lines: dict[str, list[str]] = {}
        clauses: dict[str, set[str]] = {}
        for found in difference_by_feature(wanted, running):
            lines.setdefault(found.title, []).extend(found.lines)
            clauses.setdefault(found.title, set()).update(filter(None, found.clause.split(", ")))
        return tuple(
            FeatureChange(
                feature=title, clauses=tuple(sorted(clauses[title])), lines=tuple(lines[title]), access=title in ACCESS
            )
            for title in lines
        )

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

    def trustpoints(self, text: str) -> tuple[str, ...]:
        """The trustpoints that IKEv2 profiles use and that have an authority to enrol with."""
        crypto = read_model(text).crypto
        used = {profile.trustpoint for profile in crypto.profiles}
        return tuple(one.name for one in crypto.trustpoints if one.name in used and one.url)
