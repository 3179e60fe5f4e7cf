"""Show output of the network: what ntc-templates reads back from it, and how it tells what is wrong."""

from __future__ import annotations

import re

import pytest
from ntc_templates.parse import parse_output

from tests.unit.lab_net.conftest import Live


def parsed(live: Live, router: str, command: str, template: str = "") -> list[dict[str, str]]:
    rows: list[dict[str, str]] = parse_output(
        platform="cisco_ios", command=template or command, data=live.show(router, command)
    )
    return rows


def ping(live: Live, router: str, address: str, vrf: str | None, source: str | None, count: int = 5) -> str:
    result = live.world.ping(live.world.routers[router], address, vrf, source, count)
    return result.error or "".join("." if reply is None else "!" for reply in result.replies)


def test_dmvpn_peers_with_state_and_uptime(live: Live) -> None:
    rows = parsed(live, "hub", "show dmvpn")
    assert [(row["peer_tunnel"], row["state"], row["attribute"]) for row in rows] == [
        ("10.255.10.2", "UP", "D"),
        ("10.255.10.3", "UP", "D"),
        ("10.255.20.2", "UP", "D"),
        ("10.255.20.3", "UP", "D"),
    ]
    before = rows[0]["uptime"]
    live.wait(3600)
    assert parsed(live, "hub", "show dmvpn")[0]["uptime"] > before


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        ("pre-shared-key group-key", "pre-shared-key other", "IKE"),
        ("set pfs group20", "set pfs group19", "IPSEC"),
        ("nhrp authentication NHRP10", "nhrp authentication OTHER", "NHRP"),
        ("interface Tunnel10\n", "interface Tunnel10\n shutdown\n", "INTF"),
    ],
)
def test_a_peer_that_is_not_up_tells_how_far_it_came(live: Live, old: str, new: str, state: str) -> None:
    live.change("spoke-a", old, new)
    live.wait(10)
    row = parsed(live, "spoke-a", "show dmvpn")[0]
    assert (row["peer_nbma"], row["state"], row["uptime"]) == ("198.51.100.10", state, "00:00:09")
    assert "10.255.10.2" not in live.show("hub", "show dmvpn").partition("Tunnel20")[0]


def test_a_cut_access_empties_the_tables_and_uptime_starts_again(live: Live) -> None:
    live.wait(500)
    live.world.damage("spoke-a", "access")
    live.wait(5)
    assert [row["state"] for row in parsed(live, "spoke-a", "show dmvpn")] == ["IKE", "IKE"]
    assert live.show("spoke-a", "show crypto ikev2 sa") == ""
    assert "10.255.10.2" not in live.show("hub", "show bgp vpnv4 unicast all summary")
    live.world.mend("spoke-a")
    live.wait(20)
    assert [row["state"] for row in parsed(live, "spoke-a", "show dmvpn")] == ["UP", "UP"]
    assert parsed(live, "spoke-a", "show dmvpn")[0]["uptime"] == "00:00:16"


@pytest.mark.parametrize("how", ["bgp vpnv4 unicast all", "ip bgp vpnv4 all", "bgp vpnv4 unicast vrf CORP"])
def test_bgp_summary_of_a_spoke(live: Live, how: str) -> None:
    command = f"show {how} summary"
    (row,) = parsed(live, "spoke-a", command, "show ip bgp summary")
    assert row["bgp_neighbor"] == "10.255.10.1"
    assert row["neighbor_as"] == row["local_as"] == "65010"
    assert row["state_or_prefixes_received"] == "3"
    live.change("hub", "password bgp-word", "password other")
    live.wait(30)
    (row,) = parsed(live, "spoke-a", command, "show ip bgp summary")
    assert row["state_or_prefixes_received"] == "Active"
    assert row["up_down"] == "00:00:29"


def test_bgp_summary_of_a_hub_marks_neighbours_of_a_listen_range(live: Live) -> None:
    said = live.show("hub", "show bgp vrf CORP all summary")
    assert "For address family: VPNv4 Unicast" in said
    assert re.search(r"^\*10\.255\.10\.2 +4 +65010 .* 1$", said, re.MULTILINE)
    assert "Dynamically created neighbors: 2, Subnet ranges: 1" in said
    assert live.show("hub", "show bgp vrf NONE all summary") == "% VRF NONE does not exist\n"


def test_routes_of_a_table(live: Live) -> None:
    rows = parsed(live, "spoke-a", "show ip route vrf CORP")
    found = {(row["protocol"], f"{row['network']}/{row['prefix_length']}"): row for row in rows}
    assert found["B", "10.10.3.0/24"]["nexthop_ip"] == "10.255.10.3"
    assert found["C", "10.10.2.0/24"]["nexthop_if"] == "Vlan10"
    assert {row["vrf"] for row in rows} == {"CORP"}
    default = parsed(live, "spoke-a", "show ip route")[0]
    assert (default["network"], default["nexthop_ip"], default["flag"]) == ("0.0.0.0", "198.51.100.17", "*")
    assert "Known via" in live.show("spoke-a", "show ip route vrf CORP 10.10.3.50")
    assert live.show("spoke-a", "show ip route vrf CORP 192.0.2.1").endswith("% Network not in table\n")


