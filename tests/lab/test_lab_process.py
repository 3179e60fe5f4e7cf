"""The lab as a process of its own: started, asked by real net-snmp and SSH clients, reloaded, killed."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest

from agent.lab.control import LabClient
from agent.lab.errors import LabError
from agent.lab.process import LOCK
from agent.lab.router import BOOT_SECONDS
from agent.lab.spec import SPEC_FILE, LanPort, read_spec, write_spec
from tests.lab.labs import BOOTS, NAME, NETWORK, USERS, ping, spec, tool, until, v3
from tests.unit.lab_net.conftest import running

pytestmark = pytest.mark.lab


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
