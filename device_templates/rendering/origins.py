"""Runs a table of partials, and says of every line where it comes from: partial, feature, clause and option."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from device_templates.rendering.engine import Partial, run
from device_templates.rendering.partials import Feature
from device_templates.texts import RenderedLine
from inventory import SiteView


@dataclass(frozen=True, slots=True)
class Written:
    """What one run of a partial wrote; ``vpn`` is the VPN it ran for, or ""."""

    feature: Feature
    partial: Partial
    text: str
    vpn: str


def written(table: Iterable[Feature], sources: Mapping[str, Partial], context: Any) -> list[Written]:
    """What the partials of ``table`` write, in its order.

    The fields of ``context``, a dataclass, are the variables of the partials; where a row says so, it runs once for
    each of ``context.vpns``, with that one as ``vpn``. Raises TemplateError.
    """
    return [one for feature in table for one in _run(feature, sources[feature.name], context)]


def line_of(one: Written, view: SiteView, text: str, path: tuple[str, ...]) -> RenderedLine:
    """A line that ``one`` wrote under the lines of ``path``."""
    return RenderedLine(
        text=text,
        path=path,
        partial=one.partial.place,
        feature=one.feature.feature.replace("{vpn}", one.vpn),
        clause=", ".join(one.feature.clauses),
        option=one.feature.option.replace("{vpn}", one.vpn).replace("{site}", view.name),
    )


def _run(feature: Feature, partial: Partial, context: Any) -> list[Written]:
    variables = {field.name: getattr(context, field.name) for field in fields(context)}
    if feature.when and not feature.when.startswith("vpn.") and not _present(context, feature.when):
        return []
    if feature.each == "vpn":
        return [
            Written(feature, partial, run(partial, {**variables, "vpn": vpn}), vpn.name)
            for vpn in context.vpns
            if not feature.when.startswith("vpn.") or _present(vpn, feature.when.removeprefix("vpn."))
        ]
    return [Written(feature, partial, run(partial, variables), "")]


def _present(context: object, path: str) -> bool:
    """Whether the field at ``path`` is true or there; nothing is in what is absent itself."""
    value: object = context
    for name in path.split("."):
        value = getattr(value, name) if value is not None else None
    return bool(value)
