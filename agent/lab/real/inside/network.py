"""Namespaces and cables: what lies between the boxes."""

# pathlib and what it needs take a fifth of a second to import in a guest:
# ruff: noqa: PTH103, PTH123
from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from functools import partial
from typing import Any

from agent.lab.real.inside import places
from agent.lab.real.inside.apart import apart
from agent.lab.real.inside.serve import ENVIRONMENT
from agent.lab.real.inside.system import BIND, NEW_NETWORK, enter_network, mount, unshare


def make_spaces(names: Iterable[str]) -> None:
    """Make bare network namespaces, kept by their handles."""
    os.makedirs("/run/netns", exist_ok=True)
    for name in names:
        path = places.space(name)
        with open(path, "w"):
            pass
        apart(f"make the namespace {name}", partial(_keep, path)).wait()


def _keep(path: str) -> None:
    unshare(NEW_NETWORK)
    mount("/proc/self/ns/net", path, flags=BIND)


def configure(space: str, commands: Iterable[str] = (), settings: dict[str, str] | None = None) -> None:
    """Run ip ``commands`` and write sysctl ``settings`` in ``space``; "" is the inside's own."""
    lines = "".join(f"{command}\n" for command in commands)

    def work() -> None:
        if space:
            enter_network(places.space(space))
        for name, value in (settings or {}).items():
            with open(f"/proc/sys/{name}", "w") as file:
                file.write(value)
        if lines:
            ip_batch(lines)

    apart(f"configure {space or 'the inside'}", work).wait()


def ip_batch(lines: str) -> None:
    """Run many ip commands by one process; RuntimeError with what it said of the one that failed."""
    done = subprocess.run(["ip", "-batch", "-"], input=lines.encode(), capture_output=True, env=ENVIRONMENT)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())


def plug(cables: list[dict[str, Any]], pid: int) -> None:
    """Plug the ``cables`` of one box, whose first process is ``pid``, and set up their far ends."""
    ends = [f"{cable['name']} netns {cable['to']}" if cable["to"] else cable["name"] for cable in cables]
    ip_batch(
        "".join(
            f"link add {end} type veth peer name {cable['port']} netns {pid}\n"
            for end, cable in zip(ends, cables, strict=True)
        )
    )
    for to in sorted({cable["to"] for cable in cables}):
        configure(to, [command for cable in cables if cable["to"] == to for command in cable["far"]])


def unplug(cables: list[dict[str, Any]]) -> None:
    """Take a box's cables away. They go with its namespace too, but not at once, and the names are needed again."""
    for cable in cables:
        at = ["-n", cable["to"]] if cable["to"] else []
        subprocess.run(["ip", *at, "link", "del", cable["name"]], capture_output=True, env=ENVIRONMENT)


def lose(space: str, interface: str, percent: int) -> None:
    """Drop ``percent`` of the packets that ``space`` forwards from and to ``interface``; 0 drops none."""
    table = f"lose-{interface}"
    rules = f"table ip {table}\ndelete table ip {table}\n"
    if percent:
        drop = f"numgen random mod 100 < {percent} drop" if percent < 100 else "drop"
        rules += f"""table ip {table} {{
  chain forward {{
    type filter hook forward priority 0
    iifname "{interface}" {drop}
    oifname "{interface}" {drop}
  }}
}}
"""

    def work() -> None:
        enter_network(places.space(space))
        done = subprocess.run(["nft", "-f", "-"], input=rules.encode(), capture_output=True, env=ENVIRONMENT)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace").strip())

    apart(f"lose packets of {interface}", work).wait()
