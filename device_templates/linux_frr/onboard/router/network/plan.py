"""The steps from what is seen to what is wanted, as lines for `ip -batch`: pure, and empty where nothing differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import Rejected
from .seen import Link, Place
from .settings import Breakout, Bridge, Management, Settings, Tunnel, Vpn

FALLBACK = frozenset({"lo", "gre0", "gretap0", "erspan0", "tunl0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0"})
"""What the kernel puts into every namespace by itself."""
_PORT_KINDS = ("", "veth")
_ALWAYS = (
    "net/ipv6/conf/all/disable_ipv6=1",
    "net/ipv6/conf/default/disable_ipv6=1",
    "net/ipv4/ip_forward=1",
    "net/ipv4/conf/all/rp_filter=0",
    "net/ipv4/conf/default/rp_filter=0",
    "net/ipv4/conf/all/send_redirects=0",
    "net/ipv4/conf/default/send_redirects=0",
    "net/ipv4/conf/all/accept_redirects=0",
    "net/ipv4/conf/default/accept_redirects=0",
)
_FRONT_DOOR = ("net/netfilter/nf_log_all_netns=1",)


@dataclass(frozen=True)
class Step:
    """Lines for one `ip -batch` in one namespace ("" = front door); ``sysctls`` are set after them."""

    place: str
    lines: tuple[str, ...] = ()
    sysctls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps in order, and what the program has made of its own when they are done, as "place/interface"."""

    steps: tuple[Step, ...]
    made: frozenset[str]


@dataclass(frozen=True)
class _Situation:
    seen: Mapping[str, Place]
    made: frozenset[str]
    address: str
    home: int

    def link(self, place: str, name: str) -> Link | None:
        return self.seen[place].links.get(name) if place in self.seen else None


def plan(wanted: Settings, seen: Mapping[str, Place], made: frozenset[str], address: str, home: int) -> Plan:
    """Steps to ``wanted``; ``made`` is what the program made so far, ``address`` the WAN's ("" = no lease yet).

    ``home`` is a process in the front door, by which `ip` names that namespace. Raises Rejected for a missing port.
    """
    now = _Situation(seen, made, address, home)
    steps = [
        *_away(wanted, now),
        Step("", (*_door(wanted, now), *_management(wanted.management, now), *_places(wanted, now))),
        *_ports_in(wanted, now),
        Step("", tuple(line for vpn in wanted.vpns for line in _made_in_front_door(vpn, now))),
        *(Step(vpn.name, tuple(_in_place(vpn, now)), _sysctls(vpn, now)) for vpn in wanted.vpns),
        Step("", (*_ilan(wanted.ilan, now), *_breakouts_outside(wanted, now), *_unused(wanted, now))),
        Step("", (), _door_sysctls(wanted)),
    ]
    return Plan(tuple(_joined(steps)), _own(wanted))


def _joined(steps: list[Step]) -> Iterator[Step]:
    """The steps that do something, neighbours in the same namespace as one."""
    last: Step | None = None
    for step in steps:
        if not step.lines and not step.sysctls:
            continue
        if last is not None and last.place == step.place and not last.sysctls:
            last = Step(step.place, last.lines + step.lines, step.sysctls)
            continue
        if last is not None:
            yield last
        last = step
    if last is not None:
        yield last


def _own(wanted: Settings) -> frozenset[str]:
    """Everything the program makes for these settings, as "place/interface"; a namespace as "place/"."""
    names = [f"/{wanted.management.interface}"] if wanted.management else []
    names += [f"/{wanted.ilan.name}"] if wanted.ilan else []
    for vpn in wanted.vpns:
        names.append(f"{vpn.name}/")
        names += [f"{vpn.name}/{lan.name}" for lan in vpn.lans]
        names += [f"{vpn.name}/{vpn.tunnel.name}", f"/{vpn.tunnel.name}"] if vpn.tunnel else []
        names += [f"{vpn.name}/{vpn.breakout.name}", f"/{vpn.breakout.name}-fd"] if vpn.breakout else []
        names += [f"/{vpn.breakout.name}"] if vpn.breakout else []
    return frozenset(names)


