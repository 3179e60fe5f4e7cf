"""What no configuration may hold, whatever its platform: texts that are more than the one line they seem to be."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

from device_templates.errors import NotRenderable, TemplateError
from device_templates.rendering.engine import Partial

_PRINTABLE = re.compile(r"[ -~]*")


def refuse_control_characters(value: object, router: str, place: str = "") -> None:
    """Raises NotRenderable for a text that would be more than one line, or more than it seems."""
    if isinstance(value, str):
        if not (value.isascii() and value.isprintable()) and value:
            raise NotRenderable(
                f"{place} holds a character that is not printable ASCII", where=router, remedy="write it otherwise"
            )
    elif isinstance(value, tuple):
        for item in value:
            refuse_control_characters(item, router, place)
    elif is_dataclass(value):
        for one in fields(value):
            refuse_control_characters(getattr(value, one.name), router, f"{place}.{one.name}".lstrip("."))


def refuse_unprintable(partial: Partial, text: str) -> None:
    """Raises TemplateError where a partial wrote a line with anything but printable ASCII."""
    if not _PRINTABLE.fullmatch(text):
        raise TemplateError(
            "writes a line with a character that is not printable ASCII",
            template=partial.place,
            remedy="remove tabs, control characters and other alphabets",
        )
