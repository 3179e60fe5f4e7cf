"""Every platform's readers are tolerant: a router that says nothing, nonsense or half of it shows nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_templates import PlatformText, hidden, platform_text
from device_templates.shows import Show, Shown, VpnRef
from inventory.platforms import PLATFORMS

VPN = VpnRef("corporate", 10)
#: Each topic as diagnostics ask it.
TOPICS: dict[str, Callable[[PlatformText, Show], Shown[Any]]] = {
    "tunnels": lambda platform, show: platform.shows.tunnels(show, VPN),
    "nhrp": lambda platform, show: platform.shows.nhrp(show, VPN),
    "servers": lambda platform, show: platform.shows.servers(show, VPN),
    "neighbors": lambda platform, show: platform.shows.neighbors(show, VPN),
    "ike": lambda platform, show: platform.shows.ike(show),
    "ipsec": lambda platform, show: platform.shows.ipsec(show, "192.0.2.1"),
    "ike_failures": lambda platform, show: platform.shows.ike_failures(show),
    "ike_errors": lambda platform, show: platform.shows.ike_errors(show),
    "ike_requests": lambda platform, show: platform.shows.ike_requests(show),
    "keys": lambda platform, show: platform.shows.keys(show),
    "certificates": lambda platform, show: platform.shows.certificates(show),
    "clock": lambda platform, show: platform.shows.clock(show),
    "load": lambda platform, show: platform.shows.load(show),
    "log": lambda platform, show: platform.shows.log(show),
    "interfaces": lambda platform, show: platform.shows.interfaces(show),
}
NOTHING = [
    "",
    "{}",
    "[]",
    "null",
    '{"sas": 7}',
    "{",
    "% Invalid input detected",
    "\x00\x03",
    '{"vpns": {"corporate": null}}',
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**12) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["vpns", "corporate", "cache", "sas", "peers", "errors", "cpus", "lines"]), inner
        )
    ),
    max_leaves=8,
)


def _always(text: str, _command: str) -> str:
    return text


@pytest.mark.parametrize("name", PLATFORMS)
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("text", NOTHING)
def test_what_says_nothing_shows_nothing(name: str, topic: str, text: str) -> None:
    seen = TOPICS[topic](platform_text(name), lambda _: text)
    assert not seen.value
    assert isinstance(seen.text, str)


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_clock_that_says_nothing_follows_nothing(name: str) -> None:
    for text in NOTHING:
        assert not platform_text(name).shows.ntp(partial(_always, text)).value.synchronised


@pytest.mark.parametrize("name", PLATFORMS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(value=JSON, garbage=st.text(max_size=30))
def test_nonsense_is_survived(name: str, value: object, garbage: str) -> None:
    platform = platform_text(name)
    for text in (json.dumps(value), garbage):
        for ask in TOPICS.values():
            ask(platform, partial(_always, text))


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_key_is_never_shown_in_clear(name: str) -> None:
    platform = platform_text(name)
    ios = "crypto ikev2 keyring VPN\n peer ANY\n  pre-shared-key k\n !\nend\n"
    texts = {
        "cisco_iosxe": ios,
        "cisco_ios": ios,
        "linux_frr": '{"secrets": [{"name": "ike-vpn", "ids": ["%any"], "secret": "k"}]}',
    }
    seen = platform.shows.keys(lambda _: platform.redact_shown(texts[name]))
    assert list(seen.value.values()) == [{hidden("k")}]
