"""The table of a platform's partials, and where each one's text comes from: the platform's own or an override."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from device_templates.errors import TemplateError
from device_templates.rendering.engine import Partial


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of partials.toml; ``file`` is what it writes into, where a configuration has several files."""

    name: str
    feature: str
    option: str
    clauses: tuple[str, ...] = ()
    each: str = ""
    when: str = ""
    file: str = ""


@lru_cache(maxsize=8)
def features(platform: str) -> tuple[Feature, ...]:
    """All partials of a platform, in the order in which the device shows what they write.

    A table that ``shares`` another platform's has its rows, and its own, each in place of that of its name or before
    the one that it names.
    """
    table = _table(platform)
    found = list(features(table["shares"])) if "shares" in table else []
    for row in table["partial"]:
        before = row.pop("before", "")
        one = Feature(**{**row, "clauses": tuple(row.get("clauses", ()))})
        names = [feature.name for feature in found]
        if one.name in names:
            found[names.index(one.name)] = one
        else:
            found.insert(names.index(before) if before else len(found), one)
    return tuple(found)


def partials(platform: str, overrides: Path | None) -> dict[str, Partial]:
    """Every partial by name; ``overrides`` is the workspace's ``templates`` folder. Raises TemplateError."""
    found = {feature.name: _own(platform, feature.name) for feature in features(platform)}
    for path in _override_files(platform, overrides):
        if path.suffix != ".j2" or path.stem not in found:
            raise TemplateError(
                "overrides nothing: there is no such partial",
                template=_place(path),
                remedy=f"remove it, or name it after one of: {', '.join(sorted(found))}",
            )
        found[path.stem] = Partial(path.stem, _place(path), _read(path))
    return found


def _package(platform: str) -> str:
    return f"device_templates.{platform}"


def _table(platform: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(_package(platform)).joinpath("partials.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def _own(platform: str, name: str) -> Partial:
    """The platform's own template, else that of the platform whose table it shares."""
    file = resources.files(_package(platform)).joinpath("templates", f"{name}.j2")
    if not file.is_file() and (shared := _table(platform).get("shares")):
        return _own(shared, name)
    return Partial(name, f"{platform}/{name}.j2", file.read_text(encoding="utf-8"))


def _override_files(platform: str, overrides: Path | None) -> list[Path]:
    folder = overrides / platform if overrides else None
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _place(path: Path) -> str:
    return f"templates/{path.parent.name}/{path.name}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise TemplateError("is not UTF-8 text", template=_place(path), remedy="save it as UTF-8") from None
    except OSError as error:
        raise TemplateError(
            f"cannot be read: {error.strerror}", template=_place(path), remedy="check the file"
        ) from None
