"""The lab's judge, which knows nothing of our templates, loads golden sites beside a primary access.

Who is the gateway, where offloaded traffic goes, and that fleets of both families of IOS form their tunnels
[WV-3, WV-8, WV-12].
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from agent.lab.judge import End, Judge, Judged, Primary, surroundings
from agent.lab.traffic.standby import State

ROUTER, HOST, LONDON = "acme-lee-r1", IPv4Address("10.10.2.50"), IPv4Address("10.10.1.50")
#: It does not notice itself what it cannot reach any more.
PRIMARIES = {
    (ROUTER, "Vlan10"): Primary(
        address=IPv4Address("10.10.2.2"),
        group=10,
        networks=(IPv4Network("10.10.0.0/16"),),
        decrement=0,
        key="Planted-Hsrp-Key-01",
    ),
    (ROUTER, "Vlan20"): Primary(
        address=IPv4Address("10.20.2.2"), group=20, networks=(IPv4Network("10.10.99.0/24"),), decrement=0
    ),
}
CASES = {"options_iosxe": {ROUTER: "16.12"}, "options_ios15": {}}


@cache
def _judge(case: str) -> tuple[Judge, dict[str, str]]:
    folder = Path(__file__).with_name(case) / "expected"
    texts = {path.stem: path.read_text() for path in sorted(folder.glob("*.cfg"))}
    around = surroundings(texts, translated={ROUTER}, primaries=PRIMARIES, releases=CASES[case])
    return Judge(around, texts, CASES[case]), texts


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def look(case: str, *, cut: bool = False, primary_cut: bool = False) -> Judged:
    """The site's network, with our access or the primary's down."""
    judge, texts = _judge(case)
    return judge.look(texts, cut={ROUTER} if cut else (), primaries_cut={ROUTER} if primary_cut else ())


def test_every_line_is_taken_and_every_tunnel_is_up(case: str) -> None:
    judged = look(case)
    assert judged.refused == {}
    assert [one for one in judged.tunnels() if not one.up] == []


@pytest.mark.parametrize(
    ("cut", "primary_cut", "expected"),
    [
        (False, False, State.STANDBY),
        (False, True, State.ACTIVE),
        (True, False, State.STANDBY),
        (True, True, State.STANDBY),
    ],
)
def test_ours_is_the_gateway_only_while_it_leads_on_and_the_primary_does_not(
    case: str, cut: bool, primary_cut: bool, expected: State
) -> None:
    states = look(case, cut=cut, primary_cut=primary_cut).standby(ROUTER)
    assert states == {"Vlan10": expected, "Vlan20": expected}


def test_offloaded_traffic_goes_by_the_hub_or_nowhere(case: str) -> None:
    there = look(case).reaches(ROUTER, HOST, LONDON, "tcp", 873)
    assert (there.end, [hop.router for hop in there.path]) == (End.HOST, [ROUTER, "acme-lon-r1"])
    assert look(case, cut=True).reaches(ROUTER, HOST, LONDON, "tcp", 873).end is End.LOST


@pytest.mark.parametrize("port", [445, 873])
def test_nothing_goes_back_to_the_primary_when_our_access_fails(case: str, port: int) -> None:
    for primary_cut in (False, True):
        judged = look(case, cut=True, primary_cut=primary_cut)
        for destination in (LONDON, IPv4Address("10.10.99.1"), IPv4Address("10.10.3.50")):
            assert judged.reaches(ROUTER, HOST, destination, "tcp", port).end is End.LOST
