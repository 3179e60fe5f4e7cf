"""Rendering a hub: ours, sandboxed and with the origin of every line; and Jinja2 alone with the same partials.

Jinja2's part is to fill them with variables that are there already, and to make the one password hash.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from unittest.mock import patch

from jinja2 import Environment, StrictUndefined

from agent.config import secrets_of
from agent.scaffold import create
from device_templates.cisco_iosxe.hashing import type9
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.rendering import engine, origins
from device_templates.rendering.engine import Partial
from inventory import Inventory, Secret, load_workspace
from tests.bench.harness import Row, compare

TIMES = 20
HUB = "acme-lon-r1"

Run = tuple[Partial, Mapping[str, object]]


def recorded(inventory: Inventory, secrets: Callable[[str], Secret]) -> list[Run]:
    """Every partial that the hub's configuration is made of, with its variables."""
    runs: list[Run] = []
    real = engine.run

    def record(partial: Partial, variables: Mapping[str, object]) -> str:
        runs.append((partial, variables))
        return real(partial, variables)

    with patch.object(origins, "run", record):
        render(inventory, inventory.router(HUB), secrets)
    return runs


def ours(inventory: Inventory, secrets: Callable[[str], Secret]) -> Callable[[], int]:
    view = inventory.router(HUB)
    return lambda: sum(bool(render(inventory, view, secrets).text) for _ in range(TIMES))


def jinja_alone(runs: list[Run]) -> Callable[[], int]:
    """Compiled once, joined, and the one password hash that the configuration needs."""
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - text for routers
    compiled = [(environment.from_string(partial.source), variables) for partial, variables in runs]

    def once() -> bool:
        type9("password", "ThYVifUH2gOyHV")
        return bool("".join(template.render(variables) for template, variables in compiled))

    return lambda: sum(once() for _ in range(TIMES))


def rows(rounds: int) -> Iterator[Row]:
    """The table's line."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        create(root, "virtual")
        inventory = load_workspace(root)
        secrets = secrets_of(root, inventory.settings)
        peer = jinja_alone(recorded(inventory, secrets))
        yield compare(
            f"render a hub {TIMES} times", ours(inventory, secrets), peer, rounds, "Jinja2 alone, and the hash"
        )
