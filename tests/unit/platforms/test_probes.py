"""Diagnostics ask each router in its platform's own words, also where the two ends of a tunnel differ in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.errors import CommandRejected
from agent.faults.case import Case
from agent.faults.evidence import Evidence, Finding, Probe
from agent.faults.ports import AgentAnswer, Instruments, Reader
from agent.faults.probes import RouterProbes
from agent.faults.sharing import Readouts
from agent.monitoring.sample import Greets
from agent.provisioning.ports import DeviceFacts, PingResult
from device_templates import hidden, platform_of
from inventory import Inventory, SiteView
from inventory.loader import load_workspace

WORKSPACE = Path(__file__).parents[2] / "golden" / "linux_frr" / "two_vpns" / "workspace"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HUB, HUB_WAN, SPOKE_WAN = "10.255.8.1", "198.51.100.10", "203.0.113.7"
KEY = "Planted-Key-9"


def linux(peer: str, wan: str) -> dict[str, Any]:
    """What a router of linux_frr shows whose one tunnel is up."""
    row = {"type": "nhs", "protocol": peer, "nbma": wan}
    child = {"state": "INSTALLED", "protocol": "ESP", "packets-in": "12", "packets-out": "17"}
    sas = [{"state": "ESTABLISHED", "remote-host": wan, "child-sas": {"gre-1": child}}]
    of_vpn = {"link": "up", "cache": [row], "servers": [{"protocol": peer, "nbma": wan}]}
    bgp = {"summary": {"ipv4Unicast": {"peers": {peer: {"state": "Established", "pfxRcd": 3}}}}}
    return {
        "tunnels corporate": {"vpns": {"corporate": of_vpn}, "sas": sas},
        "servers corporate": {"vpns": {"corporate": of_vpn}},
        "nhrp corporate": {"vpns": {"corporate": of_vpn}},
        "bgp corporate": {"corporate": bgp},
        "ike": {"sas": sas},
        f"ipsec {wan}": {"sas": sas},
        "ike-errors": {"errors": {"AUTHENTICATION_FAILED": 0}, "lines": []},
        "ike-requests": {"counters": {"ike-init-in-req": 2}},
        "keys": {"secrets": [{"name": "ike-vpn", "ids": ["%any"], "secret": KEY}]},
        "load": {"cpus": 2, "one_minute": 10, "five_minutes": 9, "busiest": []},
        "clock": {"utc": "2026-11-21T10:00:00Z"},
        "log": {"lines": []},
    }


class Router:
    """Shows what it is given and refuses everything else."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = {name: one if isinstance(one, str) else json.dumps(one) for name, one in answers.items()}
        self.pinged: list[tuple[str, str, str]] = []
        self.refused: list[str] = []

    def facts(self) -> DeviceFacts:
        return DeviceFacts("r", "s", "m", "v", 9_000_000)

    def show(self, command: str) -> str:
        if command not in self.answers:
            self.refused.append(command)
            raise CommandRejected(command)
        return self.answers[command]

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        self.pinged.append((address, vrf, source))
        return PingResult(count, count, 3.0)


def instruments(router: Router) -> Instruments:
    @contextmanager
    def opened(_: SiteView) -> Iterator[Reader]:
        yield router

    session: Callable[[SiteView], AbstractContextManager[Reader]] = opened
    return Instruments(
        open=session,
        open_shared=session,
        ping=lambda _: PingResult(5, 5),
        snmp=lambda _: AgentAnswer(),
        greet=lambda _: (Greets.GREETED, ""),
        states=dict,
        redact=lambda view, text: platform_of(view).redact_shown(text),
        intended_key=lambda _view, _vpn: hidden(KEY),
        readouts=Readouts(lambda: NOW),
        pause=lambda _: None,
    )


@pytest.fixture
def inventory() -> Inventory:
    return load_workspace(WORKSPACE)


def evidence(inventory: Inventory, view: SiteView, router: Router) -> dict[Probe, Evidence]:
    """What is found out over the corporate tunnel between york and its hub, asked at ``view``."""
    case = Case(inventory, inventory.site("york"), NOW, {})
    (link,) = (one for end in case.far_ends() for one in end.links if (one.vpn, one.far_address) == ("corporate", HUB))
    return {one.probe: one for one in RouterProbes(case, view, instruments(router), lambda: NOW).run((link,))}


def test_a_router_of_linux_frr_is_asked_by_topics(inventory: Inventory) -> None:
    router = Router(linux(HUB, HUB_WAN))
    found = evidence(inventory, inventory.site("york"), router)
    assert router.refused == []
    good = {Probe.DMVPN, Probe.NHRP, Probe.REGISTRATION, Probe.BGP, Probe.IKE, Probe.IPSEC, Probe.LOG, Probe.PROCESSOR}
    assert {probe for probe, one in found.items() if one.finding is Finding.GOOD} >= good
    assert found[Probe.IPSEC].text.startswith(f"{HUB_WAN}: 17 packets out, 12 in")


def test_the_keys_of_a_router_of_linux_frr_are_compared_and_never_shown(inventory: Inventory) -> None:
    answers = linux(HUB, HUB_WAN) | {"ike": {"sas": []}}
    for key, finding in ((KEY, Finding.GOOD), ("Planted-Other-1", Finding.BAD)):
        answers["keys"] = {"secrets": [{"name": "ike-vpn", "ids": ["%any"], "secret": key}]}
        found = evidence(inventory, inventory.site("york"), Router(answers))
        assert found[Probe.IKE].finding is Finding.BAD
        assert found[Probe.KEYS].finding is finding
        assert "Planted" not in "".join(one.text for one in found.values())


def test_a_hub_of_another_platform_is_asked_in_its_own_words(inventory: Inventory) -> None:
    hub = inventory.site("london")
    router = hub.router.model_copy(update={"platform": "cisco_iosxe"})
    other = replace(hub, site=hub.site.model_copy(update={"router": router}))
    spoke = "10.255.8.3"
    asked = Router(
        {
            "show dmvpn": f"Interface: Tunnel10, IPv4\n     1 {SPOKE_WAN}     {spoke}    UP 00:12:31     D\n",
            "show ip nhrp": f"{spoke}/32 via {spoke}\n   NBMA address: {SPOKE_WAN}\n",
            "show bgp vpnv4 unicast all summary": f"{spoke} 4 65010 12 11 5 0 0 00:08:42 3\n",
            "show crypto ikev2 sa": f"1  {HUB_WAN}/500  {SPOKE_WAN}/4500  none/none  READY\n",
            f"show crypto ipsec sa peer {SPOKE_WAN}": f"   current_peer {SPOKE_WAN} port 4500\n    #pkts encaps: 5\n",
        }
    )
    found = evidence(inventory, other, asked)
    assert asked.refused == []
    tunnel = {Probe.DMVPN, Probe.NHRP, Probe.BGP, Probe.IKE, Probe.IPSEC, Probe.PING_TUNNEL, Probe.PING_WAN}
    assert {probe for probe, one in found.items() if one.finding is Finding.GOOD} >= tunnel
    assert (spoke, "CORPORATE", "Tunnel10") in asked.pinged
    back = Router(linux(spoke, SPOKE_WAN))
    evidence(inventory, hub, back)
    assert (spoke, "corporate", "gre10") in back.pinged
