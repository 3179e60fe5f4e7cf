"""Blank boxes on cables, under this machine's own kernel: what they are, and what can be done to them."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from agent.lab.errors import LabError
from agent.lab.real.lab import RealLab
from tests.lab.conftest import eventually
from tests.lab.real.conftest import HUB, SPOKE, TOPOLOGY, connect

pytestmark = pytest.mark.lab

SERVICE = """mkdir -p /etc/systemd/system /usr/local/sbin
printf '#!/bin/sh\\nexec sleep 54321\\n' >/usr/local/sbin/service; chmod 755 /usr/local/sbin/service
printf '[Service]\\nExecStart=/usr/local/sbin/service\\nRestart=always\\n' >/etc/systemd/system/service.service
systemctl daemon-reload
systemctl enable --quiet --now service
"""


def test_a_blank_router_answers_at_its_console_and_nowhere_else(lab: RealLab) -> None:
    assert lab.check_console("hub", "hostname; cat /etc/spokesman/identity.json").startswith(
        'hub\n{"serial": "SERIAL1"'
    )
    assert lab.check_console("hub", "ls -A /root /home /var/log /srv | grep -v : | sort -u").strip() == ""
    ports = lab.check_console("hub", "ip -br link show | cut -d' ' -f1 | cut -d@ -f1").split()
    assert ports == ["lo", "eth0", "eth1", "eth2", "eth3"]
    assert lab.check_console("hub", "ss -Hltun").strip() == ""
    assert lab.console("internet", f"ping -c 1 -W 1 {SPOKE}").code != 0
    with pytest.raises(OSError, match=r"unreachable|timed out|No route"):
        socket.create_connection(("10.251.0.11", 22), timeout=1)


def test_what_a_router_writes_stays_on_its_own_disk(lab: RealLab) -> None:
    lab.check_console("hub", "echo mine >/etc/only-of-the-hub; rm /etc/os-release; mknod /dev/mine c 1 3")
    assert not Path("/etc/only-of-the-hub").exists()
    assert not Path("/dev/mine").exists()
    assert Path("/etc/os-release").exists()
    assert lab.console("spoke", "ls /etc/only-of-the-hub").code != 0


def test_a_script_that_fails_or_hangs_is_told(lab: RealLab) -> None:
    with pytest.raises(LabError, match="hub: what was typed at its console ended with 3: it is broken"):
        lab.check_console("hub", "echo it is broken; exit 3")
    hung = lab.console("hub", "echo before; sleep 60", timeout_s=0.5)
    assert (hung.code, hung.text) == (None, "before\n")
    assert lab.console("hub", "sleep 60 & echo after", timeout_s=5).text == "after\n"
    with pytest.raises(LabError, match="no box is called nobody"):
        lab.console("nobody", "true")


def test_hosts_reach_each_other_by_what_lies_between(lab: RealLab) -> None:
    connect(lab)
    lab.check_console(
        "hub", "ip addr replace 10.1.1.1/24 dev eth1; ip link set eth1 up; sysctl -qw net.ipv4.ip_forward=1"
    )
    answers = lab.ping("hub-lan", HUB, count=2, interval_s=0.1)
    assert [answer.ttl for answer in answers if answer] == [64, 64]
    assert lab.ping("hub-lan", SPOKE, count=1) == [None], "the internet has no route to a private network"
    assert all(lab.ping("hub", SPOKE, count=2, interval_s=0.1))


def test_a_cut_access_has_no_carrier_until_it_is_repaired(lab: RealLab) -> None:
    connect(lab)
    lab.cut("spoke")
    assert "NO-CARRIER" in lab.check_console("spoke", "ip link show eth0")
    assert lab.ping("hub", SPOKE, count=1) == [None]
    lab.repair("spoke")
    assert eventually(lambda: any(lab.ping("hub", SPOKE, count=1)))


def test_an_access_can_lose_packets(lab: RealLab) -> None:
    connect(lab)
    lab.lose("spoke", 100)
    assert lab.ping("hub", SPOKE, count=2, interval_s=0.1) == [None, None]
    lab.lose("spoke", 50)
    answers = lab.ping("hub", SPOKE, count=60, interval_s=0.01)
    assert 0 < sum(answer is None for answer in answers) < 60
    lab.lose("spoke", 0)
    assert all(lab.ping("hub", SPOKE, count=5, interval_s=0.1))


def test_power_takes_memory_and_processes_and_leaves_the_disk(lab: RealLab) -> None:
    connect(lab)
    lab.check_console("spoke", SERVICE + "echo kept >/root/kept; echo gone >/run/gone; ip netns add customer")
    assert eventually(lambda: lab.console("spoke", "pgrep -f 54321").code == 0)
    lab.power_off("spoke")
    lab.power_off("spoke")
    with pytest.raises(LabError, match="spoke is switched off"):
        lab.console("spoke", "true")
    assert lab.ping("hub", SPOKE, count=1) == [None]
    lab.power_on("spoke")
    assert lab.check_console("spoke", "cat /root/kept") == "kept\n"
    assert lab.console("spoke", "ls /run/gone /run/netns/customer").text.count("No such file") == 2
    assert lab.check_console("spoke", "ip -br addr show eth0 | wc -w").strip() == "2", "addresses are memory"
    assert eventually(lambda: lab.console("spoke", "pgrep -f 54321").code == 0), "what is enabled starts again"


def test_a_service_that_ends_is_started_again_and_one_that_is_stopped_is_not(lab: RealLab) -> None:
    lab.check_console("hub", SERVICE)
    assert eventually(lambda: lab.console("hub", "systemctl is-active service").text == "active\n")
    lab.check_console("hub", "pkill -f 54321")
    assert eventually(lambda: lab.console("hub", "pgrep -f 54321").code == 0)
    lab.check_console("hub", "systemctl disable --now service")
    assert lab.console("hub", "sleep 1.5; pgrep -f 54321; systemctl is-active service").text == "inactive\n"


def test_a_capture_counts_each_packet_once_by_its_ends_and_kind(lab: RealLab) -> None:
    connect(lab)
    with lab.capture() as seen:
        lab.ping("hub", SPOKE, count=3, interval_s=0.1)
        lab.console("hub", f"exec 3<>/dev/tcp/{SPOKE}/179; echo x >/dev/udp/{SPOKE}/500")
    assert seen.between(HUB, SPOKE)["ICMP"] >= 6
    assert (seen.between(HUB, SPOKE)["TCP 179"], seen.between(HUB, SPOKE)["IKE"]) == (1, 1)
    assert seen.between(HUB, "203.0.113.1") == {}
    assert seen.lost == 0
    assert f"{HUB:<16} {SPOKE:<16} ICMP" in seen.table()


def test_the_centre_waits_for_routers_with_its_secret(lab: RealLab) -> None:
    assert eventually(lambda: "remote: %any" in lab.console("centre", "swanctl --list-conns").text, 20)
    assert "10.251.0.0/24" in lab.console("centre", "swanctl --list-conns").text
    assert all(lab.ping("centre", TOPOLOGY.centre.outside, count=1)) is False, "its internet address is nobody here"
    own = subprocess.run(["ping", "-c", "1", "-W", "2", TOPOLOGY.centre.own], capture_output=True)
    assert own.returncode == 0
