"""IKE, IPsec, NHRP, BGP and NTP as a router's agent shows them, and how that misleads as real agents do."""

from __future__ import annotations

from typing import Any

import pytest

from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.mib import RouterMib
from tests.unit.lab_net.conftest import Live

FLOW: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 171, 1)
IKE, IPSEC, IKE_FAILED, IPSEC_FAILED = (*FLOW, 2, 3, 1), (*FLOW, 3, 2, 1), (*FLOW, 5, 2, 1, 1), (*FLOW, 5, 3, 1, 1)
NHRP: Oid = (1, 3, 6, 1, 2, 1, 71, 1)
BGP: Oid = (1, 3, 6, 1, 2, 1, 15)
NTP: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 168, 1)


@pytest.fixture
def live() -> Live:
    return Live()


def walk(live: Live, router: str, root: Oid) -> dict[Oid, Value]:
    mib = RouterMib(live.world.routers[router], live.world).now()
    found = {oid[len(root) :]: mib.value(oid) for oid in mib.oids() if oid[: len(root)] == root}
    return {oid: value for oid, value in found.items() if value is not None}


def column(live: Live, router: str, root: Oid, number: int) -> list[Any]:
    rows = walk(live, router, (*root, number)).values()
    return [one.octets if one.tag == 4 else int.from_bytes(one.octets, "big") for one in rows]


def configured(live: Live, *lines: str) -> None:
    for name, router in live.world.routers.items():
        live.run(name, router.running.render().replace("\nend", "\n" + "\n".join(lines) + "\nend"))
    live.wait(5)


def test_one_row_a_peer_and_it_vanishes_with_the_tunnel(live: Live) -> None:
    hub, centre = bytes((198, 51, 100, 10)), bytes((203, 0, 113, 1))
    assert sorted(column(live, "spoke-a", IKE, 8)) == sorted([hub, centre])
    live.world.damage("spoke-a", "key")
    live.wait(5)
    assert column(live, "spoke-a", IKE, 8) == [centre]
    assert column(live, "spoke-a", IPSEC, 5) == [centre]


def test_an_index_belongs_to_one_association(live: Live) -> None:
    before = set(walk(live, "spoke-a", (*IKE, 8)))
    assert {(index,) for index in column(live, "spoke-a", IPSEC, 2)} == before
    live.world.damage("spoke-a", "provider")
    live.wait(10)
    live.world.mend("spoke-a")
    live.wait(10)
    after = set(walk(live, "spoke-a", (*IKE, 8)))
    assert len(after) == len(before)
    assert not after & before


@pytest.mark.parametrize(
    ("old", "new", "table", "reason"),
    [
        ("pre-shared-key group-key", "pre-shared-key other", IKE_FAILED, 5),
        (" group 20 19\n", " group 21\n", IKE_FAILED, 10),
        ("set pfs group20", "set pfs group19", IPSEC_FAILED, 4),
    ],
)
def test_failures_have_their_reason_at_both_ends(live: Live, old: str, new: str, table: Oid, reason: int) -> None:
    live.change("spoke-a", old, new)
    live.wait(20)
    others = {IKE_FAILED: IPSEC_FAILED, IPSEC_FAILED: IKE_FAILED}
    for router in ("spoke-a", "hub"):
        assert set(column(live, router, table, 2)) == {reason}
    if reason != 10:  # the management tunnel of this configuration has the same proposal
        assert column(live, "spoke-a", others[table], 2) == []
    assert column(live, "spoke-b", table, 2) == []


def test_a_silent_peer_is_lost_after_a_minute(live: Live) -> None:
    live.world.damage("hub", "provider")
    live.wait(50)
    assert column(live, "spoke-a", IKE_FAILED, 2) == []
    live.wait(30)
    assert column(live, "spoke-a", IKE_FAILED, 2) == [3]
    assert column(live, "spoke-a", IKE_FAILED, 9) == [bytes((198, 51, 100, 10))]


