"""From evidence on a server to a first conclusion: what, where and why. Pure; missing evidence is said, not guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from agent.faults.evidence import Evidence, Finding, Probe
from agent.monitoring.alarms import Kind

#: The item of evidence on the router before the server.
ROUTER = "router"
#: The item of evidence on everything at once: whether anything is heard of the server.
HEARD = "heard"


class Cause(StrEnum):
    """What is probably broken."""

    SITE_ACCESS = "site_access"
    SERVER_DOWN = "server_down"
    NETWORK_BETWEEN = "network_between"
    SERVICE_STOPPED = "service_stopped"
    SERVICE_HANGS = "service_hangs"
    PORT_CLOSED = "port_closed"
    CERTIFICATE = "certificate"
    DISK_FULL = "disk_full"
    CLOCK_OFF = "clock_off"
    CPU_LOAD = "cpu_load"
    SNMP_ONLY = "snmp_only"
    RECOVERED = "recovered"
    UNDETERMINED = "undetermined"


class Place(StrEnum):
    """Where it lies."""

    SERVER = "server"
    CUSTOMER_SITE = "customer site"
    ROUTER = "router before the server"
    PATH = "path to the server"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The first conclusion on a server's fault."""

    cause: Cause
    place: Place
    why: str

    def __str__(self) -> str:
        return f"{self.cause.replace('_', ' ')} ({self.place}): {self.why}"


class Picture:
    """The evidence by question."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._all = tuple(evidence)
        self.heard = self._verdict(lambda one: one.probe is Probe.SERVER and one.item == HEARD)
        self.pinged = self._verdict(lambda one: one.probe is Probe.PING_MANAGEMENT)
        self.router = self._verdict(lambda one: one.probe is Probe.WATCHED and one.item == ROUTER)
        self.router_text = self._first(lambda one: one.probe is Probe.WATCHED and one.item == ROUTER)
        self.from_router = self._verdict(lambda one: one.probe is Probe.PING_LAN)
        self.neighbours_silent = self._count("silent")
        self.neighbours = self._count("neighbours")

    def bad(self, kind: Kind) -> list[Evidence]:
        """What is proved bad of a kind."""
        return [one for one in self._items(kind) if one.finding is Finding.BAD]

    def unknown(self, kind: Kind) -> bool:
        """Whether nothing can be said of a kind though it is expected."""
        found = self._items(kind)
        return bool(found) and all(one.finding is Finding.NOT_KNOWN for one in found)

    def _items(self, kind: Kind) -> list[Evidence]:
        return [one for one in self._all if one.probe is Probe.SERVER and one.facts.get("kind") == kind]

    def _verdict(self, wanted: Callable[[Evidence], bool]) -> bool | None:
        findings = {one.finding for one in self._all if wanted(one)} & {Finding.GOOD, Finding.BAD}
        return None if not findings else Finding.GOOD in findings

    def _first(self, wanted: Callable[[Evidence], bool]) -> str:
        return next((one.text for one in self._all if wanted(one)), "")

    def _count(self, fact: str) -> int:
        return sum(int(value) for one in self._all if isinstance(value := one.facts.get(fact), int))


def conclude(evidence: Iterable[Evidence]) -> Conclusion:
    """The first rule that the evidence carries; UNDETERMINED with what is missing where none does."""
    picture = Picture(evidence)
    for rule in (_site, _silent, _shows):
        found = rule(picture)
        if found is not None:
            return found
    return Conclusion(Cause.UNDETERMINED, Place.UNKNOWN, _missing(picture))


def _site(picture: Picture) -> Conclusion | None:
    """Nothing is heard, and the router before it does not answer either: the router's incident tells more."""
    if picture.heard is not False or picture.pinged or picture.router is not False:
        return None
    return Conclusion(Cause.SITE_ACCESS, Place.ROUTER, f"nothing is heard of the server; {picture.router_text}")


