"""What real FRR and nftables show of rendered documents is equal to them; and a change by hand is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_templates.linux_frr.comparing.candidate import candidate
from device_templates.linux_frr.comparing.compare import compare
from device_templates.linux_frr.reading.complete import is_complete
from device_templates.linux_frr.reading.document import parse
from device_templates.linux_frr.reading.lasting import as_saved
from device_templates.linux_frr.reading.parser import read_model
from tests.unit.templates.linux_frr_read.real import require, runs
from tests.unit.templates.linux_frr_read.samples import FRR, HUB, SECRETS, with_files
from tests.unit.templates.linux_frr_read.test_model import GOLDEN, LEEDS, LONDON, YORK, case

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]
FRR_CONF = "etc/frr/corporate/frr.conf"


def said(text: str) -> dict[str, list[str]]:
    """The model's parts; FRR shows what it runs in an order of its own."""
    model = read_model(text)
    tuples = {name: getattr(model, name) for name in ("interfaces", "routes", "snmp_groups", "access_lists", "used")}
    tuples["neighbors"] = (
        [(one.vrf, neighbor) for one in model.bgp.vrfs for neighbor in one.neighbors] if model.bgp else []
    )
    tuples["networks"] = [(one.vrf, network) for one in model.bgp.vrfs for network in one.networks] if model.bgp else []
    tuples["defined"] = model.defined
    return {name: sorted(map(repr, ones)) for name, ones in tuples.items()}


@pytest.mark.parametrize(
    ("name", "router"),
    [("two_vpns", LONDON), ("two_vpns", LEEDS), ("two_vpns", YORK), ("options", LONDON), ("options", LEEDS)],
)
def test_what_runs_is_what_was_rendered(name: str, router: str, tmp_path: Path) -> None:
    require()
    wanted = case(GOLDEN / "linux_frr" / name / "workspace")[1][router]
    running = runs(wanted, tmp_path)
    found = compare(wanted, running)
    assert found.equal, "\n".join(f"{side} {line}" for side in ("a", "b") for line in getattr(found, f"only_in_{side}"))
    assert running != wanted
    assert is_complete(running) is None
    assert as_saved(wanted) == as_saved(running)
    assert compare(candidate(wanted, running), running).equal
    assert said(wanted) == said(running)


#: Lines that FRR hides because they are its defaults.
HIDDEN = """\
service integrated-vtysh-config
ip forwarding
no log stdout
interface gre20
 no shutdown
 link-detect
 no description
 ip nhrp holdtime 7200
 no ip nhrp redirect
 no ip nhrp shortcut
 no ip nhrp registration no-unique
exit
router bgp 65010
 no bgp log-neighbor-changes
 bgp ebgp-requires-policy
 bgp fast-external-failover
 bgp client-to-client reflection
 bgp network import-check
 timers bgp 60 180
 bgp listen limit 100
 no neighbor SPOKES shutdown
 no neighbor SPOKES passive
 address-family ipv4 unicast
  neighbor SPOKES send-community
  neighbor SPOKES send-community both
  neighbor SPOKES send-community large
 exit-address-family
exit
line vty
 exec-timeout 10 0
exit
"""
#: Lines that FRR numbers, reorders or spells otherwise, or has already.
ODD = """\
router bgp 65010
 neighbor SPOKES timers connect 120
 address-family ipv4
  neighbor SPOKES next-hop-self all
  neighbor SPOKES soft-reconfiguration inbound
 exit-address-family
exit
ip prefix-list LATER permit 10.0.0.0/8
ip prefix-list LATER deny any
ip route 10.99.0.0 255.255.0.0 10.10.1.254
ip route 10.98.0.0/16 blackhole 254
access-list VTY permit 127.0.0.1/32
route-map EMPTY permit 10
exit
"""


def test_defaults_are_hidden_and_none_but_defaults(tmp_path: Path) -> None:
    require()
    wanted = with_files({FRR_CONF: FRR + HIDDEN})
    found = compare(wanted, runs(wanted, tmp_path))
    assert found.equal, f"{found.only_in_a} {found.only_in_b}"
    masked = {line.text for line in found.masked if line.side == "a"}
    lines = {line.strip() for line in HIDDEN.splitlines()}
    assert masked == {line for line in lines if not line.startswith(("router", "address-family", "exit"))} | {
        "line vty",
        "exec-timeout 10 0",
    }


def test_numbers_and_spellings(tmp_path: Path) -> None:
    require()
    wanted = with_files({FRR_CONF: FRR + ODD})
    found = compare(wanted, runs(wanted, tmp_path))
    assert found.equal, f"{found.only_in_a} {found.only_in_b}"


def test_a_change_by_hand_is_found(tmp_path: Path) -> None:
    require()
    by_hand = FRR.replace("bgp-pass-word", "by-hand-word").replace("ip nhrp redirect", "ip nhrp shortcut")
    running = runs(with_files({FRR_CONF: by_hand}), tmp_path)
    found = compare(HUB, running)
    assert [line.text for line in found.only_in_a if line.path[-1] == "interface gre10"] == ["ip nhrp redirect"]
    assert [line.text for line in found.only_in_b if line.path[-1] == "interface gre10"] == ["ip nhrp shortcut"]
    assert len(found.only_in_a) == len(found.only_in_b) == 2
    shown = "".join(str(line) for line in (*found.only_in_a, *found.only_in_b))
    assert not any(secret in shown for secret in (*SECRETS, "by-hand-word"))
    repaired = parse(candidate(HUB, running)).content(FRR_CONF)
    assert repaired is not None
    assert repaired.startswith("frr version 8.4")
    assert "ip nhrp redirect" in repaired
