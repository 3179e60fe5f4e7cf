"""What was ordered of a router, as sets of packets: what may pass between two networks, and what must."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from urllib.parse import urlsplit

from agent.verification.forwarding.device import ILAN, Device, vpn_role
from agent.verification.packets.sets import (
    ECHO,
    ESP,
    ESTABLISHED,
    GRE,
    ICMP,
    LAST_ADDRESS,
    NONE,
    TCP,
    UDP,
    Packets,
    Span,
    beyond,
    icmp_span,
    merged,
    packets,
    span_of,
)

#: Echo and its answer, unreachable (with it: packet too big), time exceeded.
NEEDED_ICMP = (0, 3, 8, 11)
#: What each word of ``allow`` may let pass at most, and must at least: protocol and port, None for all.
_MOST: dict[str, tuple[tuple[int, int | None], ...]] = {
    "http": ((TCP, 80),),
    "https": ((TCP, 443), (UDP, 443)),
    "dns": ((UDP, 53), (TCP, 53)),
    "ntp": ((UDP, 123), (TCP, 123)),
    "ftp": ((TCP, 21),),
    "icmp": ((ICMP, None),),
}
_LEAST = {**_MOST, "https": ((TCP, 443),), "ntp": ((UDP, 123),)}
#: Addresses that the internet does not lead to: private, shared, local, multicast, reserved.
NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "224.0.0.0/3",
    )
)  # fmt: skip
#: From so many networks on, what must pass is asked only outside of the /8 that they are in.
_MANY, _EIGHT = 32, 0xFF000000
#: What is asked of one router again and again.
_REMEMBERED = 64
_CLIENT, _SERVER, _NAMES = (68, 68), (67, 67), (53, 53)
_IKE = ((500, 500), (4500, 4500))


@dataclass(frozen=True)
class Exit:
    """One ordered way to the internet beside the tunnels: whose it is, from which networks, and with what."""

    role: str
    option: str
    sources: tuple[IPv4Network, ...]
    refused: tuple[Span, ...]
    words: tuple[str, ...] | None

    def more(self, passed: Packets) -> Packets:
        """What of the packets that pass may not leave."""
        return (passed - _most(self)) | (passed & packets(destinations=self.refused) if self.refused else NONE)

    @property
    def least(self) -> Packets:
        """What must be able to leave at least: new packets to public addresses, ICMP as echo."""
        return _least(self)

    def overtranslated(self, translated: Packets) -> Packets:
        """Whose addresses are translated without need, or on the way to whom."""
        strange = translated - packets(sources=map(span_of, self.sources))
        return strange | (translated & packets(destinations=self.refused) if self.refused else NONE)

    def of(
        self, table: dict[str, tuple[tuple[int, int | None], ...]], kinds: Span = (0, 2), icmp: Iterable[int] = ()
    ) -> Packets:
        sources = [span_of(one) for one in self.sources]
        if self.words is None:
            return packets(sources=sources, kinds=kinds)
        found = NONE
        for protocol, port in (one for word in self.words for one in table[word]):
            found |= packets(
                protocols=[protocol],
                sources=sources,
                destination_ports=[] if port is None else [(port, port)],
                icmp=map(icmp_span, icmp if protocol == ICMP else ()),
                kinds=kinds,
            )
        return found


@lru_cache(maxsize=_REMEMBERED)
def _most(one: Exit) -> Packets:
    return one.of(_MOST)


@lru_cache(maxsize=_REMEMBERED)
def _least(one: Exit) -> Packets:
    refused = (
        one.refused
        if len(one.refused) <= _MANY
        else [(lo & _EIGHT, hi | ~_EIGHT & LAST_ADDRESS) for lo, hi in one.refused]
    )
    hidden = merged([*refused, *map(span_of, NOT_PUBLIC)])
    public = packets(destinations=beyond((0, LAST_ADDRESS), hidden))
    return one.of(_LEAST, kinds=(0, 0), icmp=[ECHO]) & public


def exits(device: Device) -> list[Exit]:
    """The ways to the internet that were ordered: for the LANs of a VPN, and for guests."""
    options, found = device.view.site.options, []
    if breakout := options.internet_breakout:
        sources = tuple(device.own_networks(breakout.vpn))
        refused = device.prefixes.get(breakout.vpn, ())
        found.append(Exit(vpn_role(breakout.vpn), "internet_breakout", sources, refused, breakout.allow))
    if options.ilan:
        centre = tuple(span_of(one) for one in device.centre.networks)
        found.append(Exit(ILAN, "ilan", (options.ilan.address.network,), centre, None))
    return found


def to_the_router(device: Device) -> Packets:
    """What the router needs to hear from the internet: ESP, IKE, some ICMP, a lease, an authority's answers."""
    inner = packets(protocols=[GRE]) if device.model.namespaces else NONE  # what comes out of IPsec there passes again
    return _tunnels() | inner | _icmp() | _lease(device, _SERVER, _CLIENT) | _authorities(device).answers()


def from_the_router(device: Device) -> Packets:
    """What the router needs to say to the internet."""
    return _tunnels() | _icmp() | _lease(device, _CLIENT, _SERVER) | _authorities(device)


def lacking(device: Device, passed: Packets, *, inwards: bool) -> Packets:
    """What of that which tunnels and a lease need does not pass; the centre's inner addresses need not."""
    lease = _lease(device, _SERVER, _CLIENT) if inwards else _lease(device, _CLIENT, _SERVER)
    inside = [*map(span_of, device.centre.networks), span_of(IPv4Network(device.view.router.management.address))]
    inner = packets(protocols=[GRE]) if inwards and device.model.namespaces else NONE
    missing = (_tunnels() | inner | _icmp() | lease) - passed
    return missing - packets(destinations=inside) - packets(sources=inside) if missing else NONE


def guests_need() -> Packets:
    """What guests must be able to ask the router for: an address."""
    return packets(protocols=[UDP], source_ports=[_CLIENT], destination_ports=[_SERVER], kinds=(0, 0))


def guests_may() -> Packets:
    """What guests may ask the router for: an address, names, whether it is there."""
    names = packets(protocols=[UDP, TCP], destination_ports=[_NAMES])
    leases = packets(protocols=[UDP], source_ports=[_CLIENT], destination_ports=[_SERVER])
    return leases | names | packets(protocols=[ICMP], icmp=[icmp_span(ECHO)])


def _tunnels() -> Packets:
    return packets(protocols=[ESP]) | packets(protocols=[UDP], destination_ports=_IKE, kinds=(0, 1))


def _icmp() -> Packets:
    return packets(protocols=[ICMP], icmp=map(icmp_span, NEEDED_ICMP), kinds=(0, 1))


def _lease(device: Device, source: Span, destination: Span) -> Packets:
    if device.view.site.access.address != "dhcp":
        return NONE
    return packets(protocols=[UDP], source_ports=[source], destination_ports=[destination], kinds=(0, 1))


def _authorities(device: Device) -> Packets:
    """What certificates are enrolled with over the internet: the authorities that are named by their address."""
    found = NONE
    for trustpoint in device.model.crypto.trustpoints:
        url = urlsplit(trustpoint.url)
        try:
            host = int(IPv4Address(url.hostname or ""))
        except ValueError:
            continue
        port = url.port or (443 if url.scheme == "https" else 80)
        if any(host in range(span_of(one)[0], span_of(one)[1] + 1) for one in device.centre.networks):
            continue
        found |= packets(
            protocols=[TCP], destinations=[(host, host)], destination_ports=[(port, port)], kinds=(0, ESTABLISHED)
        )
    return found
