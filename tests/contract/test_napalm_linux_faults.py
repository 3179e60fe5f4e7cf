"""NAPALM's driver for linux_frr where things go wrong: no way in, two at work, a router that cannot tell or is busy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import paramiko
import pytest
from napalm.base.exceptions import CommandErrorException, CommitError, MergeConfigException

from device_templates.linux_frr.reading.document import Document, File, write
from tests.contract.dialects import FRR, LINUX, VPN, changed
from tests.contract.linux_router import until
from tests.contract.linux_stand_in import DOCUMENT, USER, StandIn
from tests.contract.napalm_driver import session
from tests.contract.targets import Target

pytestmark = pytest.mark.lab

CHANGED = LINUX.added(DOCUMENT, LINUX.line)
PART = write(Document((File(FRR, f"{LINUX.line}\n"),)))


def says(channel: paramiko.Channel, **answer: object) -> None:
    channel.sendall(json.dumps(answer).encode() + b"\n")


def committing(lab: StandIn, then: Callable[[], object]) -> None:
    """The next commit is done, and then something else happens before its answer is there."""

    def commit(channel: paramiko.Channel) -> None:
        lab.router.faults.pop("commit")
        lab.router.do_commit(120, USER)
        then()
        says(channel, ok=True, result={})

    lab.router.faults["commit"] = commit


def mute(lab: StandIn) -> None:
    lab.silent = True


def other_host(lab: StandIn) -> None:
    lab.key = paramiko.ECDSAKey.generate()


def no_program(lab: StandIn) -> None:
    lab.has_program = False


def _shut_for(seconds: int, device: Any, lab: StandIn, shut: Callable[[StandIn], None]) -> None:
    """What came before has all the time that a busy machine needs; whoever wants in now has these seconds."""
    device.timeout = seconds
    shut(lab)


@pytest.mark.parametrize("shut", [mute, other_host, no_program])
def test_a_change_after_which_nobody_gets_in_is_reverted(stand_in: Target, shut: Callable[[StandIn], None]) -> None:
    lab = stand_in.lab
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        committing(lab, lambda: _shut_for(3, device, lab, shut))
        with pytest.raises(CommitError, match=r"nobody gets in any more: .*; the change was reverted"):
            device.commit_config()
        assert not device.has_pending_commit()
    assert (lab.router.running, lab.router.startup) == (DOCUMENT, DOCUMENT)
    assert "confirm" not in lab.router.seen


def test_a_change_after_which_its_own_login_is_refused_is_reverted_at_once(stand_in: Target) -> None:
    lab = stand_in.lab
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        committing(lab, lambda: setattr(device, "password", "Planted-Login-of-before"))
        with pytest.raises(CommitError, match="refuses the user name or password; the change was reverted"):
            device.commit_config()
    assert lab.router.running == DOCUMENT


def test_a_change_after_which_sshd_listens_elsewhere_is_reverted(linux: Target) -> None:
    def moved(content: str) -> str:
        return content.replace("Port 22\n", "Port 2222\n")

    with session(linux) as device:
        before = device.get_config()["running"]
        device.timeout = 15
        device.load_replace_candidate(config=changed(before, "etc/ssh/sshd_config", moved))
        with pytest.raises(CommitError, match="the change was reverted"):
            device.commit_config()
    with session(linux) as device:
        assert not device.has_pending_commit()
        assert linux.says(device.get_config()["running"]) == linux.says(before)


def test_a_way_in_that_is_late_is_waited_for(stand_in: Target) -> None:
    lab = stand_in.lab
    key = lab.key

    def away() -> None:
        other_host(lab)
        threading.Timer(1.5, lambda: setattr(lab, "key", key)).start()

    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        committing(lab, away)
        device.commit_config()
        assert LINUX.line in device.get_config("startup")["startup"]


def test_a_change_is_confirmed_over_a_connection_of_its_own(stand_in: Target) -> None:
    router, over = stand_in.lab.router, {}

    def confirm(channel: paramiko.Channel) -> None:
        over["confirm"] = channel.get_transport()
        router.do_confirm(USER)
        says(channel, ok=True, result={})

    def load(channel: paramiko.Channel) -> None:
        over["load"] = channel.get_transport()
        says(channel, ok=True, result=router.do_load(CHANGED, "replace"))

    router.faults.update(load=load, confirm=confirm)
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        device.commit_config()
        until(lambda: not over["load"].is_active(), 10)
        assert over["confirm"].is_active()
        assert device.get_config("startup")["startup"] == CHANGED


def test_a_change_that_a_new_connection_cannot_confirm_is_reverted(stand_in: Target) -> None:
    router = stand_in.lab.router
    router.faults["confirm"] = lambda channel: channel.get_transport().close()
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        with pytest.raises(CommitError, match=r"could not be confirmed .*; the change was reverted"):
            device.commit_config()
        assert not device.has_pending_commit()
    assert router.running == DOCUMENT


def test_a_confirmation_that_got_no_answer_is_told_as_in_doubt(stand_in: Target) -> None:
    router = stand_in.lab.router

    def confirm(channel: paramiko.Channel) -> None:
        router.do_confirm(USER)
        channel.get_transport().close()

    router.faults["confirm"] = confirm
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        with pytest.raises(CommitError, match="unless it was confirmed"):
            device.commit_config()
    assert router.running == CHANGED


@pytest.mark.parametrize("mode", ["replace", "merge"])
def test_what_somebody_else_has_loaded_is_not_committed(stand_in: Target, mode: str) -> None:
    router = stand_in.lab.router
    with session(stand_in) as alice, session(stand_in) as bob:
        load = alice.load_replace_candidate if mode == "replace" else alice.load_merge_candidate
        load(config=CHANGED if mode == "replace" else PART)
        bob.load_replace_candidate(config=LINUX.added(DOCUMENT, "ip route 192.0.2.7/32 blackhole"))
        with pytest.raises(CommitError, match="another configuration"):
            alice.commit_config()
        assert router.running == DOCUMENT
        load(config=CHANGED if mode == "replace" else PART)
        alice.commit_config()
    assert LINUX.line in router.running


def test_a_program_that_knows_no_digest_of_a_commit_is_changed_all_the_same(stand_in: Target) -> None:
    stand_in.lab.router.old = True
    with session(stand_in) as device:
        device.load_merge_candidate(config=PART)
        device.commit_config()
    assert LINUX.line in stand_in.lab.router.startup


def test_a_router_that_cannot_tell_what_runs_is_changed_and_goes_back_to_its_startup(stand_in: Target) -> None:
    router = stand_in.lab.router
    router.faults["running"] = lambda channel: says(
        channel, ok=False, kind="failed", message="the FRR of corporate does not answer"
    )
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        device.commit_config()
        assert router.startup == CHANGED
        device.rollback()
        assert router.running == DOCUMENT
        router.startup = ""
        device.load_replace_candidate(config=CHANGED)
        device.commit_config()
        with pytest.raises(CommitError, match="could not tell what it had"):
            device.rollback()
    assert router.running == CHANGED


def test_a_router_that_is_busy_is_not_changed(stand_in: Target) -> None:
    router = stand_in.lab.router
    with session(stand_in) as device:
        device.load_replace_candidate(config=CHANGED)
        router.busy = True
        with pytest.raises(CommitError, match="is being applied"):
            device.commit_config()
        with pytest.raises(MergeConfigException, match="is being applied"):
            device.load_merge_candidate(config=PART)
    assert "commit" not in router.seen


def test_neighbours_that_are_not_told_are_not_none(stand_in: Target) -> None:
    shown: dict[str, Any] = {"voice": {"summary": {}, "neighbors": {}}, VPN: None}
    stand_in.lab.router.faults["show"] = lambda channel: says(channel, ok=True, result={"text": json.dumps(shown)})
    with session(stand_in) as device, pytest.raises(CommandErrorException, match=f"the BGP of {VPN} does not answer"):
        device.get_bgp_neighbors()
