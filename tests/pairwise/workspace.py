"""The workspace of all rows, a customer each, and what its references stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from device_templates import platform_of
from inventory import Inventory, Secret
from inventory.loader import load_workspace
from tests.pairwise.covering import Row, covering
from tests.pairwise.ordering import PARAMETERS, allowed, customer

SEED = 5
SETTINGS = Path(__file__).with_name("spokesman.toml")


@cache
def rows() -> tuple[Row, ...]:
    """The covering rows, the same every time."""
    return tuple(covering(PARAMETERS, allowed, Random(SEED)))


@cache
def inventory() -> Inventory:
    """All rows in one inventory, loaded with its rules."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "spokesman.toml").write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
        (root / "customers").mkdir()
        for number, row in enumerate(rows(), 1):
            text = json.dumps(customer(number, row), indent=1)  # JSON is YAML
            (root / "customers" / f"row{number}.yaml").write_text(text, encoding="utf-8")
        return load_workspace(root)


@cache
def texts(number: int) -> Mapping[str, str]:
    """The rendered configuration of each router of a row, rows counted from 1."""
    loaded = inventory()
    own = loaded.customer(f"row{number}").sites.values()
    views = (loaded.router(site.router.name) for site in own)
    return {view.router.name: platform_of(view).render(loaded, view, secret).text for view in views}


def secret(reference: str) -> Secret:
    """What a reference stands for; NHRP takes eight characters."""
    name = reference.removeprefix("env:").lower().replace("_", "-")
    return Secret(f"pw-{name[-4:]}" if "nhrp" in name else f"Planted-{name}")
