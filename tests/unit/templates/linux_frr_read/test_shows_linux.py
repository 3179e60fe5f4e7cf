"""Reading what the router's program shows: what FRR and strongSwan say, and no tunnel that is up without ESP."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates.linux_frr.reading.secrets import redact_shown
from device_templates.linux_frr.shows import SHOWS
from device_templates.shows import IkeRequests, IkeState, IpsecCounters, Neighbor, TunnelState, VpnRef
from device_templates.texts import hidden

CORPORATE = VpnRef("corporate", 10)
LOCAL = {
    "interface": "gre10",
    "type": "local",
    "protocol": "10.255.8.2",
    "nbma": "-",
    "claimed_nbma": "-",
    "used": False,
    "timeout": False,
    "auth": False,
    "identity": "-",
}
HUB_ROW = {**LOCAL, "type": "nhs", "protocol": "10.255.8.1", "nbma": "198.51.100.10", "used": True, "timeout": True}
SPOKE_ROW = {**HUB_ROW, "type": "cached", "protocol": "10.255.8.3", "nbma": "198.51.100.26"}
LOST_ROW = {**HUB_ROW, "type": "incomplete", "protocol": "10.255.8.4", "nbma": "-"}
SERVER = {"interface": "gre10", "fqdn": "198.51.100.10", "nbma": "198.51.100.10", "protocol": "10.255.8.1"}
CHILD = {
    "name": "gre-london",
    "uniqueid": "3",
    "reqid": "1",
    "state": "INSTALLED",
    "mode": "TRANSPORT",
    "protocol": "ESP",
    "spi-in": "c1d2e3f4",
    "spi-out": "c5d6e7f8",
    "encr-alg": "AES_GCM_16",
    "encr-keysize": "256",
    "bytes-in": "8400",
    "packets-in": "70",
    "bytes-out": "9600",
    "packets-out": "80",
    "install-time": "300",
    "local-ts": ["198.51.100.18/32[gre]"],
    "remote-ts": ["198.51.100.10/32[gre]"],
}
SA = {
    "name": "hub-london",
    "uniqueid": "1",
    "version": "2",
    "state": "ESTABLISHED",
    "local-host": "198.51.100.18",
    "local-port": "500",
    "remote-host": "198.51.100.10",
    "remote-port": "500",
    "remote-id": "198.51.100.10",
    "established": "305",
    "child-sas": {"gre-london-3": CHILD},
}


def answers(**topics: object) -> Callable[[str], str]:
    """A router that answers each topic, whatever its arguments; of others it knows nothing."""
    return lambda command: json.dumps(topics.get(command.split(" ")[0].replace("-", "_"), {}))


def tunnels(cache: list[object], sas: object, link: str = "up", servers: list[object] | None = None) -> dict[str, str]:
    show = answers(
        tunnels={"vpns": {"corporate": {"cache": cache, "link": link}}, "sas": sas},
        servers={"vpns": {"corporate": {"servers": servers or [], "cache": cache}}},
    )
    return {peer.tunnel: peer.state.value for peer in SHOWS.tunnels(show, CORPORATE).value}


def test_a_tunnel_is_up_where_nhrp_and_esp_agree() -> None:
    show = answers(
        tunnels={"vpns": {"corporate": {"cache": [LOCAL, HUB_ROW], "link": "up"}}, "sas": [SA]},
        servers={"vpns": {"corporate": {"servers": [SERVER], "cache": [LOCAL, HUB_ROW]}}},
    )
    shown = SHOWS.tunnels(show, CORPORATE)
    (peer,) = shown.value
    assert (peer.nbma, peer.tunnel, peer.up) == ("198.51.100.10", "10.255.8.1", True)
    assert "10.255.8.1 at 198.51.100.10: UP" in shown.text
    assert "spi-in=c1d2e3f4" in shown.text


@pytest.mark.parametrize(
    ("child", "sa", "state"),
    [
        ({}, {}, "UP"),
        ({"state": "REKEYING"}, {"state": "REKEYING"}, "UP"),
        ({"state": "ROUTED"}, {}, "IPSEC"),
        ({"state": "INSTALLING"}, {}, "IPSEC"),
        ({"protocol": "AH"}, {}, "IPSEC"),
        ({"local-ts": ["198.51.100.18/32[tcp/22]"]}, {}, "IPSEC"),
        ({}, {"child-sas": {}}, "IPSEC"),
        ({}, {"state": "CONNECTING"}, "IKE"),
        ({}, {"state": "DELETING"}, "IKE"),
        ({}, {"remote-host": "198.51.100.99"}, "IKE"),
    ],
)
def test_what_is_missing_is_told(child: dict[str, object], sa: dict[str, object], state: str) -> None:
    changed: dict[str, Any] = copy.deepcopy(SA)
    changed["child-sas"]["gre-london-3"].update(child)
    assert tunnels([HUB_ROW], [{**changed, **sa}]) == {"10.255.8.1": state}


def test_a_hub_that_has_not_answered_is_told_with_what_is_missing() -> None:
    assert tunnels([], [], servers=[SERVER]) == {"10.255.8.1": "IKE"}
    assert tunnels([], [SA], servers=[SERVER]) == {"10.255.8.1": "NHRP"}
    assert tunnels([LOST_ROW], [SA]) == {"10.255.8.4": "NHRP"}
    assert tunnels([HUB_ROW], [SA], link="down") == {"10.255.8.1": "DOWN"}
    assert tunnels([HUB_ROW], None) == {"10.255.8.1": "DOWN"}
    before = {**SERVER, "nbma": "-"}
    assert tunnels([], [], servers=[before]) == {"10.255.8.1": "IKE"}
    assert tunnels([], [], servers=[{**before, "protocol": "(unspec)"}]) == {}


ADDRESSES = st.sampled_from(["198.51.100.10", "198.51.100.26", "-", ""])
ROWS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["nhs", "dynamic", "cached", "static", "local", "incomplete", "negative", "?"]),
        "protocol": st.sampled_from(["10.255.8.1", "10.255.8.3", "(unspec)"]),
        "nbma": ADDRESSES,
    }
)
CHILDREN = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["INSTALLED", "ROUTED", "CREATED", "DELETING", "REKEYED"]),
        "protocol": st.sampled_from(["ESP", "AH", ""]),
        "local-ts": st.sampled_from([["198.51.100.18/32[gre]"], ["0.0.0.0/0"], []]),
    }
)
SAS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["ESTABLISHED", "CONNECTING", "DELETING"]),
        "remote-host": ADDRESSES,
        "child-sas": st.dictionaries(st.sampled_from(["a", "b"]), CHILDREN),
    }
)


@given(st.lists(ROWS), st.lists(SAS), st.sampled_from(["up", "down", "absent"]))
def test_no_tunnel_is_up_without_esp(cache: list[Any], sas: list[Any], link: str) -> None:
    show = answers(tunnels={"vpns": {"corporate": {"cache": cache, "link": link}}, "sas": sas})
    for peer in SHOWS.tunnels(show, CORPORATE).value:
        if peer.up:
            own = [one for one in sas if one["remote-host"] == peer.nbma]
            children = [child for one in own for child in one["child-sas"].values()]
            assert any(one["state"] == "ESTABLISHED" for one in own)
            assert any(one["protocol"] == "ESP" and one["state"] in ("INSTALLED", "REKEYED") for one in children)
            assert link == "up"


def test_nhrp_and_its_servers() -> None:
    cache = [LOCAL, HUB_ROW, SPOKE_ROW, LOST_ROW]
    show = answers(
        nhrp={"vpns": {"corporate": {"cache": cache, "shortcuts": []}}},
        servers={"vpns": {"corporate": {"servers": [SERVER, {**SERVER, "protocol": "10.255.8.9"}], "cache": cache}}},
    )
    assert SHOWS.nhrp(show, CORPORATE).value == {"10.255.8.1": "198.51.100.10", "10.255.8.3": "198.51.100.26"}
    servers = SHOWS.servers(show, CORPORATE).value
    assert {name: one.responds for name, one in servers.items()} == {"10.255.8.1": True, "10.255.8.9": False}
    assert servers["10.255.8.1"].sent is None
    assert SHOWS.nhrp(show, VpnRef("cctv", 20)).value == {}


def test_neighbors() -> None:
    up = {"state": "Established", "pfxRcd": 3, "peerUptime": "00:10:02", "remoteAs": 65010}
    idle = {"state": "Idle (Admin)", "pfxRcd": 0, "peerUptime": "never"}
    summary = {"ipv4Unicast": {"as": 65010, "peers": {"10.255.8.1": up, "10.255.8.3": idle}}}
    show = answers(bgp={"corporate": {"summary": summary, "neighbors": {}}})
    assert SHOWS.neighbors(show, CORPORATE).value == {
        "10.255.8.1": Neighbor("10.255.8.1", "00:10:02", "Established", 3),
        "10.255.8.3": Neighbor("10.255.8.3", "", "Idle (Admin)", None),
    }
    assert SHOWS.neighbors(answers(bgp={"corporate": None}), CORPORATE).value == {}


def test_associations() -> None:
    show = answers(ike={"sas": [{**SA, "state": "CONNECTING"}, SA]}, ipsec={"sas": [SA], "xfrm": {"XfrmInError": 0}})
    assert SHOWS.ike(show).value == {"198.51.100.10": IkeState.ESTABLISHED}
    assert SHOWS.ipsec(show, "198.51.100.10").value == IpsecCounters(80, 70, 0, 0)
    assert SHOWS.ipsec(show, "198.51.100.11").value is None
    assert SHOWS.ike(answers(ike={"sas": None})).value == {}


def test_failures_and_requests() -> None:
    show = answers(
        ike_errors={"errors": {"AUTHENTICATION_FAILED": 7, "NO_PROPOSAL_CHOSEN": 0}, "lines": ["MAC mismatched"]},
        ike_requests={
            "counters": {"ike-init-in-req": 9, "ike-init-out-resp": 7, "ike-init-out-req": 5, "ike-init-in-resp": 5}
        },
    )
    assert SHOWS.ike_failures(show).value == 7
    assert SHOWS.ike_errors(show).value == {"AUTHENTICATION_FAILED": 7}
    assert SHOWS.ike_requests(show).value == (IkeRequests("incoming", 7, 2), IkeRequests("outgoing", 5, 0))
    assert SHOWS.ike_failures(answers()).value is None


@pytest.mark.parametrize("key", ["vpn-key-1", 'a"b c', "abc", "ключ-ключ"])
def test_keys_are_hidden_before_and_after(key: str) -> None:
    text = json.dumps({"secrets": [{"name": "ike-vpn", "ids": ["%any"], "secret": key}]})
    for shown in (text, redact_shown(text)):
        found = SHOWS.keys(lambda _, shown=shown: shown)  # type: ignore[misc]
        assert found.value == {"ike-vpn": frozenset({hidden(key)})}
        assert key not in found.text


def test_the_box() -> None:
    show = answers(
        load={"cpus": 2, "loadavg": [0.5, 1.0, 3.0], "one_minute": None, "five_minutes": 9, "busiest": [
            {"name": "bgpd", "percent": 3.2}, {"name": "idle", "percent": 0.0}]},
        clock={"utc": "2026-11-21T13:40:35Z", "synchronised": True},
        ntp={"sources": [], "tracking": {"reference": "10.254.0.1", "stratum": 3, "leap": "Normal"}},
        log={"lines": [
            {"at": "2026-11-21T13:40:35Z", "program": "bgpd", "severity": 6, "text": "%ADJCHANGE: neighbor Down"},
            {"at": None, "program": "cron", "severity": 3, "text": "error"},
            {"at": None, "program": "zebra", "severity": 6, "text": "client 12 says hello"},
            {"at": None, "program": "kernel", "severity": 3, "text": "out of memory"},
        ]},
        interfaces={
            "": [{"ifname": "lo", "flags": ["UP"], "operstate": "UNKNOWN"},
                 {"ifname": "eth0", "flags": ["BROADCAST", "UP", "LOWER_UP"], "operstate": "UP"},
                 {"ifname": "eth4", "flags": ["BROADCAST"], "operstate": "DOWN"}],
            "corporate": [{"ifname": "gre10", "flags": ["NOARP", "UP", "LOWER_UP"], "operstate": "UNKNOWN"},
                          {"ifname": "vlan10", "flags": ["NO-CARRIER", "UP"], "operstate": "DOWN"}],
        },
    )  # fmt: skip
    load = SHOWS.load(show).value
    assert load is not None
    assert (load.one_minute, load.five_minutes, load.busiest) == (25, 9, (("bgpd", 3.2),))
    assert SHOWS.clock(show).value == datetime(2026, 11, 21, 13, 40, 35, tzinfo=UTC)
    assert SHOWS.ntp(show).value.synchronised
    assert [line.source for line in SHOWS.log(show).value] == ["bgpd", "kernel"]
    assert SHOWS.log(show).text.startswith("bgpd: %ADJCHANGE")
    states = {name: (one.enabled, one.up) for name, one in SHOWS.interfaces(show).value.items()}
    assert states == {
        "eth0": (True, True), "eth4": (False, False), "gre10": (True, True), "vlan10": (True, False)
    }  # fmt: skip
    assert not SHOWS.ntp(answers(ntp={"tracking": None})).value.synchronised


def test_certificates() -> None:
    show = answers(
        certificates={"certificates": [{"own": True, "subject": "CN=r1", "not_after": "2027-01-01T00:00:00Z"}]}
    )
    (one,) = SHOWS.certificates(show).value
    assert (one.own, one.subject, one.starts, one.ends) == (True, "CN=r1", None, datetime(2027, 1, 1, tzinfo=UTC))


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("0001-01-01T00:00:00+14:00")
)
WORDS = st.sampled_from(
    ["vpns", "corporate", "sas", "cache", "servers", "type", "protocol", "nbma", "errors", "lines", "counters",
     "secrets", "loadavg", "cpus", "busiest", "utc", "tracking", "leap", "summary", "ipv4Unicast", "peers", "state",
     "certificates",
     "not_after", "child-sas", "remote-host", "link", "AUTHENTICATION_FAILED", "one_minute", "five_minutes", "percent"]
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5))
METHODS = ("ike", "ike_failures", "ike_errors", "ike_requests", "keys", "certificates", "clock", "load", "log",
           "interfaces", "ntp")  # fmt: skip


@given(VALUES.map(json.dumps) | st.text() | st.sampled_from(["[" * 5000, "1" * 5000, '{"a":' * 900 + "1" + "}" * 900]))
def test_whatever_is_answered_nothing_is_raised(text: str) -> None:
    for name in METHODS:
        getattr(SHOWS, name)(lambda _: text)
    for name in ("tunnels", "nhrp", "servers", "neighbors"):
        getattr(SHOWS, name)(lambda _: text, CORPORATE)
    assert SHOWS.ipsec(lambda _: text, "198.51.100.10") is not None
    assert TunnelState.UP not in {peer.state for peer in SHOWS.tunnels(lambda _: "{}", CORPORATE).value}
