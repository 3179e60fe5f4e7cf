"""What is not understood is listed with its number, whatever a line says; secrets of it are hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_templates.cisco_iosxe.reading.known import features
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.errors import NotParsable
from tests.examples import examples

GOLDEN = Path(__file__).parents[3] / "golden"
TEXTS = {path.stem: path.read_text() for path in sorted(GOLDEN.glob("*/expected/*.cfg"))}
EVERYTHING = "\n".join(TEXTS.values()).replace("\nend\n", "\n").split("\n")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_of_what_we_render_nothing_is_unread(text: str) -> None:
    model = read_model(text)
    assert model.unread == ()
    assert model.lines > 200


def test_what_a_device_adds_is_not_unread() -> None:
    assert read_model((Path(__file__).parents[1] / "running.cfg").read_text()).unread == ()


#: Lines that no release knows, and lines that go on as no release lets them.
STRANGE = [
    ("hostname r\nfrobnicate\n", [2]),
    ("interface A\n ip address 10.0.0.1 255.255.255.0\n ip frobnicate\n", [3]),
    ("interface A\n ip address 10.0.0.1\n", [2]),
    ("interface A\n ip address 10.0.0.1 0.0.0.255\n", [2]),
    ("interface Tunnel1\n tunnel key ten\n tunnel mode gre sideways\n", [2, 3]),
    ("ip route 10.0.0.0 255.0.0.0\n", [1]),
    ("ip access-list extended A\n permit ip any any frobnicate\n permit tcp any any eq 70000\n", [2, 3]),
    ("router ospf 1\n network 10.0.0.0 0.0.0.255 area 0\n", [1, 2]),
    ("vrf definition A\n export ipv4 unicast map LEAK\n", [2]),
    ("crypto ikev2 profile A\n frobnicate 1\n authentication local frobnicate\n", [2, 3]),
    ("no interface A\n", [1]),
    # What no table of the reader takes, and would part or join networks, shut peers out, or let somebody in.
    ("interface A\n ip nhrp server-only often\n switchport private-vlan mapping 20\n", [2, 3]),
    ("crypto ipsec profile A\n responder-only often\n set identity B\n", [2, 3]),
    ("router bgp 1\n address-family ipv4 vrf A\n  distance 255 0.0.0.0 255.255.255.255\n", [3]),
    ("crypto ikev2 limit max-sa few\nmonitor session 1 source interface A\n", [1, 2]),
    ("hostname r\nend\ninterface A\n", [3]),
]


#: Beginnings of lines that are harmless, gone on as no release lets them, and lines that belong elsewhere.
_HEADS = (
    "logging", "aaa", "snmp-server", "snmp", "ntp", "ip ssh", "service", "license", "platform", "boot", "alias",
    "banner", "spanning-tree", "ip domain", "ip nhrp", "description", "remark", "name", "cdp", "lldp", "enable",
    "login", "clock", "exception",
)  # fmt: skip


@pytest.mark.parametrize("head", _HEADS)
def test_a_line_that_only_begins_as_a_harmless_one_is_unread(head: str) -> None:
    assert [one.number for one in read_model(f"hostname r\n{head} wibble\n").unread] == [2]


def test_routes_of_no_source_are_not_taken() -> None:
    model = read_model("router bgp 1\n redistribute wibble\n address-family ipv4 vrf A\n  redistribute wibble\n")
    assert [one.number for one in model.unread] == [2, 4]


@pytest.mark.parametrize(("text", "numbers"), STRANGE, ids=[text.split("\n")[0] + str(at) for text, at in STRANGE])
def test_a_strange_line_is_listed_with_its_number(text: str, numbers: list[int]) -> None:
    assert [one.number for one in read_model(text).unread] == numbers


#: Where a declared line stands, and lines below it that make the difference.
_ABOVE = {
    "": "",
    "interface": "interface Vlan9\n ",
    "vrf": "vrf definition A\n ",
    "bgp": "router bgp 1\n ",
    "certificate map": "crypto pki certificate map A 10\n ",
}
_BELOW = {"an applet": " action 1 cli command conf t\n", "scheduled commands": " cli copy a running-config\n"}


@pytest.mark.parametrize("under", _ABOVE)
def test_what_the_model_does_not_have_is_unread_and_said(under: str) -> None:
    for one in features(under):
        if one.does in {"selects", "decides", "unclear"}:
            continue
        line = " ".join("x" if word == "*" else word for word in one.words)
        model = read_model(f"{_ABOVE[under]}{line}{'' if one.exact else ' 1'}\n{_BELOW.get(one.name, '')}")
        (found,) = model.beyond
        assert (found.feature, found.does) == (one.name, one.does), line
        assert found.interface == ("Vlan9" if under == "interface" else "")
        assert found.at.line in {unread.number for unread in model.unread}


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("ip access-list extended A\n permit tcp object-group A any\n", "opens"),
        ("ip access-list extended A\n 10 permit tcp any any eq 22 time-range NIGHT\n", "opens"),
        ("ip access-list extended A\n deny tcp any any eq 22 time-range NIGHT\n", "selects"),
        ("route-map A permit 10\n frobnicate\n", "selects"),
        ("access-list 10 permit object-group A\n", "opens"),
        ("class-map type inspect match-any A\n match frobnication\n", "selects"),
        ("interface Vlan9\n frobnicate\n", "decides"),
        ("line vty 0 4\n frobnicate\n", "unclear"),
    ],
)
def test_a_line_that_is_not_understood_is_said_where_proofs_stand_on_it(text: str, does: str) -> None:
    assert [one.does for one in read_model(text).beyond] == [does]


def test_object_groups_stand_for_what_is_in_them_wherever_they_are_defined() -> None:
    model = read_model(
        "ip access-list extended A\n permit object-group OPEN object-group TECH any log\n"
        " deny tcp any object-group TECH eq 22\n"
        "object-group service OPEN\n description x\n tcp eq 22\n tcp-udp source gt 1023 range 80 81\n icmp echo\n"
        "object-group network BASE\n host 198.51.100.77\n range 10.0.0.0 10.0.0.3\n"
        "object-group network TECH\n group-object BASE\n 192.0.2.0 255.255.255.0\n 203.0.113.0 /24\n"
    )
    (found,) = model.access_lists
    assert model.unread == ()
    assert [(rule.match.protocols, rule.match.source_ports, rule.match.destination_ports) for rule in found.rules] == [
        ((6,), (), ((22, 22),)),
        ((6,), ((1024, 65535),), ((80, 81),)),
        ((17,), ((1024, 65535),), ((80, 81),)),
        ((1,), (), ()),
        ((6,), (), ((22, 22),)),
    ]
    networks = ["198.51.100.77/32", "10.0.0.0/30", "192.0.2.0/24", "203.0.113.0/24"]
    assert all([str(one) for one in rule.match.sources] == networks for rule in found.rules[:4])
    assert [str(one) for one in found.rules[4].match.destinations] == networks


def test_what_is_permitted_for_a_time_counts() -> None:
    (found,) = read_model("ip access-list extended A\n permit tcp any any eq 22 time-range NIGHT\n").access_lists
    assert [rule.match.destination_ports for rule in found.rules] == [((22, 22),)]


def test_a_release_counts_where_the_text_names_none() -> None:
    text = "interface Tunnel1\n tunnel mode gre multipoint\n"
    told = [read_model(text, release=release) for release in ("17.15", "17.9", "")]
    named = read_model(f"version 17.9\n{text}", release="17.15")
    assert [one.tunnels()[0][1].shortcut for one in (*told, named)] == [True, False, False, False]


@pytest.mark.parametrize(
    "network", ["192.168.50.0 /24", "192.168.50.0 255.255.255.0", "192.168.50.0", "192.168.50.0/24"]
)
def test_the_network_of_a_pool_as_it_may_be_typed(network: str) -> None:
    (pool,) = read_model(f"ip dhcp pool A\n network {network}\n").leases
    assert str(pool.network) == "192.168.50.0/24"


def test_what_we_render_does_nothing_beyond_the_model() -> None:
    assert all(read_model(text).beyond == () for text in TEXTS.values())


def test_a_class_map_of_too_many_ways_is_unread_and_takes_nothing() -> None:
    many = "".join(f" match dscp {value}\n" for value in range(30))
    maps = f"class-map match-any A\n{many}class-map match-all B\n" + " match class-map A\n" * 4
    model = read_model(f"{maps}policy-map P\n class B\n  set dscp ef\n")
    assert [one.text for one in model.unread] == ["class-map B"]
    assert model.policies[0].classes[0].selection.ways == ()


def test_a_secret_in_a_strange_line_is_hidden() -> None:
    model = read_model("frobnicate password 7 0822455D0A16\nfrobnicate key 0 Planted-Key-01\n")
    assert len(model.unread) == 2
    assert "Planted" not in repr(model)
    assert "0822455D0A16" not in repr(model)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=examples(80), deadline=None)
@given(st.data())
def test_mutated_lines_raise_nothing_and_keep_their_secrets(data: st.DataObject) -> None:
    """Words that are lost, doubled, put elsewhere or exchanged; every line is read by itself and where it stood."""
    at = data.draw(st.integers(0, len(EVERYTHING) - 1))
    block = EVERYTHING[at : at + 40]
    words = [word for line in block for word in line.split() if "lanted" not in word and "pltd" not in word] or ["x"]
    changed = [_changed(line, words, data) for line in block]
    text = "\n".join(changed) + "\n"
    try:
        model = read_model(text)
    except NotParsable:
        return
    assert {one.number for one in model.unread} <= set(range(1, len(changed) + 1))
    found = {one.plain for line in changed for one in secrets_in(line) if "lanted" in one.plain}
    assert not [secret for secret in found if secret in repr(model)]


def _changed(line: str, words: list[str], data: st.DataObject) -> str:
    parts = line.split(" ")
    for _ in range(data.draw(st.sampled_from([0, 0, 1, 2]))):
        place = data.draw(st.integers(0, len(parts) - 1))
        change = data.draw(st.sampled_from(["lose", "double", "exchange", "strange"]))
        if change == "lose" and len(parts) > 1:
            del parts[place]
        elif change == "double":
            parts.insert(place, parts[place])
        elif change == "exchange":
            parts[place] = data.draw(st.sampled_from(words))
        else:
            parts[place] = data.draw(
                st.sampled_from(["", "-1", "²", "999999999999999999999", "0.0.0.0", "any", "*", "(", "no"])
            )
    return " ".join(parts)
