"""Traffic offloading: what the customer names leaves by a tunnel of this router, or not at all [WV-8]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_templates.cisco_iosxe.rendering.options import traffic
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at, own_networks
from inventory import Inventory, SiteView


@dataclass(frozen=True, slots=True)
class OffloadContext:
    """Traffic of one name: the entries, unnumbered, of the list that picks it; what stays at the site is denied."""

    name: str
    entries: tuple[str, ...]


def offload_of(view: SiteView, name: str) -> tuple[OffloadContext, ...]:
    """What is offloaded of VPN ``name``, in the order of the inventory."""
    resilience = view.site.resilience
    local = tuple(f"deny ip any {traffic.network(one)}" for one in own_networks(view, name))
    return tuple(
        OffloadContext(f"OFFLOAD-{one.name.upper()}", (*local, *traffic.entries(one.match)))
        for one in (resilience.offload if resilience else ())
        if one.vpn == name
    )


def refusals(inventory: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """Offloads that no other hub could take, that pick by marks which are gone by then, or whose list is too long."""
    for number, one in enumerate(view.site.resilience.offload if view.site.resilience else ()):
        if one.vpn in view.vpns and not inventory.hubs(view, one.vpn):
            yield NotRenderable(
                f"offloaded traffic is sent to a hub, and this router is the only one of VPN {one.vpn}",
                where=at(view, f"resilience.offload[{number}]"),
                rule="WV-8",
                remedy="designate a second hub, or offload at the other sites",
            )
        if one.match.dscp and view.site.options.traffic_prioritisation is not None:
            # IOS marks what comes in before it routes by policy ("NAT Order of Operation", Cisco document 6209).
            yield NotRenderable(
                "it picks by DSCP, and traffic prioritisation marks what comes in anew before offload looks at it",
                where=at(view, f"resilience.offload[{number}].match"),
                rule="WV-8",
                remedy="pick it by its addresses, protocol or ports",
            )
        yield from traffic.refusals(view, f"resilience.offload[{number}].match", one.match, "WV-8")
