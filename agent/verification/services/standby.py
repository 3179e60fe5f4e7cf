"""Whether a router beside a primary access takes the hosts' traffic when its destination is lost there, and only then.

The primary's router has the priority 110 and gives up none of it while its own access works [WV-12]: this one has to be
below as long as the destination answers through the primary, and above as soon as it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, cite, one
from device_templates.model import At, Interface, Probe, Standby, Track
from inventory import SiteView
from inventory.site import Hsrp

#: The priority of the router of the primary access.
PRIMARY = 110
_DEEPEST = 8


@dataclass(frozen=True)
class Group:
    """One ordered group with the interface that it stands on, and what the router says of it."""

    member: Member
    ordered: Hsrp
    interface: Interface
    standby: Standby | None

    @property
    def option(self) -> str:
        return f"resilience.hsrp.{self.member.vpn}"

    def finding(self, message: str, *lines: Line) -> Finding:
        """A finding on it."""
        text = f"VPN {self.member.vpn}: {message}"
        return one(self.member.view, "WV-12", text, lines=tuple(dict.fromkeys(lines)), option=self.option)

    def at(self, field: str = "") -> tuple[Line, ...]:
        """The line of a field of the group, else of the interface."""
        own = cite(self.member.router, self.standby.at, field) if self.standby else ()
        return own or cite(self.member.router, self.interface.at)


def groups_are_as_ordered(ground: Ground) -> Iterator[Finding]:
    """Each ordered group is there, with its address, version and key, and takes over from a living router [WV-12]."""
    for group in _groups(ground):
        standby = group.standby
        if standby is None:
            yield group.finding(f"{group.interface.name} is not in group {group.ordered.group}", *group.at())
            continue
        resilience = group.member.view.site.resilience
        protocol = resilience.protocol if resilience else "hsrp"
        for wrong, words, field in (
            (standby.virtual != group.ordered.virtual, f"shares {standby.virtual or 'no address'}", "virtual"),
            (not standby.preempt, "never takes over from a primary that lives: no preemption", "preempt"),
            (standby.protocol != protocol, f"speaks {standby.protocol}, and not {protocol}", "protocol"),
            (protocol == "hsrp" and standby.version != 2, "speaks version 1, and the primary 2", "version"),
            (bool(group.ordered.authentication) != bool(standby.authentication), _KEYS, "authentication"),
        ):
            if wrong:
                yield group.finding(f"group {standby.group} {words}", *group.at(field))


_KEYS = "has a key where none was ordered, or none where one was"


def _groups(ground: Ground) -> Iterator[Group]:
    for view, model in ground.routers:
        resilience = view.site.resilience
        for member in ground.members_of(view) if resilience else ():
            ordered = resilience.hsrp.get(member.vpn) if resilience else None
            for lan in view.site.lans.get(member.vpn, ()) if ordered else ():
                found = next((one for one in model.interfaces if one.address == lan.address), None)
                if ordered and found and ordered.virtual in lan.address.network:
                    standby = next((one for one in found.standbys if one.group == ordered.group), None)
                    yield Group(member, ordered, found, standby)


def groups_follow_the_destination(ground: Ground) -> Iterator[Finding]:
    """This router is second while the destination answers through the primary, and first when it does not [WV-12]."""
    for group in _groups(ground):
        if group.standby is None:
            continue
        resilience = group.member.view.site.resilience
        target = resilience.primary.track if resilience else None
        tracks = Tracks(ground, group, target)
        lines = (*group.at("priority"), *tracks.lines())
        beside, alone = tracks.priority(reachable=True), tracks.priority(reachable=False)
        number = group.standby.group
        if beside >= PRIMARY:
            message = f"group {number} has priority {beside} while {target} answers through the primary, which has 110"
            yield group.finding(message, *lines)
        if alone <= PRIMARY:
            message = f"group {number} has priority {alone} while {target} is lost through the primary, which has 110"
            yield group.finding(message, *lines)


class Tracks:
    """The tracked objects of a router, in the two states of a group's destination; hubs answer in both."""

    def __init__(self, ground: Ground, group: Group, target: IPv4Address | None) -> None:
        model = group.member.model
        hubs = ground.inventory.hubs(group.member.view, group.member.vpn)
        self._target = target
        self._hubs = {hub.site.tunnels[group.member.vpn] for hub in hubs}
        self._vrf = group.interface.vrf
        self._group = group
        self._tracks = {track.number: track for track in model.tracks}
        self._probes = {probe.number: probe for probe in model.probes}

    def priority(self, *, reachable: bool) -> int:
        """The group's priority; a tracked object that does not exist takes nothing away."""
        standby = self._group.standby
        if standby is None:
            return 0
        lost = (one.decrement for one in standby.tracks if not self._is_up(one.track, reachable=reachable))
        return standby.priority - sum(lost)

    def _is_up(self, number: int, *, reachable: bool, depth: int = 0) -> bool:
        track = self._tracks.get(number)
        if track is None or depth > _DEEPEST:
            return True
        if track.kind in ("interface", "route"):
            return True
        if track.kind == "probe":
            return self._answers(self._probes.get(track.probe or 0), reachable=reachable)
        states = (
            self._is_up(member, reachable=reachable, depth=depth + 1) != negated for member, negated in track.members
        )
        return all(states) if track.kind == "all" else any(states)

    def _answers(self, probe: Probe | None, *, reachable: bool) -> bool:
        if probe is None or not probe.started or probe.vrf != self._vrf:
            return False
        if probe.target in self._hubs:
            return True
        return reachable and probe.target == self._target

    def lines(self) -> tuple[Line, ...]:
        """Every line that the group's priority hangs on."""
        standby, router = self._group.standby, self._group.member.router
        found: list[At] = []
        for tracked in standby.tracks if standby else ():
            found.append(tracked.at)
            found += self._of(self._tracks.get(tracked.track), 0)
        return tuple(line for at in found for line in cite(router, at))

    def _of(self, track: Track | None, depth: int) -> list[At]:
        if track is None or depth > _DEEPEST:
            return []
        probe = self._probes.get(track.probe or 0)
        inner = [at for member, _ in track.members for at in self._of(self._tracks.get(member), depth + 1)]
        return [track.at, *([probe.at] if probe else []), *inner]


def standby_is_where_it_was_ordered(ground: Ground) -> Iterator[Finding]:
    """No group is shared that was not ordered: its address would be taken from somebody [WV-12]."""
    for view, model in ground.routers:
        ordered = {one.group for one in view.site.resilience.hsrp.values()} if view.site.resilience else set()
        for interface in model.interfaces:
            for standby in interface.standbys:
                if standby.group not in ordered:
                    yield _stranger(view, interface, standby)


def _stranger(view: SiteView, interface: Interface, standby: Standby) -> Finding:
    message = f"{interface.name} is in group {standby.group}, which was not ordered"
    return one(view, "WV-12", message, lines=cite(view.router.name, standby.at), option="resilience.hsrp")


CHECKS = (
    groups_are_as_ordered,
    groups_follow_the_destination,
    standby_is_where_it_was_ordered,
)
