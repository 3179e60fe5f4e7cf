"""linux_frr as the rest of the product sees it: its text functions, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from device_templates.comparison import Comparison, FeatureDiff
from device_templates.linux_frr import names
from device_templates.model import RouterModel
from device_templates.platform import IkeFault
from device_templates.shows import Shows, VpnRef
from device_templates.texts import Bootstrap, Mark, Rendered, Secrets, SnmpUserLine, fingerprint
from inventory import Inventory, SiteView


def _part(module: str, name: str) -> Callable[..., Any]:
    return cast(Callable[..., Any], getattr(import_module(f"device_templates.linux_frr.{module}"), name))


class LinuxFrr:
    """Implements ``device_templates.platform.PlatformText``."""

    name = "linux_frr"
    #: net-snmp has no table of IKE failures.
    ike_faults: Mapping[int, IkeFault] = MappingProxyType({})
    access_features = frozenset({"Internet access", "Management tunnel"})

    @property
    def shows(self) -> Shows:
        return cast(Shows, _part("shows", "SHOWS"))

    def render(self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Rendered:
        return cast(Rendered, _part("rendering.render", "render")(inventory, view, secrets, overrides))

    def intended_model(
        self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
    ) -> RouterModel:
        return cast(RouterModel, _part("rendering.render", "intended_model")(inventory, view, secrets, overrides))

    def bootstrap(
        self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
    ) -> Bootstrap:
        return cast(Bootstrap, _part("rendering.bootstrap", "bootstrap")(inventory, view, secrets, overrides))

    def snmp_user_lines(self, inventory: Inventory, view: SiteView, secrets: Secrets) -> tuple[SnmpUserLine, ...]:  # noqa: ARG002
        """None: the document has them."""
        return ()

    def candidate(self, wanted: str, running: str) -> str:
        return cast(str, _part("comparing.candidate", "candidate")(wanted, running))

    def compare(self, wanted: str, running: str) -> Comparison:
        return cast(Comparison, _part("comparing.compare", "compare")(wanted, running))

    def difference_by_feature(self, rendered: Rendered, running: str) -> tuple[FeatureDiff, ...]:
        return cast(tuple[FeatureDiff, ...], _part("comparing.features", "difference_by_feature")(rendered, running))

    def essential(self, line: str) -> str:
        return cast(str, _part("comparing.features", "essential")(line))

    def recognises(self, text: str) -> bool:
        return cast(bool, _part("reading.document", "recognises")(text))

    def is_complete(self, text: str) -> str | None:
        return cast("str | None", _part("reading.complete", "is_complete")(text))

    def restorable(self, text: str) -> str:
        return cast(str, _part("reading.complete", "restorable")(text))

    def lasting(self, text: str) -> str:
        return cast(str, _part("reading.lasting", "lasting")(text))

    def as_saved(self, text: str) -> str:
        return cast(str, _part("reading.lasting", "as_saved")(text))

    def redact(self, text: str, known_secrets: Iterable[str] = (), mark: Mark = fingerprint) -> str:
        return cast(str, _part("reading.secrets", "redact")(text, known_secrets, mark))

    def redact_shown(self, text: str, known_secrets: Iterable[str] = ()) -> str:
        return self.redact(text, known_secrets)

    def read_model(self, text: str) -> RouterModel:
        return cast(RouterModel, _part("reading.parser", "read_model")(text))

    def hostname(self, text: str) -> str:
        return cast(str, _part("reading.quick", "hostname")(text))

    def has_vpn(self, text: str) -> bool:
        return cast(bool, _part("reading.quick", "has_vpn")(text))

    def carries(self, text: str, vpn: VpnRef) -> bool:
        return cast(bool, _part("reading.quick", "carries")(text, vpn))

    def trustpoints(self, text: str) -> tuple[str, ...]:  # noqa: ARG002
        """None: certificates are put in place with the document, the router enrols with nobody."""
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


PLATFORM = LinuxFrr()
