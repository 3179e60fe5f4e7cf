"""One router as packets meet it: whose each interface is, what the lists and zones between two of them let pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Protocol

from agent.verification.finding import Finding, Hop, Line
from agent.verification.ground import fits_lan
from agent.verification.packets.routes import tables
from agent.verification.packets.rules import deciding, first, passing, permitted
from agent.verification.packets.sets import ALL, NONE, Packet, Packets, Span
from agent.verification.packets.tables import State, Table, Way
from device_templates.model import SELF, Applied, At, Interface, RouteMapClause, RouterModel, Rules, ZonePair
from inventory import Inventory, SiteView
from inventory.settings import ManagementCentre

INTERNET, ILAN, MANAGEMENT = "the internet", "the iLAN", "management"
STRANGER = "an interface that nobody ordered"


def vpn_role(vpn: str) -> str:
    """What a VPN's interfaces are called."""
    return f"VPN {vpn}"


def link_role(role: str) -> str:
    """What the outer end of a namespace's link to the internet is called."""
    return f"the link of {role}"


#: What a person does about most findings here.
FIX = "correct the overriding template, and render again"


@dataclass(frozen=True, slots=True)
class Taken:
    """Packets that a clause of policy routing takes, and every way that they may go; ``clause`` is what took them.

    ``falls``: where no hop can be used they are routed as if there were no clause; ``sure``: all of them are taken,
    whatever else the clause matches.
    """

    packets: Packets
    clause: RouteMapClause
    ways: tuple[Way, ...]
    falls: bool
    sure: bool = True


class Others(Protocol):
    """The other routers, for ways that lead through several."""

    def device(self, name: str) -> Device | None:
        """A router by its name, None where its model is not at hand."""
        ...

    def owner(self, view: SiteView, vpn: str, address: int) -> str:
        """The router of the customer that has a tunnel address, or a network with an address, in a VPN; "" if none."""
        ...


