"""The steps from what is seen to what is wanted, as lines for `ip -batch`: pure, and empty where nothing differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import Rejected
from .away import Away
from .seen import Link, Place
from .settings import Bridge, Settings, Vpn
from .steps import (
    Situation,
    address_lines,
    breakout_stands,
    bridge_lines,
    door_lines,
    is_port,
    management_lines,
    port_names,
    state_lines,
    tunnel_fits,
)

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
    # Agents listen on addresses that come later: a tunnel's, or those that FRR gives.
    "net/ipv4/ip_nonlocal_bind=1",
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


def plan(wanted: Settings, seen: Mapping[str, Place], made: frozenset[str], home: int) -> Plan:
    """Steps to ``wanted``; ``made`` is what the program made so far, as "place/interface".

    A leased address that is not there yet is "": then what needs one is left. ``home`` is a process in the front door,
    by which `ip` names that namespace. Raises Rejected for a missing port.
    """
    door = wanted.front_door
    now = Situation(seen, made, door.address.partition("/")[0] if door else "", home)
    own = _own(wanted)
    going = Away(wanted, own, now)
    away = [Step(place, tuple(lines)) for place, lines in going.lines()]
    now = going.left()
    steps = [
        *away,
        Step("", (*door_lines(wanted, now), *management_lines(wanted.management, now), *_places(wanted, now))),
        *_ports_in(wanted, now),
        Step("", tuple(line for vpn in wanted.vpns for line in _made_in_front_door(vpn, now))),
        *(Step(vpn.name, tuple(_in_place(vpn, now)), _sysctls(vpn, now)) for vpn in wanted.vpns),
        Step("", (*_ilan(wanted.ilan, now), *_breakouts_outside(wanted, now), *_unused(wanted, now))),
        Step("", (), _door_sysctls(wanted)),
    ]
    return Plan(tuple(_joined(steps)), own)


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


def _places(wanted: Settings, now: Situation) -> Iterator[str]:
    return (f"netns add {place}" for place in wanted.places if place not in now.seen)


def _ports_in(wanted: Settings, now: Situation) -> Iterator[Step]:
    """Move each port into the namespace of its LAN, from wherever it is; `_away` has brought it home."""
    lines: list[str] = []
    for vpn in wanted.vpns:
        for port in (port for lan in vpn.lans for port in lan.ports):
            if now.link(vpn.name, port) is not None:
                continue
            if not any(is_port(now, place, port) for place in now.seen):
                raise Rejected(f"the port {port} of {vpn.name} is not on this router; it has {port_names(now)}")
            link = now.link("", port)
            lines += [f"link set dev {port} nomaster"] if link and link.master else []
            lines.append(f"link set dev {port} netns {vpn.name}")
    yield Step("", tuple(lines))


def _made_in_front_door(vpn: Vpn, now: Situation) -> Iterator[str]:
    """The tunnel and the breakout begin in the front door, so that what they carry outside stays there."""
    if vpn.tunnel and now.address and now.link(vpn.name, vpn.tunnel.name) is None:
        name = vpn.tunnel.name
        yield f"link add name {name} type gre key {vpn.tunnel.key} ttl {vpn.tunnel.ttl} local {now.address}"
        yield f"link set dev {name} netns {vpn.name}"
    if vpn.breakout and not breakout_stands(vpn.breakout, vpn.name, now):
        name = vpn.breakout.name
        yield f"link add name {name} type veth peer name {name}-fd"
        yield f"link set dev {name} netns {vpn.name}"


def _in_place(vpn: Vpn, now: Situation) -> Iterator[str]:
    loopback = now.link(vpn.name, "lo")
    if loopback is None or not loopback.up:
        yield "link set dev lo up"
    if vpn.tunnel:
        link = now.link(vpn.name, vpn.tunnel.name)
        if link is not None or now.address:
            fits = tunnel_fits(vpn.tunnel, link, now.address) or not now.address
            yield from state_lines(link or Link(vpn.tunnel.name), vpn.tunnel.mtu, made=not fits)
    for lan in vpn.lans:
        yield from bridge_lines(lan, vpn.name, now)
    if vpn.breakout:
        fits = breakout_stands(vpn.breakout, vpn.name, now)
        link = now.link(vpn.name, vpn.breakout.name) if fits else Link(vpn.breakout.name)
        yield from address_lines(link or Link(vpn.breakout.name), vpn.breakout.inside)
        yield from state_lines(link or Link(vpn.breakout.name), 1500, made=not fits)


def _ilan(wanted: Bridge | None, now: Situation) -> Iterator[str]:
    if wanted is None:
        return
    for port in wanted.ports:
        if not any(is_port(now, place, port) for place in now.seen):
            raise Rejected(f"the port {port} of the iLAN is not on this router; it has {port_names(now)}")
    yield from bridge_lines(wanted, "", now)


def _breakouts_outside(wanted: Settings, now: Situation) -> Iterator[str]:
    for vpn in wanted.vpns:
        if vpn.breakout:
            fits = breakout_stands(vpn.breakout, vpn.name, now)
            name = f"{vpn.breakout.name}-fd"
            link = (now.link("", name) if fits else None) or Link(name)
            yield from address_lines(link, vpn.breakout.outside)
            yield from state_lines(link, 1500, made=not fits)


def _unused(wanted: Settings, now: Situation) -> Iterator[str]:
    for port in wanted.unused:
        link = now.link("", port)
        if link is not None and link.master:
            yield f"link set dev {port} nomaster"
        if link is not None and link.up:
            yield f"link set dev {port} down"


def _sysctls(vpn: Vpn, now: Situation) -> tuple[str, ...]:
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
