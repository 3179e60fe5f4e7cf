"""SSH and SCP of a virtual router as bare clients see them: logins, channels, hostile bytes, many at once, the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import paramiko
import pytest

from agent.lab.world import AloneInTheWorld
from tests.lab.conftest import ADDRESS, PASSWORD, Lab, eventually

pytestmark = pytest.mark.lab


@pytest.fixture
def link(lab: Lab) -> Iterator[paramiko.Transport]:
    """A connection that has not logged in."""
    with _connected(lab) as made:
        yield made


def _connected(lab: Lab) -> paramiko.Transport:
    made = paramiko.Transport((ADDRESS, lab.server.port))
    made.start_client(timeout=20)
    return made


def _asked(link: paramiko.Transport, command: str) -> tuple[bytes, int]:
    channel = link.open_session(timeout=20)
    channel.settimeout(20)
    channel.exec_command(command)
    return channel.makefile().read(), channel.recv_exit_status()


def _shell(link: paramiko.Transport) -> paramiko.Channel:
    channel = link.open_session(timeout=20)
    channel.settimeout(20)
    channel.get_pty()
    channel.invoke_shell()
    return channel


def _until(channel: paramiko.Channel, text: bytes) -> bytes:
    said = b""
    while text not in said:
        piece = channel.recv(65536)
        assert piece, said
        said += piece
    return said


def _connections(lab: Lab) -> int:
    """Threads of paramiko that are no client of this test, and of their sessions."""
    return sum(thread.name.startswith(f"ssh {lab.router.name}") for thread in threading.enumerate())


def test_password_and_keyboard_interactive_are_ways_in(lab: Lab) -> None:
    ways: list[Callable[[paramiko.Transport], object]] = [
        lambda link: link.auth_password("admin", PASSWORD, fallback=False),
        lambda link: link.auth_interactive("admin", lambda *asked: [PASSWORD for _ in asked[2]]),
    ]
    for way in ways:
        with _connected(lab) as link:
            way(link)
            assert link.is_authenticated()
            assert link.get_banner() == b"Authorised access only.\n"
            said, status = _asked(link, "show privilege")
            assert (b"level is 15" in said, status) == (True, 0)


@pytest.mark.parametrize("user", ["admin", "nobody", "", "a b", "x" * 20_000])
def test_no_other_way_in(link: paramiko.Transport, user: str) -> None:
    refused: list[Callable[[], object]] = [
        lambda: link.auth_none(user),
        lambda: link.auth_password(user, "wrong", fallback=False),
        lambda: link.auth_interactive(user, lambda *asked: ["wrong" for _ in asked[2]]),
        lambda: link.auth_interactive(user, lambda *_: []),
        lambda: link.auth_publickey(user, paramiko.ECDSAKey.generate()),
    ]
    for attempt in refused:
        with pytest.raises(paramiko.AuthenticationException):
            attempt()
    with pytest.raises(paramiko.SSHException):
        link.open_session(timeout=10)


def test_commands_and_what_is_no_command(lab: Lab, link: paramiko.Transport) -> None:
    link.auth_password("admin", PASSWORD)
    assert b"UTC" in _asked(link, "show clock")[0]
    assert b"% Invalid input" in _asked(link, "frobnicate")[0]
    with pytest.raises(paramiko.SSHException):
        link.open_session().invoke_subsystem("sftp")
    with pytest.raises(paramiko.ChannelException):
        link.open_channel("direct-tcpip", ("127.0.0.1", 9), ("127.0.0.1", 0))
    assert b"UTC" in _asked(link, "show clock")[0]


def test_the_last_bytes_arrive_before_the_end(lab: Lab, link: paramiko.Transport) -> None:
    link.auth_password("admin", PASSWORD)
    content = os.urandom(5_000_000)
    lab.do(lambda router: router.flash.write("big.bin", content, 0.0))
    channel = link.open_session(window_size=32_768)
    channel.settimeout(20)
    channel.exec_command("scp -f flash:/big.bin")
    channel.sendall(b"\0\0\0")
    assert channel.makefile().read() == b"C0644 5000000 big.bin\n" + content + b"\0"
    assert channel.recv_exit_status() == 0
    shell = _shell(link)
    shell.sendall(b"terminal length 0\nshow running-config\nexit\n")
    said = shell.makefile().read()
    assert b"\r\nend\r\n" in said
    assert said.endswith(b"exit\r\n")


def test_a_session_has_one_shell_and_a_connection_few_sessions(lab: Lab, link: paramiko.Transport) -> None:
    link.auth_password("admin", PASSWORD)
    shells = [_shell(link) for _ in range(10)]
    with pytest.raises(paramiko.SSHException):
        _shell(link)
    shells.pop().close()
    assert eventually(lambda: _asked(link, "show clock")[1] == 0)
    with pytest.raises(paramiko.SSHException):
        shells[0].invoke_shell()


def test_a_session_stalls_while_the_router_is_unreachable_and_goes_on(lab: Lab, link: paramiko.Transport) -> None:
    link.auth_password("admin", PASSWORD)
    shell = _shell(link)
    _until(shell, b"#")
    lab.do(lambda router: setattr(router, "world", _Cut()))
    shell.sendall(b"show clock\n")
    shell.settimeout(0.5)
    with pytest.raises(TimeoutError):
        shell.recv(1)
    shell.settimeout(20)
    lab.do(lambda router: setattr(router, "world", lab.world))
    assert b"UTC" in _until(shell, b"UTC")


def test_a_session_does_not_outlive_a_power_cut(lab: Lab, link: paramiko.Transport) -> None:
    link.auth_password("admin", PASSWORD)
    shell = _shell(link)
    _until(shell, b"#")
    lab.do(lambda router: router.reload("PowerOn", seconds=0))
    assert shell.recv(65536) == b""
    assert eventually(lambda: not link.is_active())
    with _connected(lab) as again:
        again.auth_password("admin", PASSWORD)


def test_who_does_not_log_in_is_dropped_once_the_router_is_reachable(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.lab.ssh.server.LOGIN_SECONDS", 0.5)
    with socket.create_connection((ADDRESS, lab.server.port), timeout=20) as client:
        assert client.recv(100) == b"SSH-2.0-Cisco-1.25\r\n"
        lab.do(lambda router: setattr(router, "world", _Cut()))
        client.settimeout(1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(20)
        lab.do(lambda router: setattr(router, "world", lab.world))
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x00" * 5000,
        b"SSH-2.0-x\r\n" + b"\xff" * 3000,
        b"\xff\xfe\n",
        b"SSH-1.0-x\r\n",
        b"",
    ],
)
def test_hostile_bytes_do_not_stop_the_server(lab: Lab, junk: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection((ADDRESS, lab.server.port), timeout=5) as client:
        client.sendall(junk)
        assert client.recv(4) == b"SSH-"
    with _connected(lab) as link:
        link.auth_password("admin", PASSWORD)
    assert eventually(lambda: _connections(lab) == 0)
    assert capfd.readouterr() == ("", "")


def test_many_connections_at_once_and_none_outlives_the_server(lab: Lab) -> None:
    with ExitStack() as stack:
        links = [stack.enter_context(_connected(lab)) for _ in range(25)]
        for link in links:
            link.auth_password("admin", PASSWORD)
        shells = [_shell(link) for link in links]
        for shell in shells:
            shell.sendall(b"show clock\n")
        for shell in shells:
            assert b"UTC" in _until(shell, b"UTC")
        assert _connections(lab) >= 75
        asyncio.run_coroutine_threadsafe(lab.server.close(), lab.loop).result(10)
        assert _connections(lab) == 0
        assert eventually(lambda: not any(link.is_active() for link in links))


def test_openssh_and_its_scp(lab: Lab, tmp_path: Path) -> None:
    if shutil.which("scp") is None:
        pytest.fail("this machine has no scp: apt-get install openssh-client")
    answer = tmp_path / "answer"
    answer.write_text(f"#!/bin/sh\necho {PASSWORD}\n")
    answer.chmod(0o700)
    common = ["-oUserKnownHostsFile=/dev/null", "-oStrictHostKeyChecking=no", "-oPubkeyAuthentication=no"]
    environment = os.environ | {"SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [command[0], *common, *command[1:]],
            env=environment, capture_output=True, text=True, timeout=30, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout

    port, there = str(lab.server.port), f"admin@{ADDRESS}"
    (tmp_path / "up").write_bytes(os.urandom(300_000))
    run("scp", "-O", "-P", port, str(tmp_path / "up"), f"{there}:flash:/x.bin")
    run("scp", "-O", "-P", port, f"{there}:flash:/x.bin", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == (tmp_path / "up").read_bytes()
    assert "UTC" in run("ssh", "-p", port, there, "show clock")


class _Cut(AloneInTheWorld):
    """A world in which management does not reach the router."""

    def management_reachable(self, router: object) -> bool:
        return False