@dataclass(frozen=True)
class Device:
    """A router's model beside what was ordered of it, and beside the others."""

    view: SiteView
    model: RouterModel
    inventory: Inventory
    others: Others
    #: Every network that a VPN of the router has anywhere: LANs, networks behind them, tunnels; and with its summary.
    members: Mapping[str, tuple[Span, ...]]
    prefixes: Mapping[str, tuple[Span, ...]]

    @property
    def name(self) -> str:
        return self.view.router.name

    @property
    def centre(self) -> ManagementCentre:
        return self.inventory.settings.management_centre

    def hubs(self, vpn: str) -> tuple[SiteView, ...]:
        """The other hubs of a VPN."""
        return self.inventory.hubs(self.view, vpn)

    @cached_property
    def interfaces(self) -> Mapping[str, Interface]:
        """Every interface by its name."""
        return {one.name: one for one in self.model.interfaces}

    @cached_property
    def entrances(self) -> tuple[Interface, ...]:
        """The interfaces that packets may come in by."""
        return tuple(
            one
            for one in self.model.interfaces
            if not one.shutdown and (one.address or one.dhcp or one.unnumbered) and not one.name.startswith("Loopback")
        )

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """Whose each interface is, by what was ordered: its place in the inventory, not its VRF."""
        roles = {one.name: _role(self, one) for one in self.model.interfaces}
        return {**roles, **_links(self, roles)} if self.model.namespaces else roles

    @cached_property
    def vrfs(self) -> Mapping[str, str]:
        """The VRF that each VPN's tunnel is in."""
        own = {address: vpn for vpn, address in self.view.site.tunnels.items()}
        return {own[one.address.ip]: one.vrf for one in self.model.interfaces if one.address and one.address.ip in own}

    def of_role(self, role: str) -> list[Interface]:
        """The entrances that belong to somebody."""
        return [one for one in self.entrances if self.roles[one.name] == role]

    @cached_property
    def _tables(self) -> dict[State, dict[str, Table]]:
        return {}

    @cached_property
    def policies(self) -> dict[tuple[str, str, State], list[Taken]]:
        """What route maps take, as far as it was asked."""
        return {}

    def tables(self, state: State) -> Mapping[str, Table]:
        """The routing tables by VRF."""
        if state not in self._tables:
            self._tables[state] = tables(self.model, state, self.view.site.access.interface)
        return self._tables[state]

    def own_networks(self, vpn: str) -> list[IPv4Network]:
        """The site's LANs in a VPN and the networks behind them."""
        lans = self.view.site.lans.get(vpn, ())
        return [network for lan in lans for network in (lan.address.network, *(one.prefix for one in lan.routes))]

    @cached_property
    def _lists(self) -> Mapping[str, Rules]:
        return {one.name: one.rules for one in self.model.access_lists}

    def listed(self, interface: Interface, direction: str) -> Packets:
        """What the access lists of an interface let pass; a list without entries, or undefined, lets everything."""
        passed = ALL
        for applied in interface.access_lists:
            if applied.direction == direction and (rules := self._lists.get(applied.name)):
                passed &= permitted(rules)
        return passed

    def refusing(self, interface: Interface, direction: str, packet: Packet) -> tuple[Applied, Line] | None:
        """The list that drops a packet, and the line that does."""
        for applied in interface.access_lists:
            rules = self._lists.get(applied.name)
            if applied.direction == direction and rules and packet not in permitted(rules):
                rule = deciding(rules, packet)
                return applied, Line(self.name, (rule or applied).at.line)
        return None

    @cached_property
    def zoned(self) -> bool:
        """Whether zones are in use at all."""
        return any(one.zone for one in self.model.interfaces)

    @cached_property
    def pairs(self) -> Mapping[tuple[str, str], ZonePair]:
        """The zone pairs by source and destination."""
        return {(one.source, one.destination): one for one in reversed(self.model.zone_pairs)}

    def gate(self, source: Interface | None, destination: Interface | None) -> tuple[Packets, Packets]:
        """What zones let pass between interfaces, None for the router itself, and what they let the answers of."""
        here, there = _zone(source), _zone(destination)
        if source and destination and (source.sealed or destination.sealed) and source.name != destination.name:
            return NONE, NONE
        pair = self.pairs.get((here, there))
        if pair is not None:
            return passing(pair.rules)
        if SELF in (here, there) or here == there:
            return ALL, NONE
        return NONE, NONE

    def answered(self, source: Interface | None, destination: Interface | None) -> Packets:
        """What passes and has its answers pass, too."""
        passed, inspected = self.gate(source, destination)
        if passed == inspected:
            return passed
        back, _ = self.gate(destination, source)
        if back == ALL:
            return passed
        return inspected | (passed & (back.asked()))

    def gate_hop(self, source: Interface | None, destination: Interface | None, packet: Packet) -> Hop | None:
        """What the zones do with a packet, and the lines; None where no zone has a say."""
        here, there = _zone(source), _zone(destination)
        pair = self.pairs.get((here, there))
        if pair is None:
            passes = SELF in (here, there) or here == there
            says = f"no zone pair from {here or 'no zone'} to {there or 'no zone'}: it is dropped"
            return None if passes else self.hop(says, *(one.at for one in (source, destination) if one))
        rule = first(pair.rules, packet)
        what = {"pass": "passes", "inspect": "is inspected and passes"}.get(rule.action if rule else "", "is dropped")
        return self.hop(f"zone pair {here} to {there}: it {what}", pair.at, *([rule.at] if rule else []))

    def finding(
        self,
        rule: str,
        message: str,
        remedy: str,
        *,
        option: str = "",
        lines: tuple[Line, ...] = (),
        packet: Packet | None = None,
        path: tuple[Hop, ...] = (),
    ) -> Finding:
        """A finding on this router; ``option`` is named from the site on, ``packet`` what proves it."""
        whole = f"sites.{self.view.name}.{option}" if option else ""
        flow = packet.flow() if packet else None
        return Finding(rule, (self.name,), message, remedy, lines=lines, flow=flow, path=path, option=whole)

    def hop(self, what: str, *at: At | int) -> Hop:
        """A step on this router, with the lines that it stands on."""
        return Hop(self.name, what, self.lines(*at))

    def lines(self, *at: At | int) -> tuple[Line, ...]:
        """The lines of elements, without those that have none."""
        numbers = dict.fromkeys(one.line if isinstance(one, At) else one for one in at)
        return tuple(Line(self.name, number) for number in numbers if number)


def _zone(interface: Interface | None) -> str:
    return interface.zone if interface else SELF


def _role(device: Device, interface: Interface) -> str:
    site, address = device.view.site, interface.address
    if interface.name == site.access.interface:
        return INTERNET
    if interface.tunnel is not None:
        if interface.tunnel.destination == device.centre.peer:
            return MANAGEMENT
        for vpn, own in site.tunnels.items():
            if (address and address.ip == own) or interface.tunnel.key == device.view.customer.vpns[vpn].id:
                return vpn_role(vpn)
        return STRANGER
    fits = {
        vpn: max((fits_lan(interface, lan, device.vrfs.get(vpn)) for lan in lans), default=0)
        for vpn, lans in site.lans.items()
    }
    if any(fits.values()):
        return vpn_role(max(fits, key=lambda vpn: fits[vpn]))
    ilan = site.options.ilan
    if ilan and (address == ilan.address or interface.svi == ilan.vlan):
        return ILAN
    if address and address.ip == site.router.management.address:
        return MANAGEMENT
    return STRANGER


def _links(device: Device, roles: Mapping[str, str]) -> dict[str, str]:
    """Links between a VPN's namespace and the front door: the inner end leads to the internet."""
    tunnels = {one.vrf: roles[one.name] for one in device.model.interfaces if one.tunnel and one.vrf}
    strange = [one for one in device.model.interfaces if roles[one.name] == STRANGER and one.address]
    found: dict[str, str] = {}
    for inner in (one for one in strange if one.vrf in tunnels):
        for outer in (one for one in strange if not one.vrf and one.address and inner.address):
            if outer.address and inner.address and outer.address.network == inner.address.network:
                found |= {inner.name: INTERNET, outer.name: link_role(tunnels[inner.vrf])}
    return found