def _away(wanted: Settings, now: _Situation) -> Iterator[Step]:
    """What goes: our interfaces that nobody wants, ports that belong elsewhere, and namespaces of former VPNs."""
    own = _own(wanted)
    used = {port: vpn.name for vpn in wanted.vpns for lan in vpn.lans for port in lan.ports}
    gone: list[str] = []
    for place, content in now.seen.items():
        lines: list[str] = []
        if place and place not in wanted.places:
            if f"{place}/" not in now.made:
                continue
            gone.append(place)
        for link in content.links.values():
            if link.name in FALLBACK:
                continue
            if f"{place}/{link.name}" in now.made:
                lines += [] if f"{place}/{link.name}" in own else [f"link delete dev {link.name}"]
            elif place and link.kind in _PORT_KINDS and used.get(link.name) != place:
                lines += _to_home(link, now)
        yield Step(place, tuple(lines))
    yield Step("", tuple(f"netns delete {place}" for place in gone))


def _to_home(link: Link, now: _Situation) -> list[str]:
    lines = [f"link set dev {link.name} nomaster"] if link.master else []
    return [*lines, f"link set dev {link.name} down", f"link set dev {link.name} netns {now.home}"]


def _door(wanted: Settings, now: _Situation) -> Iterator[str]:
    loopback = now.link("", "lo")
    if loopback is not None and not loopback.up:
        yield "link set dev lo up"
    door = wanted.front_door
    if door is None:
        return
    link = now.link("", door.interface)
    if link is None:
        raise Rejected(f"the port {door.interface} is not on this router; it has {_ports(now)}")
    yield from _state(link, door.mtu)
    if door.address != "dhcp":
        yield from _addresses(link, door.address)
        if ("default", door.gateway, door.interface) not in now.seen[""].routes or door.address not in link.addresses:
            yield f"route replace default via {door.gateway} dev {door.interface}"


def _management(wanted: Management | None, now: _Situation) -> Iterator[str]:
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
    yield from _addresses(link, wanted.address)
    yield from _state(link, wanted.mtu, made=not fits)
    routed = {to for to, _via, device in now.seen[""].routes if device == wanted.interface and fits and link.up}
    source = wanted.address.partition("/")[0]
    yield from (
        f"route replace {net} dev {wanted.interface} src {source}" for net in wanted.networks if net not in routed
    )
    yield from (f"route delete {net} dev {wanted.interface}" for net in sorted(routed - set(wanted.networks)))


def _places(wanted: Settings, now: _Situation) -> Iterator[str]:
    return (f"netns add {place}" for place in wanted.places if place not in now.seen)


def _ports_in(wanted: Settings, now: _Situation) -> Iterator[Step]:
    """Move each port into the namespace of its LAN, from wherever it is; `_away` has brought it home."""
    lines: list[str] = []
    for vpn in wanted.vpns:
        for port in (port for lan in vpn.lans for port in lan.ports):
            if now.link(vpn.name, port) is not None:
                continue
            if not any(_is_port(now, place, port) for place in now.seen):
                raise Rejected(f"the port {port} of {vpn.name} is not on this router; it has {_ports(now)}")
            link = now.link("", port)
            lines += [f"link set dev {port} nomaster"] if link and link.master else []
            lines.append(f"link set dev {port} netns {vpn.name}")
    yield Step("", tuple(lines))


def _made_in_front_door(vpn: Vpn, now: _Situation) -> Iterator[str]:
    """The tunnel and the breakout begin in the front door, so that what they carry outside stays there."""
    if vpn.tunnel and now.address and not _tunnel_fits(vpn.tunnel, now.link(vpn.name, vpn.tunnel.name), now.address):
        name = vpn.tunnel.name
        if now.link("", name) is not None:
            yield f"link delete dev {name}"
        yield f"link add name {name} type gre key {vpn.tunnel.key} ttl {vpn.tunnel.ttl} local {now.address}"
        if now.link(vpn.name, name) is None:
            yield f"link set dev {name} netns {vpn.name}"
    if vpn.breakout and not _breakout_stands(vpn.breakout, vpn.name, now):
        name = vpn.breakout.name
        for left in (f"{name}-fd", name):
            if now.link("", left) is not None:
                yield f"link delete dev {left}"
                break
        yield f"link add name {name} type veth peer name {name}-fd"
        yield f"link set dev {name} netns {vpn.name}"


def _tunnel_fits(wanted: Tunnel, link: Link | None, address: str) -> bool:
    if link is None or link.kind != "gre" or _key(link) != wanted.key:
        return False
    data = link.data
    return data.get("local") == address and data.get("remote") in (None, "any") and data.get("ttl") == wanted.ttl


def _breakout_stands(wanted: Breakout, place: str, now: _Situation) -> bool:
    return now.link(place, wanted.name) is not None and now.link("", f"{wanted.name}-fd") is not None


