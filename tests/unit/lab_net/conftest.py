"""A hub and two spokes with two VPNs, written by hand, and the network that follows from them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree
from agent.lab.models import Chassis
from agent.lab.net.network import History, Network
from agent.lab.net.stations import Station
from agent.lab.net.world import LabWorld
from agent.lab.router import VirtualRouter
from agent.lab.running.config import read_config
from agent.lab.shows import show
from agent.lab.spec import Authority, Centre, Device, IspAccess, LabSpec, LanPort

CRYPTO = """
crypto ikev2 proposal STRONG
 encryption aes-gcm-256
 prf sha384
 group 20 19
crypto ikev2 policy STRONG
 match fvrf any
 proposal STRONG
crypto ikev2 keyring VPN
 peer ANY
  address 0.0.0.0 0.0.0.0
  pre-shared-key group-key
crypto ikev2 keyring CENTRE
 peer CENTRE
  address 203.0.113.1
  pre-shared-key centre-key
crypto ikev2 profile VPN
 match identity remote address 0.0.0.0
 authentication remote pre-share
 authentication local pre-share
 keyring local VPN
crypto ikev2 profile CENTRE
 match identity remote fqdn centre.managed.invalid
 identity local fqdn {name}.managed.invalid
 authentication remote pre-share
 authentication local pre-share
 keyring local CENTRE
crypto ipsec transform-set GCM esp-gcm 256
 mode transport
crypto ipsec transform-set GCM-TUNNEL esp-gcm 256
 mode tunnel
crypto ipsec profile VPN
 set transform-set GCM
 set pfs group20
 set ikev2-profile VPN
crypto ipsec profile CENTRE
 set transform-set GCM-TUNNEL
 set ikev2-profile CENTRE
"""

BASE = """
version 17.9
hostname {name}
license boot level network-advantage addon dna-advantage
vrf definition CORP
 address-family ipv4
vrf definition CCTV
 address-family ipv4
vrf definition MGMT
 address-family ipv4
interface Tunnel4095
 vrf forwarding MGMT
 ip address {management} 255.255.255.255
 tunnel source GigabitEthernet0/0/0
 tunnel mode ipsec ipv4
 tunnel destination 203.0.113.1
 tunnel protection ipsec profile CENTRE
interface GigabitEthernet0/0/0
 ip address {wan} 255.255.255.248
 no shutdown
interface GigabitEthernet0/1/0
 switchport access vlan 10
 switchport mode access
interface Vlan10
 vrf forwarding CORP
 ip address 10.10.{n}.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 {gateway}
ip route vrf MGMT 10.254.255.0 255.255.255.0 Tunnel4095
snmp-server community lab-v2c RO
ip access-list standard SSH
 permit 10.254.255.0 0.0.0.255
line vty 0 4
 access-class SSH in vrf-also
 transport input ssh
"""

TUNNEL = """
interface Tunnel{id}
 vrf forwarding {vrf}
 ip address 10.255.{id}.{n} 255.255.255.0
 ip nhrp authentication NHRP{id}
 ip nhrp network-id {id}
 tunnel source GigabitEthernet0/0/0
 tunnel mode gre multipoint
 tunnel key {id}
 tunnel protection ipsec profile VPN shared
"""

SPOKE_LINES = """ ip nhrp nhs 10.255.{id}.1 nbma 198.51.100.10 multicast
 ip nhrp shortcut
 if-state nhrp
"""
HUB_LINES = """ ip nhrp map multicast dynamic
 ip nhrp redirect
"""

HUB_BGP = """
router bgp 65010
 bgp router-id 10.254.0.1
 address-family ipv4 vrf CORP
  bgp listen range 10.255.10.0/24 peer-group SPOKES
  network 10.10.1.0 mask 255.255.255.0
  aggregate-address 10.10.0.0 255.255.0.0
  neighbor SPOKES peer-group
  neighbor SPOKES remote-as 65010
  neighbor SPOKES password bgp-word
  neighbor SPOKES activate
  neighbor SPOKES route-reflector-client
"""
SPOKE_BGP = """
router bgp 65010
 address-family ipv4 vrf CORP
  network 10.10.{n}.0 mask 255.255.255.0
  neighbor 10.255.10.1 remote-as 65010
  neighbor 10.255.10.1 password bgp-word
  neighbor 10.255.10.1 activate
