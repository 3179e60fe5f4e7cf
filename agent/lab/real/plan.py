"""A topology as what the inside builds: boxes, bare namespaces, cables and the commands of each (pure functions)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from ipaddress import IPv4Interface
from typing import Any

from agent.lab.real.centre import centre_files
from agent.lab.real.topology import Centre, Router, Topology

#: The two namespaces that every lab has beside its routers and hosts; the inside itself is "".
INTERNET = "internet"
CENTRE = "centre"
#: The interface of the inside towards this machine.
OUTSIDE = "outside"
FORWARDING = {"net/ipv4/ip_forward": "1"}


@dataclass(frozen=True)
class Link:
    """The two addresses (both in a /30) of the point-to-point link between this machine and the inside."""

    here: str
    there: str


@dataclass(frozen=True)
class Box:
    """A machine with a disk of its own: a router or the centre; ``boot`` is typed at its console when it starts."""

    name: str
    files: dict[str, str]
    boot: str = ""


@dataclass(frozen=True)
class Cable:
    """From a box's port to an interface named ``name`` in the namespace ``to``; ``far`` are ip commands run there."""

    box: str
    port: str
    to: str
    name: str
    far: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything the inside needs: ``setup`` are ip commands and ``settings`` sysctl values for each namespace."""

    boxes: tuple[Box, ...]
    spaces: tuple[str, ...]
    cables: tuple[Cable, ...]
    setup: dict[str, tuple[str, ...]]
    settings: dict[str, dict[str, str]]

    def to_json(self) -> str:
        """As the inside reads it."""
        return json.dumps(asdict(self))

    def access_of(self, router: str) -> str:
        """The internet's interface towards ``router``."""
        return next(cable.name for cable in self.cables if cable.box == router and cable.to == INTERNET)


def build_plan(topology: Topology, link: Link) -> Plan:
    """The plan of ``topology``, reached by ``link``."""
    centre = topology.centre
    cables = [cable for number, router in enumerate(topology.routers) for cable in _cables(number, router)]
    cables += _centre_cables(centre, link)
    hosts = [host for router in topology.routers for host in router.hosts]
    setup: dict[str, tuple[str, ...]] = {
        "": (f"addr add {link.there}/30 dev {OUTSIDE}", _up(OUTSIDE)),
        **{host.name: ("link set lo up",) for host in hosts},
    }
    return Plan(
        boxes=(
            Box(CENTRE, centre_files(centre), _centre_boot(centre)),
            *(Box(router.name, _router_files(router)) for router in topology.routers),
        ),
        spaces=(INTERNET, *(host.name for host in hosts)),
        cables=tuple(cables),
        setup=setup,
        settings={"": FORWARDING, INTERNET: FORWARDING},
    )


def _router_files(router: Router) -> dict[str, str]:
    identity: dict[str, Any] = {"serial": router.serial or f"LAB{router.name.upper()}", "model": router.model}
    return {
        "etc/hostname": f"{router.name}\n",
        "etc/spokesman/identity.json": json.dumps(identity) + "\n",
    }


def _cables(number: int, router: Router) -> list[Cable]:
    length = IPv4Interface(router.access).network.prefixlen
    access = f"w{number}"
    cables = [
        Cable(router.name, "eth0", INTERNET, access, (f"addr add {router.gateway}/{length} dev {access}", _up(access)))
    ]
    behind = {host.port: host for host in router.hosts}
    for index in range(1, router.ports):
        port = f"eth{index}"
        if host := behind.get(port):
            far = (f"addr add {host.address} dev eth0", _up("eth0"), f"route add default via {host.gateway}")
            cables.append(Cable(router.name, port, host.name, "eth0", far))
        else:
            cables.append(Cable(router.name, port, INTERNET, f"u{number}-{index}"))
    return cables


def _centre_cables(centre: Centre, link: Link) -> list[Cable]:
    length = IPv4Interface(centre.address).network.prefixlen
    inner = (
        f"addr add {INNER.here}/30 dev centre",
        _up("centre"),
        f"route add {centre.network} via {INNER.there}",
        f"route replace {centre.own}/32 via {INNER.there}",
        f"route replace {centre.outside}/32 via {link.here}",
    )
    return [
        Cable(CENTRE, "eth0", INTERNET, "wc", (f"addr add {centre.gateway}/{length} dev wc", _up("wc"))),
        Cable(CENTRE, "eth1", "", "centre", inner),
    ]


#: Between the inside and the centre; nobody else sees these addresses.
INNER = Link(here="169.254.239.1", there="169.254.239.2")


def _centre_boot(centre: Centre) -> str:
    return f"""set -e
ip addr add {centre.address} dev eth0; ip link set eth0 up
ip addr add {INNER.there}/30 dev eth1; ip link set eth1 up
ip addr add {centre.own}/32 dev lo
ip route add default via {centre.gateway}
ip route add {centre.outside}/32 via {INNER.here}
sysctl -qw net.ipv4.ip_forward=1
/usr/sbin/lab-centre
"""


def _up(name: str) -> str:
    return f"link set {name} up"
