"""Renders the complete configuration of one router, and tells where a line comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path

from device_templates.cisco_iosxe.hashing import type9
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.context import Context, refuse_control_characters
from device_templates.cisco_iosxe.rendering.engine import Partial, run
from device_templates.cisco_iosxe.rendering.facts import Hash, context_of
from device_templates.cisco_iosxe.rendering.partials import Feature, features, partials
from device_templates.cisco_iosxe.rendering.refusals import refuse_what_cannot_be_rendered
from device_templates.errors import TemplateError
from device_templates.model import RouterModel
from device_templates.texts import Rendered, RenderedLine, Secrets
from inventory import Inventory, SiteView

_PRINTABLE = re.compile(r"[ -~]*")
#: Banner delimiters are shown as ^C and must be the byte itself where a file is loaded.
ETX = "\x03"


@dataclass(frozen=True, slots=True)
class _Written:
    """What one run of a partial wrote."""

    feature: Feature
    partial: Partial
    text: str
    vpn: str


def render(inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Rendered:
    """The complete intended configuration of ``view``'s router.

    ``overrides`` is the workspace's ``templates`` folder. Raises NotRenderable, SecretUnusable or TemplateError.
    """
    return _rendered(inventory, view, secrets, overrides, type9)


def intended_model(
    inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
) -> RouterModel:
    """The neutral model of what ``render`` gives, without the cost of hashing the login; raises what it raises."""
    return read_model(_rendered(inventory, view, secrets, overrides, _not_hashed).text)


def _not_hashed(_: str, salt: str) -> str:
    return f"$9${salt}${'.' * 43}"


def _rendered(inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None, hashed: Hash) -> Rendered:
    refuse_what_cannot_be_rendered(inventory, view)
    context = context_of(inventory, view, secrets, hashed)
    refuse_control_characters(context, view.router.name)
    sources = partials(overrides)
    written = [one for feature in features() for one in _run(feature, sources[feature.name], context)]
    lines = _lines(written, view)
    text = "".join(f"{line.text}\n" for line in lines).replace("^C\n", f"{ETX}\n")
    return Rendered(view.router.name, text, tuple(lines), _warnings(view))


def explain(rendered: Rendered, line: str) -> tuple[RenderedLine, ...]:
    """Every line of ``rendered`` that is ``line``, or holds it where none is."""
    wanted = line.strip()
    exact = tuple(one for one in rendered.lines if one.text.strip() == wanted)
    return exact or tuple(one for one in rendered.lines if wanted and wanted in one.text)


def _run(feature: Feature, partial: Partial, context: Context) -> list[_Written]:
    variables = {field.name: getattr(context, field.name) for field in fields(context)}
    if feature.when and not _present(context, feature.when):
        return []
    if feature.each == "vpn":
        return [_Written(feature, partial, run(partial, {**variables, "vpn": vpn}), vpn.name) for vpn in context.vpns]
    return [_Written(feature, partial, run(partial, variables), "")]


def _present(context: Context, path: str) -> bool:
    value: object = context
    for name in path.split("."):
        value = getattr(value, name)
    return bool(value)


def _lines(written: list[_Written], view: SiteView) -> list[RenderedLine]:
    lines: list[RenderedLine] = []
    stack: list[tuple[int, str]] = []
    for one in written:
        for text in one.text.split("\n"):
            _check(one.partial, text)
            if not text.strip():
                continue
            indent = len(text) - len(text.lstrip())
            while stack and stack[-1][0] >= indent:
                stack.pop()
            lines.append(_line(one, view, text.rstrip(), tuple(header for _, header in stack)))
            if text.strip() != "!":
                stack.append((indent, text.strip()))
    lines.append(RenderedLine("end", (), "", "End of the configuration", "", ""))
    return lines


def _line(one: _Written, view: SiteView, text: str, path: tuple[str, ...]) -> RenderedLine:
    return RenderedLine(
        text=text,
        path=path,
        partial=one.partial.place,
        feature=one.feature.feature.replace("{vpn}", one.vpn),
        clause=", ".join(one.feature.clauses),
        option=one.feature.option.replace("{vpn}", one.vpn).replace("{site}", view.name),
    )


def _check(partial: Partial, text: str) -> None:
    if not _PRINTABLE.fullmatch(text):
        raise TemplateError(
            "writes a line with a character that is not printable ASCII",
            template=partial.place,
            remedy="remove tabs, control characters and other alphabets",
        )
    if text == "end":
        raise TemplateError("ends the configuration", template=partial.place, remedy="leave out: end")


def _warnings(view: SiteView) -> tuple[str, ...]:
    """What is rendered as ordered, but would better be ordered otherwise."""
    shared = [name for name, vpn in view.vpns.items() if vpn.ike.psk is not None]
    if not shared:
        return ()
    return (
        f"VPN {', '.join(shared)}: any site that learns the group's key can join; certificates tell sites apart [WV-3]",
    )