def test_failures_are_numbered_once_and_dated_by_uptime(live: Live) -> None:
    live.world.damage("spoke-a", "key")
    live.wait(10)
    first = walk(live, "spoke-a", (*IKE_FAILED, 3))
    live.wait(60)
    later = walk(live, "spoke-a", (*IKE_FAILED, 3))
    assert set(first) < set(later)
    assert all(later[index] == value for index, value in first.items())
    uptime = live.world.routers["spoke-a"].uptime * 100
    assert all(0 < int.from_bytes(value.octets, "big") <= uptime for value in later.values())


def test_without_its_line_there_is_no_nhrp_mib(live: Live) -> None:
    assert walk(live, "hub", NHRP) == {}
    configured(live, "snmp mib nhrp")
    assert len(column(live, "hub", (*NHRP, 3, 3, 1), 8)) == 4
    assert set(column(live, "spoke-a", (*NHRP, 2, 2, 1), 3)) == {3}


def test_a_spoke_keeps_its_server_and_a_hub_forgets_its_spoke(live: Live) -> None:
    configured(live, "snmp mib nhrp")
    sent, answered = (column(live, "spoke-a", (*NHRP, 2, 4, 1), which)[0] for which in (7, 8))
    live.world.damage("spoke-a", "key")
    live.wait(100)
    assert set(column(live, "spoke-a", (*NHRP, 2, 3, 1), 7)) == {2}, "not in use"
    assert set(column(live, "spoke-a", (*NHRP, 2, 2, 1), 3)) == {2}, "registering"
    assert column(live, "spoke-a", (*NHRP, 2, 4, 1), 8)[0] == answered
    assert column(live, "spoke-a", (*NHRP, 2, 4, 1), 7)[0] > sent
    assert column(live, "hub", (*NHRP, 3, 3, 1), 4) == [bytes((10, 255, 10, 3)), bytes((10, 255, 20, 3))]


def test_cache_entries_are_indexed_by_address_interface_and_place(live: Live) -> None:
    configured(live, "snmp mib nhrp")
    names = {oid[-1]: value.octets for oid, value in walk(live, "hub", (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)).items()}
    for index, value in walk(live, "hub", (*NHRP, 1, 2, 1, 7)).items():
        assert index[:2] == (1, 4)
        assert names[index[6]] == f"Tu{index[4]}".encode()
        assert value.octets in {bytes((198, 51, 100, 18)), bytes((198, 51, 100, 26))}
    assert set(column(live, "hub", (*NHRP, 1, 2, 1), 9)) == {2}, "registered"
    assert set(column(live, "spoke-a", (*NHRP, 1, 2, 1), 9)) == {6}, "configured"


def test_peers_of_a_vrf_are_in_no_bgp_row(live: Live) -> None:
    assert set(walk(live, "hub", BGP)) == {(1, 0), (2, 0), (4, 0)}
    assert column(live, "hub", BGP, 2) == [65010]


def test_the_clock_follows_its_server(live: Live) -> None:
    assert walk(live, "spoke-a", NTP) == {}
    configured(live, "ntp server vrf MGMT 10.254.255.10")
    live.wait(20)
    assert column(live, "spoke-a", (*NTP, 1), 2) == [3]
    assert column(live, "spoke-a", (*NTP, 2, 1, 1), 23) == [b"\x00\x00\x00\x21"]
    live.world.damage("spoke-a", "management")
    assert column(live, "spoke-a", (*NTP, 1), 2) == [16]
    assert column(live, "spoke-a", (*NTP, 1), 11) == [3]


def test_the_load_is_in_old_and_new_columns(live: Live) -> None:
    root: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 109, 1, 1, 1, 1)
    live.world.damage("hub", "cpu", 90)
    live.wait(60)
    five, minute, minutes = (column(live, "hub", root, number)[0] for number in (6, 7, 8))
    assert five == 90
    assert 55 < minute < 70
    assert 20 < minutes < 35
    assert [column(live, "hub", root, number)[0] for number in (3, 4, 5)] == [five, minute, minutes]
