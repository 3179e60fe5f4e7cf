"""What only the real linux_frr router can show: routing that goes on while the configuration is replaced."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.errors import CommandRejected
from tests.contract.dialects import FRR, LINUX, VPN, changed
from tests.contract.linux_router import until
from tests.contract.targets import Target

pytestmark = pytest.mark.lab

CUSTOMER = "192.168.10.2"


@pytest.fixture
def routed(linux: Target) -> Target:
    """The router with its session to the customer's."""
    until(lambda: session(linux).get("state") == "Established", 30, linux.lab.said)
    until(lambda: "172.16.1.0/24" in routes(linux), 30)
    return linux


def vtysh(target: Target, command: str) -> str:
    return str(target.lab.inside("vtysh", "-N", VPN, "-c", command))


def session(target: Target) -> dict[str, Any]:
    """The BGP session with the customer as FRR itself tells."""
    said = json.loads(vtysh(target, "show bgp summary json"))
    found: dict[str, Any] = said.get("ipv4Unicast", {}).get("peers", {}).get(CUSTOMER, {})
    return found


def routes(target: Target) -> str:
    return vtysh(target, "show ip route bgp")


def test_an_unchanged_session_survives_a_replace_its_confirmation_and_a_revert(routed: Target) -> None:
    before = session(routed)
    with routed.open() as device:
        running = device.running_config()
        device.load_replace(LINUX.added(running, LINUX.line))
        device.commit(60)
        assert LINUX.line.split()[2] in vtysh(routed, "show ip route static")
        device.confirm()
        device.load_replace(running)
        device.commit(60)
        assert LINUX.line.split()[2] not in vtysh(routed, "show ip route static")
        device.revert_now()
    after = session(routed)
    assert after["state"] == "Established"
    assert after["connectionsEstablished"] == before["connectionsEstablished"]
    assert after["peerUptimeMsec"] >= before["peerUptimeMsec"]
    assert "172.16.1.0/24" in routes(routed)


def test_a_replace_removes_what_is_not_in_the_candidate(routed: Target) -> None:
    def without(content: str) -> str:
        return "".join(line for line in content.splitlines(keepends=True) if CUSTOMER not in line)

    with routed.open() as device:
        running = device.running_config()
        device.load_replace(changed(running, FRR, without))
        assert f"- neighbor {CUSTOMER} remote-as 65010" in device.compare()
        device.commit(60)
        assert session(routed) == {}
        device.revert_now()
    until(lambda: session(routed).get("state") == "Established", 30)


def test_one_part_that_is_refused_leaves_all_the_others_as_they_were(routed: Target) -> None:
    before = session(routed)
    with routed.open() as device:
        running = device.running_config()
        wanted = changed(
            LINUX.added(running, LINUX.line), "etc/ssh/sshd_config", lambda text: f"{text}NoSuchOption 1\n"
        )
        device.load_replace(wanted)
        with pytest.raises(CommandRejected, match="NoSuchOption"):
            device.commit(60)
        assert not device.pending_revert()
        assert routed.says(device.running_config()) == routed.says(running)
    assert LINUX.line.split()[2] not in vtysh(routed, "show ip route static")
    after = session(routed)
    assert after["connectionsEstablished"] == before["connectionsEstablished"]
    assert after["peerUptimeMsec"] >= before["peerUptimeMsec"]  # which bgpd counts in whole seconds


def test_a_change_by_hand_is_in_running_and_not_in_startup(routed: Target) -> None:
    with routed.open() as device:
        routed.lab.inside("vtysh", "-N", VPN, "-c", "configure", "-c", LINUX.line)
        assert LINUX.line in device.running_config()
        assert LINUX.line not in device.startup_config()


def test_napalm_tells_of_the_neighbour(routed: Target) -> None:
    from agent.drivers.linux_frr.driver import LinuxFrrDriver

    place, login = routed.place, routed.login
    with LinuxFrrDriver(place.address, *login, optional_args={"host_key": place.host_key}) as driver:
        peer = driver.get_bgp_neighbors()[VPN]["peers"][CUSTOMER]
        assert (peer["is_up"], peer["is_enabled"], peer["description"]) == (True, True, "customer")
        assert (peer["local_as"], peer["remote_as"], peer["remote_id"]) == (65001, 65010, CUSTOMER)
        assert peer["uptime"] >= 0
        assert peer["address_family"]["ipv4"]["accepted_prefixes"] == 1
        addresses = driver.get_interfaces_ip()
        assert addresses["vlan10"]["ipv4"]["192.168.10.1"] == {"prefix_length": 24}
        assert addresses["eth0"]["ipv4"][place.address] == {"prefix_length": 30}
        assert driver.get_interfaces()["eth1"]["is_up"]


def test_a_change_of_the_name_does_not_lose_the_session(linux: Target) -> None:
    def renamed(content: str) -> str:
        return content.replace(f'"{linux.place.name}"', '"acme-lon-r99"')

    with linux.open() as device:
        device.load_replace(changed(device.running_config(), "etc/spokesman/network.toml", renamed))
        device.commit(60)
        assert device.facts().hostname == "acme-lon-r99"
        device.revert_now()
        assert device.facts().hostname == linux.place.name
