"""Traffic in the words of access lists: what classifiers and offloads of the inventory pick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from itertools import product
from math import prod
from typing import Literal, Protocol

from device_templates.cisco_iosxe.ports import port_name
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at
from inventory import SiteView
from inventory.site import Match

#: Entries that one list may have: every packet is held against all of them on routers that search in software.
MOST_ENTRIES = 500


class Fields(Protocol):
    """The fields that classifiers and matches share: every given one must fit, each in one of its values."""

    @property
    def dscp(self) -> tuple[str, ...]: ...
    @property
    def protocol(self) -> Literal["tcp", "udp"] | None: ...
    @property
    def source_port(self) -> tuple[int, ...]: ...
    @property
    def destination_port(self) -> tuple[int, ...]: ...


def only_dscp(fields: Fields) -> bool:
    """Whether DSCPs alone decide."""
    return not fields.protocol and not any(_values(fields)[1:])


def entries(fields: Fields) -> tuple[str, ...]:
    """The entries, without their numbers, that permit what ``fields`` pick; ports without a protocol are of both."""
    dscps, sources, destinations, from_ports, to_ports = _values(fields)
    return tuple(
        f"permit {protocol} {_network(source)}{_port(protocol, from_port)} "
        f"{_network(destination)}{_port(protocol, to_port)}{f' dscp {dscp}' if dscp else ''}"
        for protocol, source, destination, from_port, to_port, dscp in product(
            _protocols(fields),
            sources or (None,),
            destinations or (None,),
            from_ports or (None,),
            to_ports or (None,),
            dscps or (None,),
        )
    )


def refusals(view: SiteView, field: str, fields: Fields, rule: str) -> Iterator[NotRenderable]:
    """Where a list of what ``fields`` pick is too long for a router."""
    number = len(_protocols(fields)) * prod(max(1, len(values)) for values in _values(fields))
    if number > MOST_ENTRIES:
        yield NotRenderable(
            f"takes an access list of {number} entries, and a router should have {MOST_ENTRIES} at most",
            where=at(view, field),
            rule=rule,
            remedy="pick the traffic by fewer ports, networks or DSCPs",
        )


def network(value: IPv4Network) -> str:
    """A network as extended access lists have it."""
    if value.prefixlen == value.max_prefixlen:
        return f"host {value.network_address}"
    return f"{value.network_address} {value.hostmask}" if value.prefixlen else "any"


def _values(
    fields: Fields,
) -> tuple[Sequence[str], Sequence[IPv4Network], Sequence[IPv4Network], Sequence[int], Sequence[int]]:
    sources, destinations = (fields.source, fields.destination) if isinstance(fields, Match) else ((), ())
    return (
        tuple(dict.fromkeys(fields.dscp)),
        sorted(set(sources)),
        sorted(set(destinations)),
        sorted(set(fields.source_port)),
        sorted(set(fields.destination_port)),
    )


def _protocols(fields: Fields) -> tuple[str, ...]:
    if fields.protocol:
        return (fields.protocol,)
    return ("tcp", "udp") if fields.source_port or fields.destination_port else ("ip",)


def _network(value: IPv4Network | None) -> str:
    return "any" if value is None else network(value)


def _port(protocol: str, number: int | None) -> str:
    return "" if number is None else f" eq {port_name(protocol, number)}"
