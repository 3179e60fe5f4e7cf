"""``show standby``, ``show track`` and ``show ip sla summary``."""

from __future__ import annotations

from collections.abc import Iterator

from agent.lab.net.standing import heard
from agent.lab.running.config import Interface
from agent.lab.shows.common import View, short_interface
from agent.lab.traffic.standby import Group, State
from agent.lab.traffic.tracks import Track

_HEAD = (
    "                     P indicates configured to preempt.\n                     |\n"
    "Interface   Grp  Pri P State   Active          Standby         Virtual IP\n"
)


def standby(view: View, words: list[str]) -> str:
    """``show standby [brief]``."""
    rows = [
        (interface, group, state)
        for interface in view.station.config.interfaces.values()
        for group, state in view.network.standby(view.station, interface)
    ]
    if words[-1] == "brief":
        return _HEAD + "".join(_brief(view, *row) for row in rows)
    return "".join(_group(view, *row) for row in rows)


def _places(view: View, interface: Interface, state: State) -> tuple[str, str]:
    """Who is active and who stands by."""
    primary = view.station.primary(interface)
    other = str(primary.address) if primary and heard(view.station, primary) is not None else "unknown"
    return {State.ACTIVE: ("local", other), State.STANDBY: (other, "local")}.get(state, ("unknown", "unknown"))


def _priority(view: View, group: Group) -> int:
    return group.effective(view.network.history.tracks.get(view.router.name, {})) or 0


def _brief(view: View, interface: Interface, group: Group, state: State) -> str:
    active, waiting = _places(view, interface, state)
    sign = "P" if group.preempt else " "
    return (
        f"{short_interface(interface.name):<12}{group.number:<5}{_priority(view, group):<4}{sign} {state:<8}"
        f"{active:<16}{waiting:<16}{group.virtual or 'unknown'}\n"
    )


def _group(view: View, interface: Interface, group: Group, state: State) -> str:
    active, waiting = _places(view, interface, state)
    version = f" (version {group.version})" if group.version == 2 else ""
    rows = [f"{interface.name} - Group {group.number}{version}", f"  State is {state}"]
    rows.append(f"  Virtual IP address is {group.virtual or 'unknown'}")
    rows.append(f"  Preemption {'enabled' if group.preempt else 'disabled'}")
    rows += [f"  Active router is {active}", f"  Standby router is {waiting}"]
    rows.append(f"  Priority {_priority(view, group)} (configured {group.priority})")
    for number, decrement in group.tracks:
        up = "Up" if view.network.track_up(view.router.name, number) else "Down"
        rows.append(f"    Track object {number} state {up} {f'decrement {decrement}' if decrement else 'shutdown'}")
    return "\n".join(rows) + "\n"


def track(view: View, words: list[str]) -> str:
    """``show track [N | brief]``."""
    tracks = view.station.config.tracks
    if words[-1] == "brief":
        head = "Track Type        Instance                   Parameter        State Last Change\n"
        return head + "".join(_track_row(view, number, one) for number, one in tracks.items())
    wanted = [int(words[2])] if len(words) > 2 and words[2].isdigit() else list(tracks)
    return "".join(row for number in wanted if number in tracks for row in _track(view, number, tracks[number]))


def _what(one: Track) -> tuple[str, str, str]:
    """Type, instance and parameter as the table has them."""
    if one.kind == "sla":
        return "ip sla", one.of, one.way or "reachability"
    if one.kind == "interface":
        return "interface", one.of, one.way
    if one.kind == "route":
        return "ip route", str(one.prefix), "reachability"
    return one.kind, "", f"boolean {one.way}" if one.kind == "list" else ""


def _track_row(view: View, number: int, one: Track) -> str:
    kind, instance, parameter = _what(one)
    state = "Up" if view.network.track_up(view.router.name, number) else "Down"
    return f"{number:<6}{kind:<12}{instance:<27}{parameter:<17}{state:<6}00:00:00\n"


def _track(view: View, number: int, one: Track) -> Iterator[str]:
    kind, instance, parameter = _what(one)
    state = "Up" if view.network.track_up(view.router.name, number) else "Down"
    title = {"ip sla": "IP SLA", "interface": "Interface", "ip route": "IP route"}.get(kind, kind.capitalize())
    lead = {"reachability": "Reachability", "line-protocol": "Line protocol"}.get(parameter, parameter.capitalize())
    yield f"Track {number}\n  {' '.join(part for part in (title, instance, parameter) if part)}\n  {lead} is {state}\n"
    for member, turned in one.members:
        up = "Up" if view.network.track_up(view.router.name, member) else "Down"
        yield f"    object {member}{' not' if turned else ''} {up}\n"


def sla(view: View, _: list[str]) -> str:
    """``show ip sla summary``."""
    rows = ["IPSLAs Latest Operation Summary", "Codes: * active, ^ inactive, ~ pending", ""]
    rows.append("ID           Type        Destination       Stats       Return      Last")
    rows.append("                                           (ms)        Code        Run")
    rows.append("-" * 71)
    for number, probe in view.station.config.probes.items():
        answered = probe.runs and view.network.answered(view.station, probe)
        mark, code = "*" if probe.runs else "^", "OK" if answered else "Timeout"
        rows.append(
            f"{mark}{number:<12}{probe.protocol:<12}{probe.target!s:<18}{'RTT=12' if answered else '-':<12}{code:<12}"
            f"{'1 second ago' if probe.runs else '-'}"
        )
    return "\n".join(rows) + "\n"
