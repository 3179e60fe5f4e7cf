"""Many threads on one workspace: each gets a whole inventory, the newest good one, and an App of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agent.app.serving import Serving
from agent.errors import ConfigurationProblem
from agent.tokens import Role
from inventory import Inventory, InventoryError, load_workspace
from tests.unit.api.calls import calls
from tests.unit.api.conftest import client_of
from tests.unit.api.filled import SETTINGS, Filled


def test_threads_share_the_database_and_the_inventory_and_nothing_else(shared: Filled) -> None:
    serving = Serving(shared.root)
    with ThreadPoolExecutor(8) as threads:
        apps = list(threads.map(lambda number: serving.app(f"who-{number}"), range(40)))
    assert len({id(app) for app in apps}) == 40
    assert {id(app.engine) for app in apps} == {id(serving.engine)}
    assert len({id(app.inventory) for app in apps}) == 1
    assert {app.who for app in apps} == {f"who-{number}" for number in range(40)}
    assert len({id(app.archive) for app in apps}) == 40


def test_while_the_inventory_changes_every_answer_is_of_one_state_of_it(workspace: Filled) -> None:
    client = client_of(workspace, workspace.token(Role.ENGINEER))
    path = workspace.root / "customers" / "acme.yaml"
    text = path.read_text()

    def write(round_: int) -> None:
        changed = text.replace("name: Acme Ltd", f"name: Acme {round_}").replace("Network desk", f"Desk {round_}")
        fresh = path.with_suffix(".new")
        fresh.write_text(changed)
        fresh.replace(path)

    async def story() -> list[Any]:
        answers = []
        for round_ in range(6):
            await asyncio.to_thread(write, round_)
            asked = (client.ask("GET", "/v1/inventory/customers/acme") for _ in range(8))
            answers += [(round_, one) for one in await asyncio.gather(*asked)]
        return answers

    for round_, answer in asyncio.run(story()):
        document = answer.json()
        assert answer.status_code == 200, answer.text
        assert (document["name"], document["contacts"][0]["name"]) == (f"Acme {round_}", f"Desk {round_}")


def test_reads_and_writes_at_once_all_succeed_or_are_told_why(workspace: Filled) -> None:
    client = client_of(workspace, workspace.token(Role.ENGINEER))
    named = [calls("acme", f"k{number}") for number in range(4)]
    names = ("getStatus", "listIncidents", "getVersion", "listEvents", "getSite", "submitRequest", "contactIncident",
             "listPlans", "compareVersions", "listRequests")  # fmt: skip

    async def story() -> list[Any]:
        some = [one[name] for one in named for name in names]
        return await asyncio.gather(
            *(client.ask(call.method, call.path, json=call.json, headers=call.headers) for call in some)
        )

    answers = asyncio.run(story())
    assert {one.status_code for one in answers} <= {200, 201}
    told = [one["text"] for one in client.get("/v1/incidents/INC-000001").json()["timeline"]]
    assert told.count("told by telephone") == 4


def test_a_bad_inventory_is_judged_once_and_a_good_one_takes_its_place(
    workspace: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []

    def counting(root: Path) -> Inventory:
        loads.append(root)
        return load_workspace(root)

    monkeypatch.setattr("agent.app.serving.load_workspace", counting)
    serving = Serving(workspace.root)
    good = serving.inventory()
    path = workspace.root / "customers" / "acme.yaml"
    text = path.read_text()
    path.write_text("customer: [")
    for _ in range(5):
        with pytest.raises(InventoryError):
            serving.inventory()
        assert serving.last_good() is good
    assert len(loads) == 2
    path.write_text(text + "\n")
    assert serving.inventory().customers == good.customers
    assert len(loads) == 3


def test_another_database_is_not_taken_over_in_the_middle(workspace: Filled) -> None:
    serving = Serving(workspace.root)
    serving.inventory()
    path = workspace.root / SETTINGS
    path.write_text(path.read_text().replace("[store]\n", '[store]\nurl = "sqlite:////tmp/other.db"\n'))
    with pytest.raises(ConfigurationProblem, match="another database"):
        serving.app("ann")
    assert serving.history("ann").engine is serving.engine
