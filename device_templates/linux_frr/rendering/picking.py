"""Traffic in nftables' words: what the inventory's classifiers, offloads and internet breakouts pick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network
from typing import Literal, Protocol

from inventory.site import Match

#: What internet breakout may carry [WV-11]; browsers try QUIC before TCP.
BREAKOUT: dict[str, tuple[str, ...]] = {
    "http": ("tcp dport 80",),
    "https": ("tcp dport 443", "udp dport 443"),
    "dns": ("tcp dport 53", "udp dport 53"),
    "ntp": ("udp dport 123",),
    "ftp": ("tcp dport 21",),
    "icmp": ("icmp type echo-request",),
}


class _Fields(Protocol):
    """The fields that classifiers and matches share."""

    @property
    def dscp(self) -> tuple[str, ...]: ...
    @property
    def protocol(self) -> Literal["tcp", "udp"] | None: ...
    @property
    def source_port(self) -> tuple[int, ...]: ...
    @property
    def destination_port(self) -> tuple[int, ...]: ...


def matches(fields: _Fields) -> tuple[str, ...]:
    """Every given field must match, each in one of its values; ports without a protocol are those of both."""
    found = []
    if isinstance(fields, Match):
        found += _networks("saddr", fields.source) + _networks("daddr", fields.destination)
    if fields.dscp:
        found.append(f"ip dscp {_set('cs0' if one == 'default' else one for one in fields.dscp)}")
    ports = [("sport", fields.source_port), ("dport", fields.destination_port)]
    head = fields.protocol or "th"
    named = [f"{head} {word} {_set(map(str, sorted(values)))}" for word, values in ports if values]
    if not fields.protocol and named:
        found.append("meta l4proto { tcp, udp }")
    elif fields.protocol and not named:
        found.append(f"meta l4proto {fields.protocol}")
    return (*found, *named)


def _networks(word: str, networks: Sequence[IPv4Network]) -> list[str]:
    return [f"ip {word} {_set(map(str, sorted(networks)))}"] if networks else []


def _set(values: Iterable[str]) -> str:
    listed = list(dict.fromkeys(values))
    return listed[0] if len(listed) == 1 else f"{{ {', '.join(listed)} }}"
