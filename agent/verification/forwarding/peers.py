"""All routers at hand: one after the other for the questions, and those that a way leads through."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from agent.verification.forwarding.device import Device
from agent.verification.packets.sets import LAST_ADDRESS, Span, merged, span_of
from device_templates.model import RouterModel
from inventory import Inventory, SiteView

#: Routers that ways lead through are kept with their tables: hubs, for all spokes of which something is found.
_KEPT = 8
#: A VPN by its customer and name.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Networks:
    """What a VPN has anywhere, also with its summary, and whose each part is: its first address, last, and router."""

    members: tuple[Span, ...]
    prefixes: tuple[Span, ...]
    owned: tuple[tuple[int, int, str], ...]


@dataclass
class Peers:
    """The routers of one verification; what is common to a VPN is worked out once."""

    inventory: Inventory
    models: Mapping[str, RouterModel]
    known: dict[_Key, _Networks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept = lru_cache(maxsize=_KEPT)(self._made)

    def each(self, routers: Iterable[SiteView]) -> Iterator[Device]:
        """Every router; nobody keeps the tables of one that is done with."""
        return (self._device(view) for view in routers)

    def device(self, name: str) -> Device | None:
        """A router by its name, None where its model is not at hand."""
        return self._kept(name) if name in self.models else None

    def _made(self, name: str) -> Device:
        return self._device(self.inventory.router(name))

    def owner(self, view: SiteView, vpn: str, address: int) -> str:
        """The router of the customer that has a tunnel address, or a network with an address, in a VPN; "" if none."""
        owned = self._networks(view, vpn).owned
        place = bisect_right(owned, (address, LAST_ADDRESS, "")) - 1
        return owned[place][2] if place >= 0 and address <= owned[place][1] else ""

    def _device(self, view: SiteView) -> Device:
        found = {vpn: self._networks(view, vpn) for vpn in view.vpns}
        members = {vpn: one.members for vpn, one in found.items()}
        prefixes = {vpn: one.prefixes for vpn, one in found.items()}
        return Device(view, self.models[view.router.name], self.inventory, self, members, prefixes)

    def _networks(self, view: SiteView, vpn: str) -> _Networks:
        key = (view.customer.customer, vpn)
        if key not in self.known:
            self.known[key] = _networks(view, vpn)
        return self.known[key]


def _networks(view: SiteView, name: str) -> _Networks:
    vpn = view.customer.vpns[name]
    owned = []
    for site in view.customer.sites.values():
        if own := site.tunnels.get(name):
            owned.append((int(own), int(own), site.router.name))
        for lan in site.lans.get(name, ()):
            spans = map(span_of, (lan.address.network, *(one.prefix for one in lan.routes)))
            owned += [(*span, site.router.name) for span in spans]
    members = merged([span_of(vpn.tunnel_network), *((first, last) for first, last, _ in owned)])
    prefixes = merged((*members, *([span_of(vpn.summary)] if vpn.summary else [])))
    return _Networks(members, prefixes, tuple(sorted(owned)))
