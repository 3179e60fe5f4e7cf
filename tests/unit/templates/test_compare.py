"""Equality under the declared masks, and the candidate that a router is given."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_templates import NotParsable
from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.comparing.features import difference_by_feature
from device_templates.cisco_iosxe.hashing import type9
from device_templates.cisco_iosxe.reading.complete import is_complete
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node, parse, write
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.cisco_iosxe.type7 import obscure
from inventory import Inventory, Secret
from tests.examples import examples

RUNNING = Path(__file__).with_name("running.cfg").read_text(encoding="utf-8")
GOLDEN = Path(__file__).parents[2] / "golden"
LEEDS = (GOLDEN / "two_vpns/expected/acme-lee-r1.cfg").read_text(encoding="utf-8")
LONDON = (GOLDEN / "two_vpns/expected/acme-lon-r1.cfg").read_text(encoding="utf-8")
FRAME = "version 17.9\nhostname r1\n{}end\n"

WORD = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)
LINE = st.lists(WORD, min_size=1, max_size=3).map(" ".join).filter(lambda text: text != "end")


def _node(children: st.SearchStrategy[tuple[Node, ...]]) -> st.SearchStrategy[Node]:
    return st.builds(Node, LINE, children)


def _unique(nodes: list[Node]) -> tuple[Node, ...]:
    return tuple({node.text: node for node in nodes}.values())


NODES = st.recursive(st.just(()), lambda below: st.lists(_node(below), max_size=4).map(_unique), max_leaves=12).map(
    lambda nodes: ConfigTree(nodes)
)


@settings(max_examples=examples(120), deadline=None)
@given(NODES)
def test_what_is_written_is_read_back(tree: ConfigTree) -> None:
    assert parse(write(tree)) == tree


@settings(max_examples=examples(120), deadline=None)
@given(NODES, NODES, st.randoms())
def test_comparison_and_candidate_agree(intended: ConfigTree, running: ConfigTree, dice: random.Random) -> None:
    """Whatever runs, the candidate is equal to what is intended, a second one changes nothing, and order is free."""
    a, b = write(intended), write(running)
    first = candidate(a, b)
    assert compare(a, first).equal
    assert candidate(a, first) == first
    shuffled = write(ConfigTree(_shuffled(running.nodes, dice)))
    assert compare(b, shuffled).equal
    assert compare(a, b).equal == compare(a, shuffled).equal


def _shuffled(nodes: tuple[Node, ...], dice: random.Random) -> tuple[Node, ...]:
    mixed = [Node(node.text, _shuffled(node.children, dice), node.body) for node in nodes]
    dice.shuffle(mixed)
    return tuple(mixed)


@settings(max_examples=examples(120), deadline=None)
@given(NODES, NODES)
def test_a_difference_is_found_from_both_sides(one: ConfigTree, other: ConfigTree) -> None:
    there, back = compare(write(one), write(other)), compare(write(other), write(one))
    assert there.equal == back.equal == (_bag(one.nodes) == _bag(other.nodes))
    assert sorted(map(str, there.only_in_a)) == sorted(map(str, back.only_in_b))


def _bag(nodes: tuple[Node, ...]) -> frozenset[object]:
    return frozenset((node.text, _bag(node.children)) for node in nodes)


@pytest.mark.parametrize("text", [LEEDS, LONDON, RUNNING], ids=["leeds", "london", "running"])
def test_a_configuration_equals_itself(text: str) -> None:
    found = compare(text, text)
    assert found.equal
    assert found.masked == ()


def test_every_single_line_counts() -> None:
    """Take any line away: either that is found, or it is masked and listed."""
    lines = LEEDS.split("\n")
    unlisted = []
    for number, line in enumerate(lines):
        without = "\n".join(lines[:number] + lines[number + 1 :])
        if line.strip() in {"!", "", "end", "exit-address-family"} or "\x03" in line:
            continue
        found = compare(LEEDS, without)
        if found.equal and not found.masked:
            unlisted.append(line)
    assert unlisted == []


def test_what_belongs_to_the_device_is_masked_and_kept() -> None:
    found = compare(LEEDS, LEEDS.replace("hostname", "version 17.9\nlicense udi pid C1111-8P sn FCZ0\nhostname", 1))
    assert found.equal
    assert {(line.text, line.reason) for line in found.masked} == {
        ("version 17.9", "belongs to this chassis"),
        ("license udi pid C1111-8P sn FCZ0", "belongs to this chassis"),
    }


def test_a_line_of_an_unordered_port_counts() -> None:
    fresh = FRAME.format("interface GigabitEthernet0/1/7\n shutdown\n")
    assert compare(FRAME.format(""), fresh).equal
    (line,) = compare(FRAME.format(""), fresh.replace("shutdown", "ip address 10.0.0.1 255.0.0.0")).only_in_b
    assert str(line) == "interface GigabitEthernet0/1/7 > ip address 10.0.0.1 255.0.0.0"


def test_a_shutdown_that_is_intended_counts() -> None:
    intended = FRAME.format("interface GigabitEthernet0/1/7\n shutdown\n")
    assert not compare(intended, FRAME.format("interface GigabitEthernet0/1/7\n")).equal


@pytest.mark.parametrize(("release", "equal"), [("17.15", True), ("17.16", True), ("18.1", True), ("17.9", False)])
def test_a_default_is_hidden_by_the_releases_that_hide_it(release: str, equal: bool) -> None:
    running = LEEDS.replace("hostname", f"version {release}\nhostname", 1).replace(" ip nhrp shortcut\n", "")
    assert compare(LEEDS, running).equal is equal
    assert (" ip nhrp shortcut\n" in candidate(LEEDS, running)) is not equal


def test_a_default_that_is_negated_is_not_hidden() -> None:
    running = LEEDS.replace("hostname", "version 17.15\nhostname", 1)
    assert not compare(LEEDS, running.replace(" ip nhrp shortcut\n", " no ip nhrp shortcut\n")).equal


@pytest.mark.parametrize(
    ("intended", "running", "equal"),
    [
        ("tacacs server A\n key secret12\n", f"tacacs server A\n key 7 {obscure('secret12', 4)}\n", True),
        ("tacacs server A\n key secret12\n", f"tacacs server A\n key 7 {obscure('secret13', 4)}\n", False),
        (
            f"x y\n neighbor 1.1.1.1 password 7 {obscure('abc', 1)}\n",
            f"x y\n neighbor 1.1.1.1 password 7 {obscure('abc', 9)}\n",
            True,
        ),
        ("ntp authentication-key 1 md5 abc\n", f"ntp authentication-key 1 md5 {obscure('abc', 5)} 7\n", True),
        ("ntp authentication-key 1 md5 abc\n", f"ntp authentication-key 2 md5 {obscure('abc', 5)} 7\n", False),
        ("username a secret 0 abcdef\n", f"username a secret 9 {type9('abcdef', 'saltsaltsaltsa')}\n", True),
        ("username a secret abcdef\n", f"username a secret 9 {type9('abcdef', 'saltsaltsaltsa')}\n", True),
        ("username a secret abcdeg\n", f"username a secret 9 {type9('abcdef', 'saltsaltsaltsa')}\n", False),
        ("username b secret abcdef\n", f"username a secret 9 {type9('abcdef', 'saltsaltsaltsa')}\n", False),
    ],
)
def test_secrets_are_equal_by_what_they_mean(intended: str, running: str, equal: bool) -> None:
    assert compare(FRAME.format(intended), FRAME.format(running)).equal is equal
    given_ = candidate(FRAME.format(intended), FRAME.format(running))
    assert (running.strip().split("\n")[-1].strip() in given_) is equal


def test_order_counts_where_it_says_something() -> None:
    acl = "ip access-list extended A\n permit ip any host 10.0.0.1\n deny ip any any\n"
    turned = "ip access-list extended A\n deny ip any any\n permit ip any host 10.0.0.1\n"
    assert not compare(FRAME.format(acl), FRAME.format(turned)).equal
    vlans = "interface Vlan1\n a\n b\n"
    assert compare(FRAME.format(vlans), FRAME.format("interface Vlan1\n b\n a\n")).equal


def test_banners_are_compared_by_their_text() -> None:
    one = "banner login ^C\nHello\n^C\n"
    assert compare(FRAME.format(one), FRAME.format(one.replace("^C", "\x03"))).equal
    assert compare(FRAME.format(one), FRAME.format(one.replace("^C", "#"))).equal
    assert not compare(FRAME.format(one), FRAME.format(one.replace("Hello", "Hallo"))).equal


def test_a_comparison_shows_no_secret() -> None:
    found = compare(LEEDS, LONDON)
    assert "lanted" not in repr(found)
    assert "pltd" not in repr(found)
    assert not found.equal


def test_the_candidate_keeps_what_is_the_device_s_and_drops_the_rest() -> None:
    given_ = candidate(LEEDS, RUNNING)
    assert is_complete(given_) is None
    tree = {node.text: node for node in parse(given_).nodes}
    for kept in (
        "version 17.15",
        "license udi pid C8000V sn 9AAAAAAAAAA",
        "crypto pki certificate chain TP-self-signed-1",
    ):
        assert kept in tree
    assert tree["crypto pki certificate chain TP-self-signed-1"].children[0].body
    for gone in ("crypto pki certificate chain B", "ip access-list standard VTY", "router bgp 65001", "hostname r1"):
        assert gone not in tree
    assert compare(LEEDS, given_).equal
    assert given_.index("version 17.15") < given_.index("hostname acme-lee-r1")


def test_a_restore_on_another_chassis_leaves_the_old_one_s_lines_behind() -> None:
    other = (
        RUNNING.replace("9AAAAAAAAAA", "9BBBBBBBBBB")
        .replace("TP-self-signed-1", "TP-self-signed-2")
        .replace("version 17.15", "version 17.9")
        .replace("hostname r1", "hostname Router")
    )
    given_ = candidate(RUNNING, other)
    assert "9AAAAAAAAAA" not in given_
    assert "TP-self-signed-1" not in given_
    assert "17.15" not in given_
    assert "license udi pid C8000V sn 9BBBBBBBBBB" in given_
    assert "TP-self-signed-2" in given_
    assert "hostname r1" in given_
    assert compare(RUNNING, given_).equal


def test_a_broken_text_is_refused() -> None:
    with pytest.raises(NotParsable, match="a banner has no end"):
        compare(LEEDS, LEEDS[: LEEDS.index("Access is logged")])


def test_features_tell_what_a_change_is_for(inventory: Inventory, secret: Callable[[str], Secret]) -> None:
    rendered = render(inventory, inventory.site("leeds"), secret)
    assert difference_by_feature(rendered, rendered.text) == ()
    running = (
        rendered.text.replace(" tunnel key 20\n", " tunnel key 21\n")
        .replace("Planted-Group-Key-01", "Planted-Other-Key")
        .replace("ntp source Loopback0\n", "ntp source Vlan10\nrouter ospf 1\n network 0.0.0.0 0.0.0.0 area 0\n")
    )
    found = {diff.title: diff for diff in difference_by_feature(rendered, running)}
    assert list(found) == ["Encryption of the VPNs", "VPN cctv", "Time", "Not of the service"]
    assert found["VPN cctv"].lines == ("  interface Tunnel20", "-  tunnel key 21", "+  tunnel key 20")
    assert found["VPN cctv"].clause == "WV-1, WV-3"
    assert found["Time"].lines == ("- ntp source Vlan10", "+ ntp source Loopback0")
    assert found["Not of the service"].lines == ("- router ospf 1", "-  network 0.0.0.0 0.0.0.0 area 0")
    assert "Planted" not in repr(found)


def test_features_of_a_blank_router_are_all(inventory: Inventory, secret: Callable[[str], Secret]) -> None:
    rendered = render(inventory, inventory.site("leeds"), secret)
    found = difference_by_feature(rendered, FRAME.format(""))
    assert [diff.title for diff in found][-1] == "Not of the service"
    assert {diff.title for diff in found} >= {line.feature for line in rendered.lines[:-1]}
    assert not any(diff.removed for diff in found[:-1])


def test_hostile_text_takes_no_time() -> None:
    """Lines without end, sections without bottom: answered at once (the suite's own time limit is the proof)."""
    deep = "".join(f"{' ' * depth}l{depth}\n" for depth in range(3000)) + "end\n"
    with pytest.raises(NotParsable, match="deeper"):
        compare(deep, deep)
    for word in ("area ", "username x ", "a", "ip ospf "):
        long = word * 40_000
        assert "<secret:" in redact(f"hostname x\n{long}\n")
    wide = "".join(f"interface Vlan{number}\n description {number}\n" for number in range(3000)) + "end\n"
    assert compare(wide, candidate(wide, "hostname x\nend\n")).equal


OLD = re.compile(r"^ \d+ (permit|deny)( .*)$", re.MULTILINE)


def _as_16_shows(text: str) -> str:
    """Rules without their numbers, and ``deny`` as wide as ``permit``."""
    return OLD.sub(lambda rule: f" {rule[1]:6}{rule[2]}", text)


def test_rules_of_access_lists_are_equal_without_their_numbers() -> None:
    """As routers before release 17 show them [a public running configuration of release 16.12]."""
    running = _as_16_shows(LEEDS)
    assert "\n deny   ip any any\n" in running
    assert compare(LEEDS, running).equal
    given = candidate(LEEDS, running)
    assert not OLD.search(given)
    assert compare(given, running).equal


def test_order_still_counts_where_rules_have_no_numbers() -> None:
    first, second = " permit esp any any\n", " permit udp any any eq isakmp\n"
    running = _as_16_shows(LEEDS)
    assert first + second in running
    found = compare(LEEDS, running.replace(first + second, second + first))
    assert {line.text for line in found.only_in_b} >= {"permit esp any any", "permit udp any any eq isakmp"}


def test_a_rule_more_is_found_where_rules_have_no_numbers(
    inventory: Inventory, secret: Callable[[str], Secret]
) -> None:
    running = _as_16_shows(LEEDS).replace(" permit esp any any\n", " permit esp any any\n permit tcp any any\n")
    assert [line.text for line in compare(LEEDS, running).only_in_b if "tcp" in line.text] == ["permit tcp any any"]
    features = difference_by_feature(render(inventory, inventory.site("leeds"), secret), running)
    assert [one.title for one in features if "permit tcp any any" in " ".join(one.lines)] == ["Internet access"]
