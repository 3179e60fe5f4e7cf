"""What lines define by name and what they use by name, from a table of patterns; names of a VPN are its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.secrets import redact
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import Reference

#: Kind -> what a line that defines one looks like, with its file and the lines above it.
_DEFINES = {
    "prefix-list": r"(etc/frr/[^/]+)/frr\.conf > ip prefix-list (\S+) .*",
    "access-list": r"(etc/frr/[^/]+)/frr\.conf > access-list (\S+) .*",
    "as-path-list": r"(etc/frr/[^/]+)/frr\.conf > bgp as-path access-list (\S+) .*",
    "route-map": r"(etc/frr/[^/]+)/frr\.conf > route-map (\S+) .*",
    "peer-group": r"(etc/frr/[^/]+)/frr\.conf > router bgp .* > neighbor (\S+) peer-group",
    "set": r"(etc/nftables/[^/]+)\.nft > table [^>]+ > (?:set|map) (\S+)",
    "chain": r"(etc/nftables/[^/]+)\.nft > table [^>]+ > chain (\S+)",
    "counter": r"(etc/nftables/[^/]+)\.nft > table [^>]+ > counter (\S+)",
    "snmp-view": r"(etc/snmp/.*)snmpd\.conf > view (\S+) .*",
    "snmp-user": r"(etc/snmp/.*)snmpd\.conf > createUser (?:-e \S+ )?(\S+)( .*)?",
}
#: Kind and what a line that uses one looks like.
_USES = (
    (
        "prefix-list",
        r"(etc/frr/[^/]+)/frr\.conf > .* > (?:neighbor \S+|match ip address) prefix-list (\S+)(?: (?:in|out))?",
    ),
    (
        "route-map",
        r"(etc/frr/[^/]+)/frr\.conf > router .* > neighbor \S+ (?:route-map|default-originate route-map) (\S+).*",
    ),
    ("route-map", r"(etc/frr/[^/]+)/frr\.conf > router .* > redistribute \S+ .*\broute-map (\S+)"),
    ("route-map", r"(etc/frr/[^/]+)/frr\.conf > route-map .* > call (\S+)"),
    ("access-list", r"(etc/frr/[^/]+)/frr\.conf > line vty > access-class (\S+)"),
    ("as-path-list", r"(etc/frr/[^/]+)/frr\.conf > router .* > neighbor \S+ filter-list (\S+) .*"),
    ("peer-group", r"(etc/frr/[^/]+)/frr\.conf > router .* > bgp listen range \S+ peer-group (\S+)"),
    ("peer-group", r"(etc/frr/[^/]+)/frr\.conf > router .* > neighbor \S+ peer-group (\S+)"),
    ("set", r"(etc/nftables/[^/]+)\.nft > .*[ (]@([\w-]+).*"),
    ("chain", r"(etc/nftables/[^/]+)\.nft > .*\b(?:jump|goto) ([\w-]+)"),
    ("counter", r'(etc/nftables/[^/]+)\.nft > .*\bcounter name "([\w-]+)".*'),
    ("snmp-view", r"(etc/snmp/.*)snmpd\.conf > r[ow]user (?:-s \S+ )?\S+ \S+ -V (\S+)"),
    ("snmp-user", r"(etc/snmp/.*)snmpd\.conf > r[ow]user (?:-s \S+ )?(\S+)( .*)?"),
)
_DEFINE_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _DEFINES.items())
_USE_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _USES)
_READ = ("etc/frr/", "etc/nftables/", "etc/snmp/")


def definitions(files: Files) -> frozenset[tuple[str, str]]:
    """Kind and name of everything that is defined."""
    known = files.network
    links = {(*("interface",), name) for name in (known.front_door, known.management) if name}
    links |= {("interface", one.tunnel) for one in known.vpns if one.tunnel}
    links |= {("interface", lan.name) for one in known.vpns for lan in one.lans}
    found = (
        (kind, match)
        for place in _places(files)
        for kind, pattern in _DEFINE_PATTERNS
        if (match := pattern.fullmatch(place))
    )
    return frozenset({(kind, _name(match)) for kind, match in found} | links)


def uses(files: Files) -> tuple[Reference, ...]:
    """Everything that is used by name, in order."""
    found = [
        Reference(kind, _name(match), redact(place))
        for place in _places(files)
        for kind, pattern in _USE_PATTERNS
        if (match := pattern.fullmatch(place))
    ]
    links = [
        Reference("interface", node.text.split()[1], f"{above[0].text} > {node.text}")
        for vpn in files.network.vpns
        for above, node in files.frr(vpn.name).walk()
        if len(above) == 1 and re.fullmatch(r"interface (?:gre|vlan)\d+", node.text)
    ]
    return tuple(dict.fromkeys([*found, *links]))


def _name(match: re.Match[str]) -> str:
    """The name with the VPN or agent whose own it is."""
    return f"{match[1].rpartition('/')[2]}: {match[2]}"


def _places(files: Files) -> Iterator[str]:
    """Each line with its file and the lines above it."""
    for path, file in files.nodes.items():
        if path.startswith(_READ):
            yield from (" > ".join([*(one.text for one in above), node.text]) for above, node in _walk(file))


def _walk(file: Node) -> Iterator[tuple[tuple[Node, ...], Node]]:
    return (one for one in file.walk() if one[0])
