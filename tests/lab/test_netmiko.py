"""Netmiko and a bare SSH client against a virtual router: configuration mode, files both ways, hostile bytes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import netmiko
import pytest
from netmiko.exceptions import ConfigInvalidException

from tests.lab.conftest import ADDRESS, PASSWORD, Lab, eventually

pytestmark = pytest.mark.lab


@pytest.fixture
def session(lab: Lab) -> Iterator[Any]:
    made = netmiko.ConnectHandler(
        host=ADDRESS, port=lab.server.port, device_type="cisco_ios", username="admin", password=PASSWORD
    )
    yield made
    made.disconnect()


def test_configuration_mode(lab: Lab, session: Any) -> None:
    session.send_config_set(
        ["interface Loopback5", "description made by a test", "ip address 10.5.5.5 255.255.255.255"]
    )
    assert lab.router.running.section("interface Loopback5") is not None
    with pytest.raises(ConfigInvalidException):
        session.send_config_set(["interface Loopback5", "ip foo"], error_pattern=r"% Invalid")


def test_enable_from_privilege_1(lab: Lab) -> None:
    with netmiko.ConnectHandler(
        host=ADDRESS,
        port=lab.server.port,
        device_type="cisco_ios",
        username="guest",
        password=PASSWORD,
        secret=PASSWORD,
    ) as made:
        assert not made.check_enable_mode()
        assert "% Invalid input" in made.send_command("show running-config")
        made.enable()
        assert "hostname lab-r1" in made.send_command("show running-config")


def test_files_go_both_ways(session: Any, tmp_path: Path) -> None:
    up, down = tmp_path / "up.txt", tmp_path / "down.txt"
    up.write_text("line of a file\n" * 20_000)
    put = netmiko.file_transfer(session, source_file=str(up), dest_file="x.txt", direction="put", overwrite_file=True)
    assert put == {"file_exists": True, "file_transferred": True, "file_verified": True}
    netmiko.file_transfer(session, source_file="x.txt", dest_file=str(down), direction="get", overwrite_file=True)
    assert down.read_bytes() == up.read_bytes()


def test_saving_and_reloading(lab: Lab, session: Any) -> None:
    boots = lab.router.boots
    session.send_config_set(["hostname lab-r7"])
    session.set_base_prompt()
    assert "[OK]" in session.save_config()
    assert "Proceed with reload" in session.send_command_timing("reload")
    session.write_channel("\n")
    assert eventually(lambda: lab.router.boots == boots + 1)
    assert lab.router.startup is not None
    assert "hostname lab-r7" in lab.router.startup


@pytest.mark.parametrize("junk", [b"GET / HTTP/1.0\r\n\r\n", b"\x00" * 5000, b"SSH-2.0-x\r\n" + b"\xff" * 3000, b""])
def test_hostile_bytes_do_not_stop_the_server(lab: Lab, junk: bytes) -> None:
    with socket.create_connection((ADDRESS, lab.server.port), timeout=5) as client:
        client.sendall(junk)
        assert client.recv(4) == b"SSH-"
    lab.driver().open()


def test_other_requests(lab: Lab) -> None:
    async def ask() -> tuple[bytes | str | None, bytes | str | None, list[str]]:
        async with asyncssh.connect(
            ADDRESS, lab.server.port, username="admin", password=PASSWORD, known_hosts=None
        ) as client:
            clock = await client.run("show clock")
            unknown = await client.run("frobnicate")
            refused = []
            for attempt in (client.start_sftp_client(), client.open_connection("127.0.0.1", 9)):
                try:
                    await attempt
                except (asyncssh.Error, OSError) as error:
                    refused.append(type(error).__name__)
            return clock.stdout, unknown.stdout, refused

    clock, unknown, refused = asyncio.run(asyncio.wait_for(ask(), 20))
    assert "UTC" in str(clock)
    assert "% Invalid input" in str(unknown)
    assert refused == ["ChannelOpenError", "ChannelOpenError"]


def test_keys_are_not_a_way_in(lab: Lab) -> None:
    async def ask() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        await asyncssh.connect(
            ADDRESS, lab.server.port, username="admin", client_keys=[key], known_hosts=None, preferred_auth="publickey"
        )

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(asyncio.wait_for(ask(), 20))
