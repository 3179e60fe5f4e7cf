"""The neutral model of documents: checks stay silent on what is rendered, on one platform and on two, and speak when a
line is wrong."""

from __future__ import annotations

import shutil
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.verification import verify
from device_templates.errors import NotParsable
from device_templates.linux_frr.comparing.features import difference_by_feature
from device_templates.linux_frr.reading.document import Document, File, parse, write
from device_templates.linux_frr.reading.parser import read_model
from device_templates.linux_frr.reading.parts.algorithms import Words
from device_templates.linux_frr.reading.quick import carries, has_vpn, hostname
from device_templates.linux_frr.reading.secrets import redact
from device_templates.platform import platform_of, recognised
from device_templates.shows import VpnRef
from inventory import Inventory, Secret
from inventory.loader import load_workspace
from tests.unit.templates.linux_frr_read.samples import FILES, HUB, SECRETS, with_files

GOLDEN = Path(__file__).parents[3] / "golden"
LONDON, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
FRR, NETWORK, SWANCTL = "etc/frr/corporate/frr.conf", "etc/spokesman/network.toml", "etc/swanctl/swanctl.conf"
DOOR, FILTER, SNMP = "etc/nftables/front-door.nft", "etc/nftables/corporate.nft", "etc/snmp/snmpd.conf"


@lru_cache(maxsize=4)
def case(workspace: Path) -> tuple[Inventory, dict[str, str]]:
    """A workspace and its rendered texts by router."""
    inventory = load_workspace(workspace)
    secrets = dict(tomllib.loads((workspace.parent / "secrets.toml").read_text())["secrets"])
    texts = {
        view.router.name: platform_of(view).render(inventory, view, lambda ref: Secret(secrets[ref])).text
        for view in inventory.sites()
    }
    return inventory, texts


def findings(inventory: Inventory, texts: dict[str, str]) -> list[str]:
    models = {}
    for name, text in texts.items():
        platform = recognised(text) or platform_of(inventory.router(name))
        models[name] = platform.read_model(text)
    return [str(one) for one in verify(models, inventory)]


def changed(text: str, path: str, old: str, new: str) -> str:
    """A document with ``old`` replaced in one file; the file must hold it."""
    files = []
    for file in parse(text).files:
        assert file.path != path or old in file.content
        files.append(File(file.path, file.content.replace(old, new) if file.path == path else file.content))
    return write(Document(tuple(files)))


@pytest.mark.parametrize("name", ["two_vpns", "options"])
def test_what_is_rendered_fits(name: str) -> None:
    inventory, texts = case(GOLDEN / "linux_frr" / name / "workspace")
    assert [one for one in findings(inventory, texts) if "not proved where VPNs are namespaces" not in one] == []


