"""From evidence to a first conclusion: what, where and why. Pure; where evidence is missing it says so and guesses
nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from agent.faults.evidence import Evidence, Finding, Probe


class Cause(StrEnum):
    """What is probably broken."""

    ACCESS_OR_POWER = "access_or_power"
    MANAGEMENT_TUNNEL_ONLY = "management_tunnel_only"
    MANAGEMENT_CENTRE = "management_centre"
    HUB_SIDE = "hub_side"
    VPN_TUNNEL = "vpn_tunnel"
    SNMP_ONLY = "snmp_only"
    REBOOTED = "rebooted"
    RECOVERED = "recovered"
    UNDETERMINED = "undetermined"


class Place(StrEnum):
    """Where it lies."""

    CUSTOMER_SITE = "customer access or router power"
    ROUTER = "router"
    HUB = "hub"
    MANAGEMENT_PATH = "management path"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The first conclusion on a fault."""

    cause: Cause
    place: Place
    why: str

    def __str__(self) -> str:
        return f"{self.cause.replace('_', ' ')} ({self.place}): {self.why}"


class Picture:
    """The evidence on one router, by question: True good, False bad, None nobody could tell."""

    def __init__(self, evidence: Iterable[Evidence], subject: str) -> None:
        self._all = tuple(evidence)
        self._subject = subject
        self.managed = self._verdict(lambda one: one.probe is Probe.PING_MANAGEMENT)
        self.session = self._verdict(lambda one: one.probe is Probe.SESSION and one.source == subject)
        self.hub_session = self._verdict(self._far(Probe.SESSION))
        self.wan = self._verdict(self._far(Probe.PING_WAN))
        self.tunnel = self._tunnel()
        self.address_lost = any(one.facts.get("lost") for one in self._all if self._far(Probe.PING_WAN)(one))
        self.own_tunnel = self._verdict(lambda one: one.probe is Probe.DMVPN and one.source == subject)
        self.hub_watched = self._verdict(lambda one: one.probe is Probe.WATCHED and one.item == "hub")
        self.rebooted = next(
            (one.text for one in self._all if one.probe is Probe.UPTIME and one.facts.get("rebooted")), ""
        )
        others = [one for one in self._all if one.probe is Probe.WATCHED and one.item != "hub"]
        self.others_failing = self._count(others, "failing")
        self.others_seen = self._count(others, "seen")
        peers = [one for one in self._all if self._far(Probe.DMVPN)(one)]
        self.peers_up = self._count(peers, "other_peers_up")
        self.peers_known = self._count(peers, "other_peers")

    def _tunnel(self) -> bool | None:
        """A ping through the tunnel decides; the hub's table alone may show a tunnel as up that is not any more."""
        ping = self._verdict(self._far(Probe.PING_TUNNEL))
        if ping is not None:
            return ping
        return False if self._verdict(self._far(Probe.DMVPN)) is False else None

    def _far(self, *probes: Probe) -> Callable[[Evidence], bool]:
        return lambda one: one.probe in probes and one.source != self._subject

    def _verdict(self, wanted: Callable[[Evidence], bool]) -> bool | None:
        """True if any says good, False if all that could tell say bad."""
        findings = {one.finding for one in self._all if wanted(one)} & {Finding.GOOD, Finding.BAD}
        return None if not findings else Finding.GOOD in findings

    @staticmethod
    def _count(evidence: Iterable[Evidence], fact: str) -> int:
        return sum(int(value) for one in evidence if isinstance(value := one.facts.get(fact), int))


def conclude(evidence: Iterable[Evidence], subject: str) -> Conclusion:
    """The first rule that the evidence carries; UNDETERMINED with what is missing where none does."""
    picture = Picture(evidence, subject)
    for rule in (_rebooted, _centre, _reachable, _hub, _management_only, _access, _tunnel):
        found = rule(picture)
        if found is not None:
            return found
    return Conclusion(Cause.UNDETERMINED, Place.UNKNOWN, _missing(picture))


def _rebooted(picture: Picture) -> Conclusion | None:
    if not picture.rebooted:
        return None
    return Conclusion(Cause.REBOOTED, Place.ROUTER, picture.rebooted)


def _centre(picture: Picture) -> Conclusion | None:
    """Everything fails at once: look at ourselves first."""
    if picture.others_seen < 2 or picture.others_failing < picture.others_seen or picture.hub_session:
        return None
    why = f"all {picture.others_seen} other routers fail as well"
    return Conclusion(Cause.MANAGEMENT_CENTRE, Place.MANAGEMENT_PATH, why)


def _reachable(picture: Picture) -> Conclusion | None:
    """The router itself answers a session."""
    if not picture.session:
        return None
    if picture.tunnel is False or picture.own_tunnel is False:
        return _hub(picture) or Conclusion(
            Cause.VPN_TUNNEL, Place.ROUTER, "the router is managed, but its tunnel to the hub is not up"
        )
    if picture.managed:
        return Conclusion(Cause.SNMP_ONLY, Place.ROUTER, "ping and session answer now; only SNMP polls failed")
    return Conclusion(Cause.RECOVERED, Place.ROUTER, "the router answers again")


def _hub(picture: Picture) -> Conclusion | None:
    """The fault shows at the spoke and lies at the hub [WV-10]."""
    if picture.hub_watched is False and not picture.hub_session:
        return Conclusion(Cause.HUB_SIDE, Place.HUB, "the hub itself does not answer")
    if picture.tunnel is False and picture.peers_known > 0 and picture.peers_up == 0:
        why = f"no tunnel of the hub is up, of {picture.peers_known} other peers none either"
        return Conclusion(Cause.HUB_SIDE, Place.HUB, why)
    return None


def _management_only(picture: Picture) -> Conclusion | None:
    if picture.managed is not False or picture.session is True or picture.tunnel is not True:
        return None
    why = "the hub reaches the router through the customer's tunnel; only the management tunnel is silent [WV-7]"
    return Conclusion(Cause.MANAGEMENT_TUNNEL_ONLY, Place.MANAGEMENT_PATH, why)


def _access(picture: Picture) -> Conclusion | None:
    if picture.managed is not False or picture.tunnel is not False:
        return None
    silent = "management is silent, the hub has no tunnel to the router"
    if picture.wan is False:
        return Conclusion(Cause.ACCESS_OR_POWER, Place.CUSTOMER_SITE, f"{silent}, and its WAN address does not answer")
    if picture.wan is None and picture.address_lost and picture.hub_session:
        why = f"{silent}, where its dynamic address has lapsed; centre and hub work"
        return Conclusion(Cause.ACCESS_OR_POWER, Place.CUSTOMER_SITE, why)
    return None


def _tunnel(picture: Picture) -> Conclusion | None:
    if picture.tunnel is not False or picture.wan is not True:
        return None
    why = "the router's WAN address answers the hub, but no tunnel is up between them"
    return Conclusion(Cause.VPN_TUNNEL, Place.ROUTER, why)


def _missing(picture: Picture) -> str:
    unknown = [
        text
        for text, value in (
            ("ping of the management address", picture.managed),
            ("a session with the hub", picture.hub_session),
            ("the hub's tunnel to the router", picture.tunnel),
            ("a ping from the hub to the router's WAN address", picture.wan),
        )
        if value is None
    ]
    return "not known: " + ", ".join(unknown) if unknown else "the evidence fits no known pattern"
