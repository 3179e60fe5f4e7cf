"""The golden options of both IOS families at work: the spoke stands by beside its primary, and offload is one way."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

import pytest

from agent.lab.judge import End, Primary
from agent.lab.net.reasons import Reason
from agent.lab.traffic.standby import State
from tests.unit.lab_judge.conftest import GOLDEN, Case, golden

HUB, SPOKE = "acme-lon-r1", "acme-lee-r1"
HOST, FAR = IPv4Address("10.10.2.50"), IPv4Address("10.10.1.50")
CAMERA, RECORDER = IPv4Address("10.20.2.50"), IPv4Address("10.20.1.50")


@lru_cache(maxsize=2)
def customer(case: str) -> Case:
    """The customer with the primary routers that its inventory names."""
    secrets = tomllib.loads((GOLDEN / case / "secrets.toml").read_text())
    key = str(secrets["secrets"]["env:ACME_HSRP"])

    def primary(lan: int, group: int, key: str = "") -> Primary:
        networks = (IPv4Network(f"10.{lan}.1.0/24"), IPv4Network("10.10.99.1/32"))
        address = IPv4Address(f"10.{lan}.2.2")
        return Primary(address=address, group=group, networks=networks, key=key, decrement=0)

    beside = {(SPOKE, "Vlan10"): primary(10, 10, key), (SPOKE, "Vlan20"): primary(20, 20)}
    return Case(golden(case), translated={SPOKE}, primaries=beside)


@pytest.fixture(params=["options_iosxe", "options_ios15"])
def case(request: pytest.FixtureRequest) -> Case:
    return customer(request.param)


def test_no_line_is_refused_and_every_tunnel_is_up(case: Case) -> None:
    judged = case.look()
    assert judged.refused == {}
    assert [one for one in judged.tunnels() if not one.up] == []


def test_the_spoke_is_the_gateway_only_where_the_primary_does_not_lead(case: Case) -> None:
    both = {"Vlan10", "Vlan20"}
    assert case.look().standby(SPOKE) == dict.fromkeys(both, State.STANDBY)
    for down in ({"primaries_off": {SPOKE}}, {"primaries_cut": {SPOKE}}):
        assert case.look(None, **down).standby(SPOKE) == dict.fromkeys(both, State.ACTIVE)
    assert case.look(primaries_cut={SPOKE}, cut={HUB}).standby(SPOKE) == dict.fromkeys(both, State.STANDBY)


def test_offloaded_traffic_never_goes_to_the_primary(case: Case) -> None:
    up, down = case.look(), case.look(cut={HUB})
    backup = up.reaches(SPOKE, HOST, FAR, "tcp", 873)
    assert (backup.end, [hop.router for hop in backup.path]) == (End.HOST, [SPOKE, HUB])
    assert down.reaches(SPOKE, HOST, FAR, "tcp", 873).reason is Reason.STEERED_AWAY
    picture = up.reaches(SPOKE, CAMERA, RECORDER, "udp", 5000, dscp=8)
    assert picture.path[0].did[0].startswith("route map OFFLOAD")
    assert down.reaches(SPOKE, CAMERA, RECORDER, "udp", 5000, dscp=8).reason is Reason.STEERED_AWAY


def test_traffic_of_the_hub_is_marked_by_vpn_and_queued_by_one_policy(case: Case) -> None:
    judged = case.look()
    voice = judged.reaches(HUB, FAR, HOST, "udp", 16400, dscp=46)
    other = judged.reaches(HUB, FAR, HOST, "udp", 16400, dscp=48)
    assert (voice.packet.dscp, other.packet.dscp) == (46, 0)