@pytest.fixture(scope="module", params=[("leeds", "york"), ("london",)], ids=["linux spokes", "a linux hub"])
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden workspace of IOS-XE with some of its routers of the other platform."""
    folder = tmp_path_factory.mktemp("mixed")
    shutil.copytree(GOLDEN / "two_vpns", folder, dirs_exist_ok=True)
    place = folder / "workspace" / "customers" / "acme.yaml"
    data = yaml.safe_load(place.read_text())
    for vpn in data["vpns"].values():
        vpn.pop("nhrp_authentication", None)
    for name in request.param:
        site = data["sites"][name]
        site["access"]["interface"] = "eth0"
        site["router"] |= {"platform": "linux_frr", "release": "8.4", "model": "OTHER-BOX"}
        ports = iter(f"eth{number}" for number in range(1, 9))
        for lan in (lan for lans in site["lans"].values() for lan in lans):
            lan["ports"] = [next(ports) for _ in lan["ports"]]
    place.write_text(yaml.safe_dump(data))
    return folder / "workspace"


def test_routers_of_both_platforms_fit_together(mixed: Path) -> None:
    inventory, texts = case(mixed)
    assert {view.router.platform for view in inventory.sites()} == {"cisco_iosxe", "linux_frr"}
    assert findings(inventory, texts) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        (SWANCTL, "aes256gcm16-prfsha384-ecp384-ecp256", "aes256gcm16-prfsha384-ecp521", "what IKEv2 proposes"),
        (SWANCTL, "Planted-Group-Key-01", "Other-Group-Key-01", "the IKE key"),
        (SWANCTL, "esp_proposals = aes256gcm16-ecp384", "esp_proposals = aes256-sha256-ecp384", "the IPsec transform"),
        (SWANCTL, "esp_proposals = aes256gcm16-ecp384", "esp_proposals = aes256gcm16", "perfect forward secrecy"),
        (NETWORK, "key = 10\n", "key = 11\n", "the tunnel key"),
        (FILTER, "size set 1360", "size set 1300", "the TCP MSS"),
    ],
)
def test_a_disagreement_of_platforms_is_found(mixed: Path, path: str, old: str, new: str, words: str) -> None:
    inventory, texts = case(mixed)
    name = next(name for name, text in texts.items() if text.startswith("%%"))
    found = findings(inventory, {**texts, name: changed(texts[name], path, old, new)})
    assert any(words in one for one in found), found


@pytest.mark.parametrize(
    ("router", "path", "old", "new", "words"),
    [
        (
            LONDON,
            NETWORK,
            'hostname = "acme-lon-r1"',
            'hostname = "acme-lon-r2"',
            "configuration is that of acme-lon-r2",
        ),
        (LONDON, NETWORK, 'address = "198.51.100.10/29"', 'address = "198.51.100.11/29"', "has not the address"),
        (LEEDS, NETWORK, "mtu = 1400\nttl", "mtu = 1300\nttl", "the MTU"),
        (LEEDS, NETWORK, 'ports = ["eth1", "eth2"]', 'ports = ["eth1"]', "eth2 is not in VLAN 10"),
        (LEEDS, NETWORK, 'peer = "203.0.113.1"', 'peer = "203.0.113.2"', "no tunnel leads to the management centre"),
        (LEEDS, FRR, " ip nhrp network-id 10\n", "", "it speaks no NHRP"),
        (YORK, FRR, "nbma 198.51.100.10", "nbma 198.51.100.12", "hub london is not at 198.51.100.12"),
        (YORK, FRR, " ip nhrp nhs 10.255.8.1 nbma 198.51.100.10\n", "", "is not a next hop server"),
        (YORK, FRR, "10.255.8.1 nbma", "10.255.8.7 nbma", "is no hub's tunnel address"),
        (LONDON, FRR, " ip nhrp redirect\n", "", "the hub sends no NHRP redirects"),
        (LONDON, FRR, "nhrp nflog-group 1\n", "nhrp nflog-group 2\n", "the hub sends no NHRP redirects"),
        (LONDON, "etc/nftables/corporate.nft", " log group 1 snaplen 128", "", "the hub sends no NHRP redirects"),
        (YORK, FRR, " ip nhrp shortcut\n", "", "the spoke takes no NHRP shortcuts"),
        (YORK, FRR, "ip address 10.255.8.3/32", "ip address 10.255.8.4/32", "no tunnel has the address"),
        (YORK, FRR, "10.10.3.1/24", "10.10.9.1/24", "no interface of its VRF has the address 10.10.3.1/24"),
        (LEEDS, FRR, "Planted-Bgp-Key-01", "Other-Bgp-Key-01", "the BGP password"),
        (
            LEEDS,
            FRR,
            "neighbor 10.255.8.1 remote-as 65010",
            "neighbor 10.255.8.1 remote-as 65011",
            "is taken for AS 65011",
        ),
        (LONDON, FRR, " bgp listen range 10.255.8.0/21 peer-group SPOKES\n", "", "BGP does not know acme-yor-r1"),
        (LONDON, FRR, "bgp listen limit 5000", "bgp listen limit 0", "BGP takes 0 neighbours by ranges at most"),
        (
            LEEDS,
            FRR,
            "  neighbor 10.255.8.1 activate\n",
            "  neighbor 10.255.8.1 activate\n  distance bgp 20 255 200\n",
            "do not take its tunnel",
        ),
        (LEEDS, FRR, "  neighbor 10.255.8.1 prefix-list MEMBERS out\n", "", "10.255.8.1 is not bounded"),
        (LONDON, FRR, "bgp router-id 10.255.8.1", "bgp router-id 10.255.8.2", "router-id 10.255.8.2 is not unique"),
        (YORK, FRR, "  network 10.10.3.0/24\n", "", "10.10.3.0/24 is not announced"),
        (
            YORK,
            FRR,
            "ip prefix-list OWN ",
            "ip prefix-list MINE ",
            "prefix-list corporate: OWN is used and not defined",
        ),
        (LEEDS, SWANCTL, "start_action = trap\n", "start_action = none\n", "gre10 is not protected by IPsec"),
        (LEEDS, SWANCTL, "mode = transport", "mode = tunnel", "gre10 is not protected by IPsec"),
        (LEEDS, DOOR, "    meta l4proto gre meta ipsec missing drop\n", "", "gre10 is not protected by IPsec"),
        (LEEDS, DOOR, "    meta l4proto gre rt ipsec missing drop\n", "", "gre10 is not protected by IPsec"),
        (LEEDS, SWANCTL, "aes256gcm16-prfsha384", "3des-md5-prfmd5", "allows weak algorithms"),
        (LEEDS, SWANCTL, "prfsha384-ecp384", "prfsha384-modp1024", "allows group 2"),
        (LEEDS, SWANCTL, "Planted-Centre-Key-01", "Planted-Group-Key-01", "hold one key"),
        (LEEDS, SWANCTL, "dpd_delay = 30s", "dpd_delay = 10m", "asks after 600 s only whether a silent peer lives"),
        (LEEDS, SWANCTL, "    dpd_delay = 30s\n", "", "asks never whether a silent peer lives"),
        (
            LEEDS,
            FRR,
            "ip nhrp holdtime 90",
            "ip nhrp holdtime 65000",
            "registers only every 21666 s",
        ),
        (
            LEEDS,
            DOOR,
            "hook forward priority filter; policy drop;",
            "hook forward priority filter; policy accept;",
            "WV-7",
        ),
        (LEEDS, DOOR, "chain forward {\n", 'chain forward {\n    iifname "mgmt0" oifname "eth0" accept\n', "WV-7"),
        (LEEDS, DOOR, "chain forward {\n", "chain forward {\n    ct state established accept\n", "WV-7"),
        (
            LEEDS,
            DOOR,
            "ip saddr { 10.254.255.30, 10.254.255.31 } udp dport 161",
            "udp dport 161",
            "SNMP is open to any",
        ),
        (LEEDS, DOOR, "10.254.255.31 }", "10.254.255.31, 10.99.0.1 }", "SNMP is open to 10.99.0.1"),
        (LEEDS, SNMP, "rouser ", "rwuser ", "not read-only"),
        (LEEDS, SNMP, " authPriv -V fleet", " authNoPriv -V fleet", "not read-only, encrypted"),
        (LEEDS, SNMP, "rouser ", "rocommunity public\nrouser ", "not read-only, encrypted"),
        (LEEDS, SNMP, " -V fleet", " -V other", "is used and not defined"),
    ],
)
def test_a_wrong_line_is_found(router: str, path: str, old: str, new: str, words: str) -> None:
    inventory, texts = case(GOLDEN / "linux_frr" / "two_vpns" / "workspace")
    found = findings(inventory, {**texts, router: changed(texts[router], path, old, new)})
    assert any(words in one for one in found), found
    assert not any("Planted" in one for one in found)


@pytest.mark.parametrize(
    ("path", "old", "new", "titles"),
    [
        (NETWORK, "key = 20\nmtu = 1400", "key = 21\nmtu = 1300", ["VPN cctv"]),
        (NETWORK, '"10.254.255.0/24"]\nmtu = 1400', '"10.254.255.0/24"]\nmtu = 1300', ["Management tunnel"]),
        (NETWORK, "mtu = 1500", "mtu = 1492", ["Internet access"]),
        (SWANCTL, "Planted-Group", "Other", ["Encryption of the VPNs"]),
        (SWANCTL, "Planted-Centre", "Other", ["Management tunnel"]),
        (FRR, " ip nhrp redirect\n", " ip nhrp shortcut\n shutdown\n", ["VPN corporate"]),
        (DOOR, "policy drop", "policy accept", ["Internet access"]),
        (SNMP, "rouser ", "rwuser ", ["Monitoring"]),
    ],
)
def test_a_change_is_told_under_its_feature(path: str, old: str, new: str, titles: list[str]) -> None:
    workspace = GOLDEN / "linux_frr" / "two_vpns" / "workspace"
    inventory, texts = case(workspace)
    secrets = tomllib.loads((workspace.parent / "secrets.toml").read_text())["secrets"]
    view = inventory.router(LONDON)
    rendered = platform_of(view).render(inventory, view, lambda ref: Secret(secrets[ref]))
    assert rendered.text == texts[LONDON]
    found = difference_by_feature(rendered, changed(texts[LONDON], path, old, new))
    assert list(dict.fromkeys(one.title for one in found)) == titles
    assert not any("Planted" in line for one in found for line in one.lines)
    assert difference_by_feature(rendered, texts[LONDON]) == ()


@pytest.mark.parametrize("name", ["two_vpns", "options"])
def test_no_secret_of_a_rendered_document_is_left(name: str) -> None:
    folder = GOLDEN / "linux_frr" / name
    planted = tomllib.loads((folder / "secrets.toml").read_text())["secrets"].values()
    for text in case(folder / "workspace")[1].values():
        assert [
            value for value in planted if value in redact(text) or value.encode().hex() in redact(text).lower()
        ] == []


@pytest.mark.parametrize(
    ("old", "new", "guarded"),
    [
        ("", "", True),
        # Packets of a connection that began in ESP may follow in the clear.
        ("\t\tmeta l4proto gre meta ipsec missing drop\n", "", False),
        # The policy drops what is not accepted in ESP.
        ("\t\tmeta l4proto gre meta ipsec missing drop\n\t\tct state established,related accept\n", "", True),
        ("meta ipsec exists ip protocol gre accept", "ip protocol gre accept", True),
        ("\t\tmeta l4proto gre meta ipsec missing drop\n", "\t\tip protocol gre accept\n", False),
        ("\t\tmeta l4proto gre meta ipsec missing drop\n", '\t\tiifname "eth0" accept\n', False),
        ("\t\tip protocol gre rt ipsec missing drop\n", "", False),
    ],
)
def test_gre_in_the_clear_is_kept_out_by_the_front_door(old: str, new: str, *, guarded: bool) -> None:
    text = FILES[DOOR].replace(old, new, 1) if old else FILES[DOOR]
    tunnels = {one.name: tunnel.protection for one, tunnel in read_model(with_files({DOOR: text})).tunnels()}
    assert tunnels == {"mgmt0": "management", "gre10": "gre" if guarded else ""}


def test_the_model_holds_no_secret() -> None:
    model = repr(read_model(HUB))
    assert [secret for secret in SECRETS if secret in model] == []


def test_what_can_be_told_of_a_part() -> None:
    assert hostname(HUB) == "acme-lon-r1"
    assert has_vpn(HUB)
    assert carries(HUB, VpnRef("corporate", 10))
    assert not carries(HUB, VpnRef("corporate", 11))
    assert not carries(HUB, VpnRef("cctv", 20))
    assert hostname(HUB[: HUB.index("%% file etc/spokesman/users")]) == "acme-lon-r1"
    blank = with_files({NETWORK: 'hostname = "acme-lon-r1"\n'})
    assert hostname(blank) == "acme-lon-r1"
    assert not has_vpn(blank)


@given(st.text() | st.integers(0, len(HUB)).map(lambda length: HUB[:length]))
def test_of_whatever_comes_something_or_nothing_is_told(text: str) -> None:
    assert isinstance(hostname(text), str)
    assert isinstance(has_vpn(text), bool)
    assert isinstance(carries(text, VpnRef("corporate", 10)), bool)


TOML = st.sampled_from(
    ["vpn = 3", "[[vpn]]", "name = 3", "[vpn.tunnel]", "[vpn]", "key = 'x'", "mtu = true", "[[vpn.lan]]", "ports = 3",
     "ports = [1]", "[front_door]", "address = 7", 'address = "x"', "[management]", 'networks = ["x", 3]', "[ilan]"]
)  # fmt: skip
LINES = st.sampled_from(
    [
        "interface gre10",
        " ip address x",
        " ip nhrp nhs x",
        " ip nhrp network-id x",
        "router bgp 1",
        " neighbor",
        " neighbor x",
        " bgp router-id x",
        "ip route",
        "ip route x",
        "ip route 10.0.0.0/8",
        "connections { a { children { b { mode = x } } } }",
        "secrets { ike-x { } }",
        "rouser",
        "createUser",
        "table inet x { chain y { udp dport 161 accept",
        "}",
        "a:b",
        ":",
    ]
)


@given(st.sampled_from(sorted(FILES)), st.lists(TOML | LINES, max_size=12))
def test_odd_files_are_read_or_refused(path: str, lines: list[str]) -> None:
    try:
        read_model(with_files({path: "\n".join(lines) + "\n"}))
    except NotParsable as error:
        assert str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("proposal", "encryption", "integrity", "prf", "groups", "esp"),
    [
        ("aes256gcm16-prfsha384-ecp384-ecp256", ["aes-gcm-256"], [], ["sha384"], ["20", "19"], "esp-gcm 256"),
        ("aes128-sha256-modp2048", ["aes-cbc-128"], ["sha256"], [], ["14"], "esp-aes 128 esp-sha256-hmac"),
        ("3des-sha1-modp1024", ["3des"], ["sha1"], [], ["2"], "esp-3des esp-sha-hmac"),
        ("aes256gcm16-esn", ["aes-gcm-256"], [], [], [], "esp-gcm 256"),
        ("default", ["default"], [], [], [], "esp-default"),
    ],
)
def test_algorithms_have_neutral_names(
    proposal: str, encryption: list[str], integrity: list[str], prf: list[str], groups: list[str], esp: str
) -> None:
    words = Words(proposal)
    assert (words.encryption, words.integrity, words.prf, words.groups) == (encryption, integrity, prf, groups)
    assert " ".join(words.esp) == esp