def _silent(picture: Picture) -> Conclusion | None:
    """Nothing is heard though the router works: the router's own ping over the LAN tells which side it is."""
    if picture.heard is not False or picture.router is not True:
        return None
    others = ""
    if picture.neighbours:
        others = f"; of {picture.neighbours} other servers at the site {picture.neighbours_silent} are silent"
    if picture.pinged or picture.from_router:
        side = "it answers pings" if picture.pinged else "the router before it reaches it over the LAN"
        why = f"no service is heard from here, but {side}: something between drops the traffic{others}"
        return Conclusion(Cause.NETWORK_BETWEEN, Place.PATH, why)
    if picture.from_router is False:
        why = f"neither we nor the router before it, which answers, hear anything of it{others}"
        return Conclusion(Cause.SERVER_DOWN, Place.CUSTOMER_SITE, why)
    return None


def _shows(picture: Picture) -> Conclusion | None:
    """The server is heard: what it shows itself, the likeliest cause first and the rest beside it."""
    if not picture.heard:
        return None
    found = [cause for cause in (_stopped(picture), *_certificates(picture), *_ports(picture)) if cause is not None]
    for kind, cause in ((Kind.STORAGE_FULL, Cause.DISK_FULL), (Kind.TIME_OFFSET, Cause.CLOCK_OFF),
                        (Kind.CPU_LOAD, Cause.CPU_LOAD), (Kind.ANSWER_UNUSABLE, Cause.SNMP_ONLY)):  # fmt: skip
        if texts := [one.text for one in picture.bad(kind)]:
            found.append(Conclusion(cause, Place.SERVER, "; ".join(texts)))
    if not found:
        return _nothing(picture)
    first = found[0]
    beside = "; ".join(one.why for one in found[1:] if one.why != first.why)
    return Conclusion(first.cause, first.place, f"{first.why}; beside it: {beside}" if beside else first.why)


def _stopped(picture: Picture) -> Conclusion | None:
    stopped = picture.bad(Kind.SERVICE_DOWN)
    if not stopped:
        return None
    return Conclusion(Cause.SERVICE_STOPPED, Place.SERVER, "; ".join(one.text for one in stopped))


def _certificates(picture: Picture) -> list[Conclusion]:
    texts = [one.text for one in picture.bad(Kind.CERTIFICATE_EXPIRES)]
    return [Conclusion(Cause.CERTIFICATE, Place.SERVER, "; ".join(texts))] if texts else []


def _ports(picture: Picture) -> list[Conclusion]:
    """A port that fails: its service is known to run, so it hangs; or nothing is known of its services."""
    failing = [*picture.bad(Kind.SIP_DOWN), *picture.bad(Kind.HTTPS_DOWN)]
    if not failing:
        return []
    text = "; ".join(one.text for one in failing)
    if picture.unknown(Kind.SERVICE_DOWN):
        return [Conclusion(Cause.UNDETERMINED, Place.SERVER, f"{text}; whether its services run is not known")]
    if all(one.facts.get("refused") for one in failing):
        why = f"{text}; the services that are expected run" if not picture.bad(Kind.SERVICE_DOWN) else text
        return [Conclusion(Cause.PORT_CLOSED, Place.SERVER, why)]
    why = text if picture.bad(Kind.SERVICE_DOWN) else f"{text}; the services that are expected run"
    return [Conclusion(Cause.SERVICE_HANGS, Place.SERVER, why)]


def _nothing(picture: Picture) -> Conclusion:
    """Heard, and nothing is bad: recovered, unless what matters could not be read."""
    kinds = (Kind.SERVICE_DOWN, Kind.SIP_DOWN, Kind.HTTPS_DOWN)
    unknown = [kind.replace("_down", "").replace("_", " ") for kind in kinds if picture.unknown(kind)]
    if unknown:
        return Conclusion(Cause.UNDETERMINED, Place.SERVER, f"it is heard; not known: {', '.join(unknown)}")
    return Conclusion(Cause.RECOVERED, Place.SERVER, "everything that is expected of the server is good now")


def _missing(picture: Picture) -> str:
    unknown = [
        text
        for text, value in (
            ("whether anything is heard of the server", picture.heard),
            ("the state of the router before it", picture.router),
            ("a ping from that router over the LAN", picture.from_router),
        )
        if value is None
    ]
    return "not known: " + ", ".join(unknown) if unknown else "the evidence fits no known pattern"
