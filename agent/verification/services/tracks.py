"""What lowers the priority of a group beside a primary: in which state tracked objects are, and how soon they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from agent.verification.finding import Line
from agent.verification.ground import Ground, Member, cite
from device_templates.model import At, Interface, Probe, Standby, Track

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class State:
    """What is the case: whether the destination answers through the primary, and which hubs answer through the tunnel.

    ``access``: this router's own access works.
    """

    reachable: bool
    hubs: frozenset[IPv4Address]
    access: bool = True


class Tracks:
    """The tracked objects of a router that a group names, in any state of what they follow."""

    def __init__(
        self, ground: Ground, member: Member, lan: Interface, standby: Standby, target: IPv4Address | None
    ) -> None:
        model = member.model
        others = ground.inventory.hubs(member.view, member.vpn)
        self.hubs = frozenset(hub.site.tunnels[member.vpn] for hub in others)
        self._target = target
        self._member, self._lan, self._standby = member, lan, standby
        self._ways = {member.view.site.access.interface, member.interface.name}
        self._tracks = {track.number: track for track in model.tracks}
        self._probes = {probe.number: probe for probe in model.probes}

    @property
    def beside(self) -> State:
        """The primary leads on, and this router's access works."""
        return State(True, self.hubs)

    @property
    def alone(self) -> State:
        """The destination is lost through the primary, and this router's access works."""
        return State(False, self.hubs)

    def states_alone(self) -> Iterator[State]:
        """The destination is lost through the primary: all hubs answer, and each alone."""
        yield self.alone
        if len(self.hubs) > 1:
            yield from (State(False, frozenset({hub})) for hub in sorted(self.hubs))

    def priority(self, state: State) -> int:
        """The group's priority; a tracked object that does not exist takes nothing away."""
        lost = (one.decrement for one in self._standby.tracks if not self._is_up(one.track, state))
        return self._standby.priority - sum(lost)

    def change_s(self, state: State) -> int:
        """How long it takes until all that hangs on the destination is in ``state``, seconds."""
        other = self.beside if state != self.beside else self.alone
        moved = (one for one in self._standby.tracks if self._is_up(one.track, state) != self._is_up(one.track, other))
        return max((self._change_s(one.track, up=self._is_up(one.track, state)) for one in moved), default=0)

    def _change_s(self, number: int, *, up: bool, depth: int = 0) -> int:
        track = self._tracks.get(number)
        if track is None or depth > _DEEPEST:
            return 0
        own = track.up_s if up else track.down_s
        probe = self._probes.get(track.probe or 0)
        inner = (self._change_s(member, up=up != negated, depth=depth + 1) for member, negated in track.members)
        return own + max(inner, default=probe.every_s if probe else 0)

    def _is_up(self, number: int, state: State, depth: int = 0) -> bool:
        track = self._tracks.get(number)
        if track is None or depth > _DEEPEST:
            return True
        if track.kind == "interface":
            return state.access or track.interface not in self._ways
        if track.kind == "route":
            return state.access
        if track.kind == "probe":
            return self._answers(self._probes.get(track.probe or 0), state)
        states = (self._is_up(member, state, depth + 1) != negated for member, negated in track.members)
        return all(states) if track.kind == "all" else any(states)

    def _answers(self, probe: Probe | None, state: State) -> bool:
        """Whether a probe is answered: through the primary only what is asked from the LAN's own address goes."""
        if probe is None or not probe.started or probe.vrf != self._lan.vrf:
            return False
        if probe.target in self.hubs:
            return probe.target in state.hubs
        own = {self._lan.name, str(self._lan.address.ip) if self._lan.address else ""}
        return state.reachable and probe.target == self._target and probe.source in own

    def idle(self) -> str:
        """Words on probes from the LAN's table that never start, which nothing else would tell."""
        probes = (self._probes.get(one.probe or 0) for one in self._tracks.values() if one.kind == "probe")
        silent = sorted({one.number for one in probes if one and not one.started and one.vrf == self._lan.vrf})
        return "".join(f"; probe {number} never starts" for number in silent)

    def lines(self, *fields: str) -> tuple[Line, ...]:
        """Every line that the group's priority hangs on, and those of fields of tracked objects and probes."""
        found: list[At] = []
        for tracked in self._standby.tracks:
            found.append(tracked.at)
            found += self._of(self._tracks.get(tracked.track), 0)
        return tuple(line for at in found for field in ("", *fields) for line in cite(self._member.router, at, field))

    def _of(self, track: Track | None, depth: int) -> list[At]:
        if track is None or depth > _DEEPEST:
            return []
        probe = self._probes.get(track.probe or 0)
        inner = [at for member, _ in track.members for at in self._of(self._tracks.get(member), depth + 1)]
        return [track.at, *([probe.at] if probe else []), *inner]
