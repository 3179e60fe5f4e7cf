"""Asking an address for an echo, from the front door or from inside a VPN."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ..errors import Refused
from ..network.seen import exists
from ..system import run

MOST = 1000
_INTERFACE = re.compile(r"[a-z][a-z0-9.-]{0,14}")


def ping(address: str, vpn: str, source: str, count: int) -> dict[str, Any]:
    """Packets sent and received, and the mean round trip in milliseconds (None where nothing came back).

    ``source`` is an address or an interface of the place that is pinged from.
    """
    if not _is_address(address):
        raise Refused(f"{address!r} is no IPv4 address")
    if source and not _is_address(source) and not _INTERFACE.fullmatch(source):
        raise Refused(f"{source!r} is no IPv4 address and no interface")
    if not 1 <= count <= MOST:
        raise Refused(f"count is between 1 and {MOST}")
    if not exists(vpn):
        raise Refused(f"there is no VPN {vpn!r} here")
    pause = ("-i", "0.2") if count > 1 else ()
    done = run(
        "ping",
        "-n",
        "-q",
        "-c",
        str(count),
        "-W",
        "1",
        *pause,
        *(("-I", source) if source else ()),
        address,
        place=vpn,
        timeout_s=count + 10,
    )
    counts = re.search(r"(\d+) packets transmitted, (\d+) received", done.out)
    mean = re.search(r"= [\d.]+/([\d.]+)/", done.out)
    if counts is None:
        raise Refused(f"ping does not run: {done.words}")
    return {"sent": int(counts[1]), "received": int(counts[2]), "average_ms": float(mean[1]) if mean else None}


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
