"""Writes the expected files of the Linux routers' cases anew: python tests/golden/linux_frr/regenerate_linux_frr.py."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from device_templates.linux_frr.rendering.bootstrap import bootstrap
from device_templates.linux_frr.rendering.render import render
from device_templates.texts import Rendered
from inventory import Inventory, Secret
from inventory.loader import load_workspace

HERE = Path(__file__).parent
#: The router's program has tests of its own; here it would only change with each of its lines.
_PROGRAM = re.compile(r"(?<=<<'PROGRAM'\n).*?(?=^PROGRAM$)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class LinuxCase:
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

    def rendered(self) -> list[Rendered]:
        """The document of every router, rendered now."""
        inventory = self.inventory
        return [render(inventory, view, self.secret) for view in inventory.sites()]

    @cached_property
    def documents(self) -> list[Rendered]:
        """The same, rendered once: each login costs a tenth of a second."""
        return self.rendered()

    def files(self) -> dict[str, str]:
        """What rendering gives now: file name -> text."""
        inventory = self.inventory
        texts = {f"{one.router}.doc": one.text for one in self.rendered()}
        for view in inventory.sites():
            for number, stage in enumerate(bootstrap(inventory, view, self.secret).stages, 1):
                texts[f"{view.router.name}.stage{number}.txt"] = _PROGRAM.sub("(the program)\n", stage.text)
        return texts


def linux_cases() -> list[LinuxCase]:
    """Every folder that holds a workspace."""
    return [LinuxCase(path.parent) for path in sorted(HERE.glob("*/workspace"))]


def main() -> None:
    for case in linux_cases():
        case.expected.mkdir(exist_ok=True)
        texts = case.files()
        for path in case.expected.iterdir():
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            (case.expected / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
