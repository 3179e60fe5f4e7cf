"""Traffic prioritisation on IOS: marked where a VPN's LAN comes in, queued by one policy on its way out [WV-9]."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates import NotRenderable
from device_templates.cisco_iosxe.rendering.options.qos import qos_of, refusals
from device_templates.cisco_iosxe.rendering.render import render
from inventory import Inventory, Secret, SiteView
from inventory.options import Options

Secrets = Callable[[str], Secret]
Changed = Callable[..., tuple[Inventory, SiteView]]
CLASSES = {
    "policy": {"business": {"bandwidth_percent": 40}, "voice": {"priority_percent": 20}},
    "classification": {"corporate": {"voice": {"dscp": ["ef"]}}, "cctv": {"business": {"destination_port": [554]}}},
}


def _ordered(**changes: Any) -> Options:
    return Options.model_validate({"traffic_prioritisation": {**CLASSES, **changes}})


def _sections(text: str) -> dict[str, list[str]]:
    """Header -> the lines below it."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith((" ", "!")):
            found[line] = lines = []
        elif line.startswith(" "):
            lines.append(line.strip())
    return found


@pytest.fixture
def london(changed: Changed, secret: Secrets) -> dict[str, list[str]]:
    return _sections(render(*changed("london", options=_ordered()), secret).text)


def test_one_shaper_below_the_access_rate_with_one_child_on_the_internet_interface(
    london: dict[str, list[str]],
) -> None:
    assert london["policy-map EGRESS"] == ["class class-default", "shape average 95000000", "service-policy CLASSES"]
    users = [head for head, lines in london.items() if "service-policy output EGRESS" in lines]
    assert users == ["interface GigabitEthernet0/0/0"]


def test_no_tunnel_has_a_policy(london: dict[str, list[str]]) -> None:
    for head, lines in london.items():
        if head.startswith("interface Tunnel"):
            assert not [line for line in lines if re.search("service-policy|nhrp.*group|qos", line)]


def test_each_vpn_is_marked_by_its_own_policy_where_its_lan_comes_in(london: dict[str, list[str]]) -> None:
    assert "service-policy input CLASSIFY-CORPORATE" in london["interface Vlan10"]
    assert "service-policy input CLASSIFY-CCTV" in london["interface Vlan20"]
    default = ["class class-default", "set dscp default"]
    assert london["policy-map CLASSIFY-CORPORATE"] == ["class VPN10-VOICE", "set dscp ef", *default]
    assert london["policy-map CLASSIFY-CCTV"] == ["class VPN20-BUSINESS", "set dscp af31", *default]


def test_marking_at_ingress_uses_nothing_but_marks(london: dict[str, list[str]]) -> None:
    """Interfaces of VLANs take policies that mark or police, none that queue (vendor: "Switch Virtual Interface for
    Cisco Integrated Services Routers")."""
    for head, lines in london.items():
        if head.startswith("policy-map CLASSIFY"):
            assert all(re.match("class |set dscp ", line) for line in lines)


def test_priority_is_policed_and_the_others_share_what_it_leaves_with_early_drops(
    london: dict[str, list[str]],
) -> None:
    lines = london["policy-map CLASSES"]
    assert lines[:4] == ["class CONTROL", "bandwidth remaining percent 3", "class CLASS-VOICE", "priority percent 20"]
    assert lines[4:7] == ["class CLASS-BUSINESS", "bandwidth remaining percent 50", "random-detect dscp-based"]
    assert lines[7:] == ["class class-default", "bandwidth remaining percent 47", "random-detect dscp-based"]


def test_nothing_that_comes_in_can_be_taken_for_the_routers_own(london: dict[str, list[str]]) -> None:
    assert london["class-map match-any CONTROL"] == ["match dscp cs6"]
    assert not [line for lines in london.values() for line in lines if re.match("set dscp cs[67]", line)]


def test_egress_asks_for_marks_alone(london: dict[str, list[str]]) -> None:
    """Inside a tunnel's packet nothing else can be seen there: the mark is copied to its outside."""
    classes = [line.split()[-1] for line in london["policy-map CLASSES"] if line.startswith("class C")]
    for name in classes:
        assert all(line.startswith("match dscp ") for line in london[f"class-map match-any {name}"])


def test_guests_are_marked_default_and_no_class_takes_default(changed: Changed, secret: Secrets) -> None:
    ilan = {"port": "GigabitEthernet0/1/3", "vlan": 50, "address": "192.168.50.1/24"}
    options = _ordered().model_copy(update={"ilan": Options.model_validate({"ilan": ilan}).ilan})
    text = _sections(render(*changed("london", options=options), secret).text)
    (policy,) = [line.split()[-1] for line in text["interface Vlan50"] if line.startswith("service-policy input")]
    assert text[f"policy-map {policy}"] == ["class class-default", "set dscp default"]
    marks = {line for head, lines in text.items() if head.startswith("class-map match-any CLASS-") for line in lines}
    assert marks == {"match dscp ef", "match dscp af31"}


