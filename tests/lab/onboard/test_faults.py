"""Faults that were found by attacking the program: each of them once ended it, or kept it from going back."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.lab.onboard.documents import NETWORK, NFT, SSHD, Files, build, routing, small
from tests.lab.onboard.machine import Machine, eventually

OLD, NEW = small(1, 22), small(1, 2222)
BANNER = "etc/issue.net"
USERS = "etc/spokesman/users"


@pytest.fixture
def served(machine: Machine) -> Machine:
    """A machine with the program serving."""
    machine.serve()
    return machine


def commit(machine: Machine, files: Files, seconds: float = 60, *, confirm: bool = True) -> None:
    """Replace what runs."""
    machine.result("load", text=build(files), mode="replace")
    machine.result("commit", revert_in_s=seconds, user="test")
    if confirm:
        machine.result("confirm", user="test")


def filter_has(machine: Machine, port: int) -> Callable[[], bool]:
    """Whether the kernel's rules are those of this port."""
    return lambda: f"dport {port} " in machine.run("nft", "list", "ruleset")


@contextmanager
def held_lock(machine: Machine) -> Iterator[Callable[[], None]]:
    """A slow machine: whoever changes it has to wait until what this gives is called, or the block ends."""
    inside = ("nsenter", "-n", "-m", "-p", "-t", str(machine.pid))
    command = (*inside, "flock", "/run/spokesman/apply.lock", "sh", "-c", "echo held; read -r _")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder.stdin.close
        finally:
            holder.stdin.close()


@pytest.mark.parametrize("name", ["user", "message"])
def test_what_is_no_text_is_refused_and_the_program_lives(served: Machine, name: str) -> None:
    commit(served, OLD)
    served.result("load", text=build(NEW), mode="replace")
    answer = served.ask("commit", **{"revert_in_s": 60, "user": "rené", name: "ren\udce9"})
    assert answer["kind"] == "refused"
    assert served.alive()
    said = served.run(
        "sh", "-c", f"{served.program_path} commit revert_in_s=60 user=ren$(printf '\\351') 2>&1", check=False
    )
    assert "refused: user holds what is no character" in said
    assert served.result("commit", revert_in_s=60, user="rené") == {}


def test_a_journal_with_any_name_in_it_is_gone_back_from(served: Machine) -> None:
    commit(served, OLD)
    commit(served, NEW, confirm=False)
    served.kill()
    journal = served.path("/var/lib/spokesman/journal.json")
    journal.write_text(json.dumps({**json.loads(journal.read_text()), "user": "ren\udce9", "boot": "another"}))
    served.serve()
    assert eventually(filter_has(served, 22)), served.log()
    assert eventually(lambda: served.result("pending") is None)


def test_a_revert_ends_work_of_the_programs_own_and_no_commit_comes_between(served: Machine) -> None:
    commit(served, OLD)
    commit(served, NEW, 300, confirm=False)
    served.result("load", text=build(small(1, 3333)), mode="replace")
    reverted: list[bool] = []
    with held_lock(served):
        served.result("lease")
        asking = threading.Thread(target=lambda: reverted.append(served.ask("revert", user="x")["ok"]))
        asking.start()
        until = time.monotonic() + 1
        while time.monotonic() < until:
            assert served.ask("commit", revert_in_s=60, user="eve").get("kind") == "pending"
    asking.join()
    assert reverted == [True]
    assert served.result("pending") is None
    commit(served, small(1, 3333), 10, confirm=False)
    assert eventually(filter_has(served, 22)), served.log()
    assert eventually(lambda: served.result("pending") is None)


def test_the_deadline_ends_work_of_the_programs_own(served: Machine) -> None:
    commit(served, OLD)
    commit(served, NEW, 15, confirm=False)
    with held_lock(served):
        served.result("lease")
        assert eventually(lambda: "going back" in served.log()), served.log()
    assert eventually(filter_has(served, 22)), served.log()
    assert eventually(lambda: served.result("pending") is None)


