"""One lab as a process of its own, for all that leaves it as it was: asked, broken and repaired, told nonsense."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from agent.lab.control import LabClient
from agent.lab.errors import LabError
from agent.lab.router import BOOT_SECONDS
from tests.lab.labs import NETWORK, UPTIME, ping, spec, tool, until

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """Three routers, in a directory longer than the path of a Unix socket may be."""
    client = LabClient(tmp_path_factory.mktemp("longer-than-the-path-of-a-unix-socket-may-be" * 3))
    client.up(spec())
    yield client
    client.down()


@pytest.fixture
def lab(started: LabClient) -> LabClient:
    """With all of them reached, whatever the test before did."""
    until(lambda: all(device.reachable for device in started.status()), "management of all devices")
    return started


def test_tunnels_ping_and_uptime(lab: LabClient) -> None:
    until(lambda: all(tunnel.up for device in lab.status() for tunnel in device.tunnels), "tunnels")
    said = ping(lab, f"{NETWORK}.2", "-c", "3")
    assert said.returncode == 0
    assert "3 packets transmitted, 3 received, 0% packet loss" in said.stdout
    answer = tool("snmpget", "-v2c", "-c", "lab-v2c", f"{NETWORK}.2:1161", UPTIME)
    assert "Timeticks" in answer.stdout


@pytest.mark.parametrize("what", ["access", "provider", "power", "management"])
def test_break_and_repair(lab: LabClient, what: str) -> None:
    lab.break_("spoke-a", what)
    assert not lab.device("spoke-a").reachable
    assert lab.device("spoke-b").reachable
    said = ping(lab, f"{NETWORK}.2", "-c", "2")
    assert said.returncode == 1
    assert "2 packets transmitted, 0 received, 100% packet loss" in said.stdout
    silent = tool("snmpget", "-v2c", "-c", "lab-v2c", "-t", "0.3", "-r", "0", f"{NETWORK}.2:1161", UPTIME)
    assert "Timeout" in silent.stderr
    with socket.create_connection((f"{NETWORK}.2", 2022), timeout=5) as link:
        link.settimeout(0.5)
        with pytest.raises(TimeoutError):
            link.recv(100)
    lab.repair("spoke-a")
    lab.advance(BOOT_SECONDS if what == "power" else 0)
    until(lambda: lab.device("spoke-a").reachable, "management after the repair")
    assert ping(lab, f"{NETWORK}.2", "-c", "1").returncode == 0


def test_pasted_lines_that_are_rejected_come_back(lab: LabClient) -> None:
    done = lab.paste("hub", "enable\nconfigure terminal\nhostname hub\nthis is no command\nend\nshow nothing\n")
    assert [(row.number, row.line) for row in done.rejected] == [(4, "this is no command"), (6, "show nothing")]
    assert "% Invalid input detected at '^' marker." in done.text
    assert done.text.startswith("hub>enable\n")


def test_lab_time_can_jump(lab: LabClient) -> None:
    ask = ["snmpget", "-Oqvt", "-v2c", "-c", "lab-v2c", f"{NETWORK}.1:1161", UPTIME]
    before = int(tool(*ask).stdout)
    lab.advance(3600)
    assert int(tool(*ask).stdout) >= before + 360_000
    with pytest.raises(LabError, match="backwards"):
        lab.advance(-1)


def test_one_lab_a_directory(lab: LabClient) -> None:
    with pytest.raises(LabError, match="running already"):
        lab.up(spec())
    second = subprocess.run(
        [sys.executable, "-m", "agent.lab", "serve", "--dir", str(lab.directory)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert "running already" in second.stderr
    assert lab.running()


def test_nonsense_at_the_control_socket_is_answered_and_harms_nothing(lab: LabClient) -> None:
    nonsense = [
        b"\n",
        b"{}\n",
        b"[]\n",
        b'{"do": "nothing"}\n',
        b'{"do": "break", "device": "hub"}\n',
        b"\xff\xfe\n",
        b"null\n",
    ]
    for line in nonsense:
        with socket.socket(socket.AF_UNIX) as link:
            handle = os.open(lab.directory, os.O_RDONLY)
            link.connect(f"/proc/self/fd/{handle}/control.sock")
            os.close(handle)
            link.settimeout(10)
            link.sendall(line)
            assert b'"ok": false' in link.recv(10_000), line
    assert lab.running()


def test_what_cannot_be_done_is_refused(lab: LabClient) -> None:
    for act in (
        lambda: lab.break_("nobody", "access"),
        lambda: lab.break_("hub", "everything"),
        lambda: lab.repair("nobody"),
        lambda: lab.replace("hub", "no serial"),
        lambda: lab.replace("hub", "FCZ0000A0B2"),
        lambda: lab.paste("nobody", ""),
        lambda: lab.ping("not an address"),
        lambda: lab.ping(f"{NETWORK}.1", 0),
        lambda: lab.ping(f"{NETWORK}.1", 10**9),
        lambda: lab.advance(float("nan")),
        lambda: lab.advance(float("inf")),
        lambda: lab.device("nobody"),
    ):
        with pytest.raises(LabError):
            act()
    assert lab.running()
