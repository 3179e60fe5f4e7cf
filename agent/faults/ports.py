"""What diagnostics need of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from agent.events import Clock
from agent.faults.evidence import Evidence
from agent.faults.sharing import Readouts
from agent.incidents.ports import IncidentStore
from agent.monitoring.sample import Greets
from agent.monitoring.states import RouterState
from agent.provisioning.ports import DeviceFacts, PingResult
from inventory import SiteView


class Reader(Protocol):
    """An open session with a router, as far as diagnostics use one: nothing here changes it; all raise DeviceError."""

    def facts(self) -> DeviceFacts:
        """What the router says it is, with its uptime."""

    def show(self, command: str) -> str:
        """The output of one read-only command of the router's platform."""

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        """Ping from the router."""


class EvidenceStore(Protocol):
    """Evidence of incidents."""

    def add_evidence(self, reference: str, evidence: tuple[Evidence, ...]) -> None:
        """Keep evidence; durable when it returns."""

    def evidence(self, reference: str) -> tuple[Evidence, ...]:
        """All evidence of an incident, in the order in which it was kept."""


@dataclass(frozen=True, slots=True)
class IkeFailure:
    """A row of an agent's table of IKE failures: the reason's number on its platform, its age, and the peer."""

    reason: int
    age_s: float
    peer: str


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What a router's SNMP agent said now; ``failures`` is None where it was not told.

    ``fault`` says why it gave no answer that can be used, ``silent`` whether because nothing came back at all.
    """

    fault: str = ""
    silent: bool = False
    failures: tuple[IkeFailure, ...] | None = None


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is looked with; all of it is bounded in time by itself.

    ``open`` opens a session, ``open_shared`` one that may serve several incidents, one after another; ``ping`` pings a
    router's management address from here, ``snmp`` asks its agent, ``greet`` its SSH service for the first word;
    ``redact`` hides secrets in what a router shows, ``intended_key`` gives what it leaves of the pre-shared key that a
    VPN should run with, None where that cannot be told; ``pause`` lets seconds pass.
    """

    open: Callable[[SiteView], AbstractContextManager[Reader]]
    open_shared: Callable[[SiteView], AbstractContextManager[Reader]]
    ping: Callable[[SiteView], PingResult]
    snmp: Callable[[SiteView], AgentAnswer]
    greet: Callable[[SiteView], tuple[Greets, str]]
    states: Callable[[], Mapping[str, RouterState]]
    redact: Callable[[SiteView, str], str]
    intended_key: Callable[[SiteView, str], str | None]
    readouts: Readouts
    pause: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Files:
    """Where evidence and conclusions are kept, and when it is."""

    evidence: EvidenceStore
    incidents: IncidentStore
    clock: Clock
