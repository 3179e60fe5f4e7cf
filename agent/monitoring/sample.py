"""What one poll of a router brought, in neutral terms: the only thing that states are decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from agent.monitoring.conditions import Conditions


class Answer(StrEnum):
    """How a poll ended."""

    ANSWERED = "answered"
    SILENT = "silent"
    #: Something came back that cannot be used: a refused user, an answer of the wrong type.
    UNUSABLE = "unusable"
    #: We did not get to ask: a secret that cannot be read, a poll given up at its bound.
    NOT_ASKED = "not_asked"


class Greets(StrEnum):
    """How far a new SSH connection got; all but the first keep people out of the router."""

    GREETED = "greeted"
    REFUSED = "refused"
    NO_BANNER = "no banner"
    NOT_SSH = "not SSH"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class InterfaceReading:
    """One interface's row; None: the device gave no usable value."""

    admin_up: bool | None
    oper_up: bool | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One poll of one router; times in seconds, ``at`` is when the poll began.

    ``uptime_s``, ``config_changed_s`` and ``startup_changed_s`` are on the device's own clock since its boot
    (sysUpTime and its maker's objects), which wraps after 497 days. ``interfaces`` is None where the table was not
    read; a row that is missing from a table that was read is a row that is gone. ``faults`` names what came back with
    the wrong type or value: those fields are None here, and nothing is guessed for them. ``requests`` were answered,
    ``lost`` tries before went unanswered. ``peers`` are the remote addresses of IPsec tunnels, None where not told;
    ``greets`` is None where it was not tried with this poll; ``conditions`` are what was read of its services.
    """

    router: str
    at: datetime
    answer: Answer
    reason: str = ""
    uptime_s: float | None = None
    engine_id: str | None = None
    engine_boots: int | None = None
    engine_time_s: int | None = None
    config_changed_s: float | None = None
    startup_changed_s: float | None = None
    interfaces: Mapping[str, InterfaceReading] | None = None
    faults: tuple[str, ...] = ()
    round_trip_ms: float | None = None
    counters: Mapping[str, float] = field(default_factory=dict)
    requests: int = 0
    lost: int = 0
    peers: frozenset[str] | None = None
    greets: Greets | None = None
    conditions: Conditions = field(default_factory=dict)
