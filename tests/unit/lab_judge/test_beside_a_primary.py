"""Beside a primary access: who is the LAN's gateway, and where offloaded traffic goes when tunnels are down."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from agent.lab.judge import End, Judged
from agent.lab.net.reasons import Reason
from agent.lab.traffic.standby import State
from tests.unit.lab_judge.conftest import Case

ROUTER, HUBS = "gx-tro", ("gx-osl", "gx-ber")
HOST, OSLO = IPv4Address("172.20.21.50"), IPv4Address("172.20.1.50")


def state(judged: Judged) -> State:
    return judged.standby(ROUTER)["Vlan30"]


def test_we_stand_by_while_the_destination_is_reachable_through_the_primary(beside: Case) -> None:
    judged = beside.look()
    assert judged.refused == {}
    assert state(judged) is State.STANDBY
    assert judged.tracks(ROUTER) == {31: True, 32: False, 33: True, 34: True, 39: True}


@pytest.mark.parametrize("down", ["primaries_off", "primaries_cut"])
def test_we_take_over_when_it_is_not(beside: Case, down: str) -> None:
    judged = beside.look(None, **{down: {ROUTER}})
    assert state(judged) is State.ACTIVE
    assert judged.tracks(ROUTER)[31] is False


def test_we_do_not_take_over_from_a_live_primary_when_no_hub_answers_us(beside: Case) -> None:
    assert state(beside.look(cut={*HUBS})) is State.STANDBY
    assert state(beside.look(cut={ROUTER}, primaries_cut={ROUTER})) is State.STANDBY


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        (" standby 30 preempt delay minimum 30 reload 180\n", ""),
        (" object 31 not\n", " object 31\n"),
        (" standby 30 priority 150\n", " standby 30 priority 50\n"),
    ],
)
def test_one_line_other_and_we_do_not_take_over(beside: Case, line: str, instead: str) -> None:
    assert state(beside.without(ROUTER, line, instead, primaries_cut={ROUTER})) is State.STANDBY


def test_two_keys_are_two_gateways(beside: Case) -> None:
    assert (
        state(beside.without(ROUTER, "key-string Planted-Hsrp-Key-1", "key-string Planted-Other-Key")) is State.ACTIVE
    )


def backups(judged: Judged) -> tuple[End, Reason | None, list[str]]:
    """Where a backup from the spoke's LAN to Oslo's ends, why, and by which routers."""
    verdict = judged.reaches(ROUTER, HOST, OSLO, "tcp", 873)
    return verdict.end, verdict.reason, [hop.router for hop in verdict.path]


def test_offloaded_traffic_goes_by_a_hub_or_not_at_all(beside: Case) -> None:
    assert backups(beside.look()) == (End.HOST, None, [ROUTER, "gx-osl"])
    assert backups(beside.look(cut={ROUTER})) == (End.LOST, Reason.STEERED_AWAY, [ROUTER])
    assert backups(beside.look(cut={"gx-osl"}))[0] is End.LOST


def test_a_way_back_to_the_primary_is_seen(beside: Case) -> None:
    back = "ip route vrf DATA 0.0.0.0 0.0.0.0 172.20.21.2 250\nend\n"
    judged = beside.without(ROUTER, "\nend\n", "\n" + back, cut={ROUTER})
    assert backups(judged)[1] is Reason.STEERED_AWAY
    assert judged.reaches(ROUTER, HOST, OSLO, "tcp", 445).end is End.PRIMARY
    judged = beside.without(ROUTER, "20 track 34\n set interface Null0\nend\n", "20 track 34\n" + back, cut={ROUTER})
    assert backups(judged)[0] is End.PRIMARY


def test_an_answer_goes_by_the_primary_while_that_is_the_gateway(beside: Case) -> None:
    assert beside.look().reaches("gx-osl", OSLO, HOST, "tcp", 445).works
    lost = beside.look(primaries_cut={ROUTER}, cut=set())
    assert lost.reaches("gx-osl", OSLO, HOST, "tcp", 445).works
