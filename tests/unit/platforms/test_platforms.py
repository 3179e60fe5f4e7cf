"""Each platform of the registry has its text, and a text tells its platform."""

from __future__ import annotations

import tomllib
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from device_templates import PlatformText, fingerprint, hidden, platform_text, recognised
from device_templates.shows import VpnRef
from inventory import Secret
from inventory.loader import load_workspace
from inventory.platforms import PLATFORMS

GOLDEN = Path(__file__).parents[2] / "golden"
#: The same customer on each platform.
CASES = {
    "cisco_iosxe": GOLDEN / "two_vpns",
    "cisco_ios": GOLDEN / "options_ios15",
    "linux_frr": GOLDEN / "linux_frr" / "two_vpns",
}
ROUTER = "acme-lee-r1"
VPN = VpnRef("corporate", 10)


@pytest.fixture(params=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> PlatformText:
    return platform_text(request.param)


@pytest.fixture
def text(platform: PlatformText) -> str:
    """A whole configuration, as the platform's router would run it."""
    return rendered(platform.name)


@cache
def rendered(name: str) -> str:
    inventory = load_workspace(CASES[name] / "workspace")
    values = tomllib.loads((CASES[name] / "secrets.toml").read_text(encoding="utf-8"))["secrets"]
    return platform_text(name).render(inventory, inventory.router(ROUTER), lambda one: Secret(values[one])).text


def test_a_platform_that_is_not_registered_has_no_text() -> None:
    with pytest.raises(KeyError):
        platform_text("lync")


def test_a_configuration_tells_its_platform_alone_and_cut_off_too(platform: PlatformText, text: str) -> None:
    for one in (text, text[: len(text) // 2]):
        assert recognised(one) is platform
        assert [other.name for other in map(platform_text, PLATFORMS) if other.recognises(one)] == [platform.name]


@pytest.mark.parametrize("text", ["", "\n", "% Invalid input detected", "Permission denied", "%% spokesman"])
def test_what_is_no_configuration_is_of_no_platform(text: str) -> None:
    assert recognised(text) is None


def test_a_whole_configuration_says_what_the_archive_asks(platform: PlatformText, text: str) -> None:
    assert platform.is_complete(text) is None
    assert platform.is_complete(text[: len(text) // 2]) is not None
    assert platform.is_complete(platform.restorable(text)) is None
    assert platform.lasting(platform.lasting(text)) == platform.lasting(text)
    assert platform.hostname(text) == ROUTER
    assert platform.has_vpn(text)
    assert platform.carries(text, VPN)
    assert not platform.carries(text, VpnRef("elsewhere", 77))
    assert platform.compare(text, text).equal
    assert platform.compare(platform.candidate(text, text), text).equal
    assert platform.read_model(text).hostname == ROUTER


@pytest.mark.parametrize("text", ["", "%% ", "hostname", "\x00\x03", "end\n"])
def test_a_glance_at_garbage_raises_nothing(platform: PlatformText, text: str) -> None:
    assert platform.hostname(text) == ""
    assert not platform.has_vpn(text)
    assert not platform.carries(text, VPN)
    assert isinstance(platform.redact(text), str)


def test_secrets_are_hidden_alike_on_all_platforms(platform: PlatformText, text: str) -> None:
    assert "Planted" in text
    shown = platform.redact(text)
    assert "Planted" not in shown
    assert platform.redact("what Planted-Psk-7 is", ["Planted-Psk-7"]) == f"what {hidden('Planted-Psk-7')} is"
    marked = platform.redact("what Planted-Psk-7 is", ["Planted-Psk-7"], lambda value: value[::-1])
    assert marked == "what <secret:7-ksP-detnalP> is"
    assert hidden("x") == f"<secret:{fingerprint('x')}>"


def test_names_of_interfaces_are_those_of_the_model(platform: PlatformText, text: str) -> None:
    model = platform.read_model(text)
    interfaces = {one.name for one in model.interfaces}
    assert platform.tunnel_of(VPN) in interfaces
    assert platform.lan_of(10) in interfaces
    tunnel = model.interface(platform.tunnel_of(VPN))
    assert tunnel is not None
    assert tunnel.address is not None
    assert tunnel.address.ip == IPv4Address("10.255.8.2")


def test_a_person_is_told_what_to_do_on_the_router(platform: PlatformText) -> None:
    steps = platform.last_resort(ROUTER)
    assert steps
    assert all(ROUTER in step for step in steps)
