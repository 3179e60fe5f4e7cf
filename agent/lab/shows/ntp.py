"""``show ntp status`` and ``show ntp associations``: a router has the time while it reaches one of its servers."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address

from agent.lab.net.reasons import Reason
from agent.lab.shows.common import View

#: Lab seconds from the first answer to being synchronised.
_SETTLE_S = 20.0


def ntp(view: View, words: list[str]) -> str | None:
    """Either of the two."""
    if words[2:] == ["status"]:
        return _status(view)
    return _associations(view) if words[2:3] == ["associations"] else None


def servers(view: View) -> list[tuple[IPv4Address, bool]]:
    """Configured servers and whether each answers."""
    found = []
    for line in view.router.running.children("ntp server"):
        words = line.words[2:]
        vrf = ""
        if words[:1] == ["vrf"] and len(words) > 2:
            vrf, words = words[1], words[2:]
        try:
            server = IPv4Address(words[0])
        except (AddressValueError, IndexError):
            continue
        found.append((server, _answers(view, vrf, server)))
    return found


def _answers(view: View, vrf: str, server: IPv4Address) -> bool:
    table = (view.router.name, vrf)
    own = view.network.forwarding.source(table, server)
    if own is None or view.router.uptime < _SETTLE_S:
        return False
    return not isinstance(view.network.forwarding.round_trip(table, own, server), Reason)


def _status(view: View) -> str:
    answering = [server for server, answers in servers(view) if answers]
    if not answering:
        return (
            "Clock is unsynchronized, stratum 16, no reference clock\n"
            "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**10\n"
            f"ntp uptime is {int(view.router.uptime * 100)} (1/100 of seconds), resolution is 4000\n"
            "reference time is 00000000.00000000 (00:00:00.000 UTC Mon Jan 1 1900)\n"
            "clock offset is 0.0000 msec, root delay is 0.00 msec\n"
            "loopfilter state is 'NSET' (Never set), drift is 0.000000000 s/s\n"
        )
    return (
        f"Clock is synchronized, stratum 3, reference is {answering[0]}  \n"
        "nominal freq is 250.0000 Hz, actual freq is 250.0002 Hz, precision is 2**10\n"
        f"ntp uptime is {int(view.router.uptime * 100)} (1/100 of seconds), resolution is 4000\n"
        "clock offset is 0.5000 msec, root delay is 12.40 msec\n"
        "root dispersion is 7.33 msec, peer dispersion is 1.06 msec\n"
        "loopfilter state is 'CTRL' (Normal Controlled Loop), drift is -0.000000008 s/s\n"
        "system poll interval is 64, last update was 10 sec ago.\n"
    )


def _associations(view: View) -> str:
    rows = ["\n  address         ref clock       st   when   poll reach  delay  offset   disp\n"]
    first = True
    for server, answers in servers(view):
        mark = ("*" if first else "+") if answers else " "
        first = first and not answers
        clock, stratum, reach = (".GPS.", 2, 377) if answers else (".INIT.", 16, 0)
        rows.append(
            f"{mark}~{server!s:<16} {clock:<14} {stratum:>3} {10:>6} {64:>6} {reach:>5} 12.400   0.500  1.060\n"
        )
    rows.append(" * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured\n")
    return "".join(rows)
