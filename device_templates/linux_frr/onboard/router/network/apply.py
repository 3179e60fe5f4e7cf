"""Bringing the kernel to what network.toml asks for."""

from __future__ import annotations

import json
import os
import socket

from .. import files, places
from ..errors import Rejected
from ..system import must, run
from .plan import Plan, plan
from .seen import look
from .settings import FILE, Settings


def apply_network(wanted: Settings) -> Plan:
    """Make it so, and tell the steps that were taken; raises Rejected with the words of `ip`."""
    made = made_so_far()
    steps = plan(wanted, look(), made, wan_address(wanted), os.getpid())
    files.write(places.MADE, "".join(f"{name}\n" for name in sorted(made | steps.made)), mode=0o644)
    if wanted.hostname and socket.gethostname() != wanted.hostname:
        socket.sethostname(wanted.hostname)
    for step in steps.steps:
        if step.lines:
            batch = "".join(f"{line}\n" for line in step.lines)
            done = run("ip", "-batch", "-", given=batch, place=step.place)
            must(done, f"{FILE} in {step.place or 'the front door'}", Rejected)
        if step.sysctls:
            run("sysctl", "-e", "-q", "-w", *step.sysctls, place=step.place)
    files.write(places.MADE, "".join(f"{name}\n" for name in sorted(steps.made)), mode=0o644)
    return steps


def made_so_far() -> frozenset[str]:
    """What the program made since the machine booted, as "place/interface"."""
    return frozenset(files.read(places.MADE).split())


def wan_address(wanted: Settings) -> str:
    """The WAN's address without its prefix length; empty while a DHCP server has given none."""
    if wanted.front_door is None:
        return ""
    if wanted.front_door.address != "dhcp":
        return wanted.front_door.address.partition("/")[0]
    try:
        return str(json.loads(files.read(places.LEASE) or "{}").get("address", ""))
    except ValueError:
        return ""
