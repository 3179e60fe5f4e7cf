"""Changes on real routers: FRR, nftables and sshd as Debian has them, in namespaces of this computer."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.lab.onboard.documents import FRR, NETWORK, NFT, SSHD, Files, build, routing, small
from tests.lab.onboard.machine import Machine, eventually


def commit(machine: Machine, files: Files, seconds: float = 60, *, confirm: bool = True) -> None:
    """Replace what runs."""
    machine.result("load", text=build(files), mode="replace")
    machine.result("commit", revert_in_s=seconds, user="test")
    if confirm:
        machine.result("confirm", user="test")


def peer(machine: Machine) -> dict[str, Any]:
    """What bgpd says of its one neighbour."""
    said = json.loads(machine.run("vtysh", "-N", "corporate", "-c", "show bgp summary json", check=False) or "{}")
    found = said.get("ipv4Unicast", {}).get("peers", {})
    return next(iter(found.values()), {})


def routes(machine: Machine) -> str:
    """The routes of the VPN that BGP gave."""
    return machine.run("ip", "netns", "exec", "corporate", "ip", "route", "show", "proto", "bgp")


@pytest.fixture(scope="module")
def pair(machines: tuple[Machine, Machine]) -> tuple[Machine, Machine]:
    """Two routers with their BGP session up."""
    one, two = machines
    commit(one, routing(1, "10.1.1.0/24"))
    commit(two, routing(2, "10.2.2.0/24"))
    assert eventually(lambda: peer(one).get("state") == "Established"), one.log()
    return machines


def test_a_replace_changes_one_prefix_and_leaves_the_session_up(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    time.sleep(1.1)
    before = peer(one)
    commit(one, routing(1, "10.1.9.0/24"))
    assert eventually(lambda: "10.1.9.0/24" in routes(two) and "10.1.1.0/24" not in routes(two))
    after = peer(one)
    assert after["peerUptimeMsec"] >= before["peerUptimeMsec"]
    assert after["connectionsEstablished"] == before["connectionsEstablished"]
    assert one.result("startup")["text"] == build(routing(1, "10.1.9.0/24"))


def test_a_change_that_nobody_confirms_is_taken_back_with_nobody_connected(pair: tuple[Machine, Machine]) -> None:
    one, two = pair
    commit(one, routing(1, "10.1.1.0/24"))
    before = peer(one)
    commit(one, routing(1, "10.1.8.0/24"), 20, confirm=False)
    pending = one.result("pending")
    assert pending["user"] == "test"
    assert 0 < pending["left_s"] <= 20
    assert eventually(lambda: "10.1.8.0/24" in routes(two), 20)
    assert eventually(lambda: "10.1.1.0/24" in routes(two) and "10.1.8.0/24" not in routes(two))
    assert eventually(lambda: one.result("pending") is None)
    assert peer(one)["connectionsEstablished"] == before["connectionsEstablished"]
    assert one.ask("confirm", user="test")["kind"] == "nothing_pending"


def test_the_part_that_bgpd_alone_can_refuse_puts_everything_back(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    files = routing(1, "10.1.1.0/24")
    commit(one, files)
    wrong = {
        **files,
        FRR: files[FRR].replace(" !\n", " neighbor 10.0.0.77 timers 1 3\n !\n", 1),
        NFT: small(1, 23)[NFT],
    }
    one.result("load", text=build(wrong), mode="replace")
    refused = one.ask("commit", revert_in_s=60, user="test")
    assert refused["kind"] == "rejected"
    assert FRR in refused["message"]
    assert "everything was put back" in refused["message"]
    assert "dport 22" in one.run("nft", "list", "ruleset")
    assert one.result("pending") is None
    one.result("load", text=build(files), mode="replace")
    assert one.result("compare")["text"] == ""


def test_what_was_changed_by_hand_shows_and_goes_with_the_next_commit(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    files = routing(1, "10.1.1.0/24")
    commit(one, files)
    one.run("vtysh", "-N", "corporate", "-c", "configure", "-c", "ip route 10.66.0.0/16 Null0")
    one.run("nft", "add", "rule", "ip", "filter", "input", "tcp", "dport", "6666", "accept")
    running = one.result("running")["text"]
    assert "ip route 10.66.0.0/16 Null0" in running
    assert "6666" in running
    one.result("load", text=build(files), mode="replace")
    difference = one.result("compare")["text"]
    assert {line for line in difference.splitlines() if line[:1] == "-" and line[:2] != "--"} == {
        "-ip route 10.66.0.0/16 Null0",
        "-\t\ttcp dport 6666 accept",
    }
    commit(one, files)
    assert "10.66" not in one.result("running")["text"]
    assert "6666" not in one.run("nft", "list", "ruleset")


def test_a_daemon_that_dies_is_started_again_with_its_part(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    commit(one, routing(1, "10.1.1.0/24"))
    old = one.run("pidof", "bgpd").split()
    one.run("kill", "-9", *old)
    assert eventually(lambda: one.run("pidof", "bgpd", check=False).split() not in ([], old))
    assert eventually(lambda: peer(one).get("state") == "Established"), one.log()
    assert eventually(lambda: one.ask("running").get("ok", False))
    assert "network 10.1.1.0/24" in one.result("running")["text"]


def test_running_is_whole_or_none(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    commit(one, routing(1, "10.1.1.0/24"))
    one.run("kill", "-9", *one.run("pidof", "bgpd").split())
    answer = one.ask("running")
    assert answer.get("kind") == "failed" or "network 10.1.1.0/24" in answer["result"]["text"]
    assert eventually(lambda: one.ask("running").get("ok", False))


def test_a_merge_adds_lines_to_frr_and_replaces_other_files(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    commit(one, routing(1, "10.1.1.0/24"))
    one.result("load", text=build({FRR: "ip route 10.5.0.0/16 Null0\n", NFT: small(1, 24)[NFT]}), mode="merge")
    one.result("commit", revert_in_s=None, user="test")
    assert one.result("pending") is None
    assert "ip route 10.5.0.0/16 Null0" in one.result("running")["text"]
    assert "network 10.1.1.0/24" in one.result("running")["text"]
    one.result("load", text=build(routing(1, "10.1.1.0/24")), mode="replace")
    assert one.ask("commit", revert_in_s=None, user="test")["kind"] == "refused"


def test_a_vpn_comes_and_goes_with_its_namespace_and_port(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    commit(one, {**small(1), NETWORK: small(1)[NETWORK].partition("[[vpn]]")[0]})
    assert "corporate" not in one.run("ip", "netns")
    assert "eth2" in one.run("ip", "-br", "link")
    assert not one.run("pidof", "bgpd", check=False)
    commit(one, routing(1, "10.1.1.0/24"))
    assert "eth2" not in one.run("ip", "-br", "link")
    assert eventually(lambda: peer(one).get("state") == "Established"), one.log()


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        (FRR, "router bgp x\n", f"vtysh refuses {FRR}"),
        (NFT, "table ip filter { chain\n", f"nft refuses {NFT}"),
        (SSHD, "Prot 22\n", f"sshd refuses {SSHD}"),
        ("etc/rsyslog.conf", 'module(load="nothing-such")\n', "rsyslogd refuses etc/rsyslog.conf"),
        ("etc/keepalived/corporate.conf", "vrrp_instance x {\n interface vlan10\n bogus\n", "keepalived refuses"),
        ("etc/spokesman/qos.tc", "qdisc add dev eth0 root nothing\n", "tc refuses etc/spokesman/qos.tc"),
        ("etc/spokesman/users", "netops:secret\n", "line 1 is not login:hash"),
        ("etc/spokesman/users", "root:$2b$10$abcdefghijklmnopqrstuv\n", "'root' is a login of the system"),
        ("etc/swanctl/swanctl.conf", "connections {\n", "not closed"),
        ("etc/chrony/chrony.conf", "bogus\n", "chronyd"),
    ],
)
def test_a_file_that_its_program_refuses_touches_nothing(
    pair: tuple[Machine, Machine], path: str, text: str, words: str
) -> None:
    one, _ = pair
    files = routing(1, "10.1.1.0/24")
    commit(one, files)
    before = one.log().count("applying")
    one.result("load", text=build({**files, NFT: small(1, 25)[NFT], path: text}), mode="replace")
    answer = one.ask("commit", revert_in_s=60, user="test")
    assert answer["kind"] == "rejected", answer
    assert words in answer["message"]
    assert one.log().count("applying") == before
    assert "dport 22" in one.run("nft", "list", "ruleset")
    assert one.result("pending") is None
    one.result("discard")
    assert one.ask("commit", revert_in_s=60, user="test")["kind"] == "refused"


def test_a_ping_leaves_from_the_address_or_the_interface_that_is_named(pair: tuple[Machine, Machine]) -> None:
    one, _ = pair
    for source in ("", "127.0.0.1", "lo"):
        said = one.result("ping", address="127.0.0.1", vpn="corporate", source=source, count=1)
        assert (said["sent"], said["received"]) == (1, 1), source
    assert one.ask("ping", address="127.0.0.1", vpn="corporate", source="lo; reboot", count=1)["kind"] == "refused"
