"""What a configuration says of itself at a glance, whole or not: nothing here raises."""

from __future__ import annotations

import re

from device_templates.cisco_iosxe.names import tunnel_of
from device_templates.shows import VpnRef

_HOSTNAME = re.compile(r"^hostname (\S+)$", re.MULTILINE)
#: A tunnel of a VPN; the management tunnel is point-to-point, and day zero makes it.
_VPN_TUNNEL = re.compile(r"^ tunnel mode gre multipoint$", re.MULTILINE)
_OWN = re.compile(r"^(?:hostname|version|interface|service|end)\b", re.MULTILINE)
_VERSION = re.compile(r"^version (\d{1,3})\.", re.MULTILINE)
_FIRST_XE = 16
_NUMBERED = re.compile(r"^([+-])(\s*ip prefix-list \S+) seq \d+ (permit .+)$")


def recognises(text: str) -> bool:
    """Whether this is a configuration of IOS; what begins with ``%`` is a message of the device, and none."""
    return not text.lstrip().startswith("%") and _OWN.search(text) is not None


def is_classic(text: str) -> bool:
    """Whether the release that a configuration names is one of classic IOS; that of IOS-XE goes without."""
    found = _VERSION.search(text)
    return found is not None and int(found[1]) < _FIRST_XE


def hostname(text: str) -> str:
    """The router's name."""
    found = _HOSTNAME.search(text)
    return found[1] if found else ""


def has_vpn(text: str) -> bool:
    """Whether there is a tunnel of any VPN."""
    return _VPN_TUNNEL.search(text) is not None


def carries(text: str, vpn: VpnRef) -> bool:
    """Whether there is the tunnel of this VPN."""
    return f"interface {tunnel_of(vpn)}" in text.splitlines()


def essential(line: str) -> str:
    """A line of a difference without the number of a prefix list's permit."""
    return _NUMBERED.sub(r"\1\2 \3", line)
