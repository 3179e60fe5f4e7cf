"""An archived configuration goes back with the safety of a provision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.errors import Refused, RolledBack
from agent.events import Result
from agent.provisioning.ports import Ports, Timing
from agent.provisioning.restore import Restored, Restoring
from agent.provisioning.transaction import Outcome, Provisioning
from inventory import Inventory
from tests.unit.provisioning.bench import SPOKE, Bench, want_spoke
from tests.unit.provisioning.fakes import FakeCheck, FakeTexts, lasting


def archive(bench: Bench, text: str) -> int:
    with bench.process() as process:
        return process.ports.archive.take(SPOKE, lambda: text, author="eve", reason="test").number


def restore(bench: Bench, version: int) -> Restored:
    with bench.process() as process:
        ports: Ports = process.ports
        return Restoring(ports, process.runtime, process.provisioning).restore(
            bench.inventory, SPOKE, version, who="eve"
        )


def test_running_equals_archived_and_the_devices_own_lines_stay(bench: Bench) -> None:
    version = archive(bench, f"hostname {SPOKE}\nearlier line\nown certificate of a dead router\n")
    restored = restore(bench, version)
    running = bench.world.routers[SPOKE]["running"]
    assert lasting(running) == f"hostname {SPOKE}\nearlier line\n"
    assert f"own certificate of {SPOKE}" in running
    assert restored.masked == ("own certificate of a dead router",)
    assert restored.plan.version == version
    assert "WV-23" in restored.plan.reason
    assert "ORD-1002" in restored.plan.reason
    assert bench.events.events[-1].action == "restore"


def test_users_that_no_archive_holds_are_put_back(bench: Bench) -> None:
    bench.texts.users[SPOKE] = ("spokesman",)
    restore(bench, archive(bench, f"hostname {SPOKE}\nearlier line\n"))
    assert bench.world.routers[SPOKE]["users"] == ["spokesman"]


def test_restoring_what_runs_changes_nothing(bench: Bench) -> None:
    restored = restore(bench, archive(bench, bench.world.routers[SPOKE]["running"]))
    assert restored.outcome.changed == ()
    assert "nothing to change" in restored.outcome.message


def test_an_archived_configuration_that_cuts_management_is_taken_back(bench: Bench) -> None:
    before = bench.world.routers[SPOKE]["running"]
    with pytest.raises(RolledBack):
        restore(bench, archive(bench, f"hostname {SPOKE}\ncut management\n"))
    bench.world.load()
    assert bench.world.routers[SPOKE]["running"] == before
    assert bench.events.events[-1].result is Result.ROLLED_BACK


def test_a_router_that_is_lost_after_the_restore_was_proved_makes_it_no_failure(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = archive(bench, f"hostname {SPOKE}\nearlier line\n")
    execute = Provisioning.execute

    def then_lost(self: Provisioning, inventory: Inventory, plan: str, who: str) -> Outcome:
        outcome = execute(self, inventory, plan, who)
        with bench.world.router(SPOKE) as router:
            router["powered"] = False
        return outcome

    monkeypatch.setattr(Provisioning, "execute", then_lost)
    restored = restore(bench, version)
    assert restored.outcome.changed == (SPOKE,)
    assert any("not listed" in warning for warning in restored.outcome.warnings)


def test_a_configuration_of_another_platform_is_not_put_on_a_router(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bench.world.routers[SPOKE]["running"]
    version = archive(bench, f"hostname {SPOKE}\nof another platform\n")
    monkeypatch.setattr(FakeTexts, "recognises", lambda _texts, text: "of another platform" not in text)
    with pytest.raises(Refused, match="is a configuration of another platform than cisco_iosxe") as caught:
        restore(bench, version)
    assert caught.value.rule == "WV-23"
    assert bench.world.routers[SPOKE]["running"] == before
    assert bench.events.events[-1].result is Result.REFUSED


def test_the_devices_timer_is_that_of_its_platform(bench: Bench) -> None:
    timing = Timing(revert_s=300, reverts_s={"cisco_iosxe": 120})
    said: list[str] = []
    want_spoke(bench)
    with bench.process() as process:
        runtime = replace(process.runtime, progress=said.append)
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")
        Provisioning(process.ports, runtime, timing, FakeCheck()).execute(bench.inventory, plan.id, "eve")
    assert f"{SPOKE}: committing; unless confirmed the router takes it back in 120 s" in said
