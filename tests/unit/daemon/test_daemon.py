"""The daemon's behaviour in one process: polls, reloads, backups, what it shows, how it stops."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import OperationalError

from agent.daemon.historian import PASSES_WITHIN_S
from agent.errors import ConfigurationProblem, Refused
from agent.monitoring.alarms import Kind
from agent.monitoring.cycle import steady
from agent.monitoring.states import Reach
from agent.monitoring.views import backup_verdict
from agent.monitoring.views import daemon as daemon_row


def alarm(world: Any, kind: Kind) -> Any:
    return next((one for one in world.stores.states.active_alarms() if one.key.kind is kind), None)


def fetch(daemon: Any, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_all_routers_are_polled_each_cycle_and_a_dead_one_opens_an_incident(world: Any, wait: Any) -> None:
    world.silent.add("acme-r2")

    async def story(daemon: Any) -> None:
        await wait(lambda: world.diagnosed)
        await wait(
            lambda: all(sum(name == one for _, name in world.polls) >= 3 for one in world.inventory.router_names)
        )

    world.play(story)
    states = world.stores.states.states()
    assert {name: state.reach for name, state in states.items()} == {
        "acme-r1": Reach.UP,
        "acme-r2": Reach.DOWN,
        "acme-r3": Reach.UP,
    }
    assert world.diagnosed == ["INC-000001"]
    assert world.recovered >= 1


def test_a_hung_poll_and_a_hung_backup_hold_neither_the_others_nor_the_stop(
    world: Any, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.daemon.service.STOP_WITHIN_S", 0.2)
    world.hung.add("acme-r2")
    world.hung_backups.update(world.inventory.router_names)

    async def story(daemon: Any) -> None:
        await wait(lambda: len(world.backups) == 3)
        await wait(lambda: sum(name == "acme-r3" for _, name in world.polls) >= 3)
        await wait(lambda: "acme-r2" in {name for _, name in world.polls})

    world.play(story)
    heartbeat = world.stores.runs.heartbeat()
    assert heartbeat.stopped_at is not None
    assert sum(name == "acme-r2" for _, name in world.polls) == 1, "one poll of a router at a time"


def test_a_bad_reload_keeps_the_last_good_inventory_and_raises_an_alarm(world: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: world.polls)
        world.refused = "a hub needs a static address"
        await wait(lambda: alarm(world, Kind.INVENTORY_REFUSED))
        assert "customers/acme.yaml:31: sites.leeds: a hub needs" in alarm(world, Kind.INVENTORY_REFUSED).why
        before = len(world.polls)
        await wait(lambda: len(world.polls) >= before + 3)
        status, text = await asyncio.to_thread(fetch, daemon, "/healthz")
        assert (status, "customers/acme.yaml:31" in text) == (200, True)
        world.refused = ""
        await wait(lambda: alarm(world, Kind.INVENTORY_REFUSED) is None)

    world.play(story)


def test_a_daemon_without_any_good_inventory_waits_for_one(world: Any, wait: Any) -> None:
    world.refused = "a hub needs a static address"

    async def story(daemon: Any) -> None:
        await wait(lambda: alarm(world, Kind.INVENTORY_REFUSED))
        status, text = await asyncio.to_thread(fetch, daemon, "/healthz")
        assert (status, "no inventory" in text) == (503, True)
        world.refused = ""
        await wait(lambda: len({name for _, name in world.polls}) == 3)

    world.play(story)


def test_a_router_that_leaves_the_inventory_is_forgotten_and_its_alarms_cleared(world: Any, wait: Any) -> None:
    world.silent.add("acme-r3")

    async def story(daemon: Any) -> None:
        await wait(lambda: alarm(world, Kind.ROUTER_UNREACHABLE))
        world.manage(2)
        await wait(lambda: "acme-r3" not in world.stores.states.states())

    world.play(story)
    assert alarm(world, Kind.ROUTER_UNREACHABLE) is None


def test_a_failed_backup_is_an_alarm_and_never_green(world: Any, wait: Any) -> None:
    world.failing_backups.add("acme-r2")

    async def story(daemon: Any) -> None:
        await wait(lambda: len(world.stores.runs.backup_runs()) == 3)
        text = (await asyncio.to_thread(fetch, daemon, "/metrics"))[1]
        assert 'spokesman_backups{state="failed"} 1.0' in text
        assert 'spokesman_backups{state="ok"} 2.0' in text

    world.play(story)
    assert sorted(world.backups) == ["acme-r1", "acme-r2", "acme-r3"], "once each, missed hours or not"
    assert "nothing answers" in alarm(world, Kind.BACKUP_FAILED).why
    runs = world.stores.runs.backup_runs()
    assert [backup_verdict(runs[name], world.now()) for name in sorted(runs)] == ["ok", "failed", "ok"]


def test_a_backup_that_ends_in_a_fault_of_ours_is_an_alarm_too(world: Any, wait: Any) -> None:
    world.broken_backups.add("acme-r2")

    async def story(_daemon: Any) -> None:
        await wait(lambda: len(world.stores.runs.backup_runs()) == 3)

    world.play(story)
    assert backup_verdict(world.stores.runs.backup_runs()["acme-r2"], world.now()) == "failed"
    assert "ValueError" in alarm(world, Kind.BACKUP_FAILED).why


def test_a_router_that_is_being_changed_is_not_backed_up(world: Any, wait: Any) -> None:
    world.at_work.add("acme-r2")

    async def story(_daemon: Any) -> None:
        await wait(lambda: len(world.stores.runs.backup_runs()) == 2)

    world.play(story)
    assert sorted(world.backups) == ["acme-r1", "acme-r3"]


def test_a_blocked_loop_loses_no_poll(world: Any, wait: Any) -> None:
    """The loop is held for longer than two cycles; every router is polled as soon as it is free, and then goes on."""
    blocked: list[float] = []

    def block(name: str) -> None:
        if not blocked:
            time.sleep(5)
            blocked.append(time.monotonic() - world.began)

    world.on_poll = block

    async def story(daemon: Any) -> None:
        await wait(lambda: blocked)
        await wait(lambda: all((blocked[0], one) < max(world.polls) for one in world.inventory.router_names))
        await wait(lambda: all(_after(world, one, blocked[0]) for one in world.inventory.router_names))
        held = time.monotonic() - world.began
        await wait(lambda: all(_after(world, one, held) for one in world.inventory.router_names))

    world.play(story)
    first, *others = [name for _, name in world.polls]
    assert first not in others[:2], "those whose turn came meanwhile are polled before the next cycle begins"
    assert {first, *others[:2]} == set(world.inventory.router_names)


def _after(world: Any, router: str, moment: float) -> list[float]:
    return [at for at, name in world.polls if name == router and at > moment]


def test_every_job_runs_again_after_the_clock_was_days_ahead(
    world: Any, wait: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[AsyncIOScheduler] = []

    class Known(AsyncIOScheduler):  # type: ignore[misc] # APScheduler has no types
        def start(self, paused: bool = False) -> None:
            made.append(self)
            super().start(paused)

    def ahead(limit: timedelta) -> list[str]:
        now = datetime.now(UTC)
        return [job.id for job in made[0].get_jobs() if job.next_run_time - now > limit]

    monkeypatch.setattr("agent.daemon.service.AsyncIOScheduler", Known)
    monkeypatch.setattr("agent.daemon.service.BEAT_S", 0.2)

    async def story(_daemon: Any) -> None:
        await wait(lambda: len(world.polls) >= 3)
        for job in made[0].get_jobs():
            made[0].modify_job(job.id, next_run_time=datetime.now(UTC) + timedelta(days=3))
        assert {"poll cycle", "backups", "diagnostics", "history"} <= set(ahead(timedelta(days=2)))
        await wait(lambda: not ahead(timedelta(days=1)), within_s=10)

    world.play(story)


def test_a_store_that_fails_is_told_and_survived(world: Any, wait: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    async def health(daemon: Any) -> tuple[int, str]:
        return await asyncio.to_thread(fetch, daemon, "/healthz")

    async def story(daemon: Any) -> None:
        await wait(lambda: len(world.polls) >= 3)
        with monkeypatch.context() as broken:
            broken.setattr(world.stores.states, "turn", full)
            broken.setattr(world.stores.runs, "beat", full)
            count = len(world.polls)
            await wait(lambda: len(world.polls) >= count + 6)
            assert await health(daemon) == (503, "what the last poll brought could not be kept: see the log\n")
            await wait(lambda: time.monotonic() - world.began > 6)  # past a heartbeat
        count = len(world.polls)
        await wait(lambda: len(world.polls) >= count + 6)
        assert (await health(daemon))[0] == 200

    world.play(story)


def test_a_port_that_is_taken_is_refused_in_one_clear_line(world: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        daemon = world.daemon(port=taken.getsockname()[1])
        with pytest.raises(
            ConfigurationProblem, match=r"cannot serve /metrics on 127.0.0.1:\d+: Address already in use"
        ):
            asyncio.run(daemon.serve(asyncio.Event()))


def test_a_second_daemon_on_the_workspace_is_refused(world: Any, wait: Any) -> None:
    async def story(daemon: Any) -> None:
        await wait(lambda: world.polls)
        with pytest.raises(Refused, match=r"already runs on this workspace \(process \d+\)"):
            await world.daemon().serve(asyncio.Event())

    world.play(story)


def test_metrics_carry_names_and_states_and_nothing_else(world: Any, wait: Any) -> None:
    world.silent.add("acme-r2")

    async def story(daemon: Any) -> None:
        await wait(lambda: world.diagnosed)
        status, text = await asyncio.to_thread(fetch, daemon, "/metrics")
        assert status == 200
        assert 'spokesman_router_up{router="acme-r2",site="acme/site-2"} 0.0' in text
        assert 'spokesman_alarms_active{severity="critical"} 1.0' in text
        assert 'spokesman_incidents{status="open"} 1.0' in text
        labels = {word for line in text.splitlines() if "{" in line for word in _labels(line)}
        assert labels <= {"router", "site", "state", "severity", "status", "reason"}
        assert "no answer" not in text
        assert (await asyncio.to_thread(fetch, daemon, "/"))[0] == 404

    world.play(story)


def _labels(line: str) -> list[str]:
    return [pair.partition("=")[0] for pair in line[line.index("{") + 1 : line.index("}")].split(",")]


def test_the_heartbeat_tells_whether_the_daemon_runs(world: Any, wait: Any) -> None:
    assert not daemon_row(world.stores.runs.heartbeat(), world.now()).running

    async def story(daemon: Any) -> None:
        await wait(lambda: world.stores.runs.heartbeat() is not None)
        row = daemon_row(world.stores.runs.heartbeat(), world.now())
        assert row.running
        assert json.dumps(row.text)

    world.play(story)
    stopped = daemon_row(world.stores.runs.heartbeat(), world.now())
    assert (stopped.running, "was stopped at" in stopped.text) == (False, True)


def test_a_history_that_fails_is_told_and_polling_goes_on(world: Any, wait: Any) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    async def story(daemon: Any) -> None:
        daemon._duties.historian.backlog._add = full
        await wait(lambda: len(world.polls) >= 6)
        assert await asyncio.to_thread(fetch, daemon, "/healthz") == (
            200,
            "ok, the last polls are not kept in the history: see the log\n",
        )
        daemon._duties.historian._steady = lambda: steady() + PASSES_WITHIN_S
        status, text = await asyncio.to_thread(fetch, daemon, "/healthz")
        assert (status, text) == (503, "the last polls are not kept in the history: see the log\n")
        _, text = await asyncio.to_thread(fetch, daemon, "/metrics")
        assert re.search(r"^spokesman_history_lost_polls_total [1-9]", text, re.MULTILINE)

    world.play(story)
