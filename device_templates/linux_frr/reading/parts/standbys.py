"""Groups that share an address, by keepalived, and the scripts that change who leads: probes and tracks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import At, Probe, Standby, StandbyTrack, Track

#: One ping, or several of which one has to be answered.
_SCRIPT = re.compile(r"""script "(?:/bin/sh -c '(?P<several>[^']*)'|(?P<one>[^']*))\"""")
_PING = re.compile(r"/usr/bin/ping (?P<options>[^|;&]*) (?P<target>(?:\d+\.){3}\d+)")
_SOURCE = re.compile(r"-I (\S+)")
_WEIGHT = re.compile(r"(-?\d{1,3})( reverse)?")
#: Numbers of one VPN's scripts begin at a multiple of this; a script has a track, perhaps its opposite, and from
#: ``_PINGS`` on a probe and a track for each of its pings.
_A_VPN, _A_SCRIPT, _PINGS = 100_000, 1000, 2
#: So many advertisements of a master may be missing until it counts as gone [RFC 5798].
_MISSING = 3


@dataclass(frozen=True, slots=True)
class Script:
    """A script of a VPN: ``number`` is its track's; ``track`` what is down while the priority is lower."""

    vpn: str
    name: str
    node: Node
    number: int
    weight: int
    reverse: bool

    @property
    def track(self) -> int:
        return self.number + 1 if self.reverse else self.number


def _scripts(files: Files) -> Iterator[Script]:
    for place, vpn in enumerate(files.network.vpns, 1):
        nodes = [one for one in files.at(_file(vpn.name)).children if one.text.startswith("vrrp_script ")]
        for order, node in enumerate(nodes):
            found = _WEIGHT.fullmatch(node.rest("weight"))
            weight, reverse = (abs(int(found[1])), bool(found[2])) if found else (0, False)
            number = place * _A_VPN + order * _A_SCRIPT
            yield Script(vpn.name, node.text.split()[1], node, number, weight, reverse)


def _file(vpn: str) -> str:
    return f"etc/keepalived/{vpn}.conf"


def probes(files: Files) -> tuple[Probe, ...]:
    """The pings of all scripts."""
    return tuple(one for script in _scripts(files) for one in _pings(script))


def _pings(script: Script) -> Iterator[Probe]:
    """Those of a script; none where it runs anything else."""
    said = next((match for one in script.node.children if (match := _SCRIPT.fullmatch(one.text))), None)
    commands = (said["one"] or said["several"] or "").split(" || ") if said else []
    found = [_PING.fullmatch(one) for one in commands]
    at = script.node.at(target="script", source="script", every_s="interval")
    every_s = _number(script.node.rest("interval"), 1)
    for number, ping in enumerate(found if all(found) else (), script.number + _PINGS):
        source = _SOURCE.search(ping["options"]) if ping else None
        target = _address(ping["target"]) if ping else None
        yield Probe(number, target, source[1] if source else "", script.vpn, every_s, True, at)


def tracks(files: Files) -> tuple[Track, ...]:
    """What the scripts say, and its opposite where a script lowers the priority while it succeeds."""
    found = []
    for script in _scripts(files):
        at = At(script.node.line, script.node.at(members="weight").fields)
        down_s, up_s = (_lasting(script, word) for word in ("fall", "rise"))
        pings = [one.number for one in _pings(script)]
        found += [Track(number, "probe", probe=number, at=at) for number in pings]
        members = tuple((number, False) for number in pings)
        found.append(Track(script.number, "any", members=members, down_s=down_s, up_s=up_s, at=at))
        if script.reverse:
            found.append(Track(script.track, "all", members=((script.number, True),), at=at))
    return tuple(found)


def _lasting(script: Script, word: str) -> int:
    """How many seconds answers have to be missing, or there again, beyond the first: the word says how many of them."""
    return (_number(script.node.rest(word), 1) - 1) * _number(script.node.rest("interval"), 1)


def standbys(files: Files, vpn: str, interface: str) -> tuple[Standby, ...]:
    """The groups of an interface of a VPN."""
    scripts = {one.name: one for one in _scripts(files) if one.vpn == vpn}
    instances = (one for one in files.at(_file(vpn)).children if one.text.startswith("vrrp_instance "))
    return tuple(_standby(one, scripts) for one in instances if one.rest("interface") == interface)


def _standby(node: Node, scripts: dict[str, Script]) -> Standby:
    addresses = node.find("virtual_ipaddress")
    tracked = node.find("track_script")
    lines = tracked.children if tracked else ()
    found = ((scripts[line.text], line) for line in lines if line.text in scripts)
    return Standby(
        group=_number(node.rest("virtual_router_id"), 0),
        virtual=_address(addresses.children[0].text) if addresses and addresses.children else None,
        priority=_number(node.rest("priority"), 100),
        preempt=not node.has("nopreempt"),
        protocol="vrrp",
        version=_number(node.rest("version"), 2),
        delay_s=_number(node.rest("preempt_delay"), 0),
        hold_s=_MISSING * _number(node.rest("advert_int"), 1),
        tracks=tuple(StandbyTrack(script.track, script.weight, At(line.line)) for script, line in found),
        at=node.at(
            group="virtual_router_id", priority="priority", virtual="virtual_ipaddress", version="version",
            preempt="nopreempt", tracks="track_script",
        ),
    )  # fmt: skip


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else default


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text.split("/")[0].split(" ")[0])
    except ValueError:
        return None
