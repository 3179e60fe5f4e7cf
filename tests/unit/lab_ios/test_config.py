"""Configuration trees: what is read is written, whatever it holds; changes touch their place only."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lab.config import ConfigTree, Line
from agent.lab.errors import ConfigTextError
from agent.lab.lines.grammar import iosxe

WORD = st.text(string.ascii_letters + string.digits + "-./", min_size=1, max_size=12)
TEXT = (
    st.lists(WORD, min_size=1, max_size=4)
    .map(" ".join)
    .filter(
        lambda text: not text.startswith(("end", "exit", "banner ", "certificate ", "Building", "Current", "Using"))
    )
)


def lines(depth: int) -> st.SearchStrategy[tuple[Line, ...]]:
    under = lines(depth - 1) if depth else st.just(())
    one = st.builds(Line, TEXT, under)
    return st.lists(one, max_size=4, unique_by=lambda line: line.text).map(tuple)


@given(lines(2))
def test_a_tree_is_read_back_as_it_was_written(under: tuple[Line, ...]) -> None:
    tree = ConfigTree(under)
    assert ConfigTree.parse(tree.render()) == tree


@given(st.text(string.ascii_letters + " \n!#%", max_size=80))
def test_a_banner_keeps_its_text(text: str) -> None:
    tree = ConfigTree((Line("hostname x"), Line("banner login", (), text), Line("ntp authenticate")))
    assert ConfigTree.parse(tree.render()) == tree


def test_certificates_keep_their_body_and_sections_their_closers() -> None:
    text = (
        "vrf definition A\n rd 1:1\n !\n address-family ipv4\n exit-address-family\n!\n"
        "crypto pki certificate chain TP\n certificate ca 01\n  30820321 30820209 \n  A0030201\n  \tquit\n!\n"
        "line con 0\n stopbits 1\n!\nend\n"
    )
    tree = ConfigTree.parse(text)
    certificate = tree.section("crypto pki certificate chain TP", "certificate ca 01")
    assert certificate is not None
    assert certificate.body == "30820321 30820209\nA0030201"
    assert tree.section("vrf definition A", "address-family ipv4") == Line("address-family ipv4")
    assert ConfigTree.parse(tree.render()) == tree


def test_what_show_running_config_writes_above_is_skipped_unless_it_is_a_file() -> None:
    shown = "Building configuration...\n\nCurrent configuration : 10 bytes\nhostname x\nend\n"
    assert ConfigTree.parse(shown) == ConfigTree((Line("hostname x"),))
    assert ConfigTree.parse(shown, headers=False).has("Building")


@pytest.mark.parametrize(
    "text",
    ["banner motd \x03 for ever\nhostname x\n", "crypto pki certificate chain A\n certificate 01\n  00\n"],
)
def test_free_text_without_an_end_is_an_error_that_names_its_line(text: str) -> None:
    with pytest.raises(ConfigTextError, match=r"line [12]: .* that starts here has no"):
        ConfigTree.parse(text)


def test_sections_within_sections_without_end_are_no_configuration() -> None:
    with pytest.raises(ConfigTextError, match="line 13: sections stand more than 12 deep"):
        ConfigTree.parse("".join(f"{' ' * depth}section\n" for depth in range(5000)))


def test_lookups_match_whole_words() -> None:
    tree = ConfigTree.parse("interface Tunnel1\n ip mtu 1400\ninterface Tunnel10\n")
    assert [line.text for line in tree.interfaces()] == ["interface Tunnel1", "interface Tunnel10"]
    assert tree.children("interface Tunnel1") == (tree.lines[0],)
    assert tree.lines[0].value("ip mtu") == "1400"
    assert tree.value("interface Tunnel99") is None


def test_a_line_replaces_the_one_in_its_slot_and_stands_in_ios_order() -> None:
    grammar = iosxe()
    tree = ConfigTree.parse("hostname a\ninterface Vlan10\n ip address 10.0.0.1 255.0.0.0\nntp authenticate\n")
    tree = tree.put((), Line("hostname b"), grammar)
    tree = tree.put((), Line("interface Loopback0"), grammar)
    tree = tree.put(("interface Vlan10",), Line("ip address 10.0.0.2 255.0.0.0"), grammar)
    tree = tree.put(("interface Vlan10",), Line("description first"), grammar)
    assert tree.render() == (
        "hostname b\n!\ninterface Loopback0\n!\ninterface Vlan10\n description first\n"
        " ip address 10.0.0.2 255.0.0.0\n!\nntp authenticate\n!\nend\n"
    )


def test_dropping_what_begins_with_the_words_leaves_neighbours_that_only_look_alike() -> None:
    grammar = iosxe()
    path = ("router bgp 1",)
    tree = ConfigTree.parse(
        "router bgp 1\n neighbor 10.0.0.1 remote-as 1\n neighbor 10.0.0.1 shutdown\n neighbor 10.0.0.11 remote-as 1\n"
    )
    section = tree.drop(path, "neighbor 10.0.0.1", grammar).section(*path)
    assert section is not None
    assert [line.text for line in section.lines] == ["neighbor 10.0.0.11 remote-as 1"]
