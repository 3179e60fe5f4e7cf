"""Asking an address for an echo, from the front door or from inside a VPN."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ..errors import Refused
from ..network.seen import exists
from ..system import run

MOST = 1000


def ping(address: str, vpn: str, source: str, count: int) -> dict[str, Any]:
    """Packets sent and received, and the mean round trip in milliseconds (None where nothing came back)."""
    for given in (address, source) if source else (address,):
        try:
            ipaddress.IPv4Address(given)
        except ValueError:
            raise Refused(f"{given!r} is no IPv4 address") from None
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
