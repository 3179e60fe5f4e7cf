"""What a Linux router is given: refusals with their reasons, overrides, secrets, and traffic in nftables' words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from device_templates import NotRenderable, SecretUnusable, TemplateError
from device_templates.linux_frr.reading.document import parse
from device_templates.linux_frr.rendering.bootstrap import PACKAGES, bootstrap
from device_templates.linux_frr.rendering.picking import matches
from device_templates.linux_frr.rendering.render import intended_model, render
from inventory import Inventory, Secret, SiteView
from inventory.customer import Ike
from inventory.loader import load_workspace
from inventory.options import Classifier, Ilan, TrafficClass
from inventory.settings import SshCredentials
from inventory.site import Match, Resilience

GOLDEN = Path(__file__).parents[2] / "golden" / "linux_frr"
VALUES: dict[str, str] = tomllib.loads((GOLDEN / "options" / "secrets.toml").read_text())["secrets"]
GUESTS = Ilan.model_validate({"port": "eth3", "vlan": 50, "address": "192.168.50.1/24", "dns": ["9.9.9.9"]})
Rebuilt = Callable[..., tuple[Inventory, SiteView]]


def _secret(reference: str) -> Secret:
    return Secret(VALUES[reference])


@pytest.fixture(scope="module")
def options() -> Inventory:
    return load_workspace(GOLDEN / "options" / "workspace")


def _with(inventory: Inventory, site: str, **changes: Any) -> tuple[Inventory, SiteView]:
    """The inventory with a site, VPN or setting changed (dotted names), without asking its rules."""
    customer, settings = inventory.customers["acme"], inventory.settings
    sites, vpns = dict(customer.sites), dict(customer.vpns)
    for name, value in changes.items():
        kind, _, rest = name.partition("__")
        if kind == "vpn":
            vpns["corporate"] = vpns["corporate"].model_copy(update={rest: value})
        elif kind == "centre":
            centre = settings.management_centre.model_copy(update={rest: value})
            settings = settings.model_copy(update={"management_centre": centre})
        elif kind == "settings":
            settings = settings.model_copy(update={rest: value})
        elif rest:
            part = getattr(sites[site], kind).model_copy(update={rest: value})
            sites[site] = sites[site].model_copy(update={kind: part})
        else:
            sites[site] = sites[site].model_copy(update={kind: value})
    other = customer.model_copy(update={"sites": sites, "vpns": vpns})
    new = Inventory(inventory.root, settings, {"acme": other}, "changed")
    return new, new.site(site)


@pytest.mark.parametrize(
    ("changes", "rule", "words"),
    [
        ({"router__release": "8.3"}, "WV-26", "FRR 8.3"),
        ({"vpn__ike": Ike(certificates="provider-ca")}, "WV-3", "certificates"),
        ({"vpn__nhrp_authentication": "acme-nhrp"}, "INV-4", "NHRP authentication"),
        ({"centre__tacacs": ("10.254.255.40",)}, "WV-7", "TACACS+"),
        ({"resilience__protocol": "hsrp"}, "WV-12", "HSRP is Cisco's"),
        ({"options__ilan": GUESTS}, "WV-11", "name servers"),
        ({"access__gateway": None, "access__address": "198.51.100.18/29"}, "WV-1", "gateway"),
        (
            {"settings__credentials": {"fleet": SshCredentials(username="root", password="env:FLEET_PASSWORD")}},
            "WV-7",
            "root",
        ),
        (
            {"settings__credentials": {"fleet": SshCredentials(username="frr", password="env:FLEET_PASSWORD")}},
            "WV-7",
            "frr is a login of the system",
        ),
    ],
)
def test_what_this_platform_cannot_be_is_refused(
    options: Inventory, changes: dict[str, Any], rule: str, words: str
) -> None:
    inventory, view = _with(options, "leeds", **changes)
    with pytest.raises(NotRenderable) as error:
        render(inventory, view, _secret)
    assert error.value.rule == rule
    assert words in str(error.value)
    assert error.value.remedy


def test_a_port_is_in_one_lan_only(options: Inventory) -> None:
    ilan = options.site("leeds").site.options.ilan
    assert ilan is not None
    inventory, view = _with(options, "leeds", options__ilan=ilan.model_copy(update={"port": "eth1"}))
    with pytest.raises(NotRenderable, match="eth1 is used twice"):
        render(inventory, view, _secret)


def test_a_port_the_model_lacks_is_refused(options: Inventory) -> None:
    ilan = options.site("leeds").site.options.ilan
    assert ilan is not None
    inventory, view = _with(options, "leeds", options__ilan=ilan.model_copy(update={"port": "eth9"}))
    with pytest.raises(NotRenderable, match="eth9 is no port for LANs"):
        render(inventory, view, _secret)


@pytest.mark.parametrize(
    "value",
    ['Quoted"Key', "Back\\slash", "Two words", "Tick`s", "It's", "#comment", "!bang", "0xdeadbeef", "0ssecret!"],
)
def test_a_secret_that_a_daemon_reads_otherwise_is_refused(options: Inventory, value: str) -> None:
    with pytest.raises(SecretUnusable) as error:
        render(options, options.site("leeds"), lambda _: Secret(value))
    assert value not in str(error.value)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (Classifier(dscp=("ef",)), ("ip dscp ef",)),
        (Classifier(dscp=("default", "cs1")), ("ip dscp { cs0, cs1 }",)),
        (Classifier(protocol="udp"), ("meta l4proto udp",)),
        (Classifier(destination_port=(554, 80)), ("meta l4proto { tcp, udp }", "th dport { 80, 554 }")),
        (Classifier(protocol="tcp", source_port=(873,)), ("tcp sport 873",)),
        (Match(source=(IPv4Network("10.10.1.0/24"),), dscp=("af31",)), ("ip saddr 10.10.1.0/24", "ip dscp af31")),
    ],
)
def test_traffic_in_the_words_of_nftables(fields: Classifier | Match, expected: tuple[str, ...]) -> None:
    assert matches(fields) == expected


def _content(inventory: Inventory, site: str, path: str) -> str:
    return parse(render(inventory, inventory.site(site), _secret).text).content(path) or ""


def test_the_classes_are_the_ordered_percentages_urgent_ones_first(options: Inventory) -> None:
    lines = _content(options, "london", "etc/spokesman/qos.tc").splitlines()
    classes = {line.split(" classid ")[1].split()[0]: line for line in lines if "classid" in line}
    assert "rate 20000kbit" in classes["1:10"]  # voice: the only one with a priority, though ordered second
    assert "rate 40000kbit" in classes["1:11"]
    assert "rate 10000kbit" in classes["1:12"]
    assert "rate 30000kbit" in classes["1:3"]  # what is left is best effort
    assert [classes[one].split()[-1] for one in ("1:10", "1:11", "1:12", "1:3")] == ["1", "2", "2", "7"]


def test_shares_that_add_up_to_the_whole_leave_best_effort_something(options: Inventory) -> None:
    ordered = options.site("london").site.options.traffic_prioritisation
    assert ordered is not None
    policy = {**ordered.policy, "business": TrafficClass(bandwidth_percent=70)}
    inventory, _ = _with(
        options, "london", options__traffic_prioritisation=ordered.model_copy(update={"policy": policy})
    )
    assert "classid 1:3 htb rate 1000kbit" in _content(inventory, "london", "etc/spokesman/qos.tc")


def test_without_the_option_nothing_of_it_is_there(options: Inventory) -> None:
    inventory, view = _with(options, "london", options=type(options.site("london").site.options)())
    document = parse(render(inventory, view, _secret).text)
    text = "".join(file.content for file in document.files)
    assert document.content("etc/spokesman/qos.tc") is None
    for word in ("ibo10", "vlan50", "masquerade", "priority set", "refused", " log prefix", "acmefeed"):
        assert word not in text, word


def test_firewall_logs_go_to_the_customer_alone(options: Inventory) -> None:
    """Nothing of them comes to the rule that forwards to us: the customer's ends with stop [WV-14, WV-17]."""
    text = _content(options, "london", "etc/rsyslog.conf")
    theirs, ours = text.index('target="10.10.1.60"'), text.index('target="10.254.255.20"')
    assert theirs < text.index("stop") < ours
    assert 'networknamespace="corporate"' in text


