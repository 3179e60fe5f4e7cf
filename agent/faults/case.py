"""What is being looked into: the router, when it first failed, and who is at the other end of its tunnels. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Interface

from agent.faults.evidence import Fact
from agent.monitoring.states import Reach, RouterState
from inventory import Inventory, SiteView
from inventory.site import Provider


@dataclass(frozen=True, slots=True)
class Link:
    """One VPN's tunnel between the subject and the router ``far``, by their tunnel addresses."""

    vpn: str
    far: str
    subject_address: str
    far_address: str


@dataclass(frozen=True, slots=True)
class FarEnd:
    """A router at the other end of tunnels of the subject."""

    view: SiteView
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One router under examination; ``first_failed_at`` is the first failed poll, ``states`` what polls know."""

    inventory: Inventory
    subject: SiteView
    first_failed_at: datetime
    states: Mapping[str, RouterState]

    @property
    def impaired(self) -> bool:
        """Whether polls find the subject losing packets or slow, so that the way is worth many echoes."""
        own = self.states.get(self.subject.router.name)
        return own is not None and (own.quality.loss.bad or own.quality.slow.bad)

    def by_certificate(self, vpn: str) -> bool:
        """Whether the routers of the VPN prove who they are by certificate; else it is by pre-shared key."""
        return self.subject.vpns[vpn].ike.certificates is not None

    def key(self, vpn: str) -> str:
        """The name of the secret or authority that the VPN's routers prove themselves by."""
        ike = self.subject.vpns[vpn].ike
        return str(ike.certificates if ike.certificates is not None else ike.psk)

    def access_words(self, ends: tuple[FarEnd, ...]) -> tuple[str, str, Mapping[str, Fact]]:
        """What the inventory says of the subject's access and how many tunnels it has: text, item, facts."""
        access = self.subject.site.access
        own = access.provided_by is Provider.CPA
        words = "the customer's own (CPA) [WV-2, WV-34]" if own else "provided (APA) [WV-2]"
        facts: dict[str, Fact] = {"provided_by": access.provided_by.value, "nat": access.nat}
        facts["links"] = sum(len(end.links) for end in ends)
        facts["is_hub"] = any(self.subject.is_hub(vpn) for vpn in self.subject.vpns)
        return f"the access is {words}", "access", facts

    def far_ends(self) -> tuple[FarEnd, ...]:
        """The hubs of the subject's VPNs; of a VPN whose only hub is the subject, one spoke."""
        found: dict[str, FarEnd] = {}
        for name in self.subject.vpns:
            for view in self._far(name):
                own, other = self.subject.site.tunnels[name], view.site.tunnels[name]
                link = Link(name, view.router.name, str(own), str(other))
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
        return tuple(str(one.site.tunnels[vpn]) for one in others if self._answers(one.router.name))

    def _answers(self, router: str) -> bool:
        state = self.states.get(router)
        return state is not None and state.reach is Reach.UP
