"""Draws lines over time as SVG, one panel below the other; nothing but text comes out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 860, 130, 70, 16, 46, 34
INK, GRID, FONT = "#333", "#ddd", "font-family='sans-serif' font-size='11'"
COLOURS = ("#1f6fb2", "#c4561e", "#3a8f45")


class Line(NamedTuple):
    """A line of one panel."""

    name: str
    values: Sequence[float]


class Panel(NamedTuple):
    """Lines with the same unit."""

    title: str
    lines: Sequence[Line]


def svg(title: str, seconds: Sequence[float], panels: Sequence[Panel], marks: Sequence[float] = ()) -> str:
    """The drawing; ``marks`` are moments with a vertical line each."""
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' viewBox='0 0 {WIDTH} {height}'>",
        f"<rect width='{WIDTH}' height='{height}' fill='#fff'/>",
        f"<text x='{LEFT}' y='20' {FONT} font-weight='bold' fill='{INK}'>{escape(title)}</text>",
    ]
    end_s = max([*seconds, *marks, 1.0])
    for number, panel in enumerate(panels):
        parts += _panel(panel, TOP + number * (PANEL + GAP), seconds, marks, end_s)
    return "\n".join([*parts, "</svg>\n"])


def _panel(panel: Panel, top: float, seconds: Sequence[float], marks: Sequence[float], end_s: float) -> list[str]:
    most = _round_up(max((max(line.values, default=0) for line in panel.lines), default=0))
    across, bottom = (WIDTH - LEFT - RIGHT) / end_s, top + PANEL

    def y(value: float) -> float:
        return bottom - value / most * PANEL

    parts = []
    for step in range(5):
        value = most * step / 4
        parts.append(
            f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y(value):.1f}' y2='{y(value):.1f}' stroke='{GRID}'/>"
        )
        parts.append(
            f"<text x='{LEFT - 6}' y='{y(value) + 4:.1f}' {FONT} text-anchor='end' fill='{INK}'>{value:g}</text>"
        )
    for mark in marks:
        x = LEFT + mark * across
        parts.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{top}' y2='{bottom}' stroke='#999' stroke-dasharray='3 3'/>")
    for minute in range(0, int(end_s) + 1, _minutes(end_s) * 60):
        x = LEFT + minute * across
        parts.append(
            f"<text x='{x:.1f}' y='{bottom + 14}' {FONT} text-anchor='middle' fill='{INK}'>{minute // 60} min</text>"
        )
    parts.append(f"<text x='{LEFT}' y='{top - 8}' {FONT} fill='{INK}'>{escape(panel.title)}</text>")
    for place, (line, colour) in enumerate(zip(panel.lines, COLOURS, strict=False)):
        points = " ".join(
            f"{LEFT + at * across:.1f},{y(value):.1f}" for at, value in zip(seconds, line.values, strict=True)
        )
        parts.append(f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.5'/>")
        x = WIDTH - RIGHT - 150 * (len(panel.lines) - 1 - place)
        parts.append(f"<text x='{x}' y='{top - 8}' {FONT} text-anchor='end' fill='{colour}'>{escape(line.name)}</text>")
    return parts


def _round_up(value: float) -> float:
    """A number that divides well by four, not below ``value``."""
    if value <= 0:
        return 1
    unit = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 0.1
    return next(unit * factor for factor in (1, 2, 4, 6, 8, 10) if unit * factor >= value)


def _minutes(end_s: float) -> int:
    """Minutes between two labels."""
    return next(minutes for minutes in (1, 2, 5, 10, 30, 60, 1440) if end_s / 60 / minutes <= 12)
