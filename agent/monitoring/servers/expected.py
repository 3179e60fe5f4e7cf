"""What must be true of a server for its service: services by role, version and order, or as seen at its baseline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inventory import ServerView
from inventory.lync import Features, Release
from inventory.settings import LyncSettings

SIP_PORT, MEDIATION_PORT, HTTPS_PORT, EXTERNAL_WEB_PORT = 5061, 5070, 443, 4443

#: Display names by the short names that Get-CsWindowsService lists.
DISPLAY = {
    "RTCSRV": "Lync Server Front-End",
    "RTCCAA": "Lync Server Conferencing Attendant",
    "RTCCAS": "Lync Server Conferencing Announcement",
    "RTCRGS": "Lync Server Response Group",
    "RTCCPS": "Lync Server Call Park",
    "RTCIMMCU": "Lync Server IM Conferencing",
    "RTCAVMCU": "Lync Server Audio/Video Conferencing",
    "RTCASMCU": "Lync Server Application Sharing",
    "RTCDATAMCU": "Lync Server Web Conferencing",
    "RTCATS": "Lync Server Audio Test Service",
    "REPLICA": "Lync Server Replica Replicator Agent",
    "W3SVC": "World Wide Web Publishing Service",
    "RTCMEDSRV": "Lync Server Mediation",
    "EDGE": "Lync Server Access Edge",
    "RTCDATAPROXY": "Lync Server Web Conferencing Edge",
    "RTCMRAUTH": "Lync Server Audio/Video Authentication",
    "RTCMEDIARELAY": "Lync Server Audio/Video Edge",
    "RTCCLSAGT": "Lync Server Centralized Logging Service Agent",
    "FabricHostSvc": "Windows Fabric Host Service",
}
_FRONT = ("RTCSRV", "RTCIMMCU", "RTCAVMCU", "RTCASMCU", "REPLICA", "W3SVC")
_BY_ROLE = {
    "front_end": _FRONT,
    "standard_edition": _FRONT,
    "director": ("RTCSRV", "REPLICA", "W3SVC"),
    "mediation": ("RTCMEDSRV", "REPLICA"),
    "edge": ("EDGE", "RTCDATAPROXY", "RTCMRAUTH", "RTCMEDIARELAY", "REPLICA"),
}
#: What a baseline expects again of all that ran: the rest of Windows starts and stops services as it likes.
_OURS = ("lync server", "windows fabric host service", "world wide web publishing service", "sql server (")


@dataclass(frozen=True, slots=True)
class Baseline:
    """The services that ran when somebody called the server good [LY-3]."""

    server: str
    at: datetime
    who: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What is judged against: services by display name, where the list comes from, limits, and silences that count."""

    services: tuple[str, ...]
    origin: str
    limits: LyncSettings
    confirm_after: int


def expected(view: ServerView, baseline: Baseline | None, limits: LyncSettings, confirm_after: int) -> Expected:
    """What a server must show."""
    if baseline is not None:
        return Expected(of_lync(baseline.services), f"the baseline of {baseline.at:%Y-%m-%d}", limits, confirm_after)
    services = by_default(view)
    origin = f"role {view.server.role}, Lync {view.pool.version}" if services else "no baseline yet"
    return Expected(services, origin, limits, confirm_after)


def of_lync(services: Iterable[str]) -> tuple[str, ...]:
    """Those services of a server that its part in Lync needs."""
    return tuple(sorted(name for name in services if name.lower().startswith(_OURS)))


def by_default(view: ServerView) -> tuple[str, ...]:
    """What role, version and ordered features let expect; a database or monitoring server has its own baseline only."""
    role = view.server.role
    short = set(_BY_ROLE.get(role, ()))
    if role in ("front_end", "standard_edition"):
        short |= _by_features(view.pool.features)
    if short and view.pool.version is Release.LYNC_2013:
        short.add("RTCCLSAGT")
        if role == "front_end":
            short.add("FabricHostSvc")
    return tuple(sorted(DISPLAY[name] for name in short))


def _by_features(features: Features) -> set[str]:
    found: set[str] = set()
    if features.web_conferencing:
        found.add("RTCDATAMCU")
    if features.enterprise_voice:
        found |= {"RTCRGS", "RTCCPS", "RTCATS"}
    if features.dial_in_conferencing is not None:
        found |= {"RTCCAA", "RTCCAS"}
    return found


def sip_ports(view: ServerView) -> tuple[int, ...]:
    """Where a server of this role takes SIP over TLS: an edge at both of its sides, a mediation server on its own."""
    if view.server.role in ("front_end", "standard_edition", "director", "edge"):
        return (SIP_PORT,)
    return (MEDIATION_PORT,) if view.server.role == "mediation" else ()


def https_ports(view: ServerView) -> tuple[int, ...]:
    """Web services: 443 is the internal site, 4443 the one that a reverse proxy asks. An edge's 443 is no HTTPS."""
    web = view.server.role in ("front_end", "standard_edition", "director")
    return (HTTPS_PORT, EXTERNAL_WEB_PORT) if web else ()