@pytest.mark.parametrize("path", [pytest.param(BANNER, marks=pytest.mark.soak), USERS])
def test_bytes_that_are_no_text_are_drift_and_nothing_else(served: Machine, path: str) -> None:
    old = {**OLD, BANNER: "hello\n", USERS: f"netops:$2b$10${'x' * 53}\n"}
    commit(served, old)
    commit(served, {**old, NFT: NEW[NFT]}, 15, confirm=False)
    served.run("sh", "-c", f"printf 'Gr\\374\\337e\\n' >>/{path}")
    assert "Gr\ufffd\ufffde\n" in served.result("running")["text"]
    assert eventually(filter_has(served, 22)), served.log()
    assert eventually(lambda: served.result("pending") is None)
    assert served.result("running")["text"] == build(old)


def test_a_login_of_the_system_that_is_no_text_stays_as_it_is(served: Machine) -> None:
    line = b"rene:x:2000:2000:Ren\xe9:/:/bin/sh\n"
    with served.path("/etc/passwd").open("ab") as passwd:
        passwd.write(line)
    commit(served, {**OLD, USERS: f"netops:$2b$10${'x' * 53}\n"})
    assert line in served.path("/etc/passwd").read_bytes()
    assert "netops" in served.run("id", "netops")


def test_one_part_that_stumbles_keeps_no_other_from_running_after_a_boot(served: Machine) -> None:
    commit(served, {**OLD, USERS: f"netops:$2b$10${'x' * 53}\n"})
    served.kill()
    served.run("sh", "-c", "rm -f /run/spokesman/applied/*; kill $(pidof sshd)")
    served.run("sed", "-i", "1s/.*/root:x:zero:0:root:\\/root:\\/bin\\/sh/", "/etc/passwd")
    served.serve()
    assert eventually(lambda: ":0016 " in served.run("cat", "/proc/net/tcp")), served.log()
    assert eventually(lambda: "could not be applied, trying again" in served.log())


def test_what_a_dead_worker_left_hanging_is_ended_and_nobody_else(served: Machine) -> None:
    commit(served, routing(1, "10.1.1.0/24"))
    new = {**routing(1, "10.1.2.0/24"), NFT: NEW[NFT]}
    served.result("load", text=build(new), mode="replace")
    applying = served.log().count("applying etc/frr")
    with served.connect() as wire:
        wire.sendall(b'{"verb": "commit", "args": {"revert_in_s": 15, "user": "x"}}\n')
        assert eventually(lambda: served.log().count("applying etc/frr") > applying, 60)
        bgpd = served.run("pidof", "bgpd")
        served.run("kill", "-STOP", *bgpd.split())
        time.sleep(1)
        served.kill()
    served.serve()
    assert "left at work" in served.log()
    assert eventually(filter_has(served, 22)), served.log()
    assert served.run("pidof", "zebra")


def test_a_disk_that_fills_during_a_trial_keeps_nobody_from_going_back(served: Machine) -> None:
    commit(served, OLD)
    commit(served, NEW, 15, confirm=False)
    served.run("mount", "-o", "remount,size=12m", served.program_path.rpartition("/")[0])
    for filler in (served.program_path.replace("spokesman-router", "filler"), "/var/lib/filler"):
        served.run("sh", "-c", f"head -c 100M /dev/zero >{filler}", check=False)
    assert "100%" in served.run("df", "/var/lib")
    assert eventually(lambda: served.result("pending") is None), served.log()
    assert filter_has(served, 22)()
    assert "Port 22\n" in served.run("cat", "/etc/ssh/sshd_config")
    assert served.result("running")["text"] == build(OLD)


def test_rules_go_back_where_even_their_file_cannot_be_written(served: Machine) -> None:
    commit(served, OLD)
    commit(served, NEW, 15, confirm=False)
    served.run("rm", f"/{NFT}")
    served.run("mkdir", f"/{NFT}")  # the file cannot be renamed to this, however much room there is
    assert eventually(filter_has(served, 22)), served.log()
    assert eventually(lambda: ":0016 " in served.run("cat", "/proc/net/tcp"))


