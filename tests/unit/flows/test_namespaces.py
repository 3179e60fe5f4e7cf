"""A router of namespaces is asked the same: silent on the golden configurations, and found where a line is wrong."""

# ruff: noqa: E501 - one line for one mistake

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agent.verification import Finding
from agent.verification.flows import what_packets_do
from agent.verification.ground import Ground
from device_templates import platform_of
from inventory import Severity
from inventory.loader import load_workspace

GOLDEN = Path(__file__).parents[2] / "golden" / "linux_frr"


def _findings(case: str, there: str = "", instead: str = "") -> list[Finding]:
    inventory = load_workspace(GOLDEN / case / "workspace")
    models = {}
    for view in inventory.sites():
        text = (GOLDEN / case / "expected" / f"{view.router.name}.doc").read_text()
        if there and view.router.name == "acme-lon-r1":
            assert there in text
            text = _sealed(text.replace(there, instead, 1))
        models[view.router.name] = platform_of(view).read_model(text)
    return list(what_packets_do(Ground(inventory, models)))


def _sealed(text: str) -> str:
    """A document whose last line has the digest of the others."""
    body, _, last = text.rpartition("%% end ")
    return f"{body}%% end {last.split()[0]} {hashlib.sha256(body.encode()).hexdigest()}\n"


#: Orders that are said not to be judged by packets.
UNPROVED: dict[str, set[str]] = {"two_vpns": set(), "options": {"internet breakout or iLAN", "iLAN", "offload"}}


@pytest.mark.parametrize("case", ["two_vpns", "options"])
def test_what_was_ordered_is_what_packets_do(case: str) -> None:
    found = _findings(case)
    assert not [one for one in found if one.severity is Severity.ERROR]
    assert {one.message.split(":")[0] for one in found} == UNPROVED[case]


@pytest.mark.parametrize(
    ("there", "instead", "question"),
    [
        ('    iifname "eth0" meta l4proto esp accept\n', "", "internet-reaches-what-tunnels-need"),
        ("udp dport { 500, 4500 } accept", "udp dport { 161, 500, 4500 } accept", "internet-reaches-what-tunnels-need"),
        ('iifname "vlan50" icmp type echo-request accept', 'iifname "vlan50" accept', "guests-reach-the-router-for-leases"),
        ('    iifname "vlan50" oifname "eth0" ct state', '    iifname "eth0" oifname "vlan50" accept\n    iifname "vlan50" oifname "eth0" ct state', "zone-pairs-let-pass-what-was-ordered"),
        ("ip saddr { 10.254.255.0/24, 192.0.2.0/28 } tcp dport 22", "ip saddr 192.0.2.0/28 tcp dport 22", "centre-reaches-the-router"),
        ("ip prefix-list MEMBERS seq 5 permit 10.10.0.0/16 le 32", "ip prefix-list MEMBERS seq 5 permit 10.10.99.0/24", "lans-reach-their-vpn"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_found(there: str, instead: str, question: str) -> None:
    assert question in {one.check for one in _findings("options", there, instead)}
