"""What a lab of real routers consists of: routers with their hosts, the internet's addresses and the centre."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv4Network

from agent.lab.errors import LabError

#: What the kernel takes for an interface's or a namespace's name.
_LONGEST_NAME = 15


@dataclass(frozen=True)
class Host:
    """A computer of the customer behind one port of a router: ``address`` with its length, and its gateway."""

    name: str
    port: str
    address: str
    gateway: str


@dataclass(frozen=True)
class Router:
    """A blank box: its access to the internet (on ``eth0``) and the hosts behind its other ports."""

    name: str
    #: The router's own address on the access with its length, and the provider's address at the other end.
    access: str
    gateway: str
    hosts: tuple[Host, ...] = ()
    serial: str = ""
    model: str = "White box"
    #: Ports from eth0 on; those without a host have no carrier.
    ports: int = 4


@dataclass(frozen=True)
class Centre:
    """Where management tunnels end: an IKEv2 peer with one wildcard connection, reached from outside by a route.

    ``outside`` is the address of this machine in the management network: where agents listen for traps and logs.
    ``own`` is the centre's own, where its NTP server answers.
    """

    address: str = "203.0.113.1/24"
    gateway: str = "203.0.113.2"
    #: The routers' management addresses, and what their tunnels lead to.
    network: str = "10.254.0.0/24"
    leads_to: tuple[str, ...] = ("10.254.0.0/24",)
    outside: str = "10.254.0.1"
    own: str = "10.254.0.2"
    identity: str = "203.0.113.1"
    proposals: str = "aes256gcm16-prfsha384-ecp384-ecp256,aes256-sha256-modp2048"
    esp_proposals: str = "aes256gcm16-ecp384,aes256gcm16,aes256-sha256"
    #: What a router proves itself with: IKE identity to pre-shared secret. "" is the secret of all others.
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Topology:
    """A whole lab; LabError when it cannot be built."""

    routers: tuple[Router, ...]
    centre: Centre = Centre()

    def __post_init__(self) -> None:
        names = [router.name for router in self.routers]
        names += [host.name for router in self.routers for host in router.hosts]
        for name in [*names, *(host.port for router in self.routers for host in router.hosts)]:
            if not 0 < len(name) <= _LONGEST_NAME or not name.replace("-", "").isalnum():
                raise LabError(f"lab of real routers: the name {name!r} must be 1 to 15 letters, digits and hyphens")
        doubled = sorted({name for name in names if names.count(name) > 1} | (set(names) & {"internet", "centre"}))
        if doubled:
            raise LabError(f"lab of real routers: {', '.join(doubled)}: each router and host needs its own name")
        for router in self.routers:
            if IPv4Interface(f"{router.gateway}/32").ip not in IPv4Interface(router.access).network:
                raise LabError(f"{router.name}: the gateway {router.gateway} is not in the network of {router.access}")

    @property
    def management(self) -> IPv4Network:
        """The network that this machine reaches by the centre."""
        return IPv4Network(self.centre.network)
