"""A peer that speaks the wire of linux_frr and goes wrong in every way: the session says so, nothing is half changed.

The peer is the stand-in; a real router does not lie on demand.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import paramiko
import pytest

from agent.errors import (
    CommandRejected,
    CommitOutcomeUnknown,
    DeviceBusy,
    DeviceTimeout,
    DiskFull,
    HostKeyRefused,
    IncompleteOutput,
    NothingPending,
    Unreachable,
)
from tests.contract.dialects import LINUX
from tests.contract.linux_stand_in import DOCUMENT, SECRET, USER
from tests.contract.targets import Target

pytestmark = pytest.mark.lab

Fault = Callable[[paramiko.Channel], object]
CHANGED = LINUX.added(DOCUMENT, LINUX.line)


def cut(channel: paramiko.Channel) -> None:
    channel.get_transport().close()


def hang(channel: paramiko.Channel) -> None:
    channel.recv(1)


def endless(channel: paramiko.Channel) -> None:
    while True:
        channel.sendall(b"x" * 65_536)


def trickle(channel: paramiko.Channel) -> None:
    while not threading.Event().wait(0.2):
        channel.sendall(b" ")


def says(data: bytes) -> Fault:
    return lambda channel: channel.sendall(data)


def answers(result: object) -> Fault:
    return says(json.dumps({"ok": True, "result": result}).encode() + b"\n")


def refuses(kind: str, message: str) -> Fault:
    return says(json.dumps({"ok": False, "kind": kind, "message": message}).encode() + b"\n")


GARBAGE = (
    b"\n",
    b"SSH banner\n",
    b"\xff\xfe\x00\n",
    b"[]\n",
    b"{}\n",
    b'{"ok": 1, "result": {"text": ""}}\n',
    b'{"ok": true}\n',
    b'{"ok": true, "result": {"text": 7}}\n',
    b'{"ok": true, "result": null}\n',
    b'{"ok": false}\n',
    b'{"ok": true, "result": {"text": "a"}}\n{"ok": true, "result": {"text": "b"}}\n',
    b"[" * 100_000 + b"\n",
    b"1" * 10_000 + b"\n",
)


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_instead_of_the_running_configuration(stand_in: Target, data: bytes) -> None:
    stand_in.lab.router.faults["running"] = says(data)
    with stand_in.open() as device:
        with pytest.raises(IncompleteOutput):
            device.running_config()
        with pytest.raises(DeviceTimeout):
            device.pending_revert()


@pytest.mark.parametrize("verb", ["facts", "pending", "ping", "show"])
@pytest.mark.parametrize("data", GARBAGE[:-3], ids=range(len(GARBAGE) - 3))
def test_garbage_instead_of_other_answers(stand_in: Target, verb: str, data: bytes) -> None:
    calls: dict[str, Callable[[Any], object]] = {
        "facts": lambda device: device.facts(),
        "pending": lambda device: device.pending_revert(),
        "ping": lambda device: device.ping("192.0.2.1"),
        "show": lambda device: device.show("bgp"),
    }
    nobody = verb == "pending" and data.endswith(b"null}\n")  # which is what that verb says when no change waits
    with stand_in.devices.open_with_key(stand_in.site, stand_in.place.host_key) as device:
        stand_in.lab.router.faults[verb] = says(data)
        if nobody:
            assert calls[verb](device) is False
            return
        with pytest.raises(IncompleteOutput):
            calls[verb](device)


@pytest.mark.parametrize("fault", [hang, trickle])
def test_a_relay_that_hangs(stand_in: Target, fault: Fault) -> None:
    stand_in.lab.router.faults["running"] = fault
    with stand_in.open(configuration_s=1.0) as device, pytest.raises(DeviceTimeout, match="stopped answering"):
        device.running_config()


def test_an_answer_without_end(stand_in: Target) -> None:
    stand_in.lab.router.faults["running"] = endless
    with stand_in.open() as device, pytest.raises(IncompleteOutput):
        device.running_config()


@pytest.mark.parametrize("kept", [0, 30, -2, -40, -200])
def test_a_configuration_that_is_cut_off(stand_in: Target, kept: int) -> None:
    stand_in.lab.router.faults["running"] = answers({"text": DOCUMENT[:kept] if kept else ""})
    with stand_in.open() as device, pytest.raises(IncompleteOutput):
        device.running_config()


def test_a_configuration_with_one_letter_changed(stand_in: Target) -> None:
    stand_in.lab.router.faults["running"] = answers({"text": DOCUMENT.replace("65000", "65009")})
    with stand_in.open() as device, pytest.raises(IncompleteOutput):
        device.running_config()


def test_a_configuration_that_changes_all_the_time_is_proved_by_its_digest(stand_in: Target) -> None:
    texts = [LINUX.added(DOCUMENT, f"ip route 192.0.2.{number}/32 blackhole") for number in range(4)]
    stand_in.lab.router.faults["running"] = lambda channel: answers({"text": texts.pop()})(channel)
    with stand_in.open() as device:
        assert "192.0.2.3/32" in device.running_config()
    assert len(texts) == 3


def test_a_router_that_makes_or_reverts_a_change_is_busy_and_stays_open(stand_in: Target) -> None:
    router = stand_in.lab.router
    with stand_in.open() as device:
        device.load_replace(CHANGED)
        router.busy = True
        for ask in (device.running_config, device.compare, lambda: device.commit(60)):
            with pytest.raises(DeviceBusy, match="a change is being applied"):
                ask()
        router.busy = False
        device.commit(60)
        router.pending_by = ""  # nobody's: it goes back by itself after a start
        router.faults["pending"] = answers({"user": "", "left_s": 0})
        for end in (device.confirm, device.revert_now):
            with pytest.raises(DeviceBusy, match="by itself"):
                end()


@pytest.mark.parametrize("verb", ["running", "startup"])
def test_a_configuration_that_cannot_be_told_now_may_be_later(stand_in: Target, verb: str) -> None:
    stand_in.lab.router.faults[verb] = refuses("failed", "the FRR of corporate does not answer")
    with stand_in.open() as device, pytest.raises(IncompleteOutput, match="FRR of corporate does not answer"):
        (device.running_config if verb == "running" else device.startup_config)()


def test_a_candidate_of_somebody_else_is_not_committed(stand_in: Target) -> None:
    router = stand_in.lab.router
    with stand_in.open() as device:
        device.load_replace(CHANGED)
        router.do_load(LINUX.added(DOCUMENT, "ip route 192.0.2.7/32 blackhole"), "replace")
        with pytest.raises(CommandRejected, match="another configuration"):
            device.commit(60)
        assert not device.pending_revert()
    assert router.running == DOCUMENT


@pytest.mark.parametrize("startup", ["", LINUX.added(DOCUMENT, "ip route 192.0.2.7/32 blackhole")])
def test_saving_makes_a_restart_apply_what_runs(stand_in: Target, startup: str) -> None:
    stand_in.lab.router.startup = startup
    with stand_in.open() as device:
        assert stand_in.says(device.startup_config()) == stand_in.says(startup)
        device.save()
        assert stand_in.says(device.startup_config()) == stand_in.says(DOCUMENT)
        assert not device.pending_revert()


def test_a_confirmed_change_that_is_not_saved_is_told(stand_in: Target) -> None:
    def only_said(channel: paramiko.Channel) -> None:
        stand_in.lab.router.pending_by = ""
        answers({})(channel)

    with stand_in.open() as device:
        device.load_replace(CHANGED)
        device.commit(60)
        stand_in.lab.router.faults["confirm"] = only_said
        with pytest.raises(IncompleteOutput, match="is not what runs"):
            device.confirm()


@pytest.mark.parametrize("fault", [cut, hang, endless, says(b"what?\n"), refuses("unknown", "half of it runs")])
def test_a_change_whose_answer_does_not_come(stand_in: Target, fault: Fault) -> None:
    router = stand_in.lab.router

    def done_and_then(channel: paramiko.Channel) -> None:
        router.do_commit(60, USER)
        fault(channel)

    with stand_in.open(change_s=2.0) as device:
        device.load_replace(CHANGED)
        router.faults["commit"] = done_and_then
        with pytest.raises(CommitOutcomeUnknown):
            device.commit(60)
    router.faults.clear()
    stand_in.pass_time(61)
    with stand_in.open() as device:
        assert not device.pending_revert()
        assert stand_in.says(device.running_config()) == stand_in.says(DOCUMENT)


def test_a_session_that_ends_before_the_change_is_sent_changes_nothing(stand_in: Target) -> None:
    with stand_in.open() as device:
        device.load_replace(CHANGED)
        stand_in.lab.router.faults["pending"] = cut
        with pytest.raises(DeviceTimeout) as caught:
            device.commit(60)
    assert not isinstance(caught.value, CommitOutcomeUnknown)
    assert stand_in.lab.router.running == DOCUMENT


@pytest.mark.parametrize("ending", ["confirm", "revert"])
def test_an_end_of_a_change_whose_answer_does_not_come(stand_in: Target, ending: str) -> None:
    with stand_in.open() as device:
        device.load_replace(CHANGED)
        device.commit(60)
        stand_in.lab.router.faults[ending] = cut
        with pytest.raises(CommitOutcomeUnknown):
            (device.confirm if ending == "confirm" else device.revert_now)()


@pytest.mark.timeout(60)
def test_a_change_that_cuts_management_is_not_waited_for(stand_in: Target) -> None:
    def gone(channel: paramiko.Channel) -> None:
        stand_in.lab.router.do_commit(60, USER)
        stand_in.lab.silent = True
        hang(channel)

    with stand_in.open(change_s=1000.0, alive_every_s=0.3, alive_within_s=0.3) as device:
        device.load_replace(CHANGED)
        stand_in.lab.router.faults["commit"] = gone
        with pytest.raises(CommitOutcomeUnknown):
            device.commit(60)


def test_a_commit_after_which_no_timer_runs(stand_in: Target) -> None:
    with stand_in.open() as device:
        device.load_replace(CHANGED)
        stand_in.lab.router.faults["commit"] = answers({})
        with pytest.raises(CommitOutcomeUnknown, match="no revert timer of ours"):
            device.commit(60)


def test_a_candidate_that_does_not_arrive_whole(stand_in: Target) -> None:
    with stand_in.open() as device:
        stand_in.lab.router.faults["load"] = answers({"sha256": "0" * 64})
        with pytest.raises(IncompleteOutput):
            device.load_replace(CHANGED)


def test_a_full_disk(stand_in: Target) -> None:
    stand_in.lab.router.room = 100
    with stand_in.open() as device, pytest.raises(DiskFull, match="no room on its disk"):
        device.load_replace(CHANGED)


def test_a_candidate_that_is_no_document(stand_in: Target) -> None:
    with stand_in.open() as device:
        with pytest.raises(CommandRejected, match="does not begin"):
            device.load_replace("hostname x\nend\n")
        assert not device.pending_revert()


def test_the_change_of_another_user_is_left_alone(stand_in: Target) -> None:
    router = stand_in.lab.router
    router.do_load(CHANGED, "replace")
    router.do_commit(300, "mallory")
    with stand_in.open() as device:
        device.load_replace(DOCUMENT)
        for action in (lambda: device.commit(60), device.confirm, device.revert_now):
            with pytest.raises(CommandRejected, match="mallory"):
                action()
    assert (router.running, router.pending_by) == (CHANGED, "mallory")


def test_secrets_in_what_the_router_says_are_hidden(stand_in: Target) -> None:
    stand_in.lab.router.faults["load"] = refuses("refused", f'secret = "{SECRET}"\nline 4: Planted-Known-1\x1b[2J')
    devices = replace(stand_in.devices, known={"Planted-Known-1"})
    with devices.open(stand_in.site) as device, pytest.raises(CommandRejected, match="line 4") as caught:
        device.load_replace(CHANGED)
    assert "Planted" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_kind_of_refusal_that_is_not_agreed(stand_in: Target) -> None:
    stand_in.lab.router.faults["discard"] = refuses("whatever", "no")
    with stand_in.open() as device, pytest.raises(CommitOutcomeUnknown):
        device.discard()


def test_users_and_certificates_are_in_the_document(stand_in: Target) -> None:
    with stand_in.open() as device:
        assert device.snmp_users() == frozenset()
        assert device.certify("ANY")
        with pytest.raises(CommandRejected, match="not set apart") as caught:
            device.set_snmp_user("createUser x SHA-256 Planted-Auth-1")
    assert "Planted" not in str(caught.value)
    assert set(stand_in.lab.router.seen) == {"facts"}


def test_ssh_without_the_program(stand_in: Target) -> None:
    stand_in.lab.has_program = False
    with pytest.raises(Unreachable, match="SSH answers, and not the subsystem spokesman"), stand_in.open():
        pass


def test_a_router_that_is_silent(stand_in: Target) -> None:
    stand_in.lab.silent = True
    with pytest.raises((Unreachable, DeviceTimeout)), stand_in.open(connect_s=1.0, login_s=2.0):
        pass


def test_the_router_closes_the_session(stand_in: Target) -> None:
    with stand_in.open() as device:
        stand_in.lab.drop_sessions()
        with pytest.raises(DeviceTimeout, match="session ended"):
            device.running_config()


def test_what_was_enrolled_is_no_key(stand_in: Target) -> None:
    with pytest.raises(HostKeyRefused), stand_in.devices.open_with_key(stand_in.site, "nothing"):
        pass


def test_with_nothing_pending_a_revert_changes_nothing(stand_in: Target) -> None:
    with stand_in.open() as device:
        device.load_replace(CHANGED)
        device.commit(60)
        device.confirm()
        with pytest.raises(NothingPending):
            device.revert_now()
    assert stand_in.lab.router.running == CHANGED