def test_a_ballast_is_there_only_while_a_change_is_under_way(served: Machine) -> None:
    commit(served, OLD, confirm=False)
    places = ("/var/lib/spokesman/.ballast", "/etc/spokesman/.ballast")
    assert all(served.path(place).stat().st_blocks * 512 > 2_000_000 for place in places)
    served.result("confirm", user="test")
    assert not any(served.path(place).exists() for place in places)


def test_a_commit_fails_where_sshd_cannot_listen(served: Machine) -> None:
    commit(served, OLD)
    served.result("load", text=build({**OLD, SSHD: f"ListenAddress 2001:db8::77\n{OLD[SSHD]}"}), mode="replace")
    answer = served.ask("commit", revert_in_s=60, user="test")
    assert answer["kind"] == "rejected"
    # Whether it ends before it is looked for, or is found to have ended, is the machine's matter.
    assert re.search(r"sshd\b.* ended", answer["message"])
    assert "everything was put back" in answer["message"]
    assert ":0016 " in served.run("cat", "/proc/net/tcp")


def wrap(machine: Machine, program: str, script: str) -> None:
    """Put a script in a program's place; the program itself is then at /run/NAME."""
    name = program.rpartition("/")[2]
    machine.run("cp", "-p", program, f"/run/{name}")
    machine.path(f"/run/{name}.wrapped").write_text(f'#!/bin/sh\n{script}\nexec /run/{name} "$@"\n')
    machine.run("chmod", "755", f"/run/{name}.wrapped")
    machine.run("mount", "--bind", f"/run/{name}.wrapped", program)


def runs_bgp(machine: Machine) -> bool:
    """Whether bgpd has its part of the configuration."""
    answer = machine.ask("running")
    return answer["ok"] and "router bgp" in answer["result"]["text"]


def test_a_daemon_that_starts_slowly_gets_its_part(served: Machine) -> None:
    commit(served, routing(1, "10.1.1.0/24"))
    bgpd = served.run("pidof", "bgpd").split()
    wrap(served, "/usr/lib/frr/bgpd", "sleep 23")
    served.run("kill", "-9", *bgpd)
    assert eventually(lambda: runs_bgp(served), 45), served.log()


def test_a_daemon_that_did_not_get_its_part_is_started_again(served: Machine) -> None:
    commit(served, routing(1, "10.1.1.0/24"))
    served.path("/run/broken").touch()
    wrap(served, "/usr/bin/vtysh", 'case "$*" in *"-d bgpd"*) test ! -e /run/broken || exit 1;; esac')
    served.run("kill", "-9", *served.run("pidof", "bgpd").split())
    assert eventually(lambda: "frr/corporate/bgpd could not be started" in served.log()), served.log()
    served.path("/run/broken").unlink()
    assert eventually(lambda: runs_bgp(served)), served.log()


@pytest.mark.parametrize("restarted", [pytest.param(False, marks=pytest.mark.soak), True])
def test_a_daemon_that_hangs_keeps_nobody_from_going_back(served: Machine, restarted: bool) -> None:
    old = routing(1, "10.1.1.0/24")
    commit(served, old)
    commit(served, {**old, NFT: NEW[NFT], SSHD: NEW[SSHD]}, 8, confirm=False)
    served.run("kill", "-STOP", *served.run("pidof", "bgpd").split())
    if restarted:
        served.kill()
        served.serve()
    assert eventually(filter_has(served, 22)), served.log()
    assert eventually(lambda: served.result("pending") is None), served.log()
    assert ":0016 " in served.run("cat", "/proc/net/tcp")
    assert runs_bgp(served)


