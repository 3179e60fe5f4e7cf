"""net-snmp's agent, started on a port of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from collectors.snmp import Community, Target, V3User
from inventory import Secret

CONFIGURATION = """\
agentAddress udp:{address}:{port}
rocommunity public 127.0.0.0/8
engineID {engine}
dontLogTCPWrappersConnects yes
createUser sha-user SHA "sha-auth-secret" AES "sha-priv-secret"
createUser sha256-user SHA-256 "sha256-auth-secret" AES "sha256-priv-secret"
rouser sha-user priv
rouser sha256-user priv
sysName test-agent
sysLocation nowhere
sysContact nobody
"""

SHA = V3User("sha-user", Secret("sha-auth-secret"), Secret("sha-priv-secret"), "sha")
PUBLIC = Community(Secret("public"))
SHA256 = V3User("sha256-user", Secret("sha256-auth-secret"), Secret("sha256-priv-secret"), "sha256")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def program(name: str) -> str:
    """Where a program of net-snmp is."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        pytest.fail(f"net-snmp's {name} is missing; install it: apt-get install snmpd snmp")
    return path


class Snmpd:
    """A real agent, as a context manager; its users, engine and boots live in ``home``."""

    def __init__(self, home: Path, port: int, address: str = "127.0.0.1", more: str = "") -> None:
        """``more`` are further lines of its configuration."""
        self.home, self.port, self.address, self.more = home, port, address, more
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, engine: str = "spokesman-test") -> None:
        configuration = self.home / "snmpd.conf"
        text = CONFIGURATION.format(address=self.address, port=self.port, engine=engine)
        configuration.write_text(text + self.more)
        # One agent that stands in for many devices must not drop what the client sends to all of them at once.
        (self.home / "snmp.conf").write_text("serverRecvBuf 4194304\n")
        persistent = self.home / "persistent"
        persistent.mkdir(exist_ok=True)
        with (self.home / "snmpd.log").open("ab") as log:
            self.process = subprocess.Popen(
                [program("snmpd"), "-f", "-Le", "-r"],
                env={
                    **os.environ,
                    "SNMPCONFPATH": f"{self.home}:{persistent}",
                    "SNMP_PERSISTENT_DIR": str(persistent),
                    "MIBS": "",
                },
                stdout=log,
                stderr=log,
            )
        self._wait()

    def stop(self) -> None:
        """Ends as a router that reloads in good order: boots are kept."""
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def forget(self) -> None:
        """Loses boots and keys, as a chassis with blank memory."""
        shutil.rmtree(self.home / "persistent")

    def _wait(self) -> None:
        """Until the port is taken; the agent binds it when it is ready."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            if f":{self.port:04X} " in Path("/proc/net/udp").read_text():
                return
            time.sleep(0.02)
        pytest.fail("snmpd does not start: " + (self.home / "snmpd.log").read_text()[-2000:])

    def target(self, credentials: Community | V3User, timeout_s: float = 5.0, retries: int = 1) -> Target:
        return Target("127.0.0.1", self.port, credentials, timeout_s, retries)
