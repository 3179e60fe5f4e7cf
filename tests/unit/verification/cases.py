"""Golden customers as tests of verification take them: rendered once, read once, verified with what is changed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from agent.verification import Finding, verify
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.model import RouterModel
from inventory import Inventory, Secret
from inventory.loader import load_workspace

GOLDEN = Path(__file__).parents[2] / "golden"


@lru_cache(maxsize=4)
def golden_case(name: str) -> tuple[Inventory, dict[str, str]]:
    """A golden workspace and its rendered texts by router."""
    inventory = load_workspace(GOLDEN / name / "workspace")
    values = tomllib.loads((GOLDEN / name / "secrets.toml").read_text())["secrets"]
    texts = {
        view.router.name: render(inventory, view, lambda ref: Secret(values[ref])).text for view in inventory.sites()
    }
    return inventory, texts


@lru_cache(maxsize=4)
def golden_models(name: str) -> dict[str, RouterModel]:
    """The models of a golden workspace's routers."""
    return {router: read_model(text) for router, text in golden_case(name)[1].items()}


def findings_after(case: str, change: Callable[[dict[str, str]], None]) -> tuple[Finding, ...]:
    """What verification finds in a golden customer whose texts ``change`` has changed."""
    inventory, texts = golden_case(case)
    changed = dict(texts)
    change(changed)
    return verify({name: read_model(text) for name, text in changed.items()}, inventory)
