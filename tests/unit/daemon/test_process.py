"""The daemon as a process: SIGTERM stops it cleanly, SIGKILL loses nothing that was acknowledged."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.monitoring.cycle import Reason

ROOT = Path(__file__).parents[3]


@contextmanager
def daemon(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.daemon.process", str(folder), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=(folder / "stderr").open("a"),
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines(process: subprocess.Popen[str], count: int) -> list[list[str]]:
    """The next ``count`` things that it has acknowledged."""
    assert process.stdout is not None
    found = [process.stdout.readline().split() for _ in range(count)]
    assert all(found), "it ended before"
    return found


def rest(process: subprocess.Popen[str]) -> list[list[str]]:
    assert process.stdout is not None
    return [line.split() for line in process.stdout.read().splitlines() if len(line.split()) == 4]


def test_sigterm_stops_it_cleanly_even_with_a_hung_poll_and_a_hung_thread(world: Any) -> None:
    with daemon(world.folder, "hung=acme-r2", "hung_backups=acme-r1,acme-r3") as process:
        lines(process, 4)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert world.stores.runs.heartbeat().stopped_at is not None


@pytest.mark.parametrize("seed", range(3))
def test_sigkill_at_any_moment_loses_nothing_acknowledged(world: Any, seed: int) -> None:
    moment = random.Random(seed)
    with daemon(world.folder, "silent=acme-r2") as process:
        acknowledged = lines(process, moment.randint(2, 12))
        process.kill()
        acknowledged += rest(process)
    states, incidents = world.stores.states.states(), world.incidents.incidents(closed=True)
    for router, at, _, reference in acknowledged:
        assert states[router].polled_at >= datetime.fromisoformat(at)
        if reference != "-":
            assert reference in [one.reference for one in incidents]
    assert world.stores.runs.heartbeat().stopped_at is None


def test_after_sigkill_the_next_one_starts_and_goes_on_with_the_same_incident(world: Any) -> None:
    with daemon(world.folder, "silent=acme-r2") as process:
        while lines(process, 1)[0][3] == "-":
            pass
        process.kill()
    with daemon(world.folder, "silent=acme-r2") as process:
        seen = lines(process, 6)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert "down" in {reach for router, _, reach, _ in seen if router == "acme-r2"}
    (incident,) = world.incidents.incidents(closed=True)
    assert incident.diagnosed_at is not None, "what was not diagnosed before the kill is diagnosed after it"


def test_a_daemon_that_stood_still_polls_everybody_at_once_and_keeps_the_gaps_with_their_reason(world: Any) -> None:
    """SIGSTOP and SIGCONT; polls may lie 5 s apart here."""
    with daemon(world.folder, "limit=5") as process:
        lines(process, 6)
        process.send_signal(signal.SIGSTOP)
        before = {name: state.polled_at for name, state in world.stores.states.states().items()}
        time.sleep(8)
        process.send_signal(signal.SIGCONT)
        while len(after := world.level.gaps(datetime(2000, 1, 1, tzinfo=UTC))) < 3:
            lines(process, 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    held_up = [gap for gap in after if gap.reason is Reason.HELD_UP]
    assert {gap.router for gap in held_up} == set(before)
    assert all(gap.seconds >= 8 for gap in held_up)
    (day, *_) = world.level.since(world.now())
    assert set(day.routers) == set(before)
    assert all(one.longest_s >= 8 for one in day.routers.values())


def test_the_time_in_which_no_daemon_ran_is_a_gap(world: Any) -> None:
    with daemon(world.folder, "limit=5") as process:
        lines(process, 6)
        process.kill()
    time.sleep(6)
    with daemon(world.folder, "limit=5") as process:
        lines(process, 9)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    found = world.level.gaps(datetime(2000, 1, 1, tzinfo=UTC))
    assert {gap.router for gap in found if gap.reason is Reason.NOT_RUNNING} == set(world.inventory.router_names)
