"""Writes the expected files of the golden cases anew: python tests/golden/regenerate.py [CASE …]; read the diff."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from device_templates.cisco_iosxe.rendering.bootstrap import bootstrap
from device_templates.cisco_iosxe.rendering.render import render
from inventory import Inventory, Secret
from inventory.loader import load_workspace

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A folder: ``workspace/``, ``secrets.toml`` (what its references stand for) and ``expected/``."""

    folder: Path

    @property
    def expected(self) -> Path:
        return self.folder / "expected"

    @property
    def inventory(self) -> Inventory:
        return load_workspace(self.folder / "workspace")

    @property
    def values(self) -> dict[str, str]:
        """Reference -> value."""
        values: dict[str, str] = tomllib.loads((self.folder / "secrets.toml").read_text(encoding="utf-8"))["secrets"]
        return values

    def secret(self, reference: str) -> Secret:
        """The resolver that rendering is given."""
        return Secret(self.values[reference])

    def files(self) -> dict[str, str]:
        """What rendering gives now: file name -> text."""
        inventory = self.inventory
        overrides = self.folder / "workspace" / "templates"
        texts = {}
        for view in inventory.sites():
            name = view.router.name
            texts[f"{name}.cfg"] = render(inventory, view, self.secret, overrides).text
            for number, stage in enumerate(bootstrap(inventory, view, self.secret).stages, 1):
                texts[f"{name}.stage{number}.txt"] = stage.text
        return texts


def cases() -> list[Case]:
    """Every folder that holds a workspace."""
    return [Case(path.parent) for path in sorted(HERE.glob("*/workspace"))]


def main(names: list[str]) -> None:
    for case in cases():
        if names and case.folder.name not in names:
            continue
        case.expected.mkdir(exist_ok=True)
        texts = case.files()
        for path in case.expected.iterdir():
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            (case.expected / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
