"""Bringing the kernel to what network.toml asks for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from .. import files, places
from ..errors import Rejected
from ..services.daemons import ensure, stop
from ..system import must, run
from .lease import client, resolved
from .plan import Plan, plan
from .seen import is_namespace, look
from .settings import FILE, Settings


def apply_network(wanted: Settings) -> Plan:
    """Make it so, and tell the steps that were taken; raises Rejected with the words of `ip`."""
    made = made_so_far()
    for name in wanted.places:
        _clear(places.NAMESPACES / name)
    steps = plan(resolved(wanted), look(), made, os.getpid())
    _remember(made | steps.made)
    if wanted.hostname and socket.gethostname() != wanted.hostname:
        socket.sethostname(wanted.hostname)
    for step in steps.steps:
        if step.lines:
            batch = "".join(f"{line}\n" for line in step.lines)
            done = run("ip", "-batch", "-", given=batch, place=step.place)
            must(done, f"{FILE} in {step.place or 'the front door'}", Rejected)
        if step.sysctls:
            run("sysctl", "-e", "-q", "-w", *step.sysctls, place=step.place)
    _remember(steps.made)
    clients = client(wanted)
    if clients:
        ensure(clients)
    else:
        stop("dhcp")
    return steps


def _clear(name: Path) -> None:
    """Remove a file in the place of a namespace: `ip netns` would take it for one that is there."""
    if name.exists() and not is_namespace(name):
        name.unlink()


def made_so_far() -> frozenset[str]:
    """What the program made since the machine booted, as "place/interface"."""
    return frozenset(files.read(places.MADE).split())


def _remember(made: frozenset[str]) -> None:
    files.write(places.MADE, "".join(f"{name}\n" for name in sorted(made)), mode=0o644)