def _in_place(vpn: Vpn, now: _Situation) -> Iterator[str]:
    loopback = now.link(vpn.name, "lo")
    if loopback is None or not loopback.up:
        yield "link set dev lo up"
    if vpn.tunnel:
        link = now.link(vpn.name, vpn.tunnel.name)
        if link is not None or now.address:
            fits = _tunnel_fits(vpn.tunnel, link, now.address) or not now.address
            yield from _state(link or Link(vpn.tunnel.name), vpn.tunnel.mtu, made=not fits)
    for lan in vpn.lans:
        yield from _bridge(lan, vpn.name, now)
    if vpn.breakout:
        fits = _breakout_stands(vpn.breakout, vpn.name, now)
        link = now.link(vpn.name, vpn.breakout.name) if fits else Link(vpn.breakout.name)
        yield from _addresses(link or Link(vpn.breakout.name), vpn.breakout.inside)
        yield from _state(link or Link(vpn.breakout.name), 1500, made=not fits)


def _bridge(wanted: Bridge, place: str, now: _Situation) -> Iterator[str]:
    link = now.link(place, wanted.name)
    if link is None:
        yield f"link add name {wanted.name} type bridge"
    for port in wanted.ports:
        seen = now.link(place, port)
        if seen is None or seen.master != wanted.name:
            yield f"link set dev {port} master {wanted.name}"
        if seen is None or not seen.up:
            yield f"link set dev {port} up"
    for name, seen in now.seen[place].links.items() if place in now.seen else ():
        if seen.master == wanted.name and name not in wanted.ports and seen.kind in _PORT_KINDS and not place:
            yield f"link set dev {name} nomaster down"
    if wanted.address:
        yield from _addresses(link or Link(wanted.name), wanted.address)
    if link is None or not link.up:
        yield f"link set dev {wanted.name} up"


def _ilan(wanted: Bridge | None, now: _Situation) -> Iterator[str]:
    if wanted is None:
        return
    for port in wanted.ports:
        if not any(_is_port(now, place, port) for place in now.seen):
            raise Rejected(f"the port {port} of the iLAN is not on this router; it has {_ports(now)}")
    yield from _bridge(wanted, "", now)


def _breakouts_outside(wanted: Settings, now: _Situation) -> Iterator[str]:
    for vpn in wanted.vpns:
        if vpn.breakout:
            fits = _breakout_stands(vpn.breakout, vpn.name, now)
            name = f"{vpn.breakout.name}-fd"
            link = (now.link("", name) if fits else None) or Link(name)
            yield from _addresses(link, vpn.breakout.outside)
            yield from _state(link, 1500, made=not fits)


def _unused(wanted: Settings, now: _Situation) -> Iterator[str]:
    for port in wanted.unused:
        link = now.link("", port)
        if link is not None and link.master:
            yield f"link set dev {port} nomaster"
        if link is not None and link.up:
            yield f"link set dev {port} down"


def _state(link: Link, mtu: int, *, made: bool = False) -> Iterator[str]:
    if made or link.mtu != mtu:
        yield f"link set dev {link.name} mtu {mtu}"
    if made or not link.up:
        yield f"link set dev {link.name} up"


def _addresses(link: Link, wanted: str) -> Iterator[str]:
    yield from (f"address delete {address} dev {link.name}" for address in link.addresses if address != wanted)
    if wanted not in link.addresses:
        yield f"address add {wanted} dev {link.name}"


def _sysctls(vpn: Vpn, now: _Situation) -> tuple[str, ...]:
    there = vpn.tunnel is not None and (now.address or now.link(vpn.name, vpn.tunnel.name))
    names = ("rp_filter", "send_redirects")
    own = tuple(f"net/ipv4/conf/{vpn.tunnel.name}/{name}=0" for name in names) if vpn.tunnel and there else ()
    return _ALWAYS + own


def _door_sysctls(wanted: Settings) -> tuple[str, ...]:
    if wanted.front_door is None:
        return ()
    names = ("disable_policy=1", "rp_filter=0")
    own = tuple(f"net/ipv4/conf/{wanted.management.interface}/{name}" for name in names) if wanted.management else ()
    return _ALWAYS + _FRONT_DOOR + own


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


def _is_port(now: _Situation, place: str, name: str) -> bool:
    link = now.link(place, name)
    return link is not None and f"{place}/{name}" not in now.made and link.kind in _PORT_KINDS


def _ports(now: _Situation) -> str:
    names = {name for place in now.seen for name in now.seen[place].links if _is_port(now, place, name)}
    return ", ".join(sorted(names - FALLBACK)) or "none"
