"""Faults of a lab that runs, as real ping, net-snmp and SSH clients meet them; one lab for all, repaired after each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path

import paramiko
import pytest

from agent.lab.control import LabClient
from agent.lab.errors import LabError
from agent.lab.spec import LabSpec
from tests.unit.lab_net.conftest import make_spec, running

pytestmark = pytest.mark.lab

#: Of this process alone, so that two runs on one machine do not meet.
NETWORK = f"127.252.{os.getpid() % 250 + 1}"
HUB, SPOKE = f"{NETWORK}.1", f"{NETWORK}.2"
EVIDENCE = """snmp mib nhrp
logging dmvpn
crypto logging ikev2
crypto ikev2 diagnose error 50
aaa new-model
aaa authentication login default local
aaa authorization exec default local
username ops privilege 15 secret Some-Word-1
end
"""
IKE_TABLE, IKE_FAILURES = "1.3.6.1.4.1.9.9.171.1.2.3.1.8", "1.3.6.1.4.1.9.9.171.1.5.2.1.1.2"
NHS_IN_USE, MINUTE = "1.3.6.1.2.1.71.1.2.3.1.7", "1.3.6.1.4.1.9.9.109.1.1.1.1.7.1"
UPTIME = "1.3.6.1.2.1.1.3.0"


def spec() -> LabSpec:
    made = make_spec(speed=20.0)
    devices = tuple(
        device.model_copy(
            update={"listen": IPv4Address(f"{NETWORK}.{number}"), "initial": running(device.name) + EVIDENCE}
        )
        for number, device in enumerate(made.devices, 1)
    )
    return made.model_copy(update={"devices": devices})


def until(check: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    client = LabClient(tmp_path_factory.mktemp("lab"))
    client.up(spec())
    yield client
    client.down()


@pytest.fixture
def lab(shared: LabClient) -> Iterator[LabClient]:
    """Everything up; whatever a test breaks is repaired."""
    until(lambda: healthy(shared), "all tunnels")
    yield shared
    for device in shared.status():
        shared.repair(device.name)


def healthy(client: LabClient) -> bool:
    return all(device.reachable and all(one.up for one in device.tunnels) for device in client.status())


def asked(program: str, address: str, oid: str, *options: str) -> list[str]:
    """Lines of an answer of net-snmp, values only."""
    command = [program, "-v2c", "-c", "lab-v2c", "-Oqv", *options, f"{address}:1161", oid]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout.split("\n")[:-1]


def ping(client: LabClient, address: str, count: int) -> str:
    command = [sys.executable, "-m", "agent.lab.ping", "--lab", str(client.directory), "-c", str(count), address]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout


def said(address: str, seconds: float) -> bytes:
    """What comes over a new TCP connection to a router's SSH."""
    with socket.create_connection((address, 2022), timeout=5) as link:
        link.settimeout(seconds)
        return link.recv(100)


def heard(shell: paramiko.Channel, wanted: bytes) -> None:
    """Read what a terminal shows until ``wanted`` is there, however it is cut into pieces."""
    text = b""
    while wanted not in text:
        piece = shell.recv(1000)
        assert piece, text
        text += piece


@pytest.mark.parametrize(
    "root",
    ["1.3.6.1.4.1.9.9.171", "1.3.6.1.2.1.71", "1.3.6.1.2.1.15", "1.3.6.1.4.1.9.9.109", "1.3.6.1.2.1.2.2", "1.3.6.1"],
)
def test_real_tools_walk_the_mibs(lab: LabClient, root: str) -> None:
    one_by_one = asked("snmpwalk", SPOKE, root, "-On")
    in_bulk = asked("snmpbulkwalk", SPOKE, root, "-On")
    assert len(one_by_one) == len(in_bulk) > 2
    assert not any("No Such" in line or "No more" in line for line in one_by_one[:-1]), "the end of all may follow"


def test_loss_is_seen_by_ping_and_survived_by_tunnels(lab: LabClient) -> None:
    lab.break_("spoke-a", "loss", 10)
    assert lab.device("spoke-a").broken == ("loss 10%",)
    share = lab.ping(SPOKE, 1000).count(None) / 1000
    assert 0.14 < share < 0.24, "nine of ten go, nine of ten come"
    assert lab.ping(f"{NETWORK}.3", 200).count(None) == 0
    assert asked("snmpget", SPOKE, UPTIME, "-t", "1", "-r", "8")
    assert all(tunnel.up for tunnel in lab.device("spoke-a").tunnels)
    errors = [int(line) for line in asked("snmpbulkwalk", SPOKE, "1.3.6.1.2.1.2.2.1.14", "-r", "8")]
    until(
        lambda: sum(map(int, asked("snmpbulkwalk", SPOKE, "1.3.6.1.2.1.2.2.1.14", "-r", "8"))) > sum(errors), "errors"
    )


