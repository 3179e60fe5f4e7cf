"""The lab's Lync server has a WinRM listener, a stub: it knows its pool, and is silent when the server is off."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from agent.lab.errors import LabError
from agent.lab.lync.authority import LyncAuthority
from agent.lab.lync.server import VirtualLyncServer
from agent.lab.lync.spec import LyncServer, WinrmDoor
from agent.lab.winrm.deployment import Deployment

Found = TypeVar("Found")
HOST, FQDN, POOL = "127.108.77.21", "fe1.acme.example", "pool.acme.example"


def _port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _server(folder: Path, port: int) -> VirtualLyncServer:
    spec = LyncServer(
        name="acme-lync-fe1", fqdn=FQDN, behind="acme-lon-r1", address=IPv4Address("10.10.1.21"),
        listen=IPv4Address(HOST), services=("Lync Server Front-End",), ports={123: _port(), 5986: port},
        winrm=WinrmDoor(user="spokesman", password="Planted-Passw0rd", pool=POOL, release="2013"),
    )  # fmt: skip
    return VirtualLyncServer(spec, LyncAuthority(folder, folder), lambda: True, Deployment("2013", (POOL,), (FQDN,)))


def _pools(port: int, within_s: int = 60) -> list[str]:
    """What Get-CsPool says through a real client."""
    wsman: Any = WSMan(
        HOST, port=port, ssl=True, auth="basic", username="spokesman", password="Planted-Passw0rd", path="wsman",
        cert_validation=False, connection_timeout=within_s, read_timeout=within_s,
    )  # fmt: skip
    with wsman, RunspacePool(wsman) as pool:
        shell = PowerShell(pool)
        shell.add_script("$ErrorActionPreference = 'Stop'\nImport-Module Lync\nGet-CsPool")
        return [str((one.adapted_properties | one.extended_properties)["Identity"]) for one in shell.invoke()]


def _served(server: VirtualLyncServer, ask: Callable[[], Found]) -> Found:
    async def run() -> Found:
        server.start(IPv4Address("127.0.0.1"))
        try:
            return await asyncio.to_thread(ask)
        finally:
            await server.close()

    return asyncio.run(run())


def test_its_cmdlets_know_the_pool(tmp_path: Path) -> None:
    port = _port()
    assert _served(_server(tmp_path, port), lambda: _pools(port)) == [POOL]


def test_a_server_that_is_off_says_nothing(tmp_path: Path) -> None:
    port = _port()
    server = _server(tmp_path, port)
    server.damage("power", None)
    with pytest.raises(Exception, match="timed out"):
        _served(server, lambda: _pools(port, within_s=1))


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        with pytest.raises(LabError, match=f"port {port} cannot be used"):
            _served(_server(tmp_path, port), lambda: None)
