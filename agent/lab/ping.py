"""``python -m agent.lab.ping --lab DIR ADDRESS``: ping a lab's device from the management centre, as iputils would.

Prints what ``ping`` of iputils prints and exits like it: 0 when something came back, 1 when nothing did, 2 on errors.
"""

from __future__ import annotations

import argparse
import sys
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from agent.lab.errors import LabError
from agent.lab.wire import ask


def main(arguments: list[str] | None = None) -> int:
    """Parse, ask the lab, print; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        address = str(IPv4Address(options.address))
    except AddressValueError:
        print(f"ping: {options.address}: Name or service not known", file=sys.stderr)
        return 2
    if not 1 <= options.count <= 1000:
        print(f"ping: invalid argument: '{options.count}': out of range: 1 <= value <= 1000", file=sys.stderr)
        return 2
    try:
        times = ask(options.lab, {"do": "ping", "address": address, "count": options.count})
    except LabError as problem:
        print(f"ping: {problem}", file=sys.stderr)
        return 2
    print("\n".join(report(address, times, options.interval)))
    return 0 if any(time is not None for time in times) else 1


def report(address: str, times: list[float | None], interval_s: float) -> list[str]:
    """The lines of iputils for round trips in milliseconds, None for each that was lost."""
    lines = [f"PING {address} ({address}) 56(84) bytes of data."]
    good = [time for time in times if time is not None]
    for number, time in enumerate(times, 1):
        if time is not None:
            lines.append(f"64 bytes from {address}: icmp_seq={number} ttl=254 time={_shown(time)} ms")
    lost = 100 * (len(times) - len(good)) / len(times)
    total = round((len(times) - 1) * interval_s * 1000)
    lines += ["", f"--- {address} ping statistics ---"]
    lines.append(f"{len(times)} packets transmitted, {len(good)} received, {lost:.6g}% packet loss, time {total}ms")
    if good:
        mean = sum(good) / len(good)
        deviation = max(0.0, sum(time * time for time in good) / len(good) - mean * mean) ** 0.5
        lines.append(f"rtt min/avg/max/mdev = {min(good):.3f}/{mean:.3f}/{max(good):.3f}/{deviation:.3f} ms")
    else:
        lines.append("")
    return lines


def _shown(time: float) -> str:
    """Three figures, as iputils rounds."""
    return f"{time:.3f}" if time < 1 else f"{time:.2f}" if time < 10 else f"{time:.1f}" if time < 100 else f"{time:.0f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ping", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lab", type=Path, required=True, metavar="DIR", help="directory of the lab")
    parser.add_argument("-c", dest="count", type=int, default=5, help="packets to send")
    parser.add_argument("-i", dest="interval", type=float, default=1.0, help="seconds between them")
    parser.add_argument("-W", dest="wait", type=float, default=2.0, help="taken, and not waited for")
    parser.add_argument("-n", dest="numeric", action="store_true", help="taken: names are never looked up")
    parser.add_argument("address")
    return parser


if __name__ == "__main__":
    sys.exit(main())
