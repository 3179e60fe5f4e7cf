"""Plans of Lync pools applied, taken back and recovered, against a strict stub of WinRM: there is no Windows here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from copy import deepcopy
from threading import Event
from typing import Any

import pytest

from agent.app.app import App
from agent.app.lync import LyncDesk
from agent.errors import CommandRejected, Refused, RolledBack, Uncertain, Unreachable
from agent.events import Result
from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.shell import Cut
from agent.lync.applying import Outcome
from agent.lync.model import Why
from agent.lync.ports import Timing
from agent.store.lync import LyncChanges
from agent.store.states import States
from device_templates import NotRenderable


def _fails_at(ground: Any, place: int, error: BaseException) -> list[str]:
    """Let the ``place``-th cmdlet that changes something fail, once; gives what was called."""
    called: list[str] = []

    def before(name: str) -> None:
        called.append(name)
        if len(called) == place:
            raise error

    ground.deployment.before = before
    return called


def test_a_plan_is_applied_proved_and_then_nothing_is_left_to_do(ground: Any) -> None:
    plan = ground.desk().plan("fe-pool-1", "ORD-7")
    assert len({change.feature for change in plan.changes}) == 10
    assert ground.deployment.changes == []
    outcome = ground.desk().apply(plan.id)
    assert outcome.changed
    assert ground.deployment.objects["CsArchivingConfiguration", "global"]["EnableArchiving"] == "ImAndWebConf"
    assert ground.deployment.objects["CsDialPlan", "spokesman-fe-pool-1"]["DialinConferencingRegion"] == "King's Cross"
    ground.deployment.changes.clear()
    assert ground.desk().plan("acme-lync-fe1").nothing_to_do
    again = ground.desk().apply(plan.id)
    assert not again.changed
    assert ground.deployment.changes == []
    kept = ground.desk().backups("acme-lync-fe1")
    assert [one.number for one in kept] == [1]
    events = [(event.action, event.why) for event in ground.desk().app.audit.events()]
    assert ("lync.apply", f"ORD-7, plan {plan.id}") in events


def test_only_what_was_ordered_is_touched(ground_2013: Any) -> None:
    ground_2013.order("{archiving: true}")
    before = deepcopy(ground_2013.deployment.objects)
    ground_2013.desk().apply(ground_2013.desk().plan("fe-pool-1").id)
    after = ground_2013.deployment.objects
    changed = {noun for (noun, name), values in after.items() if before[noun, name] != values}
    assert changed == {"CsArchivingConfiguration", "CsArchivingPolicy"}


def test_what_is_ordered_no_longer_is_withdrawn_and_only_what_was_ours(ground_2013: Any) -> None:
    desk = ground_2013.desk
    theirs = {"Identity": "theirs.example", "Domain": "theirs.example", "Comment": "by hand"}
    ground_2013.deployment.objects["CsAllowedDomain", "theirs.example"] = dict(theirs)
    desk().apply(desk().plan("fe-pool-1").id)
    ground_2013.order('{dial_in_conferencing: {numbers: ["+442079460002"], region: "King\'s Cross"}}')
    plan = desk().plan("fe-pool-1")
    lines = [line for change in plan.changes for line in change.lines]
    assert lines == [
        "- DialInConferencingAccessNumber sip:spokesman-fe-pool-1-442079460001@acme.example",
        "- AllowedDomain partner.example",
    ]
    desk().apply(plan.id)
    assert ("CsAllowedDomain", "theirs.example") in ground_2013.deployment.objects
    assert ("CsAllowedDomain", "partner.example") not in ground_2013.deployment.objects


@pytest.mark.parametrize("place", [1, 2, 29])
def test_a_cmdlet_that_fails_at_any_place_takes_everything_back(ground_2013: Any, place: int) -> None:
    before = deepcopy(ground_2013.deployment.objects)
    plan = ground_2013.desk().plan("fe-pool-1")
    _fails_at(ground_2013, place, PowerShellError("Access is denied.", "AccessDenied"))
    with pytest.raises((RolledBack, CommandRejected)) as refused:
        ground_2013.desk().apply(plan.id)
    assert "Access is denied" in str(refused.value)
    assert ground_2013.deployment.objects == before
    assert refused.value.exit_code == (3 if place == 1 else 4)
    assert LyncChanges(ground_2013.desk().app.engine).open_changes() == ()


def test_an_undo_puts_removed_things_back(ground_2013: Any) -> None:
    desk = ground_2013.desk
    desk().apply(desk().plan("fe-pool-1").id)
    before = deepcopy(ground_2013.deployment.objects)
    ground_2013.order("{monitoring: true}")
    plan = desk().plan("fe-pool-1")
    _fails_at(ground_2013, 3, PowerShellError("no", "no"))
    with pytest.raises(RolledBack):
        desk().apply(plan.id)
    assert ground_2013.deployment.objects == before


def test_a_server_that_lies_about_a_change_is_found_out(ground_2013: Any) -> None:
    """The cmdlet says that it worked, and another value is there afterwards."""
    before = deepcopy(ground_2013.deployment.objects)
    plan = ground_2013.desk().plan("fe-pool-1")
    objects, key = ground_2013.deployment.objects, ("CsQoEConfiguration", "global")

    def spoil(name: str) -> None:
        if name == "Set-CsQoEConfiguration":
            objects["CsCdrConfiguration", "global"]["EnableCDR"] = False

    ground_2013.deployment.before = spoil
    with pytest.raises(RolledBack, match="not what was asked for"):
        ground_2013.desk().apply(plan.id)
    assert ground_2013.deployment.objects[key] == before[key]
    assert ground_2013.deployment.objects == before


def test_a_server_that_goes_away_in_the_middle_is_asked_again_and_taken_back(ground_2013: Any) -> None:
    before = deepcopy(ground_2013.deployment.objects)
    plan = ground_2013.desk().plan("fe-pool-1")
    _fails_at(ground_2013, 9, Cut())
    desk, told = ground_2013.desk(), list[str]()
    desk.app.progress = told.append
    with pytest.raises(RolledBack):
        desk.apply(plan.id)
    assert ground_2013.deployment.objects == before
    assert len([line for line in told if "its script may still run" in line]) == 1


def test_a_server_that_does_not_come_back_leaves_it_uncertain_and_recovery_settles_it(ground_2013: Any) -> None:
    before = deepcopy(ground_2013.deployment.objects)
    plan = ground_2013.desk().plan("fe-pool-1")

    def gone(name: str) -> None:
        if name == "Set-CsVoicePolicy":
            ground_2013.stub.faults.refuses = True
            raise Cut

    ground_2013.deployment.before = gone
    with pytest.raises(Uncertain) as uncertain:
        ground_2013.desk().apply(plan.id)
    assert any("--recover" in command for command in uncertain.value.commands)
    with pytest.raises(Refused, match="uncertain"):
        ground_2013.desk().apply(plan.id)
    desk = ground_2013.desk()
    with pytest.raises(Refused, match="goes on"):
        desk.back_up(desk.app.inventory, "acme-lync-fe1", why=Why.DAILY, reason="daily", who="daemon")
    assert States(desk.app.engine).active_alarms() == ()
    ground_2013.stub.faults.refuses = False
    ground_2013.deployment.before = lambda _name: None
    desk = ground_2013.desk()
    (ended,) = desk.recover(desk.app.inventory)
    assert isinstance(ended, RolledBack)
    assert ground_2013.deployment.objects == before
    assert desk.recover(desk.app.inventory) == ()


def test_a_plan_that_no_longer_fits_is_refused(ground_2013: Any) -> None:
    plan = ground_2013.desk().plan("fe-pool-1")
    ground_2013.deployment.objects["CsVoicePolicy", "global"]["EnableTeamCall"] = True
    with pytest.raises(Refused, match="stale"):
        ground_2013.desk().apply(plan.id)
    plan = ground_2013.desk().plan("fe-pool-1")
    ground_2013.order("{monitoring: true}")
    with pytest.raises(Refused, match="stale: the inventory"):
        ground_2013.desk().apply(plan.id)
    assert ground_2013.deployment.changes == []
    with pytest.raises(Refused, match="no such Lync plan"):
        ground_2013.desk().apply("L-00000000")
    refused = [event.subject for event in ground_2013.desk().app.audit.events() if event.result is Result.REFUSED]
    assert {plan.id, "L-00000000"} <= set(refused)


def test_nothing_is_changed_where_the_backup_fails(ground_2013: Any) -> None:
    plan = ground_2013.desk().plan("fe-pool-1")
    ground_2013.deployment.pools = ("other.acme.example",)
    with pytest.raises(Exception, match=r"response_groups|Cannot find|does not name"):
        ground_2013.desk().apply(plan.id)
    assert ground_2013.deployment.changes == []


@pytest.mark.parametrize(
    ("features", "told"),
    [
        ("{enterprise_voice: true, exchange_um: {exchange: 2010}}", "contacts"),
        ("{public_im: {providers: [skype], licences: true, public_certificate: true}}", "skype"),
    ],
)
def test_an_order_that_cannot_be_rendered_is_refused_not_dropped(ground_2013: Any, features: str, told: str) -> None:
    ground_2013.order(features)
    with pytest.raises(NotRenderable, match=told):
        ground_2013.desk().plan("fe-pool-1")


def test_names_that_are_no_pool_are_refused(ground_2013: Any) -> None:
    for name in ("fe-pool-9", "acme-lync-edge1", "", "acme/"):
        with pytest.raises(Refused):
            ground_2013.desk().plan(name)


def test_a_killed_process_is_recovered(ground_2013: Any) -> None:
    """kill -9 in the middle of the script: the server goes on with it, and recovery takes it to an end."""
    before = deepcopy(ground_2013.deployment.objects)
    plan = ground_2013.desk().plan("fe-pool-1")
    reached, go_on, seen = Event(), Event(), []

    def wait(name: str) -> None:
        seen.append(name)
        if len(seen) == 5:
            reached.set()
            go_on.wait(120)
            raise Cut

    ground_2013.deployment.before = wait
    program = [sys.executable, "-m", "agent.cli", "-w", str(ground_2013.root), "lync", "apply", "--plan", plan.id]
    child = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
    try:
        assert reached.wait(60)
        child.send_signal(signal.SIGKILL)
        child.wait(60)
    finally:
        child.kill()
        go_on.set()
    assert ground_2013.deployment.objects != before
    ground_2013.deployment.before = lambda _name: None
    desk = ground_2013.desk()
    (ended,) = desk.recover(desk.app.inventory)
    assert isinstance(ended, RolledBack)
    assert ground_2013.deployment.objects == before
    assert ground_2013.desk().apply(plan.id).changed


def test_a_killed_process_whose_script_ran_on_is_finished(ground_2013: Any) -> None:
    plan = ground_2013.desk().plan("fe-pool-1")
    reached, go_on, seen = Event(), Event(), []

    def wait(name: str) -> None:
        seen.append(name)
        if len(seen) == 3:
            reached.set()
            go_on.wait(120)

    ground_2013.deployment.before = wait
    program = [sys.executable, "-m", "agent.cli", "-w", str(ground_2013.root), "lync", "apply", "--plan", plan.id]
    child = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
    try:
        assert reached.wait(60)
        busy = ground_2013.desk()
        assert busy.recover(busy.app.inventory) == ()
        with pytest.raises(Refused, match="in progress"):
            busy.apply(plan.id)
        child.send_signal(signal.SIGKILL)
        child.wait(60)
    finally:
        child.kill()
        go_on.set()
    # Real time, because the script goes on in it; its grace is longer than any machine needs for it.
    desk = LyncDesk(App(ground_2013.root, "tester"), timing=Timing(grace_s=3600, poll_s=0.05))
    ended = desk.recover(desk.app.inventory)
    assert isinstance(ended[0], Outcome), ended
    assert ground_2013.desk().plan("fe-pool-1").nothing_to_do


def test_a_server_that_is_not_there_is_said_so_and_nothing_is_left_open(ground_2013: Any) -> None:
    plan = ground_2013.desk().plan("fe-pool-1")
    ground_2013.stub.stop()
    with pytest.raises(Unreachable):
        ground_2013.desk().apply(plan.id)
    assert LyncChanges(ground_2013.desk().app.engine).open_changes() == ()
