"""The verified customers that faults are drawn in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from device_templates import NotRenderable, platform_of
from inventory import Secret
from inventory.loader import load_workspace
from tests.mutation.documents.text import is_document
from tests.mutation.mutant import Scene
from tests.pairwise.workspace import inventory, rows, texts

GOLDEN = Path(__file__).parents[1] / "golden"


@cache
def scenes() -> tuple[Scene, ...]:
    """Every customer, or customers of one workspace, rendered now; those of pairwise rows are several kinds of each."""
    golden = (_golden(path.parent) for path in sorted(GOLDEN.glob("**/workspace")))
    return (*golden, *(one for number in range(1, len(rows()) + 1) for one in _pairwise(number)))


def lab_scenes() -> tuple[Scene, ...]:
    """Those of virtual routers that prove themselves by keys: what certificates they have is in no configuration."""
    return tuple(one for one in scenes() if _by_key(one))


def _by_key(scene: Scene) -> bool:
    views = (scene.inventory.router(name) for name in scene.texts)
    keys = all(vpn.ike.psk for view in views for vpn in view.vpns.values())
    return keys and not any(map(is_document, scene.texts.values()))


def _pairwise(number: int) -> Iterator[Scene]:
    try:
        yield Scene(f"pairwise {number}", inventory(), texts(number))
    except NotRenderable:
        return  # tests/pairwise tells of it


def _golden(folder: Path) -> Scene:
    inventory = load_workspace(folder / "workspace")
    values = tomllib.loads((folder / "secrets.toml").read_text(encoding="utf-8"))["secrets"]
    texts = {
        view.router.name: platform_of(view).render(inventory, view, lambda reference: Secret(values[reference])).text
        for view in inventory.sites()
    }
    return Scene(" ".join(folder.relative_to(GOLDEN).parts), inventory, texts)
