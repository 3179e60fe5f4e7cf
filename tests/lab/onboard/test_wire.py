"""The control socket among hostile and slow clients, and the relay behind SSH."""

from __future__ import annotations

import json
import time

import pytest

from tests.lab.onboard.documents import build, small
from tests.lab.onboard.machine import Machine, eventually

BROKEN = [
    b"\n",
    b"hello\n",
    b"[1]\n",
    b"null\n",
    b'{"verb": 1}\n',
    b'{"verb": "pending", "args": []}\n',
    b'{"verb": "\xff\xfe"}\n',
    b"[" * 100_000 + b"\n",
    b'{"verb": "reload"}\n',
    b'{"verb": "load"}\n',
    b'{"verb": "load", "args": {"text": "x", "mode": "replace"}}\n',
    b'{"verb": "load", "args": {"text": "%% spokesman linux_frr 1\\n\\ud800", "mode": "replace"}}\n',
    b'{"verb": "commit", "args": {"revert_in_s": true, "user": "x"}}\n',
    b'{"verb": "commit", "args": {"revert_in_s": 60, "user": ["x"]}}\n',
    b'{"verb": "commit", "args": {"revert_in_s": -1, "user": "x"}}\n',
    b'{"verb": "show", "args": {"topic": "../../etc/shadow"}}\n',
    b'{"verb": "show", "args": {"topic": "log", "args": [1]}}\n',
    b'{"verb": "ping", "args": {"address": "-f 10.0.0.1", "count": 1}}\n',
    b'{"verb": "ping", "args": {"address": "10.0.0.1", "source": "-f", "count": 1}}\n',
    b'{"verb": "ping", "args": {"address": "10.0.0.1", "vpn": "../../../etc", "count": 1}}\n',
    b'{"verb": "ping", "args": {"address": "10.0.0.1", "count": 1e99}}\n',
]


@pytest.fixture
def served(machine: Machine) -> Machine:
    """A machine with the program serving."""
    machine.serve()
    return machine


def test_what_makes_no_sense_is_refused_and_the_connection_goes_on(served: Machine) -> None:
    with served.connect() as wire, wire.makefile("rwb") as lines:
        for request in BROKEN:
            lines.write(request)
            lines.flush()
            answer = json.loads(lines.readline())
            assert answer["ok"] is False, request[:60]
            assert answer["kind"] == "refused", (request[:60], answer)
        lines.write(b'{"verb": "pending"}\n')
        lines.flush()
        assert json.loads(lines.readline()) == {"ok": True, "result": None}


def test_requests_without_end_are_cut_off(served: Machine) -> None:
    with served.connect() as wire:
        with pytest.raises(OSError):  # noqa: PT011, PT012 -- reset or broken pipe, as it comes
            for _ in range(400):
                wire.sendall(b"x" * 65536)
        assert served.ask("pending")["ok"]


def test_slow_clients_and_full_ones_delay_nobody(served: Machine) -> None:
    waiting = [served.connect() for _ in range(20)]
    for wire in waiting:
        wire.sendall(b'{"verb": "pen')
    # One that asks for much and takes nothing.
    waiting[0].sendall(b'ding"}\n' + b'{"verb": "facts"}\n' * 10)
    began = time.monotonic()
    assert served.ask("pending")["ok"]
    assert time.monotonic() - began < 30, "it waited for those that take nothing"
    for wire in waiting[1:]:
        wire.sendall(b'ding"}\n')
        assert json.loads(wire.makefile("rb").readline())["ok"]
        wire.close()
    waiting[0].close()


def test_more_clients_than_places_are_turned_away_and_places_come_back(served: Machine) -> None:
    crowd = [served.connect() for _ in range(40)]
    for wire in crowd:
        wire.close()
    assert eventually(served.answers)


def test_a_client_that_leaves_in_the_middle_of_a_commit_changes_nothing_of_it(served: Machine) -> None:
    served.result("load", text=build(small()), mode="replace")
    with served.connect() as wire:
        wire.sendall(b'{"verb": "commit", "args": {"revert_in_s": 60, "user": "test"}}\n')
    assert eventually(lambda: (served.result("pending") or {}).get("left_s", 0) > 30)
    assert eventually(lambda: served.ask("confirm", user="test")["ok"])


def test_the_relay_carries_several_requests_and_ends_with_its_input(served: Machine) -> None:
    requests = '{"verb": "facts"}\n{"verb": "pending"}\n{"verb": "show", "args": {"topic": "clock"}}\n'
    answers = [json.loads(line) for line in served.run(served.program_path, "relay", given=requests).splitlines()]
    assert [answer["ok"] for answer in answers] == [True, True, True]
    assert set(answers[0]["result"]) == {"hostname", "serial", "model", "version", "uptime_s"}
    assert json.loads(answers[2]["result"]["text"])["utc"].endswith("Z")


def test_people_ask_by_name(served: Machine) -> None:
    served.path("/run/document").write_text(build(small()))
    assert len(served.run(served.program_path, "load", "text=@/run/document", "mode=replace").strip()) > 60
    assert "+hostname" in served.run(served.program_path, "compare")
    served.run(served.program_path, "commit", "revert_in_s=60", "user=me")
    assert '"user": "me"' in served.run(served.program_path, "pending")
    served.run(served.program_path, "confirm", "user=me")
    assert served.run(served.program_path, "startup") == build(small())
    assert "usage" not in served.run(served.program_path, "revert", check=False)


def test_only_people_of_the_group_and_root_may_ask(served: Machine) -> None:
    served.result("load", text=build({**small(), "etc/spokesman/users": f"netops:$2b$10${'x' * 53}\n"}), mode="replace")
    served.result("commit", revert_in_s=60, user="test")
    served.result("confirm", user="test")
    ask = "import socket; socket.socket(socket.AF_UNIX).connect('/run/spokesman/control')"
    served.run("setpriv", "--reuid=netops", "--regid=spokesman", "--clear-groups", "/usr/bin/python3", "-c", ask)
    with pytest.raises(RuntimeError, match="Permission"):
        served.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "/usr/bin/python3", "-c", ask)
    assert "x" * 53 not in served.log()
