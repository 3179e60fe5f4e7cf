"""What a platform is to the rest of the product: one object that knows all of its text, and how it is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from device_templates.comparison import Comparison, FeatureDiff
from device_templates.messages import Messages
from device_templates.model import RouterModel
from device_templates.shows import Shows, VpnRef
from device_templates.texts import Bootstrap, Mark, Rendered, Secrets, SnmpUserLine, fingerprint
from inventory import Inventory, SiteView
from inventory.platforms import PLATFORMS


@dataclass(frozen=True, slots=True)
class IkeFault:
    """A reason that a platform's SNMP agent gives for failed IKE; ``authentication``: an end did not prove itself."""

    words: str
    authentication: bool = False
    certificate: bool = False


class PlatformText(Protocol):
    """The text of one platform: what writes it, reads it back, compares, completes and hides it.

    A configuration is one text, in the form that the device takes back. All methods are pure functions of what they are
    given; readers raise NotParsable for a text that is not the platform's, writers NotRenderable and SecretUnusable.
    """

    @property
    def name(self) -> str:
        """As the inventory names it."""

    @property
    def shows(self) -> Shows:
        """What its routers show of themselves."""

    @property
    def messages(self) -> Messages:
        """What its routers say by themselves in syslog."""

    @property
    def ike_faults(self) -> Mapping[int, IkeFault]:
        """Reasons by number in its SNMP agent's table of IKE failures; empty: its agent has no such table."""

    @property
    def access_features(self) -> frozenset[str]:
        """Titles of features whose change touches the internet access or management [WV-22]."""

    def render(self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Rendered:
        """The complete intended configuration; ``overrides`` is the workspace's ``templates`` folder."""

    def intended_model(
        self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
    ) -> RouterModel:
        """The neutral model of what ``render`` gives; it may be had at less cost."""

    def bootstrap(
        self, inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
    ) -> Bootstrap:
        """What a field engineer enters on a blank router so that it can be managed."""

    def snmp_user_lines(self, inventory: Inventory, view: SiteView, secrets: Secrets) -> tuple[SnmpUserLine, ...]:
        """SNMPv3 users that no configuration text shows, to be created one by one; () where the text has them all."""

    def candidate(self, wanted: str, running: str) -> str:
        """What the device is given to run ``wanted``: with the lines that are its own, as it runs them now."""

    def compare(self, wanted: str, running: str) -> Comparison:
        """Whether ``running`` is what is wanted, under the platform's declared masks."""

    def difference_by_feature(self, rendered: Rendered, running: str) -> tuple[FeatureDiff, ...]:
        """What ``rendered`` would change on a router that runs ``running``, in the order of the configuration."""

    def essential(self, line: str) -> str:
        """A line of a FeatureDiff without numbers that say nothing and that other changes move."""

    def recognises(self, text: str) -> bool:
        """Whether a text is a configuration of this platform, whole or not; at most one platform recognises a text."""

    def is_complete(self, text: str) -> str | None:
        """Why ``text`` is not a whole configuration, None where it is; a truncated one never passes."""

    def begins_again(self, text: str) -> int:
        """The line where a second configuration begins in a text, counted from 1; 0 where it holds one alone."""

    def as_edited(self, text: str) -> str:
        """A copy that somebody edited, with its seals as they have to be, line by line where it was: to be judged, and
        nothing else, for nobody knows that it is whole."""

    def restorable(self, text: str) -> str:
        """The form of a configuration, as it was read, that the device takes back."""

    def lasting(self, text: str) -> str:
        """``text`` without comments and what changes by itself: equal for the same configuration."""

    def as_saved(self, text: str) -> str:
        """``lasting`` in a form that is equal for what runs and for what was saved from it."""

    def redact(self, text: str, known_secrets: Iterable[str] = (), mark: Mark = fingerprint) -> str:
        """``text`` with ``<secret:MARK>`` in place of each secret: where this platform's lines hold one, and each of
        ``known_secrets`` wherever it stands. Works on fragments, differences and what ``show`` gives too."""

    def redact_shown(self, text: str, known_secrets: Iterable[str] = ()) -> str:
        """What a router showed, as diagnostics may read it: ``redact``, without secrets that only it can decipher."""

    def read_model(self, text: str, release: str = "") -> RouterModel:
        """The neutral model of a configuration; ``release`` is the router's, for a text that does not name its own."""

    def hostname(self, text: str) -> str:
        """The router's name in a configuration; "" where it has none."""

    def has_vpn(self, text: str) -> bool:
        """Whether a configuration has a tunnel of any VPN; the management tunnel is none."""

    def carries(self, text: str, vpn: VpnRef) -> bool:
        """Whether a configuration has the tunnel of this VPN."""

    def trustpoints(self, text: str) -> tuple[str, ...]:
        """Names of authorities that a router with this configuration proves itself by and has to enrol with."""

    def vrf_of(self, vpn: VpnRef) -> str:
        """What a device is told to ping from inside a VPN: its VRF or namespace."""

    def tunnel_of(self, vpn: VpnRef) -> str:
        """The tunnel interface of a VPN, as the platform and its SNMP agent name it."""

    def lan_of(self, vlan: int) -> str:
        """The interface that has the router's address in a LAN."""

    def last_resort(self, router: str) -> tuple[str, ...]:
        """What a person does on the router, in order, where it is not known whether a timed change still waits."""


def platform_text(name: str) -> PlatformText:
    """The text of a platform of the registry; KeyError for another name."""
    if name not in PLATFORMS:
        raise KeyError(name)
    return cast(PlatformText, import_module(f"device_templates.{name}").PLATFORM)


def platform_of(view: SiteView) -> PlatformText:
    """The text of the platform of a site's router."""
    return platform_text(view.router.platform)


def recognised(text: str) -> PlatformText | None:
    """The platform that a configuration is written for, by the configuration itself; None for no known one."""
    return next((one for one in map(platform_text, PLATFORMS) if one.recognises(text)), None)


def vpn_ref(view: SiteView, vpn: str) -> VpnRef:
    """A VPN of a site, as platforms name things after it."""
    return VpnRef(vpn, view.vpns[vpn].id)
