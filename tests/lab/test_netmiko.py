"""Netmiko against a virtual router: configuration mode, privilege, files both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