@pytest.mark.parametrize("boots", [pytest.param(False, marks=pytest.mark.soak), True])
def test_a_damaged_confirmed_set_is_told_and_left_alone(served: Machine, boots: bool) -> None:
    commit(served, OLD)
    commit(served, NEW, 15, confirm=False)
    with served.path("/var/lib/spokesman/confirmed").open("a") as confirmed:
        confirmed.write("x")
    if boots:
        served.kill()
        served.path("/var/lib/spokesman/journal.json").unlink()
        served.serve()
    assert eventually(lambda: "trying again" in served.log()), served.log()
    assert filter_has(served, 2222)()
    for verb in ("running", "startup"):
        if boots or verb == "startup":
            answer = served.ask(verb)
            assert answer["kind"] == "failed"
            assert "/var/lib/spokesman/confirmed is damaged" in answer["message"]
            assert "load a whole configuration" in answer["message"]
    commit(served, OLD)
    assert filter_has(served, 22)()
    assert served.result("startup")["text"] == build(OLD)
    assert served.result("pending") is None


@pytest.mark.parametrize("stale", [pytest.param("foo", marks=pytest.mark.soak), "corporate"])
def test_a_file_that_is_no_namespace_keeps_no_network_from_changing(machine: Machine, stale: str) -> None:
    machine.run("sh", "-c", f"mkdir -p /run/netns; touch /run/netns/{stale}")
    machine.serve()
    commit(machine, OLD)
    moved = {**OLD, NETWORK: OLD[NETWORK].replace("198.51.100.1/24", "198.51.100.7/24")}
    commit(machine, moved, 6, confirm=False)
    assert "198.51.100.7/24" in machine.run("ip", "address", "show", "eth0")
    assert eventually(lambda: "198.51.100.1/24" in machine.run("ip", "address", "show", "eth0")), machine.log()
    assert "vlan10" in machine.run("ip", "-n", "corporate", "link")


def test_nobody_commits_what_another_loaded(served: Machine) -> None:
    commit(served, OLD)
    mine = served.result("load", text=build(NEW), mode="replace")["sha256"]
    other = served.result("load", text=build(small(1, 6666)), mode="replace")["sha256"]
    answer = served.ask("commit", revert_in_s=60, user="alice", sha256=mine)
    assert answer["kind"] == "refused"
    assert "somebody else loaded another configuration meanwhile" in answer["message"]
    assert served.result("commit", revert_in_s=60, user="bob", sha256=other) == {}


def test_a_commit_discards_nothing_that_another_loaded_meanwhile(served: Machine) -> None:
    commit(served, OLD)
    mine = served.result("load", text=build(NEW), mode="replace")["sha256"]
    with held_lock(served) as release, served.connect() as wire:
        asked = {"revert_in_s": 60, "user": "alice", "sha256": mine}
        wire.sendall(json.dumps({"verb": "commit", "args": asked}).encode() + b"\n")
        assert eventually(lambda: "revert armed" in served.log().rpartition("confirmed by")[2])
        other = served.result("load", text=build(small(1, 6666)), mode="replace")["sha256"]
        release()
        assert json.loads(wire.makefile("rb").readline())["ok"]
    served.result("confirm", user="alice")
    assert served.result("commit", revert_in_s=60, user="bob", sha256=other) == {}


def test_what_runs_is_not_told_while_it_changes(served: Machine) -> None:
    commit(served, OLD)
    served.result("load", text=build(NEW), mode="replace")
    with held_lock(served) as release, served.connect() as wire:
        wire.sendall(b'{"verb": "commit", "args": {"revert_in_s": 60, "user": "alice"}}\n')
        assert eventually(lambda: "revert armed" in served.log().rpartition("confirmed by")[2])
        answer = served.ask("running")
        assert answer["kind"] == "pending"
        assert "when that is done" in answer["message"]
        release()
        assert json.loads(wire.makefile("rb").readline())["ok"]
    assert served.result("running")["text"] == build(NEW)


def test_there_is_one_resident_program(served: Machine) -> None:
    assert "runs already" in served.run("sh", "-c", f"{served.program_path} serve 2>&1; true")
    assert served.answers()
