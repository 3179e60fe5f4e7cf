"""What the kernel has now: links, addresses and routes of each namespace, as `ip` tells them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import places
from ..change.document import VPN
from ..errors import Rejected
from ..system import must, run, side_by_side


@dataclass(frozen=True)
class Link:
    """One interface; ``kind`` is empty for a physical port, ``data`` holds the properties of its kind."""

    name: str
    kind: str = ""
    up: bool = False
    mtu: int = 1500
    master: str = ""
    addresses: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """One namespace; ``routes`` are the main table's, as (destination, gateway, interface)."""

    links: Mapping[str, Link]
    routes: frozenset[tuple[str, str, str]] = frozenset()


def look() -> dict[str, Place]:
    """Every namespace by name, the front door as ""; raises Rejected where `ip` does not answer."""
    try:
        names = sorted(path.name for path in places.NAMESPACES.iterdir() if is_namespace(path))
    except FileNotFoundError:
        names = []
    return side_by_side(look_at, ["", *names])


def is_namespace(path: Path) -> bool:
    """Whether a name stands for a namespace; an `ip netns` that was killed leaves files that are none."""
    try:
        return path.stat().st_dev == Path("/proc/self/ns/net").stat().st_dev
    except OSError:
        return False


def look_at(name: str) -> Place:
    """One namespace."""
    links = must(run("ip", "-d", "-j", "address", "show", place=name), f"to tell the links of {name!r}", Rejected)
    routes = must(run("ip", "-4", "-j", "route", "show", place=name), f"to tell the routes of {name!r}", Rejected)
    return read_place(json.loads(links or "[]"), json.loads(routes or "[]"))


def read_place(links: list[dict[str, Any]], routes: list[dict[str, Any]]) -> Place:
    """What `ip -d -j address` and `ip -j route` tell."""
    read = [_link(link) for link in links if "ifname" in link]
    return Place(
        {link.name: link for link in read},
        frozenset((route.get("dst", ""), route.get("gateway", ""), route.get("dev", "")) for route in routes),
    )


def _link(link: dict[str, Any]) -> Link:
    info = link.get("linkinfo", {})
    addresses = (
        f"{address['local']}/{address['prefixlen']}"
        for address in link.get("addr_info", [])
        if address.get("family") == "inet" and address.get("scope") == "global"
    )
    return Link(
        link["ifname"],
        info.get("info_kind", ""),
        "UP" in link.get("flags", []),
        link.get("mtu", 0),
        link.get("master", ""),
        tuple(addresses),
        info.get("info_data", {}),
    )


def exists(place: str) -> bool:
    """Whether there is a namespace of this name; the front door, "", always is."""
    return not place or (re.fullmatch(VPN, place) is not None and is_namespace(places.NAMESPACES / place))
