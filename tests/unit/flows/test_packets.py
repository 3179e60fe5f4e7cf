"""Sets of packets keep the laws of sets, judged by membership of single packets."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verification.packets.rules import deciding, first, matched, passing, permitted, selected
from agent.verification.packets.sets import (
    ALL,
    MOST_BOXES,
    NONE,
    Box,
    Packet,
    Packets,
    TooManyPackets,
    icmp_span,
    merged,
    packets,
)
from device_templates.model import FilterRule, Match, Rule, Selection
from tests.examples import examples

_SMALL = (3, 4, 4, 4, 3, 2, 2, 2)
_SPAN = [st.tuples(st.integers(0, top), st.integers(0, top)).map(lambda two: (min(two), max(two))) for top in _SMALL]
_BOX: st.SearchStrategy[Box] = st.tuples(*_SPAN)
_SETS = st.lists(_BOX, max_size=4).map(lambda boxes: Packets(tuple(boxes)))
_PACKET = st.tuples(*(st.integers(0, top) for top in _SMALL)).map(lambda values: Packet(*values))

_NETWORKS = st.lists(
    st.sampled_from([IPv4Network(f"10.0.{n}.0/{length}") for n in (0, 2) for length in (23, 24, 32)]), max_size=2
)
_PORTS = st.lists(st.sampled_from([(20, 21), (80, 80), (0, 1023)]), max_size=2)
_MATCH = st.builds(
    Match,
    protocols=st.lists(st.sampled_from([1, 6, 17, 50]), max_size=2).map(tuple),
    sources=_NETWORKS.map(tuple),
    destinations=_NETWORKS.map(tuple),
    destination_ports=_PORTS.map(tuple),
    icmp_types=st.sampled_from([(), (), (0, 8)]),
    established=st.sampled_from([False, False, True]),
    fragments=st.sampled_from([False, False, True]),
)
_RULES = st.lists(st.builds(Rule, permit=st.booleans(), match=_MATCH), max_size=5).map(tuple)
_REAL = st.builds(
    Packet,
    protocol=st.sampled_from([1, 6, 17, 50]),
    destination_port=st.sampled_from([20, 80, 443, 1023]),
    destination=st.sampled_from([int(IPv4Network("10.0.0.0/24")[n]) for n in (0, 1, 255)]),
    source=st.sampled_from([int(IPv4Network("10.0.2.0/24")[n]) for n in (0, 1)]),
    source_port=st.just(1024),
    icmp=st.sampled_from([0, 3 << 8 | 4, 8 << 8]),
    kind=st.sampled_from([0, 1, 2]),
    dscp=st.just(0),
)


@given(_SETS, _SETS, _PACKET)
@settings(max_examples=examples(240), deadline=None)
def test_sets_are_what_membership_says(one: Packets, two: Packets, packet: Packet) -> None:
    assert (packet in one | two) == (packet in one or packet in two)
    assert (packet in one & two) == (packet in one and packet in two)
    assert (packet in one - two) == (packet in one and packet not in two)
    assert (one <= two) == (not one - two)
    if one <= two and packet in one:
        assert packet in two


@given(_SETS)
@settings(max_examples=examples(160), deadline=None)
def test_a_witness_is_in_its_set(one: Packets) -> None:
    assert bool(one) == (one != NONE)
    if one:
        assert one.witness() in one
        assert one <= ALL
        assert not one - ALL


@given(_RULES, _REAL)
@settings(max_examples=examples(240), deadline=None)
def test_the_first_fitting_rule_decides(rules: tuple[Rule, ...], packet: Packet) -> None:
    decided = deciding(rules, packet)
    assert (packet in permitted(rules)) == (decided is not None and decided.permit)
    assert (packet in selected(Selection(((rules,),)))) == (packet in permitted(rules))


@given(st.lists(st.tuples(st.sampled_from(["pass", "inspect", "drop"]), _RULES), max_size=4), _REAL)
@settings(max_examples=examples(160), deadline=None)
def test_the_first_fitting_class_decides(classes: list[tuple[str, tuple[Rule, ...]]], packet: Packet) -> None:
    rules = tuple(FilterRule(action, Selection(((one,),))) for action, one in classes)  # type: ignore[arg-type]
    decided, (passed, inspected) = first(rules, packet), passing(rules)
    assert (packet in passed) == (decided is not None and decided.action != "drop")
    assert (packet in inspected) == (decided is not None and decided.action == "inspect")


def test_answers_go_the_other_way() -> None:
    asked = packets(protocols=[6], sources=[(1, 9)], destinations=[(100, 109)], destination_ports=[(80, 80)])
    answer = asked.answers().witness()
    assert (answer.source_port, answer.source, answer.destination, answer.kind) == (80, 102, 3, 1)
    assert answer in asked.swapped()
    assert asked.answers().asked() == packets(
        protocols=[6], sources=[(1, 9)], destinations=[(100, 109)], destination_ports=[(80, 80)], kinds=(0, 1)
    )


def test_a_witness_goes_between_two_hosts() -> None:
    lan, other = (int(IPv4Network(one)[0]) for one in ("10.10.1.0/24", "10.10.2.0/24"))
    spans = [(lan, lan + 255), (other, other + 255)]
    one = packets(sources=spans, destinations=spans[1:]).witness(lan + 50, other + 50)
    assert (one.source, one.destination) == (lan + 50, other + 50)
    within = packets(sources=spans[:1], destinations=spans[:1]).witness()
    assert (within.source, within.destination) == (lan + 50, lan + 10)
    assert packets(destinations=[(0, other)], sources=spans[:1]).towards(lan + 7).witness().destination == lan + 7


def test_an_echo_is_answered_by_its_reply() -> None:
    echo = packets(protocols=[1], icmp=[icmp_span(8, 0)], kinds=(0, 0))
    assert {box[5] for box in echo.answers().boxes} == {(0, 0)}
    assert echo <= packets(protocols=[1], icmp=[icmp_span(0)]).asked()
    assert not packets(protocols=[1], icmp=[icmp_span(3)]).asked()


def test_ports_are_those_of_tcp_and_udp() -> None:
    assert matched(Match(protocols=(50,), destination_ports=((80, 80),))) == NONE
    assert {box[0] for box in matched(Match(destination_ports=((80, 80),))).boxes} == {(6, 6), (17, 17)}


def test_too_many_pieces_are_said() -> None:
    many = Packets(tuple(((0, 255), (n, n), *ALL.boxes[0][2:]) for n in range(MOST_BOXES)))
    with pytest.raises(TooManyPackets, match="more than"):
        many | packets(protocols=[6])


def test_spans_are_merged() -> None:
    assert merged([(5, 9), (0, 4), (20, 30), (25, 26)]) == ((0, 9), (20, 30))
