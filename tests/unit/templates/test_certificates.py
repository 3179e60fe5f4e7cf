"""Certificates: where routers enrol, whom they let in, and what of them is the router's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from device_templates import NotRenderable
from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.reading.complete import is_complete
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.render import render
from inventory import Inventory, Secret, SiteView
from inventory.customer import Ike

Secrets = Callable[[str], Secret]


def with_url(inventory: Inventory, url: str) -> Inventory:
    pki = {name: one.model_copy(update={"enrollment_url": url}) for name, one in inventory.settings.pki.items()}
    settings = inventory.settings.model_copy(update={"pki": pki})
    return Inventory(inventory.root, settings, inventory.customers, "changed")


def with_ike(inventory: Inventory, vpn: str, ike: Ike) -> SiteView:
    customer = inventory.customers["initech"]
    vpns = {**customer.vpns, vpn: customer.vpns[vpn].model_copy(update={"ike": ike})}
    customers = {"initech": customer.model_copy(update={"vpns": vpns})}
    return Inventory(inventory.root, inventory.settings, customers, "changed").site("dallas")


def section(text: str, head: str) -> list[str]:
    lines = text.split("\n")
    start = lines.index(head)
    end = next(at for at in range(start + 1, len(lines)) if not lines[at].startswith(" "))
    return [line.strip() for line in lines[start + 1 : end]]


def test_an_authority_of_the_centre_is_asked_through_the_management_tunnel(
    certified: Inventory, secret: Secrets
) -> None:
    text = render(certified, certified.site("dallas"), secret).text
    lines = section(text, "crypto pki trustpoint PROVIDER-CA")
    assert "enrollment url http://10.254.255.50:80/pkiclient" in lines
    assert {"vrf MGMT", "source interface Loopback0"} <= set(lines)
    assert "permit tcp" not in text


def test_any_other_authority_is_asked_over_the_access_and_only_its_answers_are_let_in(
    certified: Inventory, secret: Secrets
) -> None:
    text = render(certified, certified.site("enid"), secret).text
    lines = section(text, "crypto pki trustpoint PUBLIC-CA")
    assert "source interface GigabitEthernet0/0/0" in lines
    assert not [line for line in lines if line.startswith("vrf ")]
    assert "90 permit tcp host 203.0.113.5 eq 8080 any established" in section(
        text, "ip access-list extended INTERNET-IN"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://pki.managed.invalid",
        "https://10.254.255.50",
        "http://user:word@10.254.255.50",
        "http://10.254.255.50:99999",
        "http://10.254.255.50:x",
        "http://[::1]",
        "http://10.254.255",
    ],
)
def test_a_url_that_no_router_can_use_is_refused(certified: Inventory, secret: Secrets, url: str) -> None:
    changed = with_url(certified, url)
    with pytest.raises(NotRenderable, match=r"pki\.provider-ca\.enrollment_url.*WV-3") as refusal:
        render(changed, changed.site("dallas"), secret)
    assert "word" not in str(refusal.value)


def test_an_authority_that_is_not_there_is_refused(certified: Inventory, secret: Secrets) -> None:
    view = with_ike(certified, "office", Ike(certificates="other-ca"))
    with pytest.raises(NotRenderable, match=r"pki\.other-ca"):
        render(Inventory(certified.root, certified.settings, {}, "x"), view, secret)


@pytest.mark.parametrize("ike", [Ike(certificates="public-ca"), Ike(psk="env:KEY")])
def test_two_methods_on_one_interface_are_refused(certified: Inventory, ike: Ike) -> None:
    view = with_ike(certified, "till", ike)
    with pytest.raises(NotRenderable, match=r"share one.*WV-3"):
        render(certified, view, lambda reference: Secret(f"key-{len(reference)}"))


def test_no_key_is_written_and_only_routers_of_the_customer_fit(certified: Inventory, secret: Secrets) -> None:
    crypto = {
        name: read_model(render(certified, certified.site(name), secret).text).crypto
        for name in ("austin", "dallas", "enid")
    }
    for one in crypto.values():
        (profile,) = (profile for profile in one.profiles if profile.name == "VPN")
        assert (profile.methods, profile.keyring, profile.remote, profile.maps) == (
            frozenset({"rsa-sig"}),
            "",
            (),
            ("VPN",),
        )
        assert {key.keyring for key in one.keys} == {"MANAGEMENT"}
    ((_, operator, wanted),) = crypto["austin"].maps[0].conditions
    subjects = {name: one.trustpoints[0].subject for name, one in crypto.items()}
    assert operator == "co"
    assert wanted in subjects["dallas"]
    assert wanted not in subjects["enid"]


def test_no_customers_unit_is_part_of_anothers() -> None:
    units = [f"ou={customer}.vpn" for customer in ("acme", "acme-two", "x-acme", "acm")]
    assert not [(one, two) for one in units for two in units if one != two and one in f"cn=r,{two}"]


CHAIN = """\
crypto pki certificate chain PROVIDER-CA
 certificate 02
  30820321 30820209
  \tquit
 certificate ca 01
  30820321 30820210
  \tquit
"""


@pytest.fixture
def enrolled(certified: Inventory, secret: Secrets) -> tuple[str, str]:
    """What is intended, and what runs once the router has its certificate."""
    text = render(certified, certified.site("dallas"), secret).text
    return text, text.replace("crypto pki certificate map", CHAIN + "crypto pki certificate map", 1)


def test_a_routers_certificates_are_its_own(enrolled: tuple[str, str]) -> None:
    intended, running = enrolled
    assert is_complete(running) is None
    found = compare(intended, running)
    assert found.equal
    assert [line.reason for line in found.masked if "chain" in line.text] == ["belongs to this chassis"]
    kept = candidate(intended, running)
    assert "30820321 30820209" in kept
    assert compare(kept, running).equal


def test_another_chassis_gets_none_of_them(enrolled: tuple[str, str]) -> None:
    intended, archived = enrolled
    assert "certificate chain" not in candidate(archived, intended)
    renewed = archived.replace("certificate 02", "certificate 07").replace("30820209", "30820777")
    assert "30820209" not in candidate(archived, renewed)
    assert "30820777" in candidate(archived, renewed)


def test_with_its_trustpoint_a_chain_goes(enrolled: tuple[str, str]) -> None:
    _, running = enrolled
    without = "hostname r\nversion 17.9\nend\n"
    assert "PROVIDER-CA" not in candidate(without, running)
