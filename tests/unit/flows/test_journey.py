"""The way of a packet that a finding shows leads over all routers, as far as their configurations are at hand."""

from __future__ import annotations

import re
from pathlib import Path

from agent.verification import Finding
from agent.verification.finding import Hop
from agent.verification.flows import what_packets_do
from agent.verification.ground import Ground
from device_templates.cisco_iosxe.reading.parser import read_model
from inventory.loader import load_workspace

GOLDEN = Path(__file__).parents[2] / "golden"
LONDON, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
LAST_ROUTE = r"^(ip route vrf MGMT 10.254.255.0 .*\n)"


def _findings(case: str, router: str, there: str, instead: str, without: str = "") -> list[Finding]:
    texts = {path.stem: path.read_text() for path in (GOLDEN / case / "expected").glob("*.cfg")}
    texts[router], changes = re.subn(there, instead, texts[router], count=1, flags=re.MULTILINE)
    assert changes
    models = {name: read_model(text) for name, text in texts.items() if name != without}
    return list(what_packets_do(Ground(load_workspace(GOLDEN / case / "workspace"), models)))


def _routers(path: tuple[Hop, ...]) -> list[str]:
    """The routers of a way, each as often as it comes to one."""
    return [
        hop.router
        for hop, before in zip(path, (None, *path), strict=False)
        if not before or before.router != hop.router
    ]


def _lost_at_york(without: str = "") -> Finding:
    found = _findings(
        "two_vpns", YORK, LAST_ROUTE, r"\1ip route vrf CORPORATE 10.10.3.128 255.255.255.128 Null0\n", without
    )
    return next(one for one in found if one.check == "tunnels-reach-their-lans")


def test_a_packet_to_a_spoke_comes_from_another_one_by_the_hub() -> None:
    finding = _lost_at_york()
    assert finding.routers == (YORK,)
    assert _routers(finding.path) == [LEEDS, LONDON, YORK]
    assert finding.path[0].what.startswith("it arrives by Vlan")
    assert "Null0" in finding.path[-1].what
    assert all(line.router == hop.router for hop in finding.path for line in hop.lines)


def test_a_packet_that_leaves_by_a_tunnel_goes_on_at_the_hub() -> None:
    anything = "ip prefix-list CORPORATE-MEMBERS seq 5 permit 0.0.0.0/0 le 32\n"
    found = _findings("options_iosxe", LEEDS, r"^ip prefix-list CORPORATE-MEMBERS .*\n", anything)
    finding = next(one for one in found if one.check == "lans-reach-their-vpn")
    assert _routers(finding.path) == [LEEDS, LONDON]
    assert finding.path[-1].what == "zone pair CORPORATE to INTERNET: it is dropped"


def test_where_a_configuration_is_not_at_hand_the_way_ends_and_says_so() -> None:
    assert _routers(_lost_at_york(without=LEEDS).path) == [YORK]
    anything = "ip prefix-list CORPORATE-MEMBERS seq 5 permit 0.0.0.0/0 le 32\n"
    found = _findings("options_iosxe", LEEDS, r"^ip prefix-list CORPORATE-MEMBERS .*\n", anything, without=LONDON)
    finding = next(one for one in found if one.check == "lans-reach-their-vpn")
    assert finding.path[-1] == Hop(LONDON, "it gets the packet, and its configuration is not at hand")


def test_a_packet_that_comes_back_is_said_to_go_in_a_circle() -> None:
    found = _findings(
        "options_iosxe", LEEDS, r"^(interface Vlan20\n.*\n) vrf forwarding CCTV", r"\1 vrf forwarding CORPORATE"
    )
    path = next(one.path for one in found if one.check == "tunnels-reach-their-lans")
    assert path[-1].what == "it comes back by Tunnel20: it goes in a circle"
