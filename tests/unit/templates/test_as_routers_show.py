"""What real routers show otherwise than it was typed, each with what says so: intended and running must agree on it."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from device_templates import platform_text
from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.facts import context_of
from device_templates.cisco_iosxe.rendering.options.qos import _dscp_lines
from device_templates.cisco_iosxe.rendering.prefix import Prefix
from device_templates.cisco_iosxe.rendering.render import render
from inventory import Inventory, Secret

GOLDEN = Path(__file__).parents[2] / "golden"
LEEDS = (GOLDEN / "two_vpns/expected/acme-lee-r1.cfg").read_text(encoding="utf-8")
CLASSIC = (GOLDEN / "options_ios15/expected/acme-lee-r1.cfg").read_text(encoding="utf-8")
GROUP = "snmp-server group FLEET v3 priv read FLEET access SNMP-FLEET\n"
SHOWN = GROUP.replace(" access", " notify *tv.FFFFFFFF.FFFFFFFF.FFFFFFFF.FFFFFFFF7F access")
Secrets = Callable[[str], Secret]


def test_the_view_that_a_receiver_of_traps_gives_its_group_is_the_router_s() -> None:
    """``snmp-server host … version 3 priv USER`` adds it [running configurations: ``notify *tv.… access 69``]."""
    running = LEEDS.replace(GROUP, SHOWN)
    assert running != LEEDS
    assert compare(LEEDS, running).equal
    assert SHOWN in candidate(LEEDS, running)
    assert not compare(LEEDS, running.replace("access SNMP-FLEET", "access OTHERS")).equal
    assert [use for use in read_model(running).used if use.name.startswith("*")] == []


def test_lines_that_classic_routers_write_themselves() -> None:
    """[Running configurations: C892FSP with 15.6, routers with ``line 2`` (gatekeeper), 15.4 (mmi).]"""
    own = (
        "mmi polling-interval 60\nno mmi pvc\nipv6 ioam timestamp\n"
        "gatekeeper\n shutdown\nline con 0\n no modem enable\n"
    )
    running = CLASSIC.replace("line con 0\n", own)
    port = "interface GigabitEthernet0\n"
    running = running.replace(port, f"{port} no ip address\n")
    assert compare(CLASSIC, running).equal
    assert " no modem enable\n" in candidate(CLASSIC, running)


@pytest.mark.parametrize("port", ["GigabitEthernet0/1/0", "GigabitEthernet0/0/0"])
def test_a_port_that_was_ordered_and_is_shut_down_is_a_difference(port: str) -> None:
    running = LEEDS.replace(f"interface {port}\n", f"interface {port}\n shutdown\n")
    (line,) = compare(LEEDS, running).only_in_b
    assert str(line) == f"interface {port} > shutdown"
    assert candidate(LEEDS, running) == candidate(LEEDS, LEEDS)


def test_values_of_dscp_stand_in_the_order_of_their_numbers() -> None:
    """[Running configurations: ``match dscp cs5  ef``, ``match ip dscp cs3  af31  af32  af33  cs6  cs7``.]"""
    assert _dscp_lines(("ef", "cs7", "af31", "default", "cs3", "cs5")) == ("default cs3 af31 cs5 ef cs7",)


def test_classic_ios_shows_accounting_as_a_section(two_hubs: Inventory, secret: Secrets) -> None:
    """[Running configurations of 15.7: ``aaa accounting commands 15 default``, below it ``action-type start-stop``.]"""
    view = two_hubs.site("tromso")
    assert "\naaa accounting exec default start-stop group CENTRE\n" in render(two_hubs, view, secret).text
    router = view.router.model_copy(update={"platform": "cisco_ios", "release": "15.7(3)M8", "model": "CISCO1921/K9"})
    sites = {**view.customer.sites, view.name: view.site.model_copy(update={"router": router})}
    customer = view.customer.model_copy(update={"sites": sites})
    changed = Inventory(two_hubs.root, two_hubs.settings, {"globex": customer}, "changed")
    text = platform_text("cisco_ios").render(changed, changed.site(view.name), secret).text
    section = "aaa accounting {} default\n action-type start-stop\n group CENTRE\n"
    assert section.format("exec") in text
    assert section.format("commands 15") in text
    assert read_model(text).unread == ()


def test_classic_ios_is_not_told_of_macs_that_its_ssh_has_not() -> None:
    """[Vendor community 2808828, a 3925E with 15.5(2)T: no SHA-2 among the MACs of SSH.]"""
    assert "algorithm mac" not in CLASSIC
    assert "algorithm encryption aes256-ctr" in CLASSIC
    assert "ip ssh server algorithm mac hmac-sha2-512 hmac-sha2-256\n" in LEEDS


def test_a_hub_takes_all_its_spokes(inventory: Inventory, secret: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    """IOS takes a hundred dynamic neighbours by itself, 5000 at most [vendor: BGP Dynamic Neighbors]."""
    hub, spoke = inventory.site("london"), inventory.site("leeds")
    assert "bgp listen limit" not in render(inventory, hub, secret).text
    monkeypatch.setattr(Inventory, "members", lambda *_: (spoke,) * 102)
    assert "\n bgp listen limit 300\n" in render(inventory, hub, secret).text
    assert "bgp listen limit" not in render(inventory, spoke, secret).text
    monkeypatch.setattr(Inventory, "members", lambda *_: (spoke,) * 4000)
    assert context_of(inventory, hub, secret).bgp.listen_limit == 5000


@pytest.mark.parametrize(
    ("network", "classful"),
    [
        ("192.168.10.0/24", True),
        ("172.16.0.0/16", True),
        ("10.0.0.0/8", True),
        ("10.30.1.0/24", False),
        ("172.16.1.0/24", False),
        ("192.168.0.0/16", False),
    ],
)
def test_bgp_shows_no_mask_that_is_the_class_s(network: str, classful: bool) -> None:
    """[Running configuration of a C8000V with 17.15: ``network 192.168.10.0``, ``network 10.30.1.0 mask …``.]"""
    assert Prefix.of(IPv4Network(network)).classful is classful


def test_a_network_of_a_class_is_announced_without_its_mask(
    inventory: Inventory, secret: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = [IPv4Network("192.168.10.0/24"), IPv4Network("10.30.1.0/24")]
    monkeypatch.setattr("device_templates.rendering.facts.announced", lambda *_: networks)
    text = render(inventory, inventory.site("leeds"), secret).text
    assert "\n  network 192.168.10.0\n  network 10.30.1.0 mask 255.255.255.0\n" in text
    bgp = read_model(text).bgp
    assert bgp is not None
    assert {network for vrf in bgp.vrfs for network in vrf.networks} == set(networks)
