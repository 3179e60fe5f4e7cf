"""Writes the PowerShell: one partial a feature, between a head that stops at the first error and a last word.

Partials see literals only (see quoting), so that none can print what is not quoted. A script reads before it changes,
and may run as often as one likes. Its last word proves that it ran to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from device_templates.lync.changes import Change, Step
from device_templates.lync.nouns import NOUNS
from device_templates.lync.quoting import literal
from device_templates.lync.settings import Setting
from device_templates.rendering.engine import Partial, run
from inventory.lync import Release

#: The last output of a script that ran to its end.
DONE = "spokesman: done"

_HEAD = "$ErrorActionPreference = 'Stop'\nImport-Module Lync\n"
_TAIL = f"{literal(DONE)}\n"


@dataclass(frozen=True, slots=True)
class Feature:
    """An ordered feature: its name in the inventory and its partial, and what people call it."""

    name: str
    title: str
    clauses: tuple[str, ...] = ("LY-2",)


FEATURES = tuple(
    Feature(name, title)
    for name, title in (
        ("external_access", "External access"),
        ("enterprise_voice", "Enterprise Voice"),
        ("exchange_um", "Exchange unified messaging"),
        ("av_conferencing", "A/V conferencing"),
        ("web_conferencing", "Web conferencing"),
        ("dial_in_conferencing", "Dial-in conferencing"),
        ("federation", "Federation"),
        ("public_im", "Public IM"),
        ("archiving", "Archiving"),
        ("monitoring", "Monitoring"),
    )
)
_UNDO = "undo"
#: What partials call the objects of a noun.
_LISTS = {
    "CsExUmContact": "contacts",
    "CsDialPlan": "plans",
    "CsDialInConferencingAccessNumber": "numbers",
    "CsAllowedDomain": "domains",
    "CsPublicProvider": "providers",
}


def script_of(release: Release, settings: Iterable[Setting]) -> str:
    """The PowerShell that brings a server to ``settings``; raises NotRenderable, TemplateError."""
    settings = tuple(settings)
    parts = []
    for feature in FEATURES:
        own = [one for one in settings if one.feature == feature.name]
        if own:
            parts.append(f"\n# {feature.title} [{', '.join(feature.clauses)}]\n")
            parts.append(run(_partial(feature.name), _variables(release, own)))
    return "".join([_HEAD, *parts, "\n", _TAIL])


def undo_script(changes: Iterable[Change]) -> str:
    """The PowerShell that makes these changes, which take others back; raises NotRenderable, TemplateError."""
    steps = [_step(change) for change in changes]
    return "".join([_HEAD, "\n", run(_partial(_UNDO), {"steps": steps}), "\n", _TAIL])


def _variables(release: Release, settings: Sequence[Setting]) -> dict[str, object]:
    lists: dict[str, list[Mapping[str, str]]] = {name: [] for name in (*_LISTS.values(), "withdrawn")}
    for one in settings:
        name = "withdrawn" if not one.present else _LISTS.get(one.noun)
        if name is not None:
            values = {**one.made_with, **one.values}
            lists[name].append({"name": literal(one.name), **{key: literal(value) for key, value in values.items()}})
    return {**lists, "release": release.value, "ordered": any(one.present for one in settings)}


def _step(change: Change) -> Mapping[str, object]:
    values = [{"name": name, "literal": literal(value)} for name, value in change.values.items()]
    if change.step is Step.CREATE:
        values = [one for one in values if one["literal"] != "$null"]
    return {
        "kind": change.step.value,
        "noun": change.noun,
        "named_by": NOUNS[change.noun].named_by,
        "new_name": NOUNS[change.noun].named_by,
        "name": literal(change.name),
        "identity": literal(change.name),
        "parameters": values,
    }


@cache
def _partial(name: str) -> Partial:
    source = resources.files("device_templates.lync").joinpath("templates", f"{name}.j2").read_text(encoding="utf-8")
    return Partial(name, f"lync/{name}.j2", source)
