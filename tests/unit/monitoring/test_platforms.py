"""What is watched of routers of each platform: its agent's objects, its names, and tunnels that are told or missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from agent.monitoring.sample import Answer, InterfaceReading, Sample
from agent.monitoring.snmp import modules_for
from agent.monitoring.states import Link, RouterState, step
from agent.monitoring.watch import expected_interfaces, subjects
from collectors.modules import modules_of
from inventory.loader import load_workspace
from inventory.platforms import PLATFORMS
from tests.unit.monitoring.conftest import build_inventory, second

GOLDEN = Path(__file__).parents[2] / "golden" / "linux_frr" / "two_vpns" / "workspace"
LINUX = load_workspace(GOLDEN)
UP = InterfaceReading(admin_up=True, oper_up=True)
LEEDS, YORK = "acme-lee-r1", "acme-yor-r1"
LONDON = "IPsec to acme-lon-r1"


def test_every_platform_has_an_agent_whose_objects_are_known() -> None:
    for facts in PLATFORMS.values():
        assert {"system", "interfaces"} <= {module.name for module in modules_of(facts.agent)}


def test_the_platform_says_what_is_read_and_how_tunnels_are_called() -> None:
    cisco = build_inventory({"hub": "r1"}).router("r1")
    assert set(modules_for(cisco)) < set(modules_of("cisco"))
    assert expected_interfaces(cisco) == ("GigabitEthernet0/0/0", "Tunnel10")
    linux = LINUX.router(YORK)
    assert (modules_for(linux), expected_interfaces(linux)) == (modules_of("net-snmp"), ("eth0", "gre10", "gre20"))


def told(before: RouterState | None, after_s: float, peers: frozenset[str] | None) -> RouterState:
    """The state of york after one more poll, which found its interfaces up."""
    rows = dict.fromkeys(("eth0", "gre10", "gre20"), UP)
    sample = Sample(YORK, second(after_s), Answer.ANSWERED, uptime_s=1e6 + after_s, interfaces=rows, peers=peers)
    return step(before, sample, subjects(LINUX)[YORK].expected, 2).state


def test_a_tunnel_to_a_hub_is_missing_when_its_far_end_is_no_longer_told() -> None:
    state = told(None, 0, frozenset({"198.51.100.10", "198.51.100.18"}))
    assert state.links[LONDON].link is Link.UP
    state = told(state, 240, frozenset({"198.51.100.18"}))
    assert state.links[LONDON].link is Link.MISSING
    assert told(state, 300, None).links[LONDON].link is Link.UNKNOWN


def test_a_tunnel_that_nobody_could_tell_of_is_unknown_and_no_fault() -> None:
    rows = {"eth0": UP, "gre10": InterfaceReading(None, None)}
    now = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    sample = Sample(LEEDS, now, Answer.ANSWERED, uptime_s=1e6, interfaces=rows)
    state = step(None, sample, subjects(LINUX)[LEEDS].expected, 2).state
    assert state.links["gre10"].link is Link.UNKNOWN
