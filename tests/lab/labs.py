"""The lab as a process of its own: what is started, and the clients that ask it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from ipaddress import IPv4Address

import pytest

from agent.lab.control import LabClient
from agent.lab.spec import LabSpec
from tests.unit.lab_net.conftest import make_spec, running

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
