"""What lines define by name and what they use by name, from a table of patterns."""

from __future__ import annotations

import re

from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.reading.tree import ConfigTree
from device_templates.model import Reference

#: Kind -> what a top-level line that defines one looks like.
_DEFINES = {
    "vrf": r"vrf definition (\S+)",
    "access-list": r"ip access-list (?:standard|extended) (\S+)|access-list (\d+) .*",
    "prefix-list": r"ip prefix-list (\S+) .*",
    "route-map": r"route-map (\S+) .*",
    "ike-proposal": r"crypto ikev2 proposal (\S+)",
    "ike-keyring": r"crypto ikev2 keyring (\S+)",
    "ike-profile": r"crypto ikev2 profile (\S+)",
    "transform-set": r"crypto ipsec transform-set (\S+) .*",
    "ipsec-profile": r"crypto ipsec profile (\S+)",
    "trustpoint": r"crypto pki trustpoint (\S+)",
    "certificate-map": r"crypto pki certificate map (\S+) \d+",
    "class-map": r"class-map (?:type inspect )?(?:match-(?:any|all) )?(\S+)",
    "policy-map": r"policy-map (?:type inspect )?(\S+)",
    "snmp-view": r"snmp-server view (\S+) .*",
    "tacacs-server": r"tacacs server (\S+)",
    "aaa-group": r"aaa group server \S+ (\S+)",
    "interface": r"interface (\S+)",
}
#: First word -> kind and pattern of a line, with the lines above it, that uses one.
_USES = {
    "interface": (
        ("vrf", r"interface \S+ > vrf forwarding (\S+)"),
        ("access-list", r"interface \S+ > ip access-group (\S+) (?:in|out)"),
        ("ipsec-profile", r"interface \S+ > tunnel protection ipsec profile (\S+).*"),
        ("policy-map", r"interface \S+ > service-policy (?:input|output) (\S+)"),
        ("interface", r"interface \S+ > tunnel source ([A-Z]\S+)"),
        ("interface", r"interface \S+ > ip unnumbered (\S+)"),
    ),
    "ip": (
        ("vrf", r"ip .*\bvrf (\S+).*"),
        ("interface", r"ip route (?:vrf \S+ )?\S+ \S+ (?!Null0)([A-Z]\S+).*"),
    ),
    "router": (
        ("vrf", r"router bgp \d+ > address-family ipv4 vrf (\S+)"),
        ("prefix-list", r"router bgp .* > neighbor \S+ prefix-list (\S+) (?:in|out)"),
        ("route-map", r"router bgp .* > neighbor \S+ route-map (\S+) (?:in|out)"),
    ),
    "crypto": (
        ("ike-proposal", r"crypto ikev2 policy \S+ > proposal (\S+)"),
        ("ike-keyring", r"crypto ikev2 profile \S+ > keyring local (\S+)"),
        ("trustpoint", r"crypto ikev2 profile \S+ > pki trustpoint (\S+).*"),
        ("certificate-map", r"crypto ikev2 profile \S+ > match certificate (\S+)"),
        ("vrf", r"crypto pki trustpoint \S+ > vrf (\S+)"),
        ("interface", r"crypto pki trustpoint \S+ > source interface (\S+)"),
        ("ike-profile", r"crypto ipsec profile \S+ > set ikev2-profile (\S+)"),
        ("transform-set", r"crypto ipsec profile \S+ > set transform-set (\S+).*"),
    ),
    "aaa": (
        ("vrf", r"aaa group server .* > ip vrf forwarding (\S+)"),
        ("tacacs-server", r"aaa group server tacacs\+ \S+ > server name (\S+)"),
        ("interface", r"aaa group server .* > ip tacacs source-interface (\S+)"),
        ("aaa-group", r"aaa (?:authentication|authorization|accounting) .* group (?!tacacs\+|radius)(\S+).*"),
    ),
    "route-map": (
        ("access-list", r"route-map .* > match ip address (?!prefix-list )(\S+)"),
        ("prefix-list", r"route-map .* > match ip address prefix-list (\S+)"),
    ),
    "snmp-server": (
        ("vrf", r"snmp-server .*\bvrf (\S+).*"),
        ("access-list", r"snmp-server group .* access (\S+)"),
        ("snmp-view", r"snmp-server group .* (?:read|write|notify) (\S+).*"),
        ("interface", r"snmp-server trap-source (\S+)"),
    ),
    "line": (("access-list", r"line .* > access-class (\S+) .*"),),
    "class-map": (("access-list", r"class-map .* > match access-group name (\S+)"),),
    "policy-map": (("class-map", r"policy-map .* > class (?:type inspect )?(?!class-default)(\S+)"),),
    "control-plane": (("policy-map", r"control-plane > service-policy (?:input|output) (\S+)"),),
    "logging": (
        ("vrf", r"logging .*\bvrf (\S+).*"),
        ("interface", r"logging source-interface (\S+).*"),
    ),
    "ntp": (("vrf", r"ntp .*\bvrf (\S+).*"), ("interface", r"ntp source (\S+)")),
}
_DEFINE_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _DEFINES.items()}
_USE_PATTERNS = {
    head: tuple((kind, re.compile(pattern)) for kind, pattern in patterns) for head, patterns in _USES.items()
}


def definitions(tree: ConfigTree) -> frozenset[tuple[str, str]]:
    """Kind and name of everything that is defined."""
    found = set()
    for node in tree.nodes:
        for kind, pattern in _DEFINE_PATTERNS.items():
            if match := pattern.fullmatch(node.text):
                found.add((kind, next(group for group in match.groups() if group)))
    return frozenset(found)


def uses(tree: ConfigTree) -> tuple[Reference, ...]:
    """Everything that is used by name, in order."""
    found = []
    for path, node in tree.walk():
        place = " > ".join((*path, node.text))
        for kind, pattern in _USE_PATTERNS.get(place.split(" ", 1)[0], ()):
            if match := pattern.fullmatch(place):
                found.append(Reference(kind, match.group(1), redact(place)))
    return tuple(dict.fromkeys(found))