def test_what_a_vpn_owns_never_leaves_by_the_breakout(options: Inventory) -> None:
    """Also where no tunnel is up: blackholes stand below what BGP learns, and the filter refuses it [WV-11]."""
    routes = _content(options, "leeds", "etc/frr/cctv/frr.conf")
    assert "ip route 10.20.1.0/24 blackhole 254" in routes
    assert "ip route 10.255.16.0/21 blackhole 254" in routes
    rules = _content(options, "leeds", "etc/nftables/cctv.nft").splitlines()
    refused = next(n for n, line in enumerate(rules) if 'oifname "ibo20" ip daddr {' in line)
    allowed = next(n for n, line in enumerate(rules) if "jump allowed" in line)
    assert refused < allowed


def test_an_override_replaces_a_partial(options: Inventory, tmp_path: Path) -> None:
    folder = tmp_path / "linux_frr"
    folder.mkdir()
    (folder / "banner.j2").write_text("Hello {{ router.name }}\n")
    rendered = render(options, options.site("leeds"), _secret, tmp_path)
    assert parse(rendered.text).content("etc/issue.net") == "Hello acme-lee-r1\n"
    (line,) = [line for line in rendered.lines if line.text.startswith("Hello")]
    assert (line.partial, line.path) == ("templates/linux_frr/banner.j2", ("etc/issue.net",))
    (folder / "banner.j2").write_text("%% file etc/shadow\n")
    with pytest.raises(TemplateError, match="begins with %%"):
        render(options, options.site("leeds"), _secret, tmp_path)


