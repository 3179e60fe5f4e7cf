"""What the checks stand on: each VPN with those of its members whose models are at hand, and how lines are cited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Address

from agent.verification.finding import Finding, Line
from device_templates.model import At, Interface, RouterModel, Tunnel
from inventory import Inventory, Severity, SiteView
from inventory.customer import Vpn
from inventory.site import Lan

FIX = "correct the inventory or the overriding template, and render again"


def cite(router: str, at: At, field: str = "") -> tuple[Line, ...]:
    """The line of an element, or of one of its fields; () where it has none."""
    number = at.of(field) if field else at.line
    return (Line(router, number),) if number else ()


def fits_lan(interface: Interface, lan: Lan, vrf: str | None) -> int:
    """By how much an interface is that of a LAN; 0: not at all.

    It has the LAN's address or VLAN. Where LANs of two VPNs have one address, the VLAN or the VRF decides [INV-16].
    """
    found = 2 * (interface.address == lan.address) + 2 * (interface.svi == lan.vlan)
    return found + (interface.vrf == vrf) if found else 0


def of_lan(model: RouterModel, lan: Lan, vrf: str | None) -> Interface | None:
    """The interface with a LAN's address; ``vrf`` is that of the LAN's VPN, as far as it is known."""
    found = (interface for interface in model.interfaces if interface.address == lan.address)
    return max(found, key=lambda interface: fits_lan(interface, lan, vrf), default=None)


@dataclass(frozen=True)
class Member:
    """One router in one VPN; ``interface`` is its tunnel there."""

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

    def of_interface(self, field: str = "") -> tuple[Line, ...]:
        """The line of a field of its tunnel interface."""
        return cite(self.router, self.interface.at, field)

    def of_tunnel(self, field: str = "") -> tuple[Line, ...]:
        """The line of a field of its tunnel, else that of the interface."""
        return cite(self.router, self.tunnel.at, field) or self.of_interface()

    def option(self, field: str) -> str:
        """A field of its site, as the inventory names it."""
        return f"sites.{self.view.name}.{field}"


@dataclass(frozen=True)
class VpnGround:
    """One VPN and its members."""

    name: str
    vpn: Vpn
    members: tuple[Member, ...]

    @cached_property
    def hubs(self) -> tuple[Member, ...]:
        """The designated hubs among them."""
        return tuple(member for member in self.members if member.hub)

    def option(self, field: str) -> str:
        """A field of the VPN, as the inventory names it."""
        return f"vpns.{self.name}.{field}"


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
        for view, _ in self.routers:
            for name, vpn in view.vpns.items():
                vpns[view.customer.customer, name] = vpn
                found.setdefault((view.customer.customer, name), [])
            for member in self.members_of(view):
                found[view.customer.customer, member.vpn].append(member)
        return tuple(VpnGround(name, vpns[customer, name], tuple(found[customer, name])) for customer, name in vpns)

    @cached_property
    def _members(self) -> dict[str, tuple[Member, ...]]:
        return {
            view.router.name: tuple(member for name in view.vpns for member in _member(view, name, model))
            for view, model in self.routers
        }

    def members_of(self, view: SiteView) -> tuple[Member, ...]:
        """One router in each of its VPNs."""
        return self._members[view.router.name]


def _member(view: SiteView, vpn: str, model: RouterModel) -> Iterable[Member]:
    """The tunnel with the address there; where that is wrong, the one that has the VPN's key and is no other's."""
    tunnels = [(one, tunnel) for one, tunnel in model.tunnels() if one.address is not None]
    wanted = view.site.tunnels[vpn]
    found = [(one, tunnel) for one, tunnel in tunnels if one.address is not None and one.address.ip == wanted]
    others = {address for name, address in view.site.tunnels.items() if name != vpn}
    key = view.vpns[vpn].id
    alike = [
        (one, tunnel)
        for one, tunnel in tunnels
        if tunnel.key == key and one.address is not None and one.address.ip not in others
    ]
    for interface, tunnel in found or alike[:1]:
        yield Member(view, vpn, model, interface, tunnel)


def front_of(model: RouterModel, tunnel: Tunnel) -> Interface | None:
    """The interface that a tunnel leaves by, whether it is named itself or by its address."""
    named = model.interface(tunnel.source)
    if named is not None or not tunnel.source:
        return named
    own = (one for one in model.interfaces if one.address is not None and str(one.address.ip) == tunnel.source)
    return next((one for one in own if one.vrf == tunnel.front_vrf), None)


def source_of(model: RouterModel, tunnel: Tunnel) -> str:
    """What a tunnel leaves by, in the same words however it is named."""
    front = front_of(model, tunnel)
    return front.name if front else tunnel.source


def tables_of_management(model: RouterModel, peer: IPv4Address) -> frozenset[str]:
    """The tables of the tunnels to the management centre, whose internet address is ``peer``."""
    return frozenset(interface.vrf for interface, tunnel in model.tunnels() if tunnel.destination == peer)


def one(
    view: SiteView,
    rule: str,
    message: str,
    remedy: str = FIX,
    *,
    lines: tuple[Line, ...] = (),
    option: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    """A finding on one router; ``option`` is a field of its site, or one of the customer's that begins with a dot."""
    place = option[1:] if option.startswith(".") else f"sites.{view.name}.{option}" if option else ""
    return Finding(rule, (view.router.name,), message, remedy, severity, lines=lines, option=place)


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its stable name, and what it finds on the routers at hand."""

    name: str
    find: Callable[[Ground], Iterator[Finding]]

    def __call__(self, ground: Ground) -> Iterator[Finding]:
        """What it finds, under its name."""
        return (finding if finding.check else replace(finding, check=self.name) for finding in self.find(ground))
