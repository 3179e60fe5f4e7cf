"""What can be told of a configuration that may not be whole: its host name, and which VPNs it has."""

from __future__ import annotations

import re
import tomllib

from device_templates.linux_frr.reading.complete import NETWORK
from device_templates.shows import VpnRef

_FILE = re.compile(rf"^%% file {re.escape(NETWORK)}\n(.*?)(?:^%% |\Z)", re.MULTILINE | re.DOTALL)


def hostname(text: str) -> str:
    """The router's name in a configuration; "" where it has none."""
    name = _network(text).get("hostname")
    return name if isinstance(name, str) else ""


def has_vpn(text: str) -> bool:
    """Whether a configuration has a tunnel of any VPN; the management tunnel is none."""
    return bool(_tunnels(text))


def carries(text: str, vpn: VpnRef) -> bool:
    """Whether a configuration has the tunnel of this VPN."""
    return (vpn.name, vpn.id) in _tunnels(text)


def _tunnels(text: str) -> list[tuple[object, object]]:
    vpns = _network(text).get("vpn")
    found = [one for one in vpns if isinstance(one, dict)] if isinstance(vpns, list) else []
    return [(one.get("name"), one["tunnel"].get("key")) for one in found if isinstance(one.get("tunnel"), dict)]


def _network(text: str) -> dict[str, object]:
    found = _FILE.search(text)
    try:
        return tomllib.loads(found[1]) if found else {}
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
