"""What is rendered as ordered, but would better be ordered otherwise: for people."""

from __future__ import annotations

from device_templates.rendering.facts import psk_warning
from inventory import Inventory, SiteView


def warnings(inventory: Inventory, view: SiteView) -> tuple[str, ...]:
    """In the order of VPNs."""
    return (*psk_warning(view), *_mixed(inventory, view))


def _mixed(inventory: Inventory, view: SiteView) -> tuple[str, ...]:
    """VPNs whose hubs are of another platform: both speak NHRP, and nobody has seen them speak together yet."""
    found = []
    for name in view.vpns:
        others = {hub.router.platform for hub in inventory.hubs(view, name)} - {view.router.platform}
        if others:
            found.append(
                f"VPN {name}: its hubs are of platform {', '.join(sorted(others))}; test this pair first [WV-3]"
            )
    return tuple(found)
