"""The zone-based firewall between the internet and what a router serves [WV-11]: there where a way out is ordered.

Each VRF is a zone: LAN and tunnel of a VPN are in one, so between them nothing is inspected, and a way that only half
of a connection takes does no harm. The internet interface then has no access list: it would be asked before addresses
are translated back, and stop the answers to what is inspected. The same list says what the zone self accepts instead
[Cisco, IWAN Direct Internet Access Design Guide: the list on the interface gives way to a self-zone policy, which
passes ESP, IKE and DHCP].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_templates.cisco_iosxe import names
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at
from inventory import Inventory, SiteView

#: Zones and VRFs that the router itself has, and what IOS keeps for its own packets and for interfaces in no zone.
_RESERVED = frozenset({"internet", "ilan", "self", "default"})


@dataclass(frozen=True, slots=True)
class FirewallContext:
    """``zones`` are those of the VPNs, named as their VRFs; ``leased`` says that the way out is known by DHCP only."""

    zones: tuple[str, ...]
    leased: bool


def firewall_of(view: SiteView) -> FirewallContext | None:
    """The firewall, None where nothing but tunnels uses the internet."""
    options = view.site.options
    if options.internet_breakout is None and options.ilan is None:
        return None
    return FirewallContext(tuple(names.vrf_of(name) for name in view.vpns), view.site.access.address == "dhcp")


def refusals(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """A VPN that has the name of another zone."""
    for name in view.vpns if firewall_of(view) else ():
        if name in _RESERVED:
            yield NotRenderable(
                f"{name} is a zone of the firewall",
                where=at(view, f"tunnels.{name}"),
                rule="WV-11",
                remedy="give the VPN another name",
            )
