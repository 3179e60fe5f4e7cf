"""Asks one Lync server everything at once: SNMP, SIP, HTTPS and its clock; each bounded, none waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import TypeVar

from collectors.clocks import ntp
from collectors.clocks.ntp import NtpProbe
from collectors.services import https, sip, windows
from collectors.services.windows import WindowsSample
from collectors.snmp import SnmpClient, Target
from collectors.tls.probing import Place, Trust
from collectors.tls.stages import PortProbe

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """What to ask of a server. Places are where this machine reaches them, by the port that the server has.

    ``snmp`` is None where no SNMP is known, ``reference`` the time source that its clock is held against: None means
    this machine's own clock. ``zone`` is where the server stands, ``timeout_s`` what each port may take as a whole.
    """

    server: str
    zone: tzinfo
    snmp: Target | None = None
    sip: Mapping[int, Place] = field(default_factory=dict)
    https: Mapping[int, Place] = field(default_factory=dict)
    ntp: tuple[str, int] | None = None
    reference: tuple[str, int] | None = None
    timeout_s: float = 8.0


@dataclass(frozen=True, slots=True)
class ServerAnswers:
    """All answers; ports are the server's own. What was not asked is None or not there."""

    server: str
    at: datetime
    windows: WindowsSample | None
    sip: Mapping[int, PortProbe]
    https: Mapping[int, PortProbe]
    ntp: NtpProbe | None
    reference: NtpProbe | None


async def ask(
    request: ServerRequest, client: SnmpClient, checks: Trust, clock: Callable[[], datetime]
) -> ServerAnswers:
    """Ask everything at once; whatever the network does, there are answers. ``clock`` is this machine's, aware."""
    at = clock()
    snmp, sips, webs, own, reference = await asyncio.gather(
        _maybe(windows.read(client, request.snmp, request.zone, clock) if request.snmp else None),
        _each({port: sip.options(place, checks, request.timeout_s) for port, place in request.sip.items()}),
        _each({port: https.get(place, checks, clock, request.timeout_s) for port, place in request.https.items()}),
        _maybe(ntp.ask(*request.ntp, clock) if request.ntp else None),
        _maybe(ntp.ask(*request.reference, clock) if request.reference else None),
    )
    return ServerAnswers(request.server, at, snmp, sips, webs, own, reference)


async def _maybe(work: Coroutine[object, object, T] | None) -> T | None:
    return None if work is None else await work


async def _each(work: Mapping[int, Coroutine[object, object, PortProbe]]) -> dict[int, PortProbe]:
    """By the server's own port; where it was reached may be another."""
    found = await asyncio.gather(*work.values())
    return {port: replace(probe, port=port) for port, probe in zip(work, found, strict=True)}
