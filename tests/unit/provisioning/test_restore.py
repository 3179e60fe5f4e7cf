"""An archived configuration goes back with the safety of a provision."""

from __future__ import annotations

import pytest

from agent.errors import RolledBack
from agent.events import Result
from agent.provisioning.ports import Ports
from agent.provisioning.restore import Restored, Restoring
from agent.provisioning.transaction import Outcome, Provisioning
from inventory import Inventory
from tests.unit.provisioning.bench import SPOKE, Bench
from tests.unit.provisioning.fakes import lasting


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