def test_interfaces(live: Live) -> None:
    rows = {row["interface"]: row for row in parsed(live, "spoke-a", "show interfaces")}
    assert (rows["Tunnel10"]["link_status"], rows["Tunnel10"]["protocol_status"]) == ("up", "up")
    assert rows["GigabitEthernet0/0/0"]["ip_address"] == "198.51.100.18"
    live.change("spoke-a", "interface GigabitEthernet0/0/0\n", "interface GigabitEthernet0/0/0\n shutdown\n")
    live.wait(1)
    rows = {row["interface"]: row for row in parsed(live, "spoke-a", "show interfaces")}
    assert rows["GigabitEthernet0/0/0"]["link_status"] == "administratively down"
    assert (rows["Tunnel10"]["link_status"], rows["Tunnel10"]["protocol_status"]) == ("up", "down"), "if-state nhrp"


def test_crypto(live: Live) -> None:
    said = live.show("spoke-a", "show crypto ikev2 sa detailed")
    assert said.count("READY") == 2, "tunnels that share a profile share the IKE SA"
    assert "Encr: AES-GCM, keysize: 256, PRF: SHA384, Hash: None, DH Grp:20, Auth sign: PSK, Auth verify: PSK" in said
    assert "Local id: spoke-a.managed.invalid" in said
    sessions = parsed(live, "spoke-a", "show crypto session detail")
    assert {row["session_status"] for row in sessions} == {"UP-ACTIVE"}
    associations = parsed(live, "spoke-a", "show crypto ipsec sa detail")
    assert {row["interface"] for row in associations} == {"Tunnel10", "Tunnel20", "Tunnel4095"}


def test_a_failed_negotiation_is_told_where_the_router_is_to_keep_it(live: Live) -> None:
    command = "show crypto ikev2 diagnose error"
    live.change("spoke-a", "pre-shared-key group-key", "pre-shared-key other")
    live.wait(5)
    assert live.show("spoke-a", command).strip() == (
        "Exit Path Table - status: disable, current entry 0, deleted 0, max allow 50"
    )
    live.change("spoke-a", "version 17.9\n", "version 17.9\ncrypto ikev2 diagnose error 20\n")
    said = live.show("spoke-a", command)
    assert said.startswith("Exit Path Table - status: enable, current entry 1, deleted 0, max allow 20\n")
    assert "Error(3): Auth exchange failed\n" in said, "after 0, 1 and 3 seconds"


def test_nhrp(live: Live) -> None:
    assert "Type: static" in live.show("spoke-a", "show ip nhrp vrf CORP")
    assert "10.255.20" not in live.show("spoke-a", "show ip nhrp vrf CORP")
    assert "10.255.10.1  RE" in live.show("spoke-a", "show ip nhrp nhs")
    assert "dynamic, Flags: registered" in live.show("hub", "show ip nhrp")
    assert "10.255.10.1/32" in live.show("spoke-a", "show ip nhrp brief")


def test_the_first_packet_between_spokes_is_lost_and_makes_a_shortcut(live: Live) -> None:
    assert ping(live, "spoke-a", "10.10.3.50", "CORP", "Vlan10") == ".!!!!"
    assert ping(live, "spoke-a", "10.10.3.50", "CORP", "Vlan10") == "!!!!!"
    rows = parsed(live, "spoke-a", "show dmvpn")
    assert ("10.255.10.3", "UP", "D") in [(row["peer_tunnel"], row["state"], row["attribute"]) for row in rows]
    live.wait(700)
    assert ping(live, "spoke-a", "10.10.1.50", "CORP", "Vlan10") == "!!!!!"
    assert "10.255.10.3" not in live.show("spoke-a", "show dmvpn"), "unused shortcuts go"


def test_spokes_without_a_common_key_go_on_through_the_hub(live: Live) -> None:
    entries = " peer B\n  address 198.51.100.26\n  pre-shared-key key-of-b\n"
    live.change("spoke-a", "crypto ikev2 keyring VPN\n", "crypto ikev2 keyring VPN\n" + entries)
    live.wait(10)
    assert ping(live, "spoke-a", "10.10.3.50", "CORP", "Vlan10") == "!!!!!"
    assert "10.255.10.3" not in live.show("spoke-a", "show dmvpn")


@pytest.mark.parametrize(
    ("address", "vrf", "source", "answer"),
    [
        ("10.10.3.50", "NONE", None, "VRF NONE does not exist"),
        ("10.10.3.50", "CORP", "GigabitEthernet0/0/0", "Invalid source interface - Not in the VRF"),
        ("10.10.3.50", "CORP", "10.10.2.77", "Invalid source address- IP address not on any of our up interfaces"),
        ("10.10.3.50", "CORP", "nothing", "Invalid source"),
        ("not-an-address", None, None, "Unrecognized host or address, or protocol not running."),
        ("10.10.3.50", None, None, "....."),
        ("203.0.113.1", None, None, "!!!!!"),
        ("10.255.10.1", "CORP", "Tunnel10", "!!!!!"),
    ],
)
def test_ping(live: Live, address: str, vrf: str | None, source: str | None, answer: str) -> None:
    assert ping(live, "spoke-a", address, vrf, source) == answer


def test_the_time_comes_from_a_server_that_answers(live: Live) -> None:
    text = live.world.routers["spoke-a"].running.render().replace("\nend", "\nntp server vrf MGMT 10.254.255.10\nend")
    live.run("spoke-a", text)
    assert "Clock is synchronized, stratum 3, reference is 10.254.255.10" in live.show("spoke-a", "show ntp status")
    live.world.damage("spoke-a", "management")
    assert "Clock is unsynchronized" in live.show("spoke-a", "show ntp status")
    assert ".INIT." in live.show("spoke-a", "show ntp associations")


def test_commands_that_are_not_of_the_network_are_left_to_the_router(live: Live) -> None:
    for command in ("show version", "show crypto key mypubkey rsa", "show bgp neighbors", "show interfaces status"):
        assert live.world.show(live.world.routers["hub"], command) is None
