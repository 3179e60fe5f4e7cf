"""One router as the network sees it at a moment, and the state of its interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from agent.lab.net.reasons import Reason
from agent.lab.running.config import Interface, RouterConfig
from agent.lab.spec import Device


@dataclass(frozen=True)
class Station:
    """A router with what it runs.

    ``cabled`` is false while its access is cut, ``served`` while the provider carries nothing, ``managed`` while the
    management centre refuses its tunnel, ``heard`` while its access loses so many packets that peers give it up.
    ``absent`` are hosts of its LANs that are switched off.
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
            return access.address if leased else None
        return self.config.address_of(interface)

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
        if not self.line_up(interface):
            return frozenset()
        vlan = int(interface.name[4:]) if interface.name[4:].isdigit() and interface.name.startswith("Vlan") else None
        return frozenset(
            host
            for port in self.device.lan
            if (port.interface == interface.name if vlan is None else self._carries(port.interface, vlan))
            for host in port.hosts
            if host not in self.absent
        )

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