def test_lines_know_the_lines_above_them(options: Inventory) -> None:
    lines = render(options, options.site("leeds"), _secret).lines
    line = next(line for line in lines if line.text.strip().startswith("remote_ts = 10.254"))
    assert line.path == ("etc/swanctl/swanctl.conf", "connections {", "centre {", "children {", "centre {")


def test_the_model_costs_no_hash_and_is_that_of_the_text(options: Inventory) -> None:
    model = intended_model(options, options.site("london"), _secret)
    assert model.hostname == "acme-lon-r1"
    assert model.interface("gre10") is not None


def test_day_zero_has_the_router_s_program_and_no_vpn(options: Inventory) -> None:
    packages, start = bootstrap(options, options.site("leeds"), _secret).stages
    assert "strongswan-swanctl" in packages.text
    assert "spokesman-router serve" in start.text
    for word in ("gre10", "10.255.8.", VALUES["env:ACME_IKE_PSK"], VALUES["env:ACME_CORPORATE_BGP"]):
        assert word not in start.text, word


def test_no_line_of_a_banner_ends_the_text_that_installs_it(options: Inventory) -> None:
    banner = ("Authorised only", "DOCUMENT", "touch /planted", "STAGE", "touch /planted2")
    inventory, view = _with(options, "leeds", centre__banner=banner)
    lines = bootstrap(inventory, view, _secret).stages[-1].text.splitlines()
    assert lines[lines.index("DOCUMENT") + 1] == "touch /planted", "the banner is in it as it is"
    for line in lines:
        if line.endswith("'") and "<<'" in line:
            word = line.rpartition("<<'")[2].rstrip("'")
            assert lines.count(word) == 1, f"{word} ends it once"


def test_the_agents_own_snmp_user_is_nobody_elses(options: Inventory) -> None:
    credentials = dict(options.settings.credentials)
    name = options.site("leeds").router.snmp.credentials
    credentials[name] = credentials[name].model_copy(update={"username": "internal"})
    inventory, view = _with(options, "leeds", settings__credentials=credentials)
    with pytest.raises(NotRenderable, match="internal is the SNMP user"):
        render(inventory, view, _secret)


def test_the_gates_routers_have_the_packages_of_a_blank_one_and_no_fewer() -> None:
    """Else a router would lack what the machine of the tests happened to have."""
    makefile = (Path(__file__).parents[3] / "Makefile").read_text().replace("\\\n", " ").split()
    assert set(PACKAGES) <= set(makefile)


@pytest.mark.parametrize(
    ("changes", "identity"),
    [
        ({}, "198.51.100.18"),
        ({"access__nat": True}, "10.254.0.12"),
        ({"access__address": "dhcp", "access__gateway": None}, "10.254.0.12"),
    ],
)
def test_a_spoke_calls_itself_by_an_address_that_no_other_has(changes: dict[str, Any], identity: str) -> None:
    inventory = load_workspace(GOLDEN / "two_vpns" / "workspace")
    vpns = inventory.customers["acme"].vpns
    text = _text(_with(inventory, "leeds", vpn__hubs=tuple({*vpns["corporate"].hubs} - {"leeds"}), **changes))
    assert f"      id = {identity}\n" in text[text.index("  vpn {") :]


def test_a_standby_asks_every_other_hub() -> None:
    inventory = load_workspace(GOLDEN / "two_vpns" / "workspace")
    group = {"group": 10, "virtual": "10.10.3.9", "primary_address": "10.10.3.8"}
    primary = {"router": "acme-yor-mpls", "service": "ipcg", "access_kbps": 1000, "track": "10.10.99.1"}
    ordered = {"primary": primary, "protocol": "vrrp", "hsrp": {"corporate": group}}
    text = _text(_with(inventory, "york", resilience=Resilience.model_validate(ordered)))
    ping = "/usr/bin/ping -n -q -c 1 -W 1 -I gre10 10.255.8."
    assert f"  script \"/bin/sh -c '{ping}1 || {ping}2'\"\n  interval 4\n  timeout 4\n" in text


def _text(changed: tuple[Inventory, SiteView]) -> str:
    values = tomllib.loads((GOLDEN / "two_vpns" / "secrets.toml").read_text())["secrets"]
    return render(*changed, lambda reference: Secret(values[reference])).text
