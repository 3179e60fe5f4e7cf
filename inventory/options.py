"""The service options of a site, as ordered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import (
    Address,
    CredentialName,
    Dscp,
    Flag,
    InterfaceAddress,
    InterfaceName,
    Model,
    Name,
    Port,
    VlanId,
    Whole,
)

Percent = Annotated[Whole, Field(ge=1, le=100)]


class TrafficClass(Model):
    """One class of the shared egress policy: exactly one of the two percentages."""

    priority_percent: Percent | None = None
    bandwidth_percent: Percent | None = None


class Classifier(Model):
    """What of one VPN's traffic belongs to a class."""

    dscp: tuple[Dscp, ...] = ()
    protocol: Literal["tcp", "udp"] | None = None
    source_port: tuple[Port, ...] = ()
    destination_port: tuple[Port, ...] = ()


class TrafficPrioritisation(Model):
    """Egress QoS: one policy shared by all VPNs, classified VPN by VPN [WV-9]."""

    policy: Annotated[dict[Name, TrafficClass], Field(min_length=1)]
    """The classes of the one egress policy, each with its share."""
    classification: dict[Name, dict[Name, Classifier]]
    """For each VPN, what of its traffic belongs to which class."""


class InternetBreakout(Model):
    """IBO: restricted internet for one VPN's LAN [WV-11]."""

    vpn: Name
    allow: Annotated[tuple[Literal["http", "https", "dns", "ntp", "ftp", "icmp"], ...], Field(min_length=1)]
    """What the customer LAN may use of the internet."""


class Ilan(Model):
    """iLAN: a guest port with internet and nothing else [WV-11]."""

    port: InterfaceName
    """A further switch port, of no customer LAN."""
    vlan: VlanId
    address: InterfaceAddress
    """The router's own address, with the guest network's prefix length."""
    dns: tuple[Address, ...] = ()
    """The name servers that guests are told; without any, those of the access's own lease."""


class SnmpFeed(Model):
    """The customer's read-only SNMP view of the router, for at most two hosts [WV-13]."""

    vpn: Name
    credentials: CredentialName
    """An SNMPv3 user of the customer's own."""
    hosts: Annotated[tuple[Address, ...], Field(min_length=1)]
    """At most two hosts in customer LANs of the VPN."""


class FirewallLogging(Model):
    """Where the router sends the customer's firewall logs [WV-14]."""

    vpn: Name
    host: Address
    """The customer's syslog server."""


class Options(Model):
    """What is ordered beside the VPNs themselves; absent is not ordered."""

    proactive_monitoring: Flag = False
    traffic_prioritisation: TrafficPrioritisation | None = None
    internet_breakout: InternetBreakout | None = None
    ilan: Ilan | None = None
    snmp_feed: SnmpFeed | None = None
    firewall_logging: FirewallLogging | None = None
