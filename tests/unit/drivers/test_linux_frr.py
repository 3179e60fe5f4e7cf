"""Lines of JSON from a linux_frr router, and NAPALM's answers made of them: nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.linux_frr import getters, wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)
READERS: tuple[Callable[[object], object], ...] = (
    wire.text, wire.digest, wire.facts, wire.pending, wire.ping_result, wire.anything,
)  # fmt: skip
LINKS = {
    "": [
        {"ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "mtu": 65536, "link_type": "loopback",
         "address": "00:00:00:00:00:00", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
        {"ifname": "eth0", "flags": ["UP"], "operstate": "DOWN", "mtu": 1500, "link_type": "ether",
         "address": "02:00:5e:00:00:01", "ifalias": "to the provider",
         "addr_info": [{"family": "inet", "local": "198.51.100.10", "prefixlen": 29},
                       {"family": "inet6", "local": "fe80::1", "prefixlen": 64}]},
    ],
    "corporate": [
        {"ifname": "lo", "flags": ["UP"]},
        {"ifname": "gre10", "flags": ["UP", "LOWER_UP"], "operstate": "UNKNOWN", "mtu": 1400, "link_type": "gre",
         "address": "198.51.100.10"},
    ],
    "voice": [{"ifname": "gre10", "flags": []}, {"ifname": 7}],
    "silent": None,
}  # fmt: skip
BGP = {
    "corporate": {
        "summary": {"ipv4Unicast": {"routerId": "10.255.8.2", "as": 65001, "peers": {"10.255.8.1": {"pfxRcd": 7}}}},
        "neighbors": {
            "10.255.8.1": {
                "remoteAs": 65000, "localAs": 65001, "nbrDesc": "hub", "bgpState": "Established",
                "remoteRouterId": "10.255.8.1", "bgpTimerUpMsec": 61_500,
                "addressFamilyInfo": {"ipv4Unicast": {"acceptedPrefixCounter": 5, "sentPrefixCounter": 2}},
            },
            "10.255.8.3": {"remoteAs": 65000, "localAs": 65001, "bgpState": "Idle", "adminShutDown": True},
        },
    },
}  # fmt: skip


def test_a_request_is_one_line() -> None:
    sent = wire.request("load", {"text": "a\nb", "mode": "replace"})
    assert sent.count(b"\n") == 1
    assert sent.endswith(b"\n")
    assert json.loads(sent) == {"verb": "load", "args": {"text": "a\nb", "mode": "replace"}}


def test_answers() -> None:
    assert wire.result(b'{"ok": true, "result": null}\n') is None
    assert wire.text(wire.result(b'{"ok": true, "result": {"text": "x"}}')) == "x"
    with pytest.raises(wire.Refusal) as caught:
        wire.result(json.dumps({"ok": False, "kind": "rejected", "message": "no" * 1000}).encode())
    assert caught.value.kind == "rejected"
    assert len(caught.value.words) == 600


@given(JSON)
def test_no_answer_is_more_than_it_says(value: Any) -> None:
    line = json.dumps(value).encode()
    for reader in READERS:
        try:
            reader(wire.result(line))
            reader(value)
        except (ValueError, wire.Refusal):
            continue


@given(st.binary(max_size=200))
def test_bytes_that_are_no_answer(line: bytes) -> None:
    with pytest.raises((ValueError, wire.Refusal)):
        wire.result(line)


@pytest.mark.parametrize(
    "answer",
    [
        {"sent": 2, "received": 3, "average_ms": None},
        {"sent": -1, "received": 0, "average_ms": None},
        {"sent": True, "received": 0, "average_ms": None},
        {"sent": 2, "received": 1, "average_ms": "1"},
        {"sent": float("nan"), "received": 0, "average_ms": None},
    ],
)
def test_a_ping_that_cannot_be(answer: object) -> None:
    with pytest.raises(ValueError, match=r"echoes|no "):
        wire.ping_result(answer)


def test_interfaces_of_all_namespaces() -> None:
    found = getters.interfaces(json.dumps(LINKS))
    assert list(found) == ["lo", "eth0", "gre10", "voice/gre10"]
    assert found["eth0"] == {
        "is_up": False, "is_enabled": True, "description": "to the provider", "last_flapped": -1.0, "speed": -1.0,
        "mtu": 1500, "mac_address": "02:00:5E:00:00:01",
    }  # fmt: skip
    assert found["gre10"]["is_up"]
    assert found["gre10"]["mac_address"] == ""
    assert not found["voice/gre10"]["is_enabled"]


def test_addresses() -> None:
    assert getters.addresses(json.dumps(LINKS)) == {
        "lo": {"ipv4": {"127.0.0.1": {"prefix_length": 8}}},
        "eth0": {"ipv4": {"198.51.100.10": {"prefix_length": 29}}, "ipv6": {"fe80::1": {"prefix_length": 64}}},
    }


def test_neighbours_by_vpn() -> None:
    found = getters.bgp_neighbors(json.dumps({**BGP, "voice": {"summary": {}, "neighbors": {}}}))
    assert found["voice"] == {"router_id": "", "peers": {}}
    assert found["corporate"]["router_id"] == "10.255.8.2"
    up, down = (found["corporate"]["peers"][address] for address in ("10.255.8.1", "10.255.8.3"))
    assert (up["is_up"], up["uptime"], up["description"]) == (True, 61, "hub")
    assert up["address_family"] == {"ipv4": {"received_prefixes": 7, "accepted_prefixes": 5, "sent_prefixes": 2}}
    assert (down["is_up"], down["is_enabled"], down["uptime"], down["address_family"]) == (False, False, -1, {})


@pytest.mark.parametrize("silent", [None, {"summary": None, "neighbors": {}}, {"summary": {}, "neighbors": None}, {}])
def test_a_vpn_whose_neighbours_are_not_told_is_not_one_without(silent: object) -> None:
    with pytest.raises(ValueError, match="the BGP of voice does not answer"):
        getters.bgp_neighbors(json.dumps({**BGP, "voice": silent}))


@given(JSON, st.sampled_from((getters.interfaces, getters.addresses)))
def test_a_router_may_show_anything(value: Any, getter: Callable[[str], object]) -> None:
    for shown in (value, {"": value}, {"": [value]}, {"a": {"summary": value, "neighbors": {"b": value}}}):
        getter(json.dumps(shown))
        with suppress(ValueError):
            getters.bgp_neighbors(json.dumps(shown))


@given(st.text(max_size=100))
def test_a_text_that_is_no_json_shows_nothing(shown: str) -> None:
    assert isinstance(getters.interfaces(shown), dict)
