"""What diagnostics need of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from agent.events import Clock
from agent.faults.evidence import Evidence
from agent.incidents.ports import IncidentStore
from agent.monitoring.states import RouterState
from agent.provisioning.ports import Devices, PingResult
from inventory import SiteView


class EvidenceStore(Protocol):
    """Evidence of incidents."""

    def add_evidence(self, reference: str, evidence: tuple[Evidence, ...]) -> None:
        """Keep evidence; durable when it returns."""

    def evidence(self, reference: str) -> tuple[Evidence, ...]:
        """All evidence of an incident, in the order in which it was kept."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is looked with. ``ping`` pings a router's management address from here and is bounded by its own command;
    ``redact`` hides secrets in device output; ``vrf_of`` gives the VRF of a VPN on the routers."""

    devices: Devices
    ping: Callable[[SiteView], PingResult]
    states: Callable[[], Mapping[str, RouterState]]
    redact: Callable[[str], str]
    vrf_of: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Files:
    """Where evidence and conclusions are kept, and when it is."""

    evidence: EvidenceStore
    incidents: IncidentStore
    clock: Clock
