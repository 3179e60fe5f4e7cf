"""Renders the complete configuration of one router, and tells where a line comes from."""

from __future__ import annotations

from pathlib import Path

from device_templates.cisco_iosxe.hashing import type9
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.rendering.facts import Hash, context_of
from device_templates.cisco_iosxe.rendering.refusals import refuse_what_cannot_be_rendered, warnings
from device_templates.cisco_iosxe.rendering.sections import together
from device_templates.errors import TemplateError
from device_templates.model import RouterModel
from device_templates.rendering.checks import refuse_control_characters, refuse_unprintable
from device_templates.rendering.engine import Partial
from device_templates.rendering.origins import Written, line_of, written
from device_templates.rendering.partials import features, partials
from device_templates.texts import Rendered, RenderedLine, Secrets
from inventory import Inventory, SiteView

#: Banner delimiters are shown as ^C and must be the byte itself where a file is loaded.
ETX = "\x03"


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
    context, platform = context_of(inventory, view, secrets, hashed), view.router.platform
    refuse_control_characters(context, view.router.name)
    lines = together(_lines(written(features(platform), partials(platform, overrides), context), view))
    text = "".join(f"{line.text}\n" for line in lines).replace("^C\n", f"{ETX}\n")
    return Rendered(view.router.name, text, tuple(lines), warnings(view))


def _lines(parts: list[Written], view: SiteView) -> list[RenderedLine]:
    lines: list[RenderedLine] = []
    stack: list[tuple[int, str]] = []
    for one in parts:
        for text in one.text.split("\n"):
            _check(one.partial, text)
            if not text.strip():
                continue
            indent = len(text) - len(text.lstrip())
            while stack and stack[-1][0] >= indent:
                stack.pop()
            lines.append(line_of(one, view, text.rstrip(), tuple(header for _, header in stack)))
            if text.strip() != "!":
                stack.append((indent, text.strip()))
    lines.append(RenderedLine("end", (), "", "End of the configuration", "", ""))
    return lines


def _check(partial: Partial, text: str) -> None:
    refuse_unprintable(partial, text)
    if text == "end":
        raise TemplateError("ends the configuration", template=partial.place, remedy="leave out: end")
