"""What is being looked into: the router, when it first failed, and who is at the other end of its tunnels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Interface

from inventory import Inventory, SiteView


@dataclass(frozen=True, slots=True)
class Link:
    """One VPN's tunnel between the subject and the router at its far end, by their tunnel addresses."""

    vpn: str
    tunnel: str
    subject_address: str
    far_address: str


@dataclass(frozen=True, slots=True)
class FarEnd:
    """A router at the other end of tunnels of the subject."""

    view: SiteView
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One router under examination; ``first_failed_at`` is the first failed poll, ``answering`` who answers polls."""

    inventory: Inventory
    subject: SiteView
    first_failed_at: datetime
    answering: frozenset[str]

    def far_ends(self) -> tuple[FarEnd, ...]:
        """The hubs of the subject's VPNs; of a VPN whose only hub is the subject, one spoke."""
        found: dict[str, FarEnd] = {}
        for name, vpn in self.subject.vpns.items():
            for view in self._far(name):
                own, other = self.subject.site.tunnels[name], view.site.tunnels[name]
                link = Link(name, f"Tunnel{vpn.id}", str(own), str(other))
                before = found[view.router.name].links if view.router.name in found else ()
                found[view.router.name] = FarEnd(view, (*before, link))
        return tuple(found.values())

    def _far(self, vpn: str) -> tuple[SiteView, ...]:
        hubs = tuple(view for view in self.inventory.hubs(self.subject, vpn) if vpn in view.site.tunnels)
        if hubs:
            return hubs
        members = self.inventory.members(self.subject.customer, vpn)
        return tuple(view for view in members if view.name != self.subject.name)[:1]

    def wan_address(self, view: SiteView) -> str | None:
        """The WAN address that the inventory knows; None where it is dynamic."""
        address = view.site.access.address
        return str(address.ip) if isinstance(address, IPv4Interface) else None

    def other_peers(self, hub: SiteView, vpn: str) -> tuple[str, ...]:
        """Tunnel addresses of the members, beside the subject, that should have a tunnel to ``hub`` now [WV-3].

        Only routers that answer polls: one that is not built yet, or fails by itself, says nothing about the hub.
        """
        if not hub.is_hub(vpn):
            return ()
        members = self.inventory.members(hub.customer, vpn)
        others = (one for one in members if one.name not in (hub.name, self.subject.name))
        return tuple(str(one.site.tunnels[vpn]) for one in others if one.router.name in self.answering)
