"""The lab as a process of its own: started, asked by real net-snmp and SSH clients, broken, repaired, killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

import paramiko
import pytest

from agent.lab.control import LabClient
from agent.lab.errors import LabError
from agent.lab.process import LOCK
from agent.lab.router import BOOT_SECONDS
from agent.lab.spec import SPEC_FILE, LabSpec, LanPort, read_spec, write_spec
from tests.unit.lab_net.conftest import make_spec, running

pytestmark = pytest.mark.lab

UPTIME, NAME, BOOTS = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.6.3.10.2.1.2.0"
#: Of this process alone, so that two runs on one machine do not meet.
NETWORK = f"127.253.{os.getpid() % 250 + 1}"
USERS = """enable
configure terminal
snmp-server group OPS v3 priv read ALL
snmp-server view ALL iso included
snmp-server user ops OPS v3 auth sha-2 256 auth-secret priv aes 128 priv-secret
snmp-server user old OPS v3 auth sha auth-secret priv aes 128 priv-secret
end
write memory
"""


def spec(speed: float = 20.0, *, configured: bool = True) -> LabSpec:
    made = make_spec(speed=speed)
    devices = tuple(
        device.model_copy(
            update={
                "listen": IPv4Address(f"{NETWORK}.{number}"),
                "initial": running(device.name) + "end\n" if configured else None,
            }
        )
        for number, device in enumerate(made.devices, 1)
    )
    return made.model_copy(update={"devices": devices})


def until(check: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[LabClient]:
    """A client with nothing running; whatever a test starts ends with it."""
    directory = tmp_path / ("longer-than-the-path-of-a-unix-socket-may-be" * 3)
    directory.mkdir()
    yield LabClient(directory)
    with suppress(LabError):
        LabClient(directory).down()


@pytest.fixture
def lab(client: LabClient) -> LabClient:
    """Three routers, tunnels up."""
    client.up(spec())
    until(lambda: all(device.reachable for device in client.status()), "management of all devices")
    return client


def process(client: LabClient) -> int:
    """The lab's process: the one that holds its lock."""
    held = (client.directory / LOCK).stat()
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] == "FLOCK" and words[5].endswith(f":{held.st_ino}"):
            return int(words[4])
    raise AssertionError("nobody holds the lab's lock")


def tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of net-snmp or OpenSSH."""
    if shutil.which(arguments[0]) is None:
        where = "this CI machine" if os.environ.get("CI") else "this machine"
        package = "openssh-client" if arguments[0].startswith("ssh") else "snmp"
        pytest.fail(f"{where} has no {arguments[0]}: apt-get install {package}")
    return subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)


def v3(user: str, authentication: str, authentic: str = "auth-secret") -> list[str]:
    return [
        "-v3",
        "-l",
        "authPriv",
        "-u",
        user,
        "-a",
        authentication,
        "-A",
        authentic,
        "-x",
        "AES",
        "-X",
        "priv-secret",
    ]


def ping(client: LabClient, address: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agent.lab.ping", "--lab", str(client.directory), *options, address]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_tunnels_ping_and_uptime(lab: LabClient) -> None:
    until(lambda: all(tunnel.up for device in lab.status() for tunnel in device.tunnels), "tunnels")
    said = ping(lab, f"{NETWORK}.2", "-c", "3")
    assert said.returncode == 0
    assert "3 packets transmitted, 3 received, 0% packet loss" in said.stdout
    answer = tool("snmpget", "-v2c", "-c", "lab-v2c", f"{NETWORK}.2:1161", UPTIME)
    assert "Timeticks" in answer.stdout


def test_snmp_v3_as_net_snmp_sees_it(lab: LabClient) -> None:
    assert lab.paste("spoke-a", USERS).rejected == ()
    there = f"{NETWORK}.2:1161"
    for user, authentication in (("ops", "SHA-256"), ("old", "SHA")):
        answer = tool("snmpget", "-Oqv", *v3(user, authentication), there, NAME)
        assert answer.stdout.strip().strip('"') == "spoke-a", answer.stderr
    walked = tool("snmpbulkwalk", "-On", *v3("ops", "SHA-256"), there, "1.3.6.1.2.1.31.1.1.1.1").stdout
    assert "Tu10" in walked
    assert "Gi0/0/0" in walked
    assert "Authentication failure" in tool("snmpget", *v3("ops", "SHA-256", "wrong-secret"), there, NAME).stderr
    assert "Unknown user name" in tool("snmpget", *v3("nobody", "SHA"), there, NAME).stderr
    lower = ["-v3", "-l", "authNoPriv", "-u", "old", "-a", "SHA", "-A", "auth-secret"]
    assert "authorizationError" in tool("snmpget", *lower, there, NAME).stderr


def test_a_reload_raises_engine_boots_and_starts_uptime_again(lab: LabClient) -> None:
    lab.paste("spoke-a", USERS)
    ask = ["snmpget", "-Oqv", "-t", "1", "-r", "0", *v3("ops", "SHA-256"), f"{NETWORK}.2:1161", BOOTS]
    before = int(tool(*ask).stdout)
    lab.break_("spoke-a", "reload")
    assert not lab.device("spoke-a").up
    assert "Timeout" in tool(*ask).stderr, "a router that boots is silent"
    lab.advance(BOOT_SECONDS)
    until(lambda: lab.device("spoke-a").reachable, "the router after its reload")
    assert int(tool(*ask).stdout) == before + 1


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


def test_a_replacement_is_blank_with_another_serial_and_host_key(lab: LabClient) -> None:
    def host_key() -> str:
        return tool("ssh-keyscan", "-T", "5", "-p", "2022", f"{NETWORK}.2").stdout

    before = host_key()
    assert before
    lab.replace("spoke-a", "FCZ0000A0B9")
    licence = "license boot level network-advantage addon dna-advantage"
    done = lab.paste("spoke-a", f"enable\nconfigure terminal\n{licence}\nend\nwrite memory\nreload\n")
    assert (done.rejected, done.restarting) == ((), True)
    device = lab.device("spoke-a")
    assert (device.serial, device.hostname, device.reachable) == ("FCZ0000A0B9", "Router", False)
    done = lab.paste("spoke-a", "enable\nconfigure terminal\n" + running("spoke-a") + "end\nwrite memory\n")
    assert [row.line for row in done.rejected if row.line and not row.line.startswith("version")] == []
    until(lambda: lab.device("spoke-a").reachable, "management of the new router")
    assert host_key() not in {"", before}


def test_without_power_nobody_reads_the_console(lab: LabClient) -> None:
    lab.break_("hub", "power")
    done = lab.paste("hub", "enable\nshow clock\n")
    assert [row.number for row in done.rejected] == [1]
    assert "no power" in done.rejected[0].answer


def test_pasted_lines_that_are_rejected_come_back(lab: LabClient) -> None:
    done = lab.paste("hub", "enable\nconfigure terminal\nhostname hub\nthis is no command\nend\nshow nothing\n")
    assert [(row.number, row.line) for row in done.rejected] == [(4, "this is no command"), (6, "show nothing")]
    assert "% Invalid input detected at '^' marker." in done.text
    assert done.text.startswith("hub>enable\n")


def test_killed_and_started_again_it_goes_on(lab: LabClient) -> None:
    lab.paste("spoke-a", USERS)
    lab.break_("spoke-b", "power")
    time.sleep(0.5)
    os.kill(process(lab), signal.SIGKILL)
    until(lambda: not lab.running(), "the end of the process")
    with pytest.raises(LabError, match="not running"):
        lab.status()
    lab.up()
    until(lambda: lab.device("spoke-a").reachable, "management after the restart")
    assert not lab.device("spoke-b").powered
    answer = tool("snmpget", "-Oqv", *v3("ops", "SHA-256"), f"{NETWORK}.2:1161", NAME)
    assert answer.stdout.strip().strip('"') == "spoke-a", answer.stderr


def test_it_ends_when_asked_and_leaves_no_process(lab: LabClient) -> None:
    number = process(lab)
    lab.down()
    until(lambda: not Path(f"/proc/{number}").exists() or " Z " in Path(f"/proc/{number}/stat").read_text(), "the end")
    lab.down()
    assert ping(lab, f"{NETWORK}.1").returncode == 2


def test_lab_time_can_jump(lab: LabClient) -> None:
    ask = ["snmpget", "-Oqvt", "-v2c", "-c", "lab-v2c", f"{NETWORK}.1:1161", UPTIME]
    before = int(tool(*ask).stdout)
    lab.advance(3600)
    assert int(tool(*ask).stdout) >= before + 360_000
    with pytest.raises(LabError, match="backwards"):
        lab.advance(-1)


def test_ssh_answers_only_while_the_tunnel_is_up(lab: LabClient) -> None:
    login = "enable\nconfigure terminal\naaa new-model\naaa authentication login default local\n"
    login += "aaa authorization exec default local\nusername ops privilege 15 secret Some-Word-1\nend\n"
    assert lab.paste("hub", login).rejected == ()

    with paramiko.Transport((f"{NETWORK}.1", 2022)) as link:
        link.connect(username="ops", password="Some-Word-1")
        shell = link.open_session()
        shell.settimeout(20)
        shell.invoke_shell()
        shell.sendall(b"terminal length 0\nshow dmvpn\nexit\n")
        assert b"Type:Hub, NHRP Peers:2" in shell.makefile().read()


def test_a_taken_port_is_named(client: LabClient) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((f"{NETWORK}.3", 1161))
        with pytest.raises(LabError, match=rf"{NETWORK}\.3:1161"):
            client.up(spec())
    assert not client.running()
    client.up(spec())


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


def test_a_bad_specification_is_one_clear_line(client: LabClient) -> None:
    for content in ("", "{", "[]", '{"devices": []}', '{"secret": 1}'):
        (client.directory / SPEC_FILE).write_text(content)
        with pytest.raises(LabError, match=r"spec\.json") as found:
            read_spec(client.directory)
        assert "\n" not in str(found.value)
    with pytest.raises(LabError, match=r"spec\.json"):
        client.up()


def test_a_port_or_model_that_does_not_exist_is_named(client: LabClient) -> None:
    made = spec()
    for changes, named in (({"model": "C9999"}, "C9999"), ({"lan": (LanPort(interface="Vlan7"),)}, "Vlan7")):
        devices = (made.devices[0].model_copy(update=changes), *made.devices[1:])
        with pytest.raises(LabError, match=named):
            client.up(made.model_copy(update={"devices": devices}))


def test_the_specification_holds_a_key_and_is_private(client: LabClient) -> None:
    made = spec()
    write_spec(client.directory, made)
    assert (client.directory / SPEC_FILE).stat().st_mode & 0o777 == 0o600
    assert read_spec(client.directory) == made
    assert made.centre.ike_psk not in repr(made)


def test_a_damaged_state_file_is_named(client: LabClient) -> None:
    state = client.directory / "state"
    state.mkdir()
    (state / "hub.json").write_text('{"chassis": ')
    with pytest.raises(LabError, match=r"hub\.json"):
        client.up(spec())
