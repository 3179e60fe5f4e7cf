"""Renders the complete document of one router; every line of every file knows where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from device_templates.errors import TemplateError
from device_templates.linux_frr.hashing import hashed, not_hashed
from device_templates.linux_frr.reading.document import Document, File, write
from device_templates.linux_frr.rendering.facts import Hash, context_of
from device_templates.linux_frr.rendering.refusals import refuse_what_cannot_be_rendered, warnings
from device_templates.model import RouterModel
from device_templates.rendering.checks import refuse_control_characters, refuse_unprintable
from device_templates.rendering.engine import Partial
from device_templates.rendering.origins import Written, line_of, written
from device_templates.rendering.partials import features, partials
from device_templates.texts import Rendered, RenderedLine, Secrets
from inventory import Inventory, SiteView

PLATFORM = "linux_frr"
_FORM = "Form of the document"


def render(inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None) -> Rendered:
    """The complete intended document of ``view``'s router.

    ``overrides`` is the workspace's ``templates`` folder. Raises NotRenderable, SecretUnusable or TemplateError.
    """
    return _rendered(inventory, view, secrets, overrides, hashed)


def intended_model(
    inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None = None
) -> RouterModel:
    """The neutral model of what ``render`` gives, without the cost of hashing the login; raises what it raises."""
    from device_templates.linux_frr.reading.parser import read_model

    return read_model(_rendered(inventory, view, secrets, overrides, not_hashed).text)


def only(rendered: Rendered, wanted: Callable[[RenderedLine], bool]) -> str:
    """A document of those lines of ``rendered`` that are ``wanted``; a file without any is not in it."""
    return _document([line for line in rendered.lines if line.partial and wanted(line)])


def _rendered(
    inventory: Inventory, view: SiteView, secrets: Secrets, overrides: Path | None, hash_of: Hash
) -> Rendered:
    refuse_what_cannot_be_rendered(inventory, view)
    context = context_of(inventory, view, secrets, hash_of)
    refuse_control_characters(context, view.router.name)
    files = _files(written(features(PLATFORM), partials(PLATFORM, overrides), context), view)
    text = _document([line for path in sorted(files) for line in files[path]])
    return Rendered(view.router.name, text, tuple(_framed(text, files)), warnings(inventory, view))


def _files(parts: Iterable[Written], view: SiteView) -> dict[str, list[RenderedLine]]:
    """The lines of each file, by path; blank lines are left out."""
    files: dict[str, list[RenderedLine]] = {}
    stacks: dict[str, list[tuple[int, str]]] = {}
    for one in parts:
        path = one.feature.file.replace("{vpn}", one.vpn)
        stack = stacks.setdefault(path, [])
        for text in one.text.split("\n"):
            _check(one.partial, text)
            if not text.strip():
                continue
            indent = len(text) - len(text.lstrip())
            while stack and stack[-1][0] >= indent:
                stack.pop()
            above = (path, *(header for _, header in stack))
            files.setdefault(path, []).append(line_of(one, view, text.rstrip(), above))
            if text.strip() not in {"!", "}"}:
                stack.append((indent, text.strip()))
    return files


def _check(partial: Partial, text: str) -> None:
    refuse_unprintable(partial, text)
    if text.startswith("%%"):
        raise TemplateError(
            "writes a line that begins with %%", template=partial.place, remedy="put a blank in front of it"
        )


def _document(lines: Iterable[RenderedLine]) -> str:
    contents: dict[str, list[str]] = {}
    for line in lines:
        contents.setdefault(line.path[0], []).append(f"{line.text}\n")
    return write(Document(tuple(File(path, "".join(texts)) for path, texts in sorted(contents.items()))))


def _framed(text: str, files: Mapping[str, list[RenderedLine]]) -> Iterable[RenderedLine]:
    """The lines of the whole text in order: those of the files, and the marker lines around them."""
    rest = {path: iter(lines) for path, lines in files.items()}
    path = ""
    for line in text.splitlines():
        if line.startswith("%% "):
            path = line.removeprefix("%% file ")
            yield RenderedLine(line, (), "", _FORM, "", "")
        else:
            yield next(rest[path])
