"""Writes the expected scripts of the Lync cases anew: python tests/golden/lync/regenerate_lync.py; read the diff."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agent.lab.winrm.deployment import Deployment
from device_templates.lync import (
    NOUNS,
    Change,
    State,
    Value,
    difference,
    key_of,
    script_of,
    undo_of,
    undo_script,
    wanted,
)
from inventory.customer import Customer
from inventory.lync import Lync, Pool, Release

HERE = Path(__file__).parent
POOL = "fe-pool-1"


@dataclass(frozen=True)
class LyncCase:
    """A folder: ``lync.yaml`` (what is ordered), ``state.json`` (what is there; else a new deployment), scripts."""

    folder: Path

    @property
    def customer(self) -> Customer:
        lync = Lync.model_validate(yaml.safe_load((self.folder / "lync.yaml").read_text(encoding="utf-8")))
        return Customer.model_construct(customer="acme", lync=lync)

    @property
    def pool(self) -> Pool:
        return self.customer.lync.pools[POOL]

    @property
    def state(self) -> State:
        path = self.folder / "state.json"
        if not path.exists():
            return state_of(Deployment(self.pool.version.value, ("pool.acme.example",)))
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {key_of(noun, name): _tuples(values) for noun, name, values in rows}

    @property
    def changes(self) -> tuple[Change, ...]:
        return difference(self.state, wanted(self.customer, POOL, self.state))

    def files(self) -> dict[str, str]:
        """What rendering gives now: file name -> text."""
        settings = wanted(self.customer, POOL, self.state)
        return {
            "apply.ps1": script_of(self.pool.version, settings),
            "undo.ps1": undo_script(undo_of(self.changes)),
        }


def state_of(deployment: Deployment) -> State:
    """What would be read of a deployment."""
    state = {}
    for (noun, _), values in deployment.objects.items():
        kind = NOUNS[noun]
        names = kind.properties(Release(deployment.release))
        name = str(values[kind.named_by]).removeprefix("Tag:")
        read = {one: values.get(one) for one in names if one != kind.named_by}
        state[key_of(noun, name)] = _tuples(read)
    return state


def _tuples(values: Mapping[str, Any]) -> dict[str, Value]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def lync_cases() -> list[LyncCase]:
    """Every folder that holds an order."""
    return [LyncCase(path.parent) for path in sorted(HERE.glob("*/lync.yaml"))]


def main() -> None:
    for case in lync_cases():
        for name, text in case.files().items():
            (case.folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
