"""``show processes cpu``: the load as it is, and the processes that make it."""

from __future__ import annotations

from agent.lab.shows.common import View, stable

#: Process identifier, name, and its share of a router that has little to do.
_PROCESSES = (
    (3, "Load Meter", 0.01), (9, "Check heaps", 0.20), (64, "IOSD ipc task", 0.16), (82, "PuntInject Keepa", 0.05),
    (117, "IOSXE-RP Punt Se", 0.08), (136, "SSH Process", 0.02), (187, "IP ARP Retry Age", 0.01),
    (204, "Crypto IKEv2", 0.06), (211, "Crypto IPSec", 0.03), (219, "NHRP", 0.02), (235, "BGP I/O", 0.02),
    (236, "BGP Router", 0.05), (312, "SNMP ENGINE", 0.14), (313, "IP SNMP", 0.08), (402, "NTP", 0.02),
)  # fmt: skip
#: What takes the processor when something else does.
_BUSY = (131, "IP Input")
_SORTS = {"5sec": 0, "1min": 1, "5min": 2}


def processes(view: View, words: list[str]) -> str | None:
    """``show processes cpu [sorted [5sec | 1min | 5min]]``."""
    rest = words[3:]
    if rest and (rest[0] != "sorted" or len(rest) > 2 or not set(rest[1:]) <= set(_SORTS)):
        return None
    load = view.world.trouble.load(view.router)
    averages = load.averages(view.now)
    quiet = view.world.trouble.quiet(view.router)
    rows: list[tuple[int, str, list[float]]] = [
        (number, name, [share * quiet for _ in averages]) for number, name, share in _PROCESSES
    ]
    rows.append((*_BUSY, [max(0.0, average - quiet) for average in averages]))
    if rest:
        column = _SORTS[rest[1]] if len(rest) > 1 else 0
        rows.sort(key=lambda row: -row[2][column])
    else:
        rows.sort()
    five, one, minutes = (round(average) for average in averages)
    head = f"CPU utilization for five seconds: {five}%/{min(five, 1 + five // 9)}%; one minute: {one}%; "
    shown = "".join(_row(view, number, name, shares) for number, name, shares in rows)
    return (
        f"{head}five minutes: {minutes}%\n"
        f" PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process \n{shown}"
    )


def _row(view: View, number: int, name: str, shares: list[float]) -> str:
    runtime = int(view.router.uptime * 1000 * shares[2] / 100)
    invoked = 1 + int(view.router.uptime * (1 + stable(name, octets=1) % 7))
    used = "".join(f"{share:>6.2f}%" for share in shares)
    return f"{number:>4}{runtime:>12}{invoked:>12}{runtime * 1000 // invoked:>11} {used}   0 {name:<16} \n"