def test_ports_of_both_protocols_without_one_and_dscps_in_the_same_list(changed: Changed, secret: Secrets) -> None:
    corporate = {
        "voice": {"dscp": ["ef", "cs5"]},
        "business": {"dscp": ["af31"], "destination_port": [80], "source_port": [5000]},
    }
    options = _ordered(classification={"corporate": corporate, "cctv": {"voice": {"dscp": ["ef"], "protocol": "udp"}}})
    text = _sections(render(*changed("london", options=options), secret).text)
    assert text["class-map match-any VPN10-VOICE"] == ["match dscp cs5 ef"]
    assert text["class-map match-any VPN10-BUSINESS"] == ["match access-group name VPN10-BUSINESS"]
    assert text["ip access-list extended VPN10-BUSINESS"] == [
        "10 permit tcp any eq 5000 any eq www dscp af31",
        "20 permit udp any eq 5000 any eq 80 dscp af31",
    ]
    assert text["ip access-list extended VPN20-VOICE"] == ["10 permit udp any any dscp ef"]


def test_more_dscps_than_a_line_takes(changed: Changed, secret: Secrets) -> None:
    many = [f"af{group}{drop}" for group in range(1, 5) for drop in range(1, 4)]
    options = _ordered(classification={"corporate": {"business": {"dscp": many}}})
    text = _sections(render(*changed("london", options=options), secret).text)
    lines = text["class-map match-any VPN10-BUSINESS"]
    assert [word for line in lines for word in line.split()[2:]] == many
    assert all(len(line.split()) <= 10 for line in lines)


SHARES = st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=18)


@given(SHARES)
def test_shares_are_whole_and_the_rest_always_has_some(shares: list[tuple[bool, int]]) -> None:
    """Whatever is ordered together at most 100 per cent: IOS takes it, and every class of its own gets something."""
    policy: dict[str, dict[str, int]] = {}
    for number, (urgent, percent) in enumerate(shares):
        left = 100 - sum(value for one in policy.values() for value in one.values())
        if percent <= left:
            policy[f"c{number}"] = {"priority_percent" if urgent else "bandwidth_percent": percent}
    view = _Site(_ordered(policy=policy, classification={}))
    if list(refusals(None, view)):  # type: ignore[arg-type]
        assert sum(one.get("priority_percent", 0) for one in policy.values()) > 97
        return
    qos = qos_of(view)  # type: ignore[arg-type]
    assert qos is not None
    remaining = [one.remaining for one in qos.classes if not one.priority]
    assert qos.control + sum(remaining) + qos.rest == 100
    assert min([qos.control, qos.rest, *remaining]) >= 1
    assert len({one.mark for one in qos.classes}) == len(qos.classes)
    assert not {one.mark for one in qos.classes} & {"default", "cs6", "cs7"}


class _Site:
    """As much of a site as the policy needs."""

    name = "london"

    def __init__(self, options: Options) -> None:
        self.site = self
        self.options = options
        self.access = self
        self.up_kbps = 10_000
        self.customer = self

    def __str__(self) -> str:
        return "acme"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy": {"voice": {"priority_percent": 98}}}, "98 percent"),
        ({"policy": {f"c{number}": {"bandwidth_percent": 1} for number in range(19)}}, "19 classes"),
        ({"classification": {"cctv": {"business": {"destination_port": list(range(1, 252))}}}}, "502 entries"),
    ],
)
def test_what_a_router_cannot_have_is_refused(changed: Changed, secret: Secrets, changes: Any, message: str) -> None:
    with pytest.raises(NotRenderable, match=message) as refusal:
        render(*changed("london", options=_ordered(**changes)), secret)
    assert refusal.value.rule == "WV-9"
    assert refusal.value.where.startswith("acme: sites.london.options.traffic_prioritisation")


def test_no_name_is_longer_than_ios_takes(changed: Changed, secret: Secrets) -> None:
    name = "a" * 31
    options = _ordered(policy={name: {"bandwidth_percent": 1}}, classification={"cctv": {name: {"protocol": "udp"}}})
    text = render(*changed("london", options=options), secret).text
    names = re.findall(r"^(?:class-map match-any|policy-map|ip access-list extended) (\S+)", text, re.MULTILINE)
    assert max(map(len, names)) <= 40
