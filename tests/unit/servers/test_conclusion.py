"""What evidence lets conclude: a table of cases, and nothing is guessed where evidence is missing."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from agent.faults.evidence import HERE, Evidence, Fact, Finding, Probe
from agent.faults.servers.conclusion import HEARD, ROUTER, Cause, conclude
from agent.monitoring.alarms import Kind
from tests.unit.servers.samples import SERVER, START

GOOD, BAD, UNKNOWN = Finding.GOOD, Finding.BAD, Finding.NOT_KNOWN


def heard(finding: Finding) -> Evidence:
    return Evidence(Probe.SERVER, HERE, SERVER, START, finding, "heard or not", HEARD)


def item(kind: Kind, finding: Finding, text: str, *, refused: bool = False) -> Evidence:
    facts: dict[str, Fact] = {"kind": str(kind), "refused": refused}
    return Evidence(Probe.SERVER, HERE, SERVER, START, finding, text, kind, facts)


def router(finding: Finding) -> Evidence:
    return Evidence(Probe.WATCHED, HERE, SERVER, START, finding, "lon-r1 is as it is", ROUTER)


def ping(finding: Finding) -> Evidence:
    return Evidence(Probe.PING_MANAGEMENT, HERE, SERVER, START, finding, "a ping")


def from_router(finding: Finding) -> Evidence:
    return Evidence(Probe.PING_LAN, "lon-r1", SERVER, START, finding, "a ping over the LAN")


STOPPED = item(Kind.SERVICE_DOWN, BAD, "Lync Server Front-End does not run")
RUNS = item(Kind.SERVICE_DOWN, GOOD, "Lync Server Front-End runs")
SIP_REFUSED = item(Kind.SIP_DOWN, BAD, "SIP 5061: refused", refused=True)
SIP_HANGS = item(Kind.SIP_DOWN, BAD, "SIP 5061: no answer within 8 s")
FULL = item(Kind.STORAGE_FULL, BAD, "C: is 97 % full")

CASES = {
    "the access of the site": ((heard(BAD), ping(BAD), router(BAD), from_router(UNKNOWN)), Cause.SITE_ACCESS, "lon-r1"),
    "the server is off": ((heard(BAD), ping(BAD), router(GOOD), from_router(BAD)), Cause.SERVER_DOWN, "neither we nor"),
    "something between": ((heard(BAD), ping(BAD), router(GOOD), from_router(GOOD)), Cause.NETWORK_BETWEEN, "LAN"),
    "only pings pass": ((heard(BAD), ping(GOOD), router(GOOD), from_router(UNKNOWN)), Cause.NETWORK_BETWEEN, "pings"),
    "a service": ((heard(GOOD), STOPPED, SIP_REFUSED), Cause.SERVICE_STOPPED, "SIP 5061: refused"),
    "a service and a full disk": ((heard(GOOD), STOPPED, FULL), Cause.SERVICE_STOPPED, "97 % full"),
    "it runs and hangs": ((heard(GOOD), RUNS, SIP_HANGS), Cause.SERVICE_HANGS, "run"),
    "it runs and its port is shut": ((heard(GOOD), RUNS, SIP_REFUSED), Cause.PORT_CLOSED, "refused"),
    "nobody knows what runs": (
        (heard(GOOD), replace(RUNS, finding=UNKNOWN), SIP_REFUSED), Cause.UNDETERMINED, "is not known",
    ),
    "a certificate": ((heard(GOOD), RUNS, item(Kind.CERTIFICATE_EXPIRES, BAD, "ended")), Cause.CERTIFICATE, "ended"),
    "a disk": ((heard(GOOD), RUNS, FULL), Cause.DISK_FULL, "97 %"),
    "a clock": ((heard(GOOD), RUNS, item(Kind.TIME_OFFSET, BAD, "off by 42 s")), Cause.CLOCK_OFF, "42"),
    "load": ((heard(GOOD), RUNS, item(Kind.CPU_LOAD, BAD, "99 %")), Cause.CPU_LOAD, "99"),
    "only SNMP": ((heard(GOOD), item(Kind.ANSWER_UNUSABLE, BAD, "SNMP: no answer")), Cause.SNMP_ONLY, "SNMP"),
    "over": ((heard(GOOD), RUNS), Cause.RECOVERED, "good now"),
    "over, perhaps": ((heard(GOOD), replace(RUNS, finding=UNKNOWN)), Cause.UNDETERMINED, "not known: service"),
    "nothing": ((), Cause.UNDETERMINED, "the state of the router"),
    "silent and no router known": ((heard(BAD), ping(BAD), from_router(BAD)), Cause.UNDETERMINED, "router before it"),
    "silent and no session": ((heard(BAD), router(GOOD), from_router(UNKNOWN)), Cause.UNDETERMINED, "over the LAN"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_table(name: str) -> None:
    evidence, cause, words = CASES[name]
    found = conclude(evidence)
    assert found.cause is cause
    assert words in found.why
    assert str(found).startswith(f"{cause.replace('_', ' ')} (")


@pytest.mark.parametrize("name", [name for name, (_, cause, _) in CASES.items() if cause is not Cause.UNDETERMINED])
def test_with_less_evidence_no_other_place_is_blamed(name: str) -> None:
    """Taking evidence away may leave a cause or none; it never turns a dead server into a cut access or the reverse."""
    evidence, cause, _ = CASES[name]
    far = {Cause.SITE_ACCESS, Cause.SERVER_DOWN, Cause.NETWORK_BETWEEN}
    for count in range(len(evidence)):
        for part in combinations(evidence, count):
            found = conclude(part).cause
            if cause in far:
                assert found in (cause, Cause.UNDETERMINED)
            else:
                assert found not in far
