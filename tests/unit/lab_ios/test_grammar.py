"""The grammar: known lines in full, unknown ones refused where a real router's caret stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lab.lines.grammar import Known, Unknown, exec_grammar, iosxe


@pytest.mark.parametrize(
    ("mode", "typed", "full"),
    [
        ("config", "int gi 0/0/0", "interface GigabitEthernet0/0/0"),
        ("config", "interface tu10", "interface Tunnel10"),
        ("config", "ip ro 10.0.0.0 255.0.0.0 null0 250", "ip route 10.0.0.0 255.0.0.0 Null0 250"),
        ("config", "hostname no-such-line", "hostname no-such-line"),
        ("if", "desc  Two  spaces | kept", "description Two  spaces | kept"),
        ("if", "ip addr dhcp", "ip address dhcp"),
        ("if", "ip nhrp authentication eight_ch", "ip nhrp authentication eight_ch"),
        ("if", "tun prot ipsec prof P shared", "tunnel protection ipsec profile P shared"),
        ("acl-extended", "10 permit udp any eq bootps any eq bootpc", "10 permit udp any eq bootps any eq bootpc"),
    ],
)
def test_short_forms_are_written_in_full(mode: str, typed: str, full: str) -> None:
    known = iosxe().match(mode, typed)
    assert isinstance(known, Known)
    assert known.text == full


@pytest.mark.parametrize(
    ("mode", "typed", "reason", "at"),
    [
        ("config", "ip foo", "invalid", 3),
        ("config", "frobnicate", "invalid", 0),
        ("config", "hostname a b", "invalid", 11),
        ("config", "ip route 10.0.0.0 255.0.255.0 10.0.0.1", "invalid", 18),
        ("config", "interface Foo0", "invalid", 10),
        ("config", "ip route", "incomplete", 0),
        ("config", "s", "ambiguous", 0),
        ("if", "ip address 300.1.1.1 255.0.0.0", "invalid", 11),
        ("if", "ip nhrp authentication ninechars", "invalid", 23),
        ("if", "tunnel key 4294967296", "invalid", 11),
    ],
)
def test_unknown_lines_are_refused_at_the_first_bad_word(mode: str, typed: str, reason: str, at: int) -> None:
    found = iosxe().match(mode, typed)
    assert isinstance(found, Unknown)
    assert (found.reason, found.at) == (reason, at)


@pytest.mark.parametrize(
    ("mode", "one", "other"),
    [
        ("if", "ip address 10.0.0.1 255.0.0.0", "ip address dhcp"),
        ("bgp-af", "neighbor 10.0.0.1 prefix-list A in", "neighbor 10.0.0.1 prefix-list B in"),
        ("config", "username a privilege 1", "username a secret 9 x"),
        ("if", "tunnel protection ipsec profile A", "tunnel protection ipsec profile B shared"),
    ],
)
def test_lines_of_one_slot_replace_each_other(mode: str, one: str, other: str) -> None:
    grammar = iosxe()
    slots = {found.slot for found in (grammar.match(mode, one), grammar.match(mode, other)) if isinstance(found, Known)}
    assert len(slots) == 1


@pytest.mark.parametrize(
    ("mode", "one", "other"),
    [
        ("bgp-af", "neighbor 10.0.0.1 prefix-list A in", "neighbor 10.0.0.1 prefix-list A out"),
        ("config", "ip route 10.0.0.0 255.0.0.0 Null0", "ip route vrf A 10.0.0.0 255.0.0.0 Null0"),
        ("config", "ip route 10.0.0.0 255.0.0.0 10.1.1.1", "ip route 10.0.0.0 255.0.0.0 10.1.1.2"),
        ("config", "logging host 10.0.0.1", "logging host 10.0.0.1 vrf A"),
        ("if", "ip nhrp nhs 10.0.0.1 nbma 192.0.2.1", "ip nhrp nhs 10.0.0.2 nbma 192.0.2.1"),
    ],
)
def test_lines_of_different_slots_stand_together(mode: str, one: str, other: str) -> None:
    grammar = iosxe()
    slots = {found.slot for found in (grammar.match(mode, one), grammar.match(mode, other)) if isinstance(found, Known)}
    assert len(slots) == 2


@given(st.text(max_size=60))
def test_no_text_breaks_the_grammar(text: str) -> None:
    for mode in ("config", "if", "bgp"):
        assert isinstance(iosxe().match(mode, text), Known | Unknown)
    assert isinstance(exec_grammar().match("exec", text), Known | Unknown)
