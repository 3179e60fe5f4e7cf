"""Interfaces that several options have lines for: each is written once, as the device shows it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from device_templates.texts import RenderedLine


def together(lines: Iterable[RenderedLine]) -> list[RenderedLine]:
    """``lines`` with what stands under an interface that is opened again moved to where it stands first."""
    sections: list[list[RenderedLine]] = []
    first: dict[str, list[RenderedLine]] = {}
    section: list[RenderedLine] = []
    again = False
    for line in lines:
        if line.path:
            section.append(line)
        elif again and line.text == "!":
            again = False
        elif again := line.text in first:
            section = first[line.text]
        else:
            section = [line]
            sections.append(section)
            if line.text.startswith("interface "):
                first[line.text] = section
    return list(chain.from_iterable(sections))
