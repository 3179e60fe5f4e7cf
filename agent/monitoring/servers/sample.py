"""What one look at a Lync server brought, in neutral terms: the only thing that its states are decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agent.monitoring.sample import Answer


@dataclass(frozen=True, slots=True)
class CertificateReading:
    """A certificate that a port showed; moments aware. ``expected`` is the name it should be for, if one is known."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    expected: str = ""
    mismatch: bool = False
    untrusted: str = ""


@dataclass(frozen=True, slots=True)
class PortReading:
    """One port: ``serves`` is None where nobody could tell; ``heard`` whether anything at all came back."""

    serves: bool | None
    text: str
    heard: bool | None
    certificate: CertificateReading | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The server's clock minus ``against``, in seconds, surely within ± ``within_s``.

    ``or_s`` are what it would be against this machine's clock as that was before it was set.
    """

    offset_s: float
    within_s: float
    source: str
    against: str
    or_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerSample:
    """One look at a server. ``heard``: whether anything at all came back; None: nothing could be asked.

    ``snmp`` is None where no SNMP is known of it. A table that is None was not read, or is empty; ``unread`` says why.
    ``services`` maps display names to whether they serve; one that is not there is stopped. ``volumes`` are in
    percent. ``sip`` and ``https`` are by the server's own port. ``or_at`` are what ``at`` would be
    had this machine's clock not been set.
    """

    server: str
    at: datetime
    heard: bool | None
    reason: str = ""
    snmp: Answer | None = None
    snmp_reason: str = ""
    uptime_s: float | None = None
    cpu_percent: float | None = None
    volumes: Mapping[str, float] | None = None
    services: Mapping[str, bool | None] | None = None
    programs: int | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    sip: Mapping[int, PortReading] = field(default_factory=dict)
    https: Mapping[int, PortReading] = field(default_factory=dict)
    clock: ClockReading | None = None
    clock_reason: str = ""
    faults: tuple[str, ...] = ()
    or_at: tuple[datetime, ...] = ()
