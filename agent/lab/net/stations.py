"""One router as the network sees it at a moment, and the state of its interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from agent.lab.net.reasons import Reason
from agent.lab.running.config import Interface, RouterConfig
from agent.lab.spec import Device, LanPort, Primary
from agent.lab.traffic.access import permitted
from agent.lab.traffic.firewall import SELF, Action
from agent.lab.traffic.packets import Packet


@dataclass(frozen=True)
class Station:
    """A router with what it runs.

    ``cabled`` is false while its access is cut, ``served`` while the provider carries nothing, ``managed`` while the
    management centre refuses its tunnel, ``heard`` while its access loses so many packets that peers give it up.
    ``absent`` are hosts of its LANs that are switched off. ``primary_up``: the primary router beside it has power;
    ``primary_reaches``: and its access carries traffic.
    """

    device: Device
    config: RouterConfig
    powered: bool = True
    cabled: bool = True
    served: bool = True
    managed: bool = True
    heard: bool = True
    keys: frozenset[str] | None = None
    ended: Mapping[str, float] = field(default_factory=dict)
    absent: frozenset[IPv4Address] = frozenset()
    primary_up: bool = True
    primary_reaches: bool = True

    @property
    def name(self) -> str:
        """The lab's name of the router, which is not its host name."""
        return self.device.name

    def interface(self, name: str) -> Interface | None:
        """The interface as configured."""
        return self.config.interfaces.get(name)

    def address(self, interface: Interface) -> IPv4Interface | None:
        """The address in use: configured, borrowed, or leased by the provider."""
        if interface.dhcp:
            access = self.device.access
            leased = access.dhcp and interface.name == access.interface and self.line_up(interface) and self.served
            return access.address if leased and self._hears_leases(interface) else None
        return self.config.address_of(interface)

    def _hears_leases(self, interface: Interface) -> bool:
        """Whether what a DHCP server says is let in."""
        access = self.device.access
        asked = Packet("udp", access.address.ip, access.gateway, port=67, source_port=68)
        return self.sends(interface, asked) and self.receives(interface, asked.answered())

    def sends_answer(self, interface: Interface, asked: Packet) -> bool:
        """Whether the router's answer to a packet that it received may leave."""
        inspected = self.config.firewall.between(interface.zone, SELF, asked) is Action.INSPECT
        return inspected or self.sends(interface, asked.answered())

    def sends(self, interface: Interface, packet: Packet) -> bool:
        """Whether the firewall lets the router itself send a packet by this interface."""
        return self.config.firewall.between(SELF, interface.zone, packet) is not Action.DROP

    def receives(self, interface: Interface, packet: Packet) -> bool:
        """Whether a packet for the router itself gets through this interface's access list and the firewall."""
        if not permitted(self.config.access_lists, interface.access_group_in, packet):
            return False
        action = self.config.firewall.between(interface.zone, SELF, packet)
        asked = self.config.firewall.between(SELF, interface.zone, packet.answered())
        return action is not Action.DROP or (packet.answer and asked is Action.INSPECT)

    def line_up(self, interface: Interface) -> bool:
        """Whether an interface other than a tunnel or VLAN has power, a cable and no ``shutdown``."""
        if not self.powered or interface.shutdown:
            return False
        name = interface.name
        if name.startswith(("Loopback", "Null")):
            return True
        if name == self.device.access.interface:
            return self.cabled
        if name.startswith("Vlan"):
            vlan = int(name[4:]) if name[4:].isdigit() else 0
            return any(self._carries(port.interface, vlan) for port in self.device.lan)
        return any(port.interface == name for port in self.device.lan)

    def _carries(self, port: str, vlan: int) -> bool:
        interface = self.interface(port)
        return interface is not None and self.line_up(interface) and (interface.access_vlan or 1) == vlan

    def hosts_on(self, interface: Interface) -> frozenset[IPv4Address]:
        """The hosts whose cable leads to this interface, through its VLAN's switch ports or directly."""
        return frozenset(host for port in self.ports_of(interface) for host in port.hosts if host not in self.absent)

    def ports_of(self, interface: Interface) -> list[LanPort]:
        """The LAN ports that lead to this interface, through its VLAN's switch ports or directly."""
        if not self.line_up(interface):
            return []
        vlan = int(interface.name[4:]) if interface.name[4:].isdigit() and interface.name.startswith("Vlan") else None
        return [
            port
            for port in self.device.lan
            if (port.interface == interface.name if vlan is None else self._carries(port.interface, vlan))
        ]

    def answers(self, interface: Interface, host: IPv4Address) -> bool:
        """Whether a host at this address is on an interface's LAN, or behind it."""
        ports = self.ports_of(interface)
        return host not in self.absent and any(port.crowded or host in port.hosts for port in ports)

    def primary(self, interface: Interface) -> Primary | None:
        """The primary router on an interface's LAN."""
        return next((port.primary for port in self.ports_of(interface) if port.primary), None)

    def internet_address(self) -> IPv4Address | Reason:
        """The address under which the internet delivers to this router, or why it does not."""
        if not self.powered:
            return Reason.POWERED_OFF
        access = self.device.access
        interface = self.interface(access.interface)
        if interface is None:
            return Reason.NO_INTERFACE
        if interface.shutdown:
            return Reason.SHUTDOWN
        if not (self.cabled and self.served):
            return Reason.ACCESS_DOWN
        own = self.address(interface)
        if own is None:
            return Reason.NO_ADDRESS
        if own.ip != access.address.ip or access.gateway not in own.network:
            return Reason.WRONG_ADDRESS
        return access.public or own.ip
