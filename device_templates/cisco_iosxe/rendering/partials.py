"""The table of partials, and where each one's text comes from: the platform's own or the operator's override."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from device_templates.cisco_iosxe.rendering.engine import Partial
from device_templates.errors import TemplateError

PLATFORM = "cisco_iosxe"
_PACKAGE = "device_templates.cisco_iosxe"


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of partials.toml."""

    name: str
    feature: str
    option: str
    clauses: tuple[str, ...] = ()
    each: str = ""
    when: str = ""


@lru_cache(maxsize=1)
def features() -> tuple[Feature, ...]:
    """All partials, in the order in which the device shows what they write."""
    rows = tomllib.loads(resources.files(_PACKAGE).joinpath("partials.toml").read_text(encoding="utf-8"))["partial"]
    return tuple(Feature(**{**row, "clauses": tuple(row.get("clauses", ()))}) for row in rows)


def partials(overrides: Path | None) -> dict[str, Partial]:
    """Every partial by name; ``overrides`` is the workspace's ``templates`` folder. Raises TemplateError."""
    found = {feature.name: _own(feature.name) for feature in features()}
    for path in _override_files(overrides):
        if path.suffix != ".j2" or path.stem not in found:
            raise TemplateError(
                "overrides nothing: there is no such partial",
                template=_place(path),
                remedy=f"remove it, or name it after one of: {', '.join(sorted(found))}",
            )
        found[path.stem] = Partial(path.stem, _place(path), _read(path))
    return found


@lru_cache(maxsize=64)
def _own(name: str) -> Partial:
    source = resources.files(_PACKAGE).joinpath("templates", f"{name}.j2").read_text(encoding="utf-8")
    return Partial(name, f"{PLATFORM}/{name}.j2", source)


def _override_files(overrides: Path | None) -> list[Path]:
    folder = overrides / PLATFORM if overrides else None
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _place(path: Path) -> str:
    return f"templates/{PLATFORM}/{path.name}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise TemplateError("is not UTF-8 text", template=_place(path), remedy="save it as UTF-8") from None
    except OSError as error:
        raise TemplateError(
            f"cannot be read: {error.strerror}", template=_place(path), remedy="check the file"
        ) from None
