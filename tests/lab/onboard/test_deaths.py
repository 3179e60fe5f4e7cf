"""Deaths at every step: whatever is killed whenever, the router ends with the old set, or the new one on trial."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.onboard.documents import NFT, build, small
from tests.lab.onboard.machine import Machine, eventually

DYING = Path(__file__).with_name("dying.py")
OLD, NEW = small(1, 22), small(1, 2222)


def ports(machine: Machine) -> set[str]:
    """What tells the sets apart, wherever it shows: the kernel's rules, the files, and sshd."""
    rules = machine.run("nft", "list", "ruleset")
    files = machine.run("cat", f"/{NFT}", "/etc/ssh/sshd_config")
    heard = machine.run("cat", "/proc/net/tcp")
    both = {"22": ":0016 ", "2222": ":08AE "}
    return {
        port
        for port, shown in both.items()
        if f"dport {port} " in rules or f"Port {port}\n" in files or f"dport {port} " in files or shown in heard
    }


def settled(machine: Machine) -> str:
    """Which set the router has come to, as its port; empty while it is between them."""
    pending = machine.result("pending")
    if pending is not None and pending["left_s"] == 0:
        return ""
    now = ports(machine)
    return now.pop() if len(now) == 1 else ""


def at_rest(machine: Machine) -> tuple[str, bool]:
    """What the router comes to by itself, started again where it died: its set, and whether that is on trial."""

    def rests() -> bool:
        if not machine.alive():
            machine.serve()
        with suppress(OSError):
            return settled(machine) != ""
        return False

    assert eventually(rests), machine.log()
    return settled(machine), machine.result("pending") is not None


@pytest.mark.parametrize("stride", [pytest.param(1, marks=pytest.mark.soak), 8])
@pytest.mark.parametrize("who", ["supervisor", "checker", "worker", "both"])
def test_a_death_at_any_step_leaves_the_old_set_or_the_new_one_on_trial(
    machine: Machine, who: str, stride: int
) -> None:
    machine.serve()
    machine.result("load", text=build(OLD), mode="replace")
    machine.result("commit", revert_in_s=60, user="test")
    machine.result("confirm", user="test")
    died, number, ends = True, 1 - stride, set()
    while died:
        number += stride
        machine.kill()
        machine.serve("/usr/bin/python3", "-SE", str(DYING), machine.program_path, who, str(number), "serve")
        assert at_rest(machine) == ("22", False)
        # What the start itself does is done, so that the death is one of the change.
        assert eventually(lambda: "the confirmed configuration runs" in machine.log().rpartition("serving")[2])
        machine.result("load", text=build(NEW), mode="replace")
        machine.path("/run/spokesman/deadly").touch()
        answer = machine.ask("commit", revert_in_s=60, user="test")
        end = at_rest(machine)
        died = not machine.path("/run/spokesman/deadly").exists()
        machine.path("/run/spokesman/deadly").unlink(missing_ok=True)
        ends.add(end)
        assert end == ("2222", True) or not answer["ok"], machine.log()
        assert machine.result("startup")["text"] == build(OLD)
        if end[1]:
            machine.result("revert", user="test")
    assert number > 3
    assert ends == {("22", False), ("2222", True)}, ends


def test_a_reboot_while_a_change_is_on_trial_applies_the_confirmed_set(machine: Machine) -> None:
    machine.serve()
    machine.result("load", text=build(OLD), mode="replace")
    machine.result("commit", revert_in_s=60, user="test")
    machine.result("confirm", user="test")
    machine.result("load", text=build(NEW), mode="replace")
    machine.result("commit", revert_in_s=600, user="test")
    assert settled(machine) == "2222"
    machine.reboot()
    # The cable of a port ends with the namespace that the port was in, which takes a moment.
    plug = "ip link add name eth2 type veth peer name far-eth2 2>/dev/null && echo plugged"
    assert eventually(lambda: "plugged" in machine.run("sh", "-c", plug, check=False))
    machine.serve()
    assert eventually(lambda: settled(machine) == "22"), machine.log()
    assert machine.result("pending") is None


def test_a_supervisor_that_was_only_restarted_waits_on_and_still_fires(machine: Machine) -> None:
    machine.serve()
    machine.result("load", text=build(OLD), mode="replace")
    machine.result("commit", revert_in_s=60, user="test")
    machine.result("confirm", user="test")
    machine.result("load", text=build(NEW), mode="replace")
    machine.result("commit", revert_in_s=30, user="test")
    sshd = machine.run("pidof", "sshd")
    machine.kill()
    machine.serve()
    assert machine.run("pidof", "sshd") == sshd
    assert machine.result("pending")["user"] == "test"
    assert settled(machine) == "2222"
    assert eventually(lambda: settled(machine) == "22"), machine.log()


def test_a_daemon_that_does_not_end_is_ended_by_force(machine: Machine) -> None:
    machine.serve()
    machine.result("load", text=build(OLD), mode="replace")
    machine.result("commit", revert_in_s=60, user="test")
    machine.run("kill", "-STOP", *machine.run("pidof", "sshd").split())
    machine.result("confirm", user="test")
    machine.result("load", text=build(NEW), mode="replace")
    assert machine.ask("commit", revert_in_s=60, user="test")["ok"]
    assert settled(machine) == "2222"


def test_a_full_disk_refuses_a_change_and_harms_nothing(machine: Machine) -> None:
    machine.serve()
    machine.result("load", text=build(OLD), mode="replace")
    machine.result("commit", revert_in_s=60, user="test")
    machine.result("confirm", user="test")
    machine.result("load", text=build(NEW), mode="replace")
    machine.run("fallocate", "-l", "28M", "/var/lib/filler")
    for verb, given in (
        ("load", {"text": build(NEW), "mode": "replace"}),
        ("commit", {"revert_in_s": 60, "user": "t"}),
    ):
        answer = machine.ask(verb, **given)
        assert answer["kind"] == "failed"
        assert "space" in answer["message"]
    assert settled(machine) == "22"
    assert machine.result("pending") is None
    machine.run("rm", "/var/lib/filler")
    assert machine.ask("commit", revert_in_s=60, user="test")["ok"]


def test_of_two_commits_at_once_one_is_told_that_another_is_under_way(machine: Machine) -> None:
    machine.serve()
    machine.result("load", text=build(OLD), mode="replace")
    with machine.connect() as first, machine.connect() as second:
        for wire in (first, second):
            wire.sendall(b'{"verb": "commit", "args": {"revert_in_s": 60, "user": "test"}}\n')
        answers = [wire.makefile("rb").readline() for wire in (first, second)]
    assert sorted(b'"ok": true' in answer for answer in answers) == [False, True]
    assert any(b'"kind": "pending"' in answer for answer in answers)
