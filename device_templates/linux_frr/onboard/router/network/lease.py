"""The WAN's address from a DHCP server: the client is Debian's or BusyBox's, its script is this program."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from .. import files, places
from ..services.daemons import Daemon
from ..system import find
from .settings import Settings

_GAINED = frozenset({"BOUND", "RENEW", "REBIND", "REBOOT", "bound", "renew"})
_LOST = frozenset({"EXPIRE", "FAIL", "RELEASE", "STOP", "deconfig", "nak"})


def client(wanted: Settings) -> list[Daemon]:
    """The DHCP client that these settings want; none with a static address."""
    door = wanted.front_door
    if door is None or door.address != "dhcp":
        return []
    script = str(Path(sys.argv[0]).resolve())
    if find("udhcpc") and not find("dhclient"):
        words = ("-f", "-i", door.interface, "-s", script, "-t", "5", "-A", "5", "-S")
        return [Daemon("dhcp", "udhcpc", words)]
    kept = ("-lf", str(places.RUN / "dhclient.leases"), "-pf", str(places.RUN / "dhclient.pid"))
    return [Daemon("dhcp", "dhclient", ("-4", "-d", "-q", "-sf", script, *kept, door.interface))]


def resolved(wanted: Settings) -> Settings:
    """The settings with the leased address in place of "dhcp"; with an empty one while there is no lease."""
    door = wanted.front_door
    if door is None or door.address != "dhcp":
        return wanted
    try:
        lease = json.loads(files.read(places.LEASE) or "{}")
    except ValueError:
        lease = {}
    held = dataclasses.replace(door, address=lease.get("address", ""), gateway=lease.get("gateway", ""))
    return dataclasses.replace(wanted, front_door=held)


def note_lease(arguments: list[str], environment: Mapping[str, str]) -> bool:
    """Write down what a DHCP client tells; whether the resident program has to follow it."""
    event = arguments[0] if arguments else environment.get("reason", "")
    before = files.read(places.LEASE)
    if event in _GAINED:
        lease = read_lease(environment)
        after = json.dumps(lease) if lease else before
    elif event in _LOST:
        after = "{}"
    else:
        return event == "PREINIT"
    if after != before:
        files.write(places.LEASE, after, mode=0o644)
    return after != before


def read_lease(environment: Mapping[str, str]) -> dict[str, str]:
    """Address with prefix length, and gateway, from the words of either client; empty where they make no sense."""
    address = environment.get("new_ip_address") or environment.get("ip", "")
    mask = environment.get("new_subnet_mask") or environment.get("subnet", "")
    routers = (environment.get("new_routers") or environment.get("router", "")).split()
    try:
        interface = ipaddress.IPv4Interface(f"{address}/{mask}")
        gateway = str(ipaddress.IPv4Address(routers[0])) if routers else ""
    except ValueError:
        return {}
    return {"address": str(interface), "gateway": gateway}
