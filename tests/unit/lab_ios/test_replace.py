"""``configure replace`` with whole configurations: whatever the file leaves out or changes, the router ends on it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.lab.clock import LabClock
from agent.lab.config import ConfigTree, Line
from agent.lab.lines.replace import contextual, replace
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from tests.examples import examples

GOLDEN = Path(__file__).parents[2] / "golden"
CONFIGURATIONS = sorted(GOLDEN.glob("*/expected/*.cfg"))
#: What a router keeps whatever the file says, and what other lines need to stand.
LASTING = ("version", "boot-", "license", "interface Gigabit", "interface Vlan1", "line ", "control-plane")
NEEDED = (
    "no ip address", "vrf definition", "ip sla", "icmp-echo", "class-map", "policy-map", "zone security",
    "logging discriminator",
)  # fmt: skip


@lru_cache(maxsize=8)
def provisioned(path: Path) -> tuple[Line, ...]:
    """The lines that a router shows after it has booted with a golden configuration."""
    return booted(path).running.lines


def licensed(path: Path) -> VirtualRouter:
    """A router of the right model, blank but for the licence to encrypt."""
    text = path.read_text(encoding="utf-8")
    model, release, licence = "C1111-8P", "17.9", "level network-advantage addon dna-advantage"
    if path.parts[-3] == "two_hubs":
        model = "C1121-4P"
    if text.startswith("version 15."):
        model = "C892FSP-K9" if "interface GigabitEthernet8\n" in text else "CISCO2911/K9"
        release, licence = "15.7(3)M8", "module c2900 technology-package securityk9"
    router = VirtualRouter("r", Chassis(model, "FCZ0000A0B1", release), clock=LabClock())
    router.startup = f"license boot {licence}\n"
    router.reload(seconds=0)
    return router


def booted(path: Path) -> VirtualRouter:
    router = licensed(path)
    router.startup = f"{router.startup}{path.read_text(encoding='utf-8')}"
    router.reload(seconds=0)
    return router


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_lab_takes_every_line_of_the_golden_configurations(path: Path) -> None:
    router = licensed(path)
    assert router.merge(path.read_text(encoding="utf-8")) == ""


def without(lines: tuple[Line, ...], chosen: list[int]) -> tuple[Line, ...]:
    """``lines`` less the chosen ones, counted over all depths (modulo how many there are)."""
    total = sum(1 for _ in ConfigTree(lines).walk())
    gone = {number % total for number in chosen}
    counter = iter(range(total))

    def kept(under: tuple[Line, ...]) -> tuple[Line, ...]:
        out = []
        for line in under:
            drop = next(counter) in gone and not line.text.startswith(LASTING + NEEDED)
            inner = kept(line.lines)
            if not drop:
                out.append(Line(line.text, inner, line.body))
        return tuple(out)

    return kept(lines)


@settings(max_examples=examples(120), deadline=None)
@given(st.sampled_from(CONFIGURATIONS), st.lists(st.integers(0, 2000), max_size=12))
def test_a_file_with_lines_left_out_is_reached_and_left_again(path: Path, chosen: list[int]) -> None:
    router = booted(path)
    full = ConfigTree(provisioned(path))
    router.running = full
    less = ConfigTree(without(full.lines, chosen))
    for target in (less, full):
        outcome = replace(router, target)
        assert outcome.equal, (outcome.failed, outcome.last)
        assert "No changes were found" in contextual(full, router.running) or target is less


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.sampled_from(CONFIGURATIONS), min_size=2, max_size=2, unique=True))
def test_one_routers_configuration_becomes_anothers(paths: list[Path]) -> None:
    one, other = paths
    same = (one.parts[-3], one.stem.split("-")[0]) == (other.parts[-3], other.stem.split("-")[0])
    if not same or licensed(one).chassis != licensed(other).chassis:
        other = one  # no router changes its AS or its model
    router = booted(one)
    target = ConfigTree(tuple(line for line in provisioned(other) if not line.text.startswith("crypto pki")))
    own = tuple(line for line in router.running.lines if line.text.startswith("crypto pki"))
    outcome = replace(router, ConfigTree(target.lines + own))
    assert outcome.equal, (outcome.failed, outcome.last)
