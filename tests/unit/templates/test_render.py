"""Rendering: the same bytes each time, options refused by clause and place, lines that tell where they come from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from device_templates import NotRenderable, SecretUnusable, explain
from device_templates.cisco_iosxe.reading.complete import is_complete
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap, snmp_user_lines
from device_templates.cisco_iosxe.rendering.render import intended_model, render
from device_templates.rendering import facts
from inventory import Inventory, Secret, SiteView
from inventory.customer import Ike

Secrets = Callable[[str], Secret]
Changed = Callable[..., tuple[Inventory, SiteView]]


def test_same_input_same_bytes(inventory: Inventory, secret: Secrets) -> None:
    for view in inventory.sites():
        assert render(inventory, view, secret) == render(inventory, view, secret)
        assert bootstrap(inventory, view, secret) == bootstrap(inventory, view, secret)


def test_routers_with_one_password_have_different_hashes(inventory: Inventory, secret: Secrets) -> None:
    hashes = {
        line
        for view in inventory.sites()
        for line in render(inventory, view, secret).text.splitlines()
        if "$9$" in line
    }
    assert len(hashes) == 3


def test_every_line_tells_where_it_comes_from(inventory: Inventory, secret: Secrets) -> None:
    rendered = render(inventory, inventory.site("leeds"), secret)
    assert "".join(f"{line.text}\n" for line in rendered.lines).replace("^C\n", "\x03\n") == rendered.text
    for line in rendered.lines[:-1]:
        assert line.partial.startswith("cisco_iosxe/")
        assert line.feature
        assert line.option
        assert "{" not in line.feature + line.option


def test_explain_finds_the_section_of_a_line(inventory: Inventory, secret: Secrets) -> None:
    rendered = render(inventory, inventory.site("london"), secret)
    (found,) = explain(rendered, "tunnel key 20")
    assert found.path == ("interface Tunnel20",)
    assert (found.feature, found.clause) == ("VPN cctv", "WV-1, WV-3")
    assert found.option == "sites.london.tunnels.cctv"
    assert {one.text.strip() for one in explain(rendered, "  tunnel KEY".lower())} == {"tunnel key 10", "tunnel key 20"}
    assert explain(rendered, "") == ()
    assert explain(rendered, "no such line") == ()


def test_nothing_shows_secrets_by_itself(inventory: Inventory, secret: Secrets) -> None:
    view = inventory.site("leeds")
    rendered = render(inventory, view, secret)
    texts = [repr(rendered), repr(rendered.lines), repr(bootstrap(inventory, view, secret))]
    texts += [repr(line) for line in snmp_user_lines(inventory, view, secret)]
    assert not re.search("Planted|pltd", " ".join(texts))


def _with_ike(inventory: Inventory, name: str, ike: Ike) -> tuple[Inventory, SiteView]:
    customer = inventory.customers["acme"]
    vpns = {**customer.vpns, name: customer.vpns[name].model_copy(update={"ike": ike})}
    new = Inventory(inventory.root, inventory.settings, {"acme": customer.model_copy(update={"vpns": vpns})}, "changed")
    return new, new.site("london")


def test_different_keys_on_one_interface_are_refused(inventory: Inventory) -> None:
    new, view = _with_ike(inventory, "cctv", Ike(psk="env:OTHER"))
    with pytest.raises(NotRenderable, match="WV-3"):
        render(new, view, lambda reference: Secret(f"key{len(reference)}"))


def test_one_port_in_two_vlans_is_refused(changed: Changed, inventory: Inventory, secret: Secrets) -> None:
    lans = inventory.site("leeds").site.lans
    twice = {
        "corporate": lans["corporate"],
        "cctv": (lans["cctv"][0].model_copy(update={"ports": ("GigabitEthernet0/1/0",)}),),
    }
    with pytest.raises(NotRenderable, match=r"GigabitEthernet0/1/0 is used twice"):
        render(*changed("leeds", lans=twice), secret)


def test_a_port_that_the_model_lacks_is_refused(changed: Changed, inventory: Inventory, secret: Secrets) -> None:
    lan = inventory.site("leeds").site.lans["corporate"][0].model_copy(update={"ports": ("GigabitEthernet0/9/0",)})
    with pytest.raises(NotRenderable, match="no switch port of a C1111-8P"):
        render(*changed("leeds", lans={"corporate": (lan,)}), secret)


@pytest.mark.parametrize(
    ("entry", "update", "told"),
    [
        ("fleet-v3", {"priv_protocol": "aes256-blumenthal"}, "cannot encrypt an SNMP user by aes256-blumenthal"),
        ("fleet-v3", {"priv": None}, "weak SNMPv3 user"),
        ("acme-feed", {"priv_protocol": "aes192-blumenthal"}, "as acme-feed says"),
    ],
)
def test_a_router_is_not_given_an_snmp_user_that_its_platform_cannot_have(
    inventory: Inventory, secret: Secrets, entry: str, update: dict[str, object], told: str
) -> None:
    credentials = inventory.settings.credentials
    unfit = {**credentials, entry: credentials[entry].model_copy(update=update)}
    settings = inventory.settings.model_copy(update={"credentials": unfit})
    new = Inventory(inventory.root, settings, inventory.customers, "changed")
    with pytest.raises(NotRenderable, match=told) as error:
        render(new, new.site("london"), secret)
    assert error.value.rule == "INV-20"


BAD_SECRETS = [
    ("a\nno aaa new-model", "reads otherwise"),
    ("two words", "reads otherwise"),
    ("what?", "reads otherwise"),
    ("caret^C", "reads otherwise"),
    ('quo"te', "reads otherwise"),
    ("!comment", "reads otherwise"),
    ("schlüssel", "reads otherwise"),
    ("x" * 300, "characters"),
    ("", "characters"),
]


@pytest.mark.parametrize(("value", "said"), BAD_SECRETS, ids=range(len(BAD_SECRETS)))
def test_a_secret_that_ios_would_read_otherwise_is_refused(
    inventory: Inventory, secret: Secrets, value: str, said: str
) -> None:
    with pytest.raises(SecretUnusable, match=said) as refusal:
        render(
            inventory,
            inventory.site("leeds"),
            lambda ref: Secret(value) if ref == "centre-ike" else secret(ref),
        )
    assert refusal.value.where == "centre-ike"
    assert not value or value not in str(refusal.value)


def test_nhrp_authentication_has_at_most_eight_characters(inventory: Inventory, secret: Secrets) -> None:
    with pytest.raises(SecretUnusable, match="3 to 8 characters"):
        render(
            inventory,
            inventory.site("leeds"),
            lambda ref: Secret("ninechars") if ref.endswith("NHRP") else secret(ref),
        )


@pytest.mark.parametrize("text", ["a\nno aaa new-model", "a\x1b[0m", "a\tb", "\u2028", "é"])
def test_no_value_is_more_than_one_line(changed: Changed, inventory: Inventory, secret: Secrets, text: str) -> None:
    access = inventory.site("leeds").site.access.model_copy(update={"supplier": text})
    with pytest.raises(NotRenderable, match=r"access\.provider holds a character"):
        render(*changed("leeds", access=access), secret)


def test_the_model_comes_without_hashing(inventory: Inventory, secret: Secrets) -> None:
    for view in inventory.sites():
        quick, full = intended_model(inventory, view, secret), read_model(render(inventory, view, secret).text)
        assert replace(quick, users=()) == replace(full, users=())
        assert [one.name for one in quick.users] == [one.name for one in full.users]


def test_a_group_key_is_warned_about(inventory: Inventory, secret: Secrets) -> None:
    (warning,) = render(inventory, inventory.site("leeds"), secret).warnings
    assert "WV-3" in warning


def test_a_hub_names_the_other_hubs_and_listens_for_spokes(two_hubs: Inventory, secret: Secrets) -> None:
    text = render(two_hubs, two_hubs.site("bergen"), secret).text
    assert " ip nhrp nhs 10.200.0.1 nbma 192.0.2.10 multicast\n" in text
    assert "if-state nhrp" not in text
    assert "  neighbor 10.200.0.1 remote-as 4200000007\n" in text
    assert "  bgp listen range 10.200.0.0/24 peer-group SPOKES-DATA\n" in text


def test_a_spoke_names_every_hub(two_hubs: Inventory, secret: Secrets) -> None:
    text = render(two_hubs, two_hubs.site("tromso"), secret).text
    assert re.findall(r"ip nhrp nhs (\S+) nbma (\S+)", text) == [
        ("10.200.0.1", "192.0.2.10"),
        ("10.200.0.2", "192.0.2.14"),
    ]
    assert "listen range" not in text


def test_feed_is_open_to_the_hosts_ordered_only(inventory: Inventory, secret: Secrets) -> None:
    text = render(inventory, inventory.site("leeds"), secret).text
    assert "ip access-list standard SNMP-FEED\n 10 permit 10.10.2.50\n 20 deny any log\n" in text
    assert "FEED" not in render(inventory, inventory.site("york"), secret).text


def test_snmp_users_are_those_ordered(inventory: Inventory, secret: Secrets) -> None:
    lines = {line.user: line.line for line in snmp_user_lines(inventory, inventory.site("leeds"), secret)}
    assert set(lines) == {"spokesman (sha256, aes128)", "acmefeed (sha256, aes128)"}
    assert lines["acmefeed (sha256, aes128)"].startswith("snmp-server user acmefeed FEED v3 auth sha-2 256 ")
    assert [line.user for line in snmp_user_lines(inventory, inventory.site("york"), secret)] == [
        "spokesman (sha256, aes128)"
    ]


def test_a_short_snmp_passphrase_is_refused(inventory: Inventory, secret: Secrets) -> None:
    with pytest.raises(SecretUnusable, match="8 to 64"):
        snmp_user_lines(inventory, inventory.site("york"), lambda _: Secret("short7x"))


def test_bootstrap_is_part_of_what_is_rendered(inventory: Inventory, secret: Secrets) -> None:
    """Whatever day zero configures, provisioning finds in place; only keys and users are not configuration."""
    for view in inventory.sites():
        rendered = set(render(inventory, view, secret).text.splitlines())
        licence, management = bootstrap(inventory, view, secret).stages
        extra = {
            line
            for line in management.text.splitlines()
            if line not in rendered and not line.startswith(("!", "snmp-server user ", "crypto key generate "))
        }
        assert extra == {"enable", "configure terminal", "write memory", " no shutdown"}
        assert "license boot level network-advantage addon dna-advantage" in licence.text.splitlines()
        assert licence.text.splitlines()[-1] == "reload"


def test_bootstrap_holds_no_key_of_a_customer(inventory: Inventory, secret: Secrets) -> None:
    text = bootstrap(inventory, inventory.site("leeds"), secret).stages[1].text
    assert "Planted-Centre-Key-01" in text
    assert "Planted-Group-Key-01" not in text


def test_rendered_is_complete(inventory: Inventory, secret: Secrets) -> None:
    for view in inventory.sites():
        assert is_complete(render(inventory, view, secret).text) is None


def test_the_folder_of_overrides_may_be_missing(inventory: Inventory, secret: Secrets, tmp_path: Path) -> None:
    view = inventory.site("york")
    assert render(inventory, view, secret, tmp_path / "none") == render(inventory, view, secret)


def test_members_are_worked_out_once_for_all_sites_of_a_customer(changed: Changed, inventory: Inventory) -> None:
    """By itself each of ten thousand sites would ask the ten thousand."""
    customer = inventory.customers["acme"]
    assert facts.members(customer, "corporate") is facts.members(customer, "corporate")
    lan = inventory.site("york").site.lans["corporate"][0]
    elsewhere = lan.model_copy(update={"address": IPv4Interface("172.16.3.1/24")})
    moved, _ = changed("york", lans={"corporate": (elsewhere,)})
    assert set(facts.members(moved.customers["acme"], "corporate")) - set(facts.members(customer, "corporate")) == {
        elsewhere.address.network
    }
