"""The lines of `ip -batch` for one thing each: the WAN, the management tunnel, a bridge, a tunnel, addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import Rejected
from .seen import Link, Place
from .settings import Breakout, Bridge, Management, Settings, Tunnel

FALLBACK = frozenset({"lo", "gre0", "gretap0", "erspan0", "tunl0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0"})
"""What the kernel puts into every namespace by itself."""
PORT_KINDS = ("", "veth")


@dataclass(frozen=True)
class Situation:
    """What is there: ``made`` is ours, ``address`` the WAN's ("" = none yet), ``home`` a process in the front door."""

    seen: Mapping[str, Place]
    made: frozenset[str]
    address: str
    home: int

    def link(self, place: str, name: str) -> Link | None:
        """An interface of a namespace; None where either is not there."""
        return self.seen[place].links.get(name) if place in self.seen else None


def door_lines(wanted: Settings, now: Situation) -> Iterator[str]:
    """The WAN: its state, address and default route."""
    loopback = now.link("", "lo")
    if loopback is not None and not loopback.up:
        yield "link set dev lo up"
    door = wanted.front_door
    if door is None:
        return
    link = now.link("", door.interface)
    if link is None:
        raise Rejected(f"the port {door.interface} is not on this router; it has {port_names(now)}")
    yield from state_lines(link, door.mtu)
    yield from address_lines(link, door.address)
    if not door.gateway:
        return
    if ("default", door.gateway, door.interface) not in now.seen[""].routes or door.address not in link.addresses:
        yield f"route replace default via {door.gateway} dev {door.interface}"


def management_lines(wanted: Management | None, now: Situation) -> Iterator[str]:
    """The tunnel to the centre, made anew only where its ends or its key differ, and the routes into it."""
    if wanted is None:
        return
    link = now.link("", wanted.interface)
    right = {"local": now.address, "remote": wanted.peer}
    fits = link is not None and link.kind == "vti" and _key(link) == wanted.key
    fits = fits and link is not None and all(link.data.get(name) == value for name, value in right.items())
    if not fits:
        if not now.address:
            return
        if link is not None:
            yield f"link delete dev {wanted.interface}"
        link = Link(wanted.interface, "vti")
        yield (
            f"link add name {wanted.interface} type vti"
            f" local {now.address} remote {wanted.peer} ikey {wanted.key} okey {wanted.key}"
        )
    assert link is not None  # noqa: S101 -- either it fits or it was just made
    yield from address_lines(link, wanted.address)
    yield from state_lines(link, wanted.mtu, made=not fits)
    routed = {to for to, _via, device in now.seen[""].routes if device == wanted.interface and fits and link.up}
    source = wanted.address.partition("/")[0]
    yield from (
        f"route replace {net} dev {wanted.interface} src {source}" for net in wanted.networks if net not in routed
    )
    yield from (f"route delete {net} dev {wanted.interface}" for net in sorted(routed - set(wanted.networks)))


def bridge_lines(wanted: Bridge, place: str, now: Situation) -> Iterator[str]:
    """A bridge with its ports; those that it had and shall not have are gone before."""
    link = now.link(place, wanted.name)
    if link is None:
        yield f"link add name {wanted.name} type bridge"
    for port in wanted.ports:
        seen = now.link(place, port)
        if seen is None or seen.master != wanted.name:
            yield f"link set dev {port} master {wanted.name}"
        if seen is None or not seen.up:
            yield f"link set dev {port} up"
    if wanted.address:
        yield from address_lines(link or Link(wanted.name), wanted.address)
    if link is None or not link.up:
        yield f"link set dev {wanted.name} up"


def tunnel_fits(wanted: Tunnel, link: Link | None, address: str) -> bool:
    """Whether a tunnel needs not be made anew."""
    if link is None or link.kind != "gre" or _key(link) != wanted.key:
        return False
    data = link.data
    return data.get("local") == address and data.get("remote") in (None, "any") and data.get("ttl") == wanted.ttl


def breakout_stands(wanted: Breakout, place: str, now: Situation) -> bool:
    """Whether both ends of a breakout are where they belong."""
    return now.link(place, wanted.name) is not None and now.link("", f"{wanted.name}-fd") is not None


def state_lines(link: Link, mtu: int, *, made: bool = False) -> Iterator[str]:
    """An interface's MTU and state; one that was just made has neither."""
    if made or link.mtu != mtu:
        yield f"link set dev {link.name} mtu {mtu}"
    if made or not link.up:
        yield f"link set dev {link.name} up"


def address_lines(link: Link, wanted: str) -> Iterator[str]:
    """Exactly this address; former ones go first, for one of the same network would take the new one with it."""
    yield from (f"address delete {address} dev {link.name}" for address in link.addresses if address != wanted)
    if wanted and wanted not in link.addresses:
        yield f"address add {wanted} dev {link.name}"


def _key(link: Link) -> int:
    """A tunnel's key; `ip` writes it as an address (0.0.0.10), hexadecimal or a number."""
    text = str(link.data.get("ikey", link.data.get("key", "")))
    parts = text.split(".")
    try:
        if len(parts) == 4:
            return int.from_bytes(bytes(int(part) for part in parts), "big")
        return int(text, 0)
    except ValueError:
        return -1


def is_port(now: Situation, place: str, name: str) -> bool:
    """Whether this is a port of the machine, and nothing that the program made."""
    link = now.link(place, name)
    return link is not None and f"{place}/{name}" not in now.made and link.kind in PORT_KINDS


def port_names(now: Situation) -> str:
    """The machine's ports, for an error."""
    names = {name for place in now.seen for name in now.seen[place].links if is_port(now, place, name)}
    return ", ".join(sorted(names - FALLBACK)) or "none"
