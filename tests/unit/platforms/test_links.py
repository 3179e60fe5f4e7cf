"""A change is judged by its links on every platform: by tunnels that are up, routing inside them, and pings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.provisioning.outcome import LinkCheck
from agent.provisioning.ports import PingResult
from inventory import Inventory, SiteView
from inventory.loader import load_workspace

WORKSPACE = Path(__file__).parents[2] / "golden" / "linux_frr" / "two_vpns" / "workspace"
LINK = "corporate 10.255.8.1"
HUB_WAN = "198.51.100.10"


class LinuxDevice:
    """A spoke of linux_frr whose tunnel to its hub is up in one VPN and down in the other."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.pinged: list[tuple[str, str]] = []
        self.received = 5

    def show(self, command: str) -> str:
        self.asked.append(command)
        topic, _, vpn = command.partition(" ")
        answer = {"tunnels": self._tunnels, "servers": self._servers, "bgp": self._bgp}[topic](vpn)
        return json.dumps(answer)

    @staticmethod
    def _tunnels(vpn: str) -> dict[str, Any]:
        row = {"type": "nhs", "protocol": "10.255.8.1", "nbma": HUB_WAN, "interface": "gre10"}
        child = {"state": "INSTALLED", "protocol": "ESP", "local-ts": ["198.51.100.18/32[gre]"]}
        sa = {"state": "ESTABLISHED", "remote-host": HUB_WAN, "child-sas": {"gre-1": child}}
        return {"vpns": {vpn: {"link": "up", "cache": [row] if vpn == "corporate" else []}}, "sas": [sa]}

    @staticmethod
    def _servers(vpn: str) -> dict[str, Any]:
        hub = "10.255.8.1" if vpn == "corporate" else "10.255.16.1"
        return {"vpns": {vpn: {"servers": [{"protocol": hub, "nbma": HUB_WAN}], "cache": []}}}

    @staticmethod
    def _bgp(vpn: str) -> dict[str, Any]:
        state = "Established" if vpn == "corporate" else "Active"
        hub = "10.255.8.1" if vpn == "corporate" else "10.255.16.1"
        peer = {"state": state, "pfxRcd": 3, "peerUptime": "00:11:27"}
        return {vpn: {"summary": {"ipv4Unicast": {"peers": {hub: peer}}}}}

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        self.pinged.append((address, vrf))
        return PingResult(count, self.received)


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return load_workspace(WORKSPACE)


@pytest.fixture(scope="module")
def york(inventory: Inventory) -> SiteView:
    return inventory.site("york")


def test_links_are_those_of_each_vpns_own_namespace(york: SiteView) -> None:
    device: Any = LinuxDevice()
    assert LinkCheck().links(device, york) == {LINK}
    assert len(device.asked) == len(set(device.asked)), "each is asked once"
    faults = LinkCheck().faults(device, york, frozenset({LINK, "cctv 10.255.16.1"}))
    assert faults == ("cctv 10.255.16.1: no tunnel (NHRP)",)


def test_pings_are_sent_inside_the_vpn(york: SiteView) -> None:
    device: Any = LinuxDevice()
    assert LinkCheck().faults(device, york, frozenset({LINK})) == ()
    assert device.pinged == [("10.255.8.1", "corporate")]
