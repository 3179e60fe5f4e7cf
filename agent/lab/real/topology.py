"""What a lab of real routers consists of: routers with their hosts, the internet's addresses and the centre."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Interface

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

    ``network`` has the routers' management addresses, ``leads_to`` what routers reach by their tunnels: ``outside``,
    the address of this machine, where an agent listens for traps and logs, and ``own``, the centre's, where its NTP
    server answers.
    """

    address: str = "203.0.113.1/24"
    gateway: str = "203.0.113.2"
    network: str = "10.254.0.0/24"
    leads_to: tuple[str, ...] = ("10.254.0.0/24",)
    outside: str = "10.254.0.1"
    own: str = "10.254.0.2"
    identity: str = "203.0.113.1"
    proposals: str = "aes256gcm16-prfsha384-ecp384-ecp256,aes256-sha256-modp2048"
    esp_proposals: str = "aes256gcm16-ecp384,aes256gcm16,aes256-sha256"
    #: What a router proves itself with: IKE identity to pre-shared secret. "" is the secret of all others.
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    #: Lines of a chrony key file ("2 SHA256 ASCII:secret"): what clients of the NTP server may sign with.
    ntp_keys: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Topology:
    """A whole lab; LabError when it cannot be built."""

    routers: tuple[Router, ...]
    centre: Centre = Centre()

    def __post_init__(self) -> None:
        names = [router.name for router in self.routers]
        names += [host.name for router in self.routers for host in router.hosts]
        for name in names:
            if not 0 < len(name) <= _LONGEST_NAME or not name.replace("-", "").isalnum():
                raise LabError(f"lab of real routers: the name {name!r} must be 1 to 15 letters, digits and hyphens")
        doubled = sorted({name for name in names if names.count(name) > 1} | (set(names) & {"internet", "centre"}))
        if doubled:
            raise LabError(f"lab of real routers: {', '.join(doubled)}: each router and host needs its own name")
        for router in self.routers:
            if wrong := {host.port for host in router.hosts} - {f"eth{index}" for index in range(1, router.ports)}:
                raise LabError(f"{router.name} has no port {', '.join(sorted(wrong))} for a host")
            if IPv4Interface(f"{router.gateway}/32").ip not in IPv4Interface(router.access).network:
                raise LabError(f"{router.name}: the gateway {router.gateway} is not in the network of {router.access}")
