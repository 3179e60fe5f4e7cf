"""What the checks stand on: each VPN with those of its members whose models are at hand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from agent.verification.finding import Finding
from device_templates.model import Interface, RouterModel, Tunnel
from inventory import Inventory, SiteView
from inventory.customer import Vpn

FIX = "correct the inventory or the overriding template, and render again"


@dataclass(frozen=True)
class Member:
    """One router in one VPN; ``interface`` is the one with its tunnel address there."""

    view: SiteView
    vpn: str
    model: RouterModel
    interface: Interface
    tunnel: Tunnel

    @property
    def router(self) -> str:
        return self.view.router.name

    @property
    def hub(self) -> bool:
        return self.view.is_hub(self.vpn)


@dataclass(frozen=True)
class VpnGround:
    """One VPN and its members."""

    name: str
    vpn: Vpn
    members: tuple[Member, ...]

    def disagreement(self, rule: str, what: str, value: Callable[[Member], Hashable]) -> Iterator[Finding]:
        """A finding where ``value`` is not the same on all members; the value itself is not shown."""
        groups: dict[Hashable, list[str]] = {}
        for member in self.members:
            groups.setdefault(value(member), []).append(member.router)
        if len(groups) > 1:
            few = min(groups.values(), key=len)
            yield Finding(rule, tuple(few), f"VPN {self.name}: {what} is not that of the other routers", FIX)


@dataclass(frozen=True)
class Ground:
    """All models with the inventory that they were rendered from."""

    inventory: Inventory
    models: Mapping[str, RouterModel]

    @cached_property
    def routers(self) -> tuple[tuple[SiteView, RouterModel], ...]:
        """Every router whose model is at hand."""
        return tuple((self.inventory.router(name), model) for name, model in sorted(self.models.items()))

    @cached_property
    def vpns(self) -> tuple[VpnGround, ...]:
        """Every VPN that one of them joins."""
        found: dict[tuple[str, str], list[Member]] = {}
        vpns: dict[tuple[str, str], Vpn] = {}
        for view, model in self.routers:
            for name, vpn in view.vpns.items():
                vpns[view.customer.customer, name] = vpn
                found.setdefault((view.customer.customer, name), []).extend(_member(view, name, model))
        return tuple(VpnGround(name, vpns[customer, name], tuple(found[customer, name])) for customer, name in vpns)

    def members_of(self, view: SiteView) -> tuple[Member, ...]:
        """One router in each of its VPNs."""
        model = self.models[view.router.name]
        return tuple(member for name in view.vpns for member in _member(view, name, model))


def _member(view: SiteView, vpn: str, model: RouterModel) -> Iterable[Member]:
    wanted = view.site.tunnels[vpn]
    for interface, tunnel in model.tunnels():
        if interface.address is not None and interface.address.ip == wanted:
            yield Member(view, vpn, model, interface, tunnel)


def one(view: SiteView, rule: str, message: str, remedy: str = FIX) -> Finding:
    """A finding on one router."""
    return Finding(rule, (view.router.name,), message, remedy)


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its stable name, and what it finds on the routers at hand."""

    name: str
    find: Callable[[Ground], Iterator[Finding]]

    def __call__(self, ground: Ground) -> Iterator[Finding]:
        """What it finds, under its name."""
        return (finding if finding.check else replace(finding, check=self.name) for finding in self.find(ground))
