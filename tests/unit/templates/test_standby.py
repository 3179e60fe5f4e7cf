"""Standby beside a primary MPLS access on IOS: HSRP that follows reachability, and offload with no way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from device_templates import NotRenderable
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.cisco_iosxe.type7 import reveal
from inventory import Inventory, Secret, SiteView
from inventory.options import Options, TrafficPrioritisation
from inventory.site import Resilience

Secrets = Callable[[str], Secret]
Changed = Callable[..., tuple[Inventory, SiteView]]
#: What the primary router has, and how far it goes down when it knows itself that its access failed.
PRIMARY, PRIMARY_FAILED = 110, 80
GROUPS = {
    "corporate": {"group": 10, "virtual": "10.10.2.250", "primary_address": "10.10.2.251", "authentication": "key"},
    "cctv": {"group": 20, "virtual": "10.20.2.250", "primary_address": "10.20.2.251"},
}
OFFLOAD = [
    {"name": "backups", "vpn": "corporate", "match": {"protocol": "tcp", "destination_port": [873]}},
    {"name": "pictures", "vpn": "corporate", "match": {"destination": ["10.10.1.7/32"], "dscp": ["cs1"]}},
]


def _resilience(**changes: Any) -> Resilience:
    primary = {"router": "acme-lee-mpls", "service": "ipcg", "access_kbps": 1000, "track": "10.10.99.1"}
    return Resilience.model_validate({"primary": primary, "hsrp": GROUPS, **changes})


def _rendered(
    changed: Changed, secret: Secrets, site: str = "leeds", options: Options | None = None, **changes: Any
) -> str:
    known = lambda reference: Secret("Hsrp-Key-01") if reference == "key" else secret(reference)  # noqa: E731
    ordered = {"options": options} if options else {}
    return render(*changed(site, resilience=_resilience(**changes), **ordered), known).text


def _under(text: str, header: str) -> list[str]:
    """The lines below the only section of this header."""
    (body,) = re.findall(rf"^{re.escape(header)}\n((?: .*\n)*)", text, re.MULTILINE)
    return [line.strip() for line in body.splitlines()]


def _state(text: str, track: int, reachable: dict[int, bool]) -> bool:
    """Whether a track is up, by what its probes reach: computed from the text, as a router would."""
    (kind, body) = re.findall(rf"^track {track} (.*)\n((?: .*\n)*)", text, re.MULTILINE)[0]
    if kind.startswith("ip sla"):
        return reachable[int(kind.split()[2])]
    members = re.findall(r"object (\d+)( not)?", body)
    states = [_state(text, int(number), reachable) != bool(negated) for number, negated in members]
    return all(states) if kind == "list boolean and" else any(states)


def _priority(text: str, vlan: int, reachable: dict[int, bool]) -> int:
    body = "\n".join(_under(text, f"interface Vlan{vlan}"))
    priority = int(re.findall(r"standby \d+ priority (\d+)", body)[0])
    for track, decrement in re.findall(r"standby \d+ track (\d+) decrement (\d+)", body):
        priority -= 0 if _state(text, int(track), reachable) else int(decrement)
    return priority


@pytest.mark.parametrize(("vlan", "primary", "hub"), [(10, 11, 13), (20, 21, 23)])
def test_ours_is_above_the_primarys_only_while_the_destination_is_unreachable_through_it(
    changed: Changed, secret: Secrets, vlan: int, primary: int, hub: int
) -> None:
    text = _rendered(changed, secret)
    assert 90 <= _priority(text, vlan, {primary: True, hub: True}) <= 100
    assert _priority(text, vlan, {primary: False, hub: True}) > PRIMARY
    assert _priority(text, vlan, {primary: True, hub: False}) < PRIMARY_FAILED
    assert _priority(text, vlan, {primary: False, hub: False}) < PRIMARY


def test_the_probe_goes_through_the_primary_router_or_nowhere(changed: Changed, secret: Secrets) -> None:
    text = _rendered(changed, secret)
    assert _under(text, "ip sla 11")[:2] == ["icmp-echo 10.10.99.1 source-interface Vlan10", "vrf CORPORATE"]
    assert "ip sla schedule 11 life forever start-time now" in text
    assert "ip local policy route-map PRIMARY" in text
    assert _under(text, "ip access-list extended PRIMARY-CORPORATE") == [
        "10 permit icmp host 10.10.2.1 host 10.10.99.1 echo"
    ]
    expected = ["match ip address PRIMARY-CORPORATE", "set ip next-hop 10.10.2.251", "set interface Null0"]
    assert _under(text, "route-map PRIMARY permit 10") == expected


def test_no_route_leads_to_the_primary_and_none_is_looked_up_elsewhere(changed: Changed, secret: Secrets) -> None:
    text = _rendered(changed, secret, offload=OFFLOAD)
    for line in text.splitlines():
        assert not (line.startswith("ip route") and re.search(r"10\.[12]0\.2\.25[01]", line))
    assert not re.search(r"set (vrf|global|ip vrf|ip global|ip default)", text)


def test_hsrp_is_version_2_with_preempt_delay_authentication_and_a_group_each(
    changed: Changed, secret: Secrets
) -> None:
    text = _rendered(changed, secret)
    for vlan, group, virtual in ((10, 10, "10.10.2.250"), (20, 20, "10.20.2.250")):
        lines = _under(text, f"interface Vlan{vlan}")
        assert "standby version 2" in lines
        assert f"standby {group} ip {virtual}" in lines
        assert f"standby {group} preempt delay minimum 30 reload 180" in lines
    (key,) = re.findall(r"standby 10 authentication md5 key-string 7 (\S+)", text)
    assert reveal(key) == "Hsrp-Key-01"
    assert "standby 20 authentication" not in text


def test_preempting_waits_longer_than_a_probe_needs_to_find_the_primary_alive(
    changed: Changed, secret: Secrets
) -> None:
    """After a restart of router or LAN the destination counts as unreachable until the first answer."""
    text = _rendered(changed, secret)
    (delay,) = set(re.findall(r"preempt delay minimum (\d+)", text))
    (every,) = set(re.findall(r"frequency (\d+)", text))
    (up,) = set(re.findall(r"delay down \d+ up (\d+)", text))
    assert int(every) + int(up) + 1 < int(delay)


def test_every_probe_is_asked_inside_its_vrf_and_runs(changed: Changed, secret: Secrets) -> None:
    text = _rendered(changed, secret)
    probes = re.findall(r"^ip sla (\d+)\n icmp-echo \S+ source-interface (\S+)\n  vrf (\S+)", text, re.MULTILINE)
    assert {vrf for _, _, vrf in probes} == {"CORPORATE", "CCTV"}
    assert [number for number, _, _ in probes] == re.findall(r"^ip sla schedule (\d+) ", text, re.MULTILINE)


def test_offload_leaves_by_a_hub_that_answers_or_not_at_all(changed: Changed, secret: Secrets) -> None:
    text = _rendered(changed, secret, offload=OFFLOAD)
    assert "ip policy route-map OFFLOAD-CORPORATE" in _under(text, "interface Vlan10")
    assert "ip policy" not in " ".join(_under(text, "interface Vlan20"))
    hop = "set ip next-hop verify-availability 10.255.8.1 10 track 13"
    for number, name in ((10, "BACKUPS"), (20, "PICTURES")):
        clause = _under(text, f"route-map OFFLOAD-CORPORATE permit {number}")
        assert clause == [f"match ip address OFFLOAD-{name}", hop, "set interface Null0"]
    local = "10 deny ip any 10.10.2.0 0.0.0.255"
    assert _under(text, "ip access-list extended OFFLOAD-BACKUPS") == [local, "20 permit tcp any any eq 873"]
    assert _under(text, "ip access-list extended OFFLOAD-PICTURES") == [
        local,
        "20 permit ip any host 10.10.1.7 dscp cs1",
    ]


def _with_two_hubs(two_hubs: Inventory) -> tuple[Inventory, SiteView]:
    customer = two_hubs.customers["globex"]
    name, site = next((name, site) for name, site in customer.sites.items() if not two_hubs.site(name).is_hub("data"))
    resilience = _resilience(hsrp={"data": _group(site)}, offload=[{**OFFLOAD[0], "vpn": "data"}])
    sites = {**customer.sites, name: site.model_copy(update={"resilience": resilience})}
    new = Inventory(two_hubs.root, two_hubs.settings, {"globex": customer.model_copy(update={"sites": sites})}, "x")
    return new, new.site(name)


def _group(site: Any) -> dict[str, object]:
    network = site.lans["data"][0].address.network
    return {"group": 1, "virtual": str(network[-2]), "primary_address": str(network[-3])}


def test_any_of_two_hubs_is_enough(two_hubs: Inventory, secret: Secrets) -> None:
    text = render(*_with_two_hubs(two_hubs), secret).text
    vlan = int(re.findall(r"interface Vlan(\d+)\n(?: .*\n)* standby", text)[0])
    assert _priority(text, vlan, {11: True, 13: False, 14: True}) == _priority(
        text, vlan, {11: True, 13: True, 14: True}
    )
    assert _priority(text, vlan, {11: True, 13: False, 14: False}) < PRIMARY_FAILED
    hops = re.findall(r"set ip next-hop verify-availability (\S+) (\d+) track (\d+)", text)
    assert [(order, track) for _, order, track in hops] == [("10", "13"), ("20", "14")]


def test_a_vpns_only_hub_follows_its_internet_access(changed: Changed, secret: Secrets) -> None:
    groups = {"corporate": {"group": 10, "virtual": "10.10.1.250", "primary_address": "10.10.1.251"}}
    text = _rendered(changed, secret, "london", hsrp=groups)
    assert "track 13 interface GigabitEthernet0/0/0 line-protocol" in text
    with pytest.raises(NotRenderable, match="WV-8"):
        _rendered(changed, secret, "london", hsrp=groups, offload=OFFLOAD)


def test_vrrp_is_refused(changed: Changed, secret: Secrets) -> None:
    with pytest.raises(NotRenderable, match="WV-12") as refusal:
        _rendered(changed, secret, protocol="vrrp")
    assert refusal.value.remedy == "write protocol: hsrp"


def test_offload_by_marks_is_refused_where_the_lan_is_marked_anew(changed: Changed, secret: Secrets) -> None:
    """IOS marks what comes in before it routes by policy: the mark that offload looks for would be gone."""
    prioritised = TrafficPrioritisation.model_validate(
        {"policy": {"voice": {"priority_percent": 20}}, "classification": {"corporate": {"voice": {"dscp": ["ef"]}}}}
    )
    with pytest.raises(NotRenderable, match="marks what comes in anew") as refusal:
        _rendered(changed, secret, offload=OFFLOAD, options=Options(traffic_prioritisation=prioritised))
    assert "offload[1].match" in str(refusal.value)
    _rendered(changed, secret, offload=OFFLOAD[:1], options=Options(traffic_prioritisation=prioritised))


def test_an_interface_is_written_once(changed: Changed, secret: Secrets) -> None:
    headers = re.findall(r"^interface .*", _rendered(changed, secret, offload=OFFLOAD), re.MULTILINE)
    assert len(headers) == len(set(headers))