def test_delay_is_in_every_round_trip(lab: LabClient) -> None:
    lab.break_("spoke-a", "delay", 300)
    times = [one for one in lab.ping(SPOKE, 5) if one is not None]
    assert len(times) == 5
    assert min(times) >= 300
    assert "time=31" in ping(lab, SPOKE, 1)
    before = time.monotonic()
    asked("snmpget", SPOKE, UPTIME, "-t", "5")
    assert time.monotonic() - before >= 0.3
    before = time.monotonic()
    assert said(SPOKE, 10).startswith(b"SSH-2.0-Cisco")
    assert time.monotonic() - before >= 0.15, "half of it on the way here"


def test_ssh_that_hangs_says_nothing_while_the_rest_goes_on(lab: LabClient) -> None:
    with paramiko.Transport((SPOKE, 2022)) as link:
        link.connect(username="ops", password="Some-Word-1")
        shell = link.open_session()
        shell.settimeout(20)
        shell.invoke_shell()
        heard(shell, b"spoke-a#")
        lab.break_("spoke-a", "ssh")
        with pytest.raises(TimeoutError):
            said(SPOKE, 0.7)
        shell.sendall(b"show clock\n")
        shell.settimeout(0.7)
        with pytest.raises(TimeoutError):
            shell.recv(1000)
        assert asked("snmpget", SPOKE, UPTIME)
        assert lab.ping(SPOKE, 3).count(None) == 0
        assert healthy(lab), "tunnels and forwarding go on"
        lab.repair("spoke-a", "ssh")
        shell.settimeout(20)
        heard(shell, b"show clock\r\n")
    assert said(SPOKE, 20).startswith(b"SSH-2.0-Cisco")


def test_a_key_mismatch_is_in_the_tables_of_both_ends(lab: LabClient) -> None:
    before = len(asked("snmpwalk", SPOKE, IKE_TABLE))
    failed = len(asked("snmpwalk", HUB, "1.3.6.1.4.1.9.9.171.1.5"))
    lab.break_("spoke-a", "key", vpn="corp")
    device = lab.device("spoke-a")
    assert device.broken == ("key CORP",)
    assert device.reachable
    assert {(one.up, one.reason) for one in device.tunnels} == {(False, "the pre-shared keys differ")}
    assert len(asked("snmpwalk", SPOKE, IKE_TABLE)) == before - 1, "the row has vanished"
    assert set(asked("snmpwalk", SPOKE, NHS_IN_USE)) == {"2"}
    assert set(asked("snmpwalk", SPOKE, IKE_FAILURES)) == {"5"}
    assert len(asked("snmpwalk", HUB, "1.3.6.1.4.1.9.9.171.1.5")) > failed
    assert set(asked("snmpwalk", HUB, IKE_FAILURES)) == {"5"}
    typed = lab.paste("hub", "enable\nshow crypto ikev2 diagnose error\nshow crypto ikev2 stats exchange\n")
    assert typed.rejected == ()
    assert "Auth exchange failed" in typed.text
    assert "AUTHENTICATION_FAILED" in typed.text


def test_a_busy_processor_is_shown_and_slow(lab: LabClient) -> None:
    quiet = int(asked("snmpget", SPOKE, MINUTE)[0])
    lab.break_("spoke-a", "cpu", 99)
    lab.advance(1500)
    before = time.monotonic()
    assert int(asked("snmpget", SPOKE, MINUTE, "-t", "10")[0]) > 95 > quiet
    assert time.monotonic() - before > 1
    typed = lab.paste("spoke-a", "enable\nshow processes cpu sorted 1min\n")
    assert "five minutes: 9" in typed.text
    assert typed.text.splitlines()[4].endswith("IP Input         ")


def test_faults_outlive_the_process(lab: LabClient) -> None:
    lab.break_("spoke-a", "delay", 50)
    lab.break_("spoke-a", "key")
    lab.down()
    lab.up()
    assert lab.device("spoke-a").broken == ("delay 50 ms", "key CORP")
    lab.repair("spoke-a")
    assert lab.device("spoke-a").broken == ()


def test_nonsense_is_refused_in_one_clear_line(lab: LabClient) -> None:
    attempts: list[tuple[Callable[[], None], str]] = [
        (lambda: lab.break_("spoke-a", "los", 10), "choose one of access"),
        (lambda: lab.break_("spoke-a", "loss"), "loss needs a value"),
        (lambda: lab.break_("spoke-a", "loss", float("nan")), "0.1 to 100%"),
        (lambda: lab.break_("spoke-a", "access", 3), "takes no value"),
        (lambda: lab.break_("spoke-a", "delay", 1, vpn="CORP"), "not of one VPN"),
        (lambda: lab.break_("spoke-a", "key", vpn="../x"), "has no VPN"),
        (lambda: lab.break_("nobody", "loss", 10), "no device nobody"),
        (lambda: lab.repair("spoke-a", "everything"), "choose one of access"),
    ]
    for act, wanted in attempts:
        with pytest.raises(LabError, match=wanted) as found:
            act()
        assert "\n" not in str(found.value)
    assert all(device.broken == () for device in lab.status())


def test_the_list_of_faults_is_private(lab: LabClient) -> None:
    lab.break_("spoke-a", "key")
    kept = Path(lab.directory) / "state" / "faults.json"
    assert kept.stat().st_mode & 0o777 == 0o600
