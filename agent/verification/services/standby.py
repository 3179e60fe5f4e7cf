"""Whether a router beside a primary access takes the hosts' traffic when its destination is lost there, and only then.

The primary's router has the priority 110 and gives up none of it while its own access works [WV-12]: this one has to be
below as long as the destination answers through the primary, and above as soon as it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, Member, cite, of_lan, one
from agent.verification.services.tracks import State, Tracks
from device_templates.model import Interface, Standby
from inventory import SiteView
from inventory.site import Hsrp

#: The priority of the router of the primary access.
PRIMARY = 110
#: What takes as long as this is no takeover. BGP over the tunnels notices a loss within its hold time of 60 s and has
#: other routes half a minute later: the hosts of a LAN are not to wait longer for their gateway than all others of the
#: VPN do for their routes.
LONGEST_S = 90


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
            (_in_clear(group), "sends its key in clear, and the primary a digest", "authentication"),
        ):
            if wrong:
                yield group.finding(f"group {standby.group} {words}", *group.at(field))


_KEYS = "has a key where none was ordered, or none where one was"


def _in_clear(group: Group) -> bool:
    """Whether a key was ordered, which HSRP proves by a digest, and goes over the wire instead."""
    said = group.standby.authentication if group.standby else ""
    return group.ordered.authentication is not None and said.startswith("text ")


def _groups(ground: Ground) -> Iterator[Group]:
    for view, model in ground.routers:
        resilience = view.site.resilience
        for member in ground.members_of(view) if resilience else ():
            ordered = resilience.hsrp.get(member.vpn) if resilience else None
            for lan in view.site.lans.get(member.vpn, ()) if ordered else ():
                found = of_lan(model, lan, member.interface.vrf)
                if ordered and found and ordered.virtual in lan.address.network:
                    standby = next((one for one in found.standbys if one.group == ordered.group), None)
                    yield Group(member, ordered, found, standby)


def groups_follow_the_destination(ground: Ground) -> Iterator[Finding]:
    """This router is second while the destination answers through the primary, and first when it does not [WV-12]."""
    for group, tracks, target in _tracked(ground):
        number, lines = group.ordered.group, (*group.at("priority"), *tracks.lines("source", "target"))
        beside = tracks.priority(tracks.beside)
        if beside >= PRIMARY:
            message = f"group {number} has priority {beside} while {target} answers through the primary, which has 110"
            yield group.finding(f"{message}{tracks.idle()}", *lines)
        alone, state = min(((tracks.priority(one), one) for one in tracks.states_alone()), key=lambda pair: pair[0])
        if alone <= PRIMARY:
            hubs = "" if state == tracks.alone else f", and only hub {', '.join(map(str, state.hubs))} answers"
            message = f"group {number} has priority {alone} while {target} is lost through the primary, which has 110"
            yield group.finding(f"{message}{hubs}{tracks.idle()}", *lines)


def groups_let_go(ground: Ground) -> Iterator[Finding]:
    """A router that no hub answers leaves the hosts to the primary, whatever is lost there [WV-12].

    It could only drop what they send, and the primary may still lead to some of it. In a namespace, which does not see
    the access, only other hubs can tell.
    """
    for group, tracks, target in _tracked(ground):
        cut_off = tracks.priority(State(False, frozenset(), access=False))
        if cut_off >= PRIMARY and (tracks.hubs or not group.member.model.namespaces):
            what = f"has priority {cut_off} while no hub answers and {target} is lost, and the primary has 110"
            yield group.finding(f"group {group.ordered.group} {what}", *group.at("priority"), *tracks.lines())


def groups_change_in_time(ground: Ground) -> Iterator[Finding]:
    """Taking over, giving back, and noticing that the primary is gone, take less than 90 seconds each [WV-12]."""
    for group, tracks, target in _tracked(ground):
        delay_s = group.standby.delay_s if group.standby else 0
        for what, seconds, field in (
            (f"takes over when {target} is lost", tracks.change_s(tracks.alone) + delay_s, "delay_s"),
            (f"gives back when {target} is there again", tracks.change_s(tracks.beside), "priority"),
            ("notices that the primary is gone", group.standby.hold_s if group.standby else 0, "hold_s"),
        ):
            if seconds >= LONGEST_S:
                lines = (*group.at(field), *(() if field == "hold_s" else tracks.lines("down_s", "up_s", "every_s")))
                yield group.finding(f"group {group.ordered.group} {what} after {seconds} s", *lines)


def _tracked(ground: Ground) -> Iterator[tuple[Group, Tracks, IPv4Address | None]]:
    """Each group that is there, with what it follows and the destination."""
    for group in _groups(ground):
        resilience = group.member.view.site.resilience
        target = resilience.primary.track if resilience else None
        if group.standby is not None:
            yield group, Tracks(ground, group.member, group.interface, group.standby, target), target


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
    groups_let_go,
    groups_change_in_time,
    standby_is_where_it_was_ordered,
)
