"""IOS as the rest of the product sees it: its text functions, put together for each of its two families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from device_templates.cisco_iosxe import names
from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.comparing.features import difference_by_feature
from device_templates.cisco_iosxe.reading import complete, lasting, quick
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap, snmp_user_lines
from device_templates.cisco_iosxe.rendering.render import intended_model, render
from device_templates.cisco_iosxe.shows import SHOWS, without_encrypted_keys
from device_templates.comparison import Comparison, FeatureDiff
from device_templates.messages import Messages, messages_of
from device_templates.model import RouterModel
from device_templates.platform import IkeFault, PlatformText
from device_templates.shows import Shows, VpnRef
from device_templates.texts import Bootstrap, Mark, Rendered, Secrets, SnmpUserLine, fingerprint
from inventory import Inventory, SiteView

#: cikeFailReason of CISCO-IPSEC-FLOW-MONITOR-MIB.
_IKE_FAULTS = MappingProxyType(
    {
        2: IkeFault("the peer deleted the tunnel"),
        3: IkeFault("the peer was lost"),
        5: IkeFault("authentication failed", authentication=True),
        6: IkeFault("hash validation failed", authentication=True),
        10: IkeFault("no proposal was chosen"),
        11: IkeFault("the peer's certificate is unavailable", authentication=True, certificate=True),
        12: IkeFault("the peer's certificate is not valid", authentication=True, certificate=True),
        13: IkeFault("the local certificate has expired", authentication=True, certificate=True),
        14: IkeFault("the revocation list could not be had", authentication=True, certificate=True),
    }
)


class IosText:
    """Implements ``device_templates.platform.PlatformText`` for a family of IOS; ``classic`` is that of IOS 15."""

    shows: Shows = SHOWS
    ike_faults: Mapping[int, IkeFault] = _IKE_FAULTS
    access_features = frozenset({"Internet access", "Management tunnel"})

    def __init__(self, name: str, *, classic: bool) -> None:
        self.name = name
        self._classic = classic

    @property
    def messages(self) -> Messages:
        return messages_of("cisco_iosxe")

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

    def snmp_user_lines(self, inventory: Inventory, view: SiteView, secrets: Secrets) -> tuple[SnmpUserLine, ...]:
        return snmp_user_lines(inventory, view, secrets)

    def candidate(self, wanted: str, running: str) -> str:
        return candidate(wanted, running)

    def compare(self, wanted: str, running: str) -> Comparison:
        return compare(wanted, running)

    def difference_by_feature(self, rendered: Rendered, running: str) -> tuple[FeatureDiff, ...]:
        return difference_by_feature(rendered, running)

    def essential(self, line: str) -> str:
        return quick.essential(line)

    def recognises(self, text: str) -> bool:
        return quick.recognises(text) and quick.is_classic(text) == self._classic

    def is_complete(self, text: str) -> str | None:
        return complete.is_complete(text)

    def begins_again(self, text: str) -> int:
        return complete.begins_again(text)

    def as_edited(self, text: str) -> str:
        return text

    def restorable(self, text: str) -> str:
        return complete.restorable(text)

    def lasting(self, text: str) -> str:
        return lasting.lasting(text)

    def as_saved(self, text: str) -> str:
        return lasting.as_saved(text)

    def redact(self, text: str, known_secrets: Iterable[str] = (), mark: Mark = fingerprint) -> str:
        return redact(text, known_secrets, mark)

    def redact_shown(self, text: str, known_secrets: Iterable[str] = ()) -> str:
        return redact(without_encrypted_keys(text), known_secrets)

    def read_model(self, text: str, release: str = "") -> RouterModel:
        return read_model(text, release=release)

    def hostname(self, text: str) -> str:
        return quick.hostname(text)

    def has_vpn(self, text: str) -> bool:
        return quick.has_vpn(text)

    def carries(self, text: str, vpn: VpnRef) -> bool:
        return quick.carries(text, vpn)

    def trustpoints(self, text: str) -> tuple[str, ...]:
        """Those that IKEv2 profiles use and that have an authority to enrol with."""
        crypto = read_model(text).crypto
        used = {profile.trustpoint for profile in crypto.profiles}
        return tuple(one.name for one in crypto.trustpoints if one.name in used and one.url)

    def vrf_of(self, vpn: VpnRef) -> str:
        return names.vrf_of(vpn.name)

    def tunnel_of(self, vpn: VpnRef) -> str:
        return names.tunnel_of(vpn)

    def lan_of(self, vlan: int) -> str:
        return names.lan_of(vlan)

    def last_resort(self, router: str) -> tuple[str, ...]:
        return (
            f"on the console of {router}: show archive config rollback timer",
            f"if a timer is shown, on {router}: configure revert now",
        )


PLATFORM: PlatformText = IosText("cisco_iosxe", classic=False)
