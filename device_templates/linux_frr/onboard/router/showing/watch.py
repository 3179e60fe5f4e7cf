"""The file by which the poll sees, through snmpd, what lies outside the front door: tunnels, far hosts, and changes."""

from __future__ import annotations

import fcntl
import json
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from .. import files, places
from ..change import sets
from ..change.document import build, digest
from ..errors import RouterError
from ..services import vici
from ..system import enter_namespace, uptime
from .vpns import settings

_SIOCGIFFLAGS = 0x8913
_UP, _RUNNING = 0x1, 0x40
_SEEN = places.RUN / "seen.json"
_MOST_PEERS = 40
_ALIVE = ("INSTALLED", "REKEYING", "REKEYED")


def write_watch(look: Mapping[str, str] | None = None) -> None:
    """Write the file anew; ``look`` is a set that is to run: whether it still does as it did takes longer to ask."""
    if look is not None:
        _look(look)
    lines = [f"watch 1 {int(uptime())}", f"config {_seen().get('at', 0)} {files.read(places.SAVED) or 0}"]
    lines += _peers()
    # Last, because a process that entered another namespace has lost its way back.
    lines += _tunnels()
    files.write(places.WATCH, "".join(f"{line}\n" for line in lines[:60]), mode=0o644)


def _look(meant: Mapping[str, str]) -> None:
    """Remember when what runs was last seen to change; the first look after a boot has nothing to compare with."""
    try:
        now = digest(build(sets.running(meant)))
    except RouterError:
        return
    former = _seen().get("digest")
    if former != now:
        files.write(_SEEN, json.dumps({"digest": now, "at": int(uptime()) if former else 0}))


def _seen() -> dict[str, object]:
    try:
        read = json.loads(files.read(_SEEN) or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _peers() -> Iterator[str]:
    """The far hosts with an SA of a VPN: those in transport mode, for the centre's is a tunnel."""
    sas = vici.list_sas()
    if sas is None:
        yield "peers unknown"
        return
    hosts = {
        sa.get("remote-host", "")
        for sa in sas
        for child in (sa.get("child-sas") or {}).values()
        if child.get("state") in _ALIVE and child.get("mode", "").startswith("TRANSPORT")
    }
    yield from (f"peer {host}" for host in sorted(hosts)[:_MOST_PEERS])


def _tunnels() -> Iterator[str]:
    for vpn in settings().vpns:
        if vpn.tunnel is None:
            continue
        try:
            enter_namespace(vpn.name)
            flags = _flags(vpn.tunnel.name)
        except OSError:
            continue
        counted = _octets(vpn.tunnel.name)
        admin, oper = ("up" if flags & bit else "down" for bit in (_UP, _RUNNING))
        yield f"interface {vpn.tunnel.name} {admin} {oper} {counted}"


def _flags(name: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        answer = fcntl.ioctl(asked, _SIOCGIFFLAGS, struct.pack("16sH14x", name.encode(), 0))
    return int(struct.unpack("16sH14x", answer)[1])


def _octets(name: str) -> str:
    """Octets received and sent."""
    for line in Path("/proc/thread-self/net/dev").read_text().splitlines():
        device, _, rest = line.partition(":")
        words = rest.split()
        if device.strip() == name:
            return f"{words[0]} {words[8]}"
    return "0 0"