"""

#: Name -> number, WAN address, gateway.
SITES = {
    "hub": (1, "198.51.100.10", "198.51.100.9"),
    "spoke-a": (2, "198.51.100.18", "198.51.100.17"),
    "spoke-b": (3, "198.51.100.26", "198.51.100.25"),
}


def running(name: str) -> str:
    """The running configuration of one of the three."""
    number, wan, gateway = SITES[name]
    hub = name == "hub"
    tunnels = ""
    for tunnel, vrf in ((10, "CORP"), (20, "CCTV")):
        tunnels += TUNNEL.format(id=tunnel, vrf=vrf, n=number)
        tunnels += HUB_LINES if hub else SPOKE_LINES.format(id=tunnel)
    base = BASE.format(name=name, management=f"10.254.0.{number}", wan=wan, gateway=gateway, n=number)
    return CRYPTO.format(name=name) + base + tunnels + (HUB_BGP if hub else SPOKE_BGP.format(n=number))


def make_spec(**changes: object) -> LabSpec:
    """The lab that the three configurations are for."""
    devices = tuple(
        Device(
            name=name,
            model="C1111-8P",
            serial=f"FCZ0000A0B{number}",
            release="17.9",
            access=IspAccess(
                interface="GigabitEthernet0/0/0",
                address=IPv4Interface(f"{wan}/29"),
                gateway=IPv4Address(gateway),
            ),
            lan=(LanPort(interface="GigabitEthernet0/1/0", hosts=(IPv4Address(f"10.10.{number}.50"),)),),
            management=IPv4Address(f"10.254.0.{number}"),
            listen=IPv4Address(f"127.254.0.{number}"),
        )
        for name, (number, wan, gateway) in SITES.items()
    )
    centre = Centre(
        peer=IPv4Address("203.0.113.1"),
        identity="centre.managed.invalid",
        domain="managed.invalid",
        tunnel_peer=IPv4Address("10.254.255.1"),
        networks=(IPv4Network("10.254.255.0/24"),),
        ike_psk="centre-key",
    )
    authority = Authority(url="http://ca.invalid", fingerprint="A" * 40)
    spec = LabSpec(devices=devices, centre=centre, authorities=(authority,))
    return spec.model_copy(update=changes)


class Bench:
    """Three routers whose configurations and cables a test changes; ``settled`` gives the state after convergence."""

    def __init__(self) -> None:
        self.spec = make_spec()
        self.texts = {name: running(name) for name in SITES}
        self.cut: set[str] = set()
        self.off: set[str] = set()
        self.keys: dict[str, frozenset[str]] = {}
        self.history = History()
        self.now = 1000.0

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a line that must be there."""
        assert old in self.texts[name], f"{name} has no line {old!r}"
        self.texts[name] = self.texts[name].replace(old, new)

    def network(self) -> Network:
        """The state at this very moment."""
        stations = {
            name: Station(
                device=self.spec.device(name),
                config=read_config(ConfigTree.parse(text)),
                powered=name not in self.off,
                cabled=name not in self.cut,
                keys=self.keys.get(name),
            )
            for name, text in self.texts.items()
        }
        network = Network(self.spec, stations, self.history, self.now)
        network.settle(self.now)
        return network

    def settled(self) -> Network:
        """The state when nothing is under way any more."""
        network = self.network()
        for _ in range(6):
            self.now += 5
            network.settle(self.now)
        return network


@pytest.fixture
def bench() -> Bench:
    return Bench()


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


class Live:
    """The three routers as objects of a lab, all up and converged; time stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = Time()
        clock = LabClock(real=self.time)
        self.spec = make_spec()
        self.world = LabWorld(self.spec, clock, show)
        for device in self.spec.devices:
            router = VirtualRouter(device.name, Chassis(device.model, device.serial, device.release), clock=clock)
            router.powered, router.ready_at, router.boots = True, clock.now(), 1
            router.licence_booted = "network-advantage addon dna-advantage"
            self.world.attach(router)
            self.run(device.name, running(device.name))
        self.wait(30)

    def run(self, name: str, text: str) -> None:
        """Let a router run exactly this configuration."""
        router = self.world.routers[name]
        router.running = ConfigTree.parse(text)
        router.settle("test")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a line that must be there."""
        text = self.world.routers[name].running.render()
        assert old in text, f"{name} has no line {old!r}"
        self.run(name, text.replace(old, new))

    def wait(self, seconds: float) -> None:
        """Let time pass in small steps, as the lab's process does."""
        for _ in range(int(seconds * 2)):
            self.time.seconds += 0.5
            self.world.network()

    def show(self, name: str, command: str) -> str:
        """Output of a show command."""
        said = self.world.show(self.world.routers[name], command)
        assert said is not None, command
        return said


@pytest.fixture
def live() -> Live:
    return Live()
