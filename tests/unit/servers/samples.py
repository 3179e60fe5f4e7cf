"""A healthy server, what is expected of it, and how a test makes it ill."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent.monitoring.sample import Answer
from agent.monitoring.servers.expected import Expected
from agent.monitoring.servers.sample import CertificateReading, ClockReading, PortReading, ServerSample
from inventory.settings import LyncSettings

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
SERVER = "fe1"
FRONT_END, REPLICA = "Lync Server Front-End", "Lync Server Replica Replicator Agent"
EXPECTED = Expected((FRONT_END, REPLICA), "role front_end, Lync 2013", LyncSettings(), 2)


def certificate(days: float = 300) -> CertificateReading:
    return CertificateReading(
        subject="CN=fe1.acme.example",
        issuer="CN=Authority",
        names=("fe1.acme.example",),
        not_before=START - timedelta(days=400),
        not_after=START + timedelta(days=days),
        expected="fe1.acme.example",
    )


def port(text: str = "answers", *, serves: bool | None = True, days: float = 300) -> PortReading:
    return PortReading(serves, text, True, certificate(days))


def good(minute: float = 0) -> ServerSample:
    """Everything as it should be, ``minute`` minutes after the start."""
    return ServerSample(
        server=SERVER,
        at=START + timedelta(minutes=minute),
        heard=True,
        snmp=Answer.ANSWERED,
        uptime_s=1000.0,
        cpu_percent=4.0,
        volumes={"C:": 40.0},
        services={FRONT_END: True, REPLICA: True, "DNS Client": True},
        sip={5061: port()},
        https={443: port()},
        clock=ClockReading(0.1, 0.05, "SNTP", "this machine's clock"),
    )


def silent(minute: float = 0) -> ServerSample:
    """Nothing is heard."""
    return ServerSample(
        SERVER, START + timedelta(minutes=minute), False, "no answer on SNMP, SIP 5061", Answer.SILENT, "no answer"
    )


def without(sample: ServerSample, service: str) -> ServerSample:
    """The same with one service stopped: its row is missing."""
    assert sample.services is not None
    return replace(sample, services={name: runs for name, runs in sample.services.items() if name != service})
