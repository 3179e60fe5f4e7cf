"""Real processes on one SQLite file: killed by SIGKILL, and racing for a lease."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.provisioning.owner import may_live, this_owner
from agent.provisioning.recover import Recovery
from agent.scaffold import create
from inventory import Inventory, load_workspace
from tests.unit.provisioning.bench import HUB, SPOKE, TIMING, Bench, open_bench
from tests.unit.provisioning.fakes import FakeCheck
from tests.unit.provisioning.killing import free, sides

ROOT = Path(__file__).parents[3]
LIMIT_S = 60


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    create(tmp_path / "workspace", "virtual")
    return load_workspace(tmp_path / "workspace")


@pytest.fixture
def bench(tmp_path: Path, inventory: Inventory) -> Bench:
    return open_bench(tmp_path, inventory)


def planned(bench: Bench) -> str:
    with bench.process() as process:
        return process.planner.plan(bench.inventory, "leeds", who="eve").id


def start(folder: Path, plan: str, at: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "tests.unit.provisioning.victim", str(folder), plan, str(at)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def recover(bench: Bench) -> int:
    process = bench.process()
    runtime = replace(process.runtime, owner=this_owner(), may_live=may_live)
    return len(Recovery(process.ports, runtime, TIMING, FakeCheck()).recover(bench.inventory))


@pytest.mark.parametrize("at", [4, 17, 33, 41, 52, 64, 75])
def test_sigkill_and_recovery_by_another_process(tmp_path: Path, bench: Bench, at: int) -> None:
    victim = start(tmp_path, planned(bench), at)
    victim.communicate("go\n", timeout=LIMIT_S)
    assert victim.returncode == -9, f"the run has fewer calls than {at}"
    recover(bench)
    assert len(sides(bench, (HUB, SPOKE))) == 1
    assert free(bench)
    assert recover(bench) == 0


def test_two_processes_race_and_one_runs_the_plan(tmp_path: Path, bench: Bench) -> None:
    plan = planned(bench)
    racers = [start(tmp_path, plan, -1) for _ in range(2)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = sorted(racer.communicate(timeout=LIMIT_S)[0] for racer in racers)
    assert sum(words.startswith("changed: 2") for words in said) == 1
    other = next(words for words in said if not words.startswith("changed: 2"))
    assert "in progress" in other or other.startswith("changed: 0")
    assert sides(bench, (HUB, SPOKE)) == {"new"}
    assert free(bench)


def test_this_process_lives_and_a_dead_or_reused_number_does_not() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=LIMIT_S)
    here = this_owner()
    place = here.partition(" pid ")[0]
    assert may_live(here)
    assert not may_live(f"{place} pid {gone.pid} started 1")
    assert not may_live(here + "0")
    assert may_live("another machine pid 1 started 1")
