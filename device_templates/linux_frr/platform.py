"""linux_frr as the rest of the product sees it: its text functions, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from device_templates.comparison import Comparison, FeatureDiff
from device_templates.linux_frr import names
from device_templates.linux_frr.comparing.candidate import candidate
from device_templates.linux_frr.comparing.compare import compare
from device_templates.linux_frr.comparing.features import difference_by_feature, essential
from device_templates.linux_frr.reading import document
from device_templates.linux_frr.reading.complete import is_complete, restorable
from device_templates.linux_frr.reading.lasting import as_saved, lasting
from device_templates.linux_frr.reading.parser import read_model
from device_templates.linux_frr.reading.quick import carries, has_vpn, hostname
from device_templates.linux_frr.reading.secrets import redact, redact_shown
from device_templates.linux_frr.rendering.bootstrap import bootstrap
from device_templates.linux_frr.rendering.render import intended_model, render
from device_templates.linux_frr.shows import SHOWS
from device_templates.messages import Messages, messages_of
from device_templates.model import RouterModel
from device_templates.platform import IkeFault, PlatformText
from device_templates.shows import Shows, VpnRef
from device_templates.texts import Bootstrap, Mark, Rendered, Secrets, SnmpUserLine, fingerprint
from inventory import Inventory, SiteView


class LinuxFrr:
    """Implements ``device_templates.platform.PlatformText``."""

    name = "linux_frr"
    shows: Shows = SHOWS
    #: net-snmp has no table of IKE failures.
    ike_faults: Mapping[int, IkeFault] = MappingProxyType({})
    access_features = frozenset({"Internet access", "Management tunnel"})

    @property
    def messages(self) -> Messages:
        return messages_of("linux_frr")

    def render(self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Rendered:
        return render(inventory, view, secrets, overrides)

    def intended_model(
        self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
    ) -> RouterModel:
        return intended_model(inventory, view, secrets, overrides)

    def bootstrap(
        self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
    ) -> Bootstrap:
        return bootstrap(inventory, view, secrets, overrides)

    def snmp_user_lines(self, inventory: Inventory, view: SiteView, secrets: Secrets) -> tuple[SnmpUserLine, ...]:  # noqa: ARG002
        """None: the document has them."""
        return ()

    def candidate(self, wanted: str, running: str) -> str:
        return candidate(wanted, running)

    def compare(self, wanted: str, running: str) -> Comparison:
        return compare(wanted, running)

    def difference_by_feature(self, rendered: Rendered, running: str) -> tuple[FeatureDiff, ...]:
        return difference_by_feature(rendered, running)

    def essential(self, line: str) -> str:
        return essential(line)

    def recognises(self, text: str) -> bool:
        return document.recognises(text)

    def is_complete(self, text: str) -> str | None:
        return is_complete(text)

    def begins_again(self, text: str) -> int:
        return document.begins_again(text)

    def as_edited(self, text: str) -> str:
        return document.as_edited(text)

    def restorable(self, text: str) -> str:
        return restorable(text)

    def lasting(self, text: str) -> str:
        return lasting(text)

    def as_saved(self, text: str) -> str:
        return as_saved(text)

    def redact(self, text: str, known_secrets: Iterable[str] = (), mark: Mark = fingerprint) -> str:
        return redact(text, known_secrets, mark)

    def redact_shown(self, text: str, known_secrets: Iterable[str] = ()) -> str:
        return redact_shown(text, known_secrets)

    def read_model(self, text: str, release: str = "") -> RouterModel:  # noqa: ARG002 - its document names it
        return read_model(text)

    def hostname(self, text: str) -> str:
        return hostname(text)

    def has_vpn(self, text: str) -> bool:
        return has_vpn(text)

    def carries(self, text: str, vpn: VpnRef) -> bool:
        return carries(text, vpn)

    def trustpoints(self, text: str) -> tuple[str, ...]:  # noqa: ARG002
        """None: its routers prove themselves by pre-shared keys alone."""
        return ()

    def vrf_of(self, vpn: VpnRef) -> str:
        return names.vrf_of(vpn.name)

    def tunnel_of(self, vpn: VpnRef) -> str:
        return names.tunnel_of(vpn)

    def lan_of(self, vlan: int) -> str:
        return names.lan_of(vlan)

    def last_resort(self, router: str) -> tuple[str, ...]:
        return (
            f"on the console of {router}: spokesman-router pending",
            f"if a change is shown, on {router}: spokesman-router revert",
        )


PLATFORM: PlatformText = LinuxFrr()
