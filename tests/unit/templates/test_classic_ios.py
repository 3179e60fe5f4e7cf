"""Classic IOS 15: what its text says otherwise than that of IOS-XE, and what both must say alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.drivers.devices import _DRIVERS
from device_templates import NotRenderable, platform_of, platform_text, recognised
from device_templates.cisco_iosxe.reading.parser import read_model
from inventory import Inventory, Secret, SiteView
from inventory.loader import load_workspace
from inventory.platforms import PLATFORMS

CASE = Path(__file__).parents[2] / "golden" / "options_ios15"
TEXTS = {name: (CASE / "expected" / f"acme-{name}-r1.cfg").read_bytes().decode() for name in ("lon", "lee", "yor")}
CLASSIC, XE = platform_text("cisco_ios"), platform_text("cisco_iosxe")
Secrets = Callable[[str], Secret]


@pytest.fixture(scope="module")
def fleet() -> Inventory:
    return load_workspace(CASE / "workspace")


@pytest.fixture
def of_model(fleet: Inventory) -> Callable[..., tuple[Inventory, SiteView]]:
    """London's router with some fields changed, without asking the inventory's rules."""

    def change(**fields: object) -> tuple[Inventory, SiteView]:
        customer = fleet.customers["acme"]
        site = customer.sites["london"]
        router = site.router.model_copy(update=fields)
        sites = {**customer.sites, "london": site.model_copy(update={"router": router})}
        new = Inventory(fleet.root, fleet.settings, {"acme": customer.model_copy(update={"sites": sites})}, "changed")
        return new, new.site("london")

    return change


def _section(text: str, header: str) -> str:
    (body,) = re.findall(rf"^{re.escape(header)}\n((?: .*\n)*)", text, re.MULTILINE)
    return str(body)


def test_sessions_are_opened_on_every_platform() -> None:
    assert set(_DRIVERS) == set(PLATFORMS)


def test_a_text_is_of_the_family_whose_release_it_names() -> None:
    markers = "boot-start-marker\nboot-end-marker\nhostname r1\n"
    assert recognised(f"version 15.7\n{markers}") is CLASSIC
    assert recognised(f"version 17.9\n{markers}") is XE
    assert recognised(markers) is XE
    assert [recognised(TEXTS[name]) for name in ("lon", "lee", "yor")] == [CLASSIC, CLASSIC, XE]


def test_an_upgrade_within_the_family_is_no_difference_and_never_sent() -> None:
    running = TEXTS["lee"].replace("version 15.6\n", "version 15.7\n")
    assert CLASSIC.compare(TEXTS["lee"], running).equal
    sent = CLASSIC.candidate(TEXTS["lee"], running)
    assert "version 15.7\n" in sent
    assert "version 15.6\n" not in sent


def test_a_fleet_of_both_families_agrees_on_its_encryption() -> None:
    """Both ends of a tunnel have the same proposals, transforms and profiles, whatever family they are of."""
    for header in (
        "crypto ikev2 proposal STRONG",
        "crypto ikev2 profile VPN",
        "crypto ipsec transform-set VPN esp-gcm 256",
        "crypto ipsec profile VPN",
    ):
        assert len({_section(text, header) for text in TEXTS.values()}) == 1, header
    keys = {
        one.tunnel.key
        for text in TEXTS.values()
        for one in read_model(text).interfaces
        if one.name == "Tunnel10" and one.tunnel
    }
    assert keys == {10}


@pytest.mark.parametrize("name", ["lon", "lee"])
def test_it_speaks_its_own_dialect(name: str) -> None:
    text = TEXTS[name]
    assert "negotiation auto" not in text
    assert "ntp authentication-key 1 md5 " in text
    assert "msg-body" not in text
    for body in re.findall(r"^interface .*\n((?: .*\n)*)", text, re.MULTILINE):
        assert len(re.findall(r"^ ip nat (?:in|out)side$", body, re.MULTILINE)) == body.count(
            "ip virtual-reassembly in"
        )
    assert _section(TEXTS["lon"], "parameter-map type inspect global") == " log dropped-packets enable\n"


@pytest.mark.parametrize(
    ("model", "licence"),
    [
        ("CISCO1921/K9", "license boot module c1900 technology-package securityk9"),
        ("CISCO2901/K9", "license boot module c2900 technology-package securityk9"),
        ("CISCO3925/K9", "license boot module c3900 technology-package securityk9"),
        ("C891F-K9", None),
    ],
)
def test_the_licence_is_that_of_the_model(
    of_model: Callable[..., tuple[Inventory, SiteView]], secret: Secrets, model: str, licence: str | None
) -> None:
    inventory, view = of_model(model=model)
    stages = platform_of(view).bootstrap(inventory, view, secret).stages
    assert len(stages) == (2 if licence else 1)
    assert f"stage {len(stages)} of {len(stages)}" in stages[-1].text
    assert "usbflash0:FILE" in stages[-1].text
    assert (licence in stages[0].text.splitlines()) if licence else ("license" not in stages[0].text)


@pytest.mark.parametrize("release", ["15.4", "15.4(3)M9", "15.0"])
def test_releases_that_could_not_agree_with_the_others_are_refused(
    of_model: Callable[..., tuple[Inventory, SiteView]], secret: Secrets, release: str
) -> None:
    inventory, view = of_model(release=release)
    with pytest.raises(NotRenderable, match="WV-26") as refusal:
        platform_of(view).render(inventory, view, secret)
    assert refusal.value.where == "acme: sites.london.router.release"


def test_an_override_is_of_one_family(fleet: Inventory, secret: Secrets, tmp_path: Path) -> None:
    for platform, port in (("cisco_ios", "1"), ("cisco_iosxe", "2")):
        (tmp_path / platform).mkdir()
        (tmp_path / platform / "http.j2").write_text(f"ip http port {port}\n")
    for name, line in (("london", "ip http port 1"), ("york", "ip http port 2")):
        view = fleet.site(name)
        assert line in platform_of(view).render(fleet, view, secret, tmp_path).text.splitlines()
