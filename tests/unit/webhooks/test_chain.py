"""The whole chain: each state that a request enters reaches the receiver, in order, whoever is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

from agent.app.webhooks import Webhooks, deliveries
from agent.errors import RolledBack
from agent.lab.receiver import WebhookReceiver
from agent.requests.webhooks.schedule import Schedule
from inventory import load_workspace
from tests.unit.requests.bench import Bench, path_of
from tests.unit.webhooks.conftest import QUICK, SECRET, Settings, until
from tests.unit.webhooks.liar import NETWORK, liar, says


def test_every_state_of_every_request_is_told_in_order(configured: Settings) -> None:
    with WebhookReceiver(SECRET) as receiver:
        workspace = configured(desk=(receiver.url, SECRET, {}))
        bench = Bench(workspace.root, workspace.engine)
        webhooks = Webhooks(workspace)
        applied = bench.scheduled(key="one")
        bench.work().advance(applied.reference)
        refused = bench.submit(key="two")
        webhooks.run(workspace.inventory)
        asked = {"vpn": "corporate", "prefix": "10.10.44.0/22", "via": "10.10.2.254"}
        bench.routers.endings.append(RolledBack("nothing answers at 10.254.0.12 port 22"))
        rolled_back = bench.scheduled(key="three", parameters=asked)
        bench.work().advance(rolled_back.reference)
        cancelled = bench.planned(key="four", parameters={**asked, "prefix": "10.10.48.0/22"})
        bench.desk.cancel(cancelled.reference, "eve")
        inventory = load_workspace(workspace.root)
        webhooks.run(inventory)  # hands out what is new; only then is nothing left when all is delivered
        until(lambda: not deliveries(workspace).deliveries(), lambda: webhooks.run(inventory))
        ends = {}
        for reference in (one.reference for one in (applied, refused, rolled_back, cancelled)):
            request = bench.desk.get(reference)
            told = [one for one in receiver.events if one["request"] == reference]
            assert [one["state"] for one in told] == path_of(request)
            assert [one["sequence"] for one in told] == sorted(one["sequence"] for one in told)
            ends[told[-1]["state"]] = told[-1]["data"]
            assert not [one for one in told if one["data"].keys() & {"who", "approved_by", "commands", "owner"}]
            if told[-1]["state"] == "refused":
                assert "reason" not in told[0]["data"], "what it came to is no news of an earlier state"
        assert set(ends) == {"applied", "refused", "rolled_back", "cancelled"}
        assert ends["refused"]["reason"]
        assert ends["rolled_back"]["reason"] == "nothing answers at (an address) port 22"
    assert [one["sequence"] for one in receiver.events] == list(range(1, len(receiver.events) + 1))


def test_a_receiver_that_refuses_holds_up_no_request_itself(configured: Settings) -> None:
    with liar(says(b"HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n")) as port:
        workspace = configured(desk=(f"http://{NETWORK}:{port}/", SECRET, {}))
        bench, webhooks = Bench(workspace.root, workspace.engine), Webhooks(workspace, QUICK)
        webhooks.run(workspace.inventory)
        request = bench.scheduled()
        for _ in range(3):
            webhooks.run(load_workspace(workspace.root))
            bench.work().advance(request.reference)
        assert bench.desk.get(request.reference).state == "applied"
        until(lambda: not webhooks.busy)


def test_a_request_that_was_acknowledged_before_a_kill_9_is_told(configured: Settings) -> None:
    with WebhookReceiver(SECRET) as receiver:
        workspace = configured(desk=(receiver.url, SECRET, {}))
        command = [sys.executable, "-m", "tests.unit.webhooks.submitting", str(workspace.root)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        acknowledged = []
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for number, line in zip(count(1), process.stdout, strict=False):
                acknowledged.append(line.strip())
                if number == 12:
                    process.kill()
        webhooks, bench = Webhooks(workspace, Schedule()), Bench(workspace.root, workspace.engine)
        until(
            lambda: receiver.events and not deliveries(workspace).deliveries(),
            lambda: webhooks.run(workspace.inventory),
        )
        kept = {one.reference: [str(state) for state in path_of(one)] for one in bench.desk.list()}
        told: dict[str, list[str]] = {}
        for event in receiver.events:
            told.setdefault(event["request"], []).append(event["state"])
        assert told == kept
        assert set(acknowledged) <= set(told)
